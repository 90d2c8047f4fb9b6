"""Datapunk: a PostgreSQL server as a person's own AI."""

__version__ = "0.1.0"
