"""What every part needs of a database connection, and nothing of how it is made."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Query:
    """A named statement with `$1`-style parameters and their SQL types, in order."""

    name: str
    sql: str
    types: tuple[str, ...]


class Db(Protocol):
    """A connection inside a backend (PL/Python) or outside of it (psycopg).

    Values cross as str, int, float, bool, bytes, None and lists of these. jsonb goes in and comes out as JSON text;
    timestamps, uuids and numerics come out as text.
    """

    def rows(self, query: Query, *args: object) -> list[Row]:
        """Run `query` and return its rows as dictionaries."""
        ...

    def execute(self, query: Query, *args: object) -> int:
        """Run `query` and return the number of rows it touched."""
        ...

    def savepoint(self) -> AbstractContextManager[object]:
        """A subtransaction: rolled back when its block raises."""
        ...


def one(rows: Sequence[Row]) -> Row:
    """Return the only row. Raises ValueError when there is not exactly one."""
    if len(rows) != 1:
        raise ValueError(f"expected one row, got {len(rows)}")
    return rows[0]
