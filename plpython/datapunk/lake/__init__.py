"""Lake: takes archives and live records in, normalises them to items, never loses or doubles one."""

from datapunk.lake.record import KINDS, Record, Rejected

__all__ = ["KINDS", "Record", "Rejected"]
