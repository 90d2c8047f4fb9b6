"""Connections to PostgreSQL behind one protocol, and the named queries that run over them."""

from datapunk.db.handlers import callable_handler
from datapunk.db.protocol import Db, Query, Row, one
from datapunk.db.queries import Queries, load_queries

__all__ = ["Db", "Queries", "Query", "Row", "callable_handler", "load_queries", "one"]
