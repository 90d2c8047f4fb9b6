"""The `Db` of everything outside the backend: workers, command line, tests."""

from contextlib import AbstractContextManager
from typing import Any, cast

import psycopg
from psycopg import RawCursor
from psycopg.rows import dict_row
from psycopg.types.string import TextLoader

from datapunk.db.protocol import Query, Row

# The backend hands these over as text; loading them as text here keeps one behaviour for both adapters.
_AS_TEXT = ("json", "jsonb", "timestamptz", "timestamp", "date", "time", "interval", "uuid", "numeric")


class PsycopgDb:
    """Wraps a psycopg connection, whose transaction handling stays with the caller."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection

    def _run(self, query: Query, args: tuple[object, ...]) -> RawCursor[Row]:
        cursor = RawCursor(self.connection, row_factory=dict_row)
        # On the cursor: the connection may be in use for other things, as in reading a dataset.
        for name in _AS_TEXT:
            cursor.adapters.register_loader(name, TextLoader)
        # Named queries come from files of the package, never from input.
        cursor.execute(cast("Any", _typed(query)), args)
        return cursor

    def rows(self, query: Query, *args: object) -> list[Row]:
        """See `Db.rows`."""
        with self._run(query, args) as cursor:
            return cursor.fetchall() if cursor.description else []

    def execute(self, query: Query, *args: object) -> int:
        """See `Db.execute`."""
        with self._run(query, args) as cursor:
            return cursor.rowcount

    def savepoint(self) -> AbstractContextManager[object]:
        """See `Db.savepoint`."""
        return self.connection.transaction()


def _typed(query: Query) -> str:
    """Cast each parameter to its declared type at its first use, which fixes it as `prepare` does for SPI."""
    sql = query.sql
    for number in range(len(query.types), 0, -1):
        marker = f"${number}"
        start = sql.find(marker)
        while start >= 0 and sql[start + len(marker) : start + len(marker) + 1].isdigit():
            start = sql.find(marker, start + 1)
        if start >= 0:
            end = start + len(marker)
            sql = f"{sql[:start]}({marker}::{query.types[number - 1]}){sql[end:]}"
    return sql
