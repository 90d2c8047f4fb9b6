"""Forge in the backend: what training asks for, is checked here; what it learned, answers here."""

from datapunk.forge.options import Option, checked_options, parse_options

__all__ = ["Option", "checked_options", "parse_options"]
