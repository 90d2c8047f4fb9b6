"""Reading a dataset: with its caller's rights, read only, by server-side cursor, within a bound of memory."""

import hashlib
import math
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import psycopg
from psycopg import sql

from datapunk.errors import DatasetUnusable
from datapunk_forge.trained import Column, Dataset, Progress

_ROWS_PER_FETCH = 5000
# What a dataset may take in this process, as a share of the memory that the training may use.
_MEMORY_SHARE = 0.5
_NUMBERS = {"int2", "int4", "int8", "float4", "float8", "numeric", "bool"}
_TIMES = {"timestamptz", "timestamp", "date"}


def read_dataset(
    connection: psycopg.Connection[Any], query: str, *, role: str, timeout_s: int, memory_mb: int, progress: Progress
) -> Dataset:
    """Read `query` as `role` in one read-only snapshot, and fingerprint schema, row count and content.

    The connection belongs to a worker that may become `role`, with datapunk.owner set. No transaction is left open.
    Raises DatasetUnusable.
    """
    try:
        connection.execute("begin transaction isolation level repeatable read read only")
        connection.execute(sql.SQL("set local role {}").format(sql.Identifier(role)))
        connection.execute(sql.SQL("set local statement_timeout = {}").format(sql.Literal(timeout_s * 1000)))
        connection.execute("set local search_path = pg_catalog, api, public")
        # The view items leaves secret kinds out; a dataset that wants them names their view.
        connection.execute("set local datapunk.reading = 'dataset'")
        with psycopg.ServerCursor(connection, "dataset") as cursor:
            cursor.itersize = _ROWS_PER_FETCH
            # A cursor takes one statement, a SELECT: DECLARE refuses anything else.
            cursor.execute(query.encode())
            return _collect(connection, cursor, memory_mb * 1024 * 1024 * _MEMORY_SHARE, progress)
    except psycopg.OperationalError as exc:
        if exc.sqlstate != "57014":
            raise
        raise DatasetUnusable(
            f"the dataset could not be read in {timeout_s} s", hint="Narrow the query, or raise the option timeout."
        ) from exc
    except psycopg.Error as exc:
        if exc.sqlstate is None or exc.sqlstate.startswith("08"):
            raise
        raise DatasetUnusable(
            f"the dataset cannot be read: {exc.diag.message_primary}", hint=exc.diag.message_hint or "Run it in psql."
        ) from exc
    finally:
        if not connection.closed and connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
            connection.execute("rollback")


def _collect(
    connection: psycopg.Connection[Any], cursor: psycopg.ServerCursor[Any], limit: float, progress: Progress
) -> Dataset:
    names: list[tuple[str, str]] = []
    digest = hashlib.sha256()
    builders: list[_Builder] = []
    rows = 0
    while batch := cursor.fetchmany(_ROWS_PER_FETCH):
        if not builders:
            builders = [_Builder(d.name, _type_name(connection, d.type_code)) for d in cursor.description or ()]
        for builder, values in zip(builders, zip(*batch, strict=True), strict=True):
            digest.update(builder.take(values))
        rows += len(batch)
        progress(0.0, f"reading: {rows} rows")
        if sum(b.size for b in builders) > limit:
            raise DatasetUnusable(
                f"the dataset takes more than {limit / 1048576:.0f} MiB after {rows} rows",
                hint="Raise the option memory_mb, or select fewer rows or columns.",
            )
    if not rows:
        raise DatasetUnusable("the dataset has no rows", hint="Run the query in psql; it must return rows.")
    names = [(b.name, b.type) for b in builders]
    digest.update(repr((names, rows)).encode())
    return Dataset(
        columns=tuple(b.column() for b in builders),
        row_count=rows,
        fingerprint=digest.hexdigest(),
        read_at=datetime.now(UTC).isoformat(),
    )


def _type_name(connection: psycopg.Connection[Any], oid: int) -> str:
    info = connection.adapters.types.get(oid)
    return info.name if info else "text"


class _Builder:
    """Gathers one column: numbers as float64, times as seconds, everything else as text that is kept once."""

    def __init__(self, name: str, type_name: str) -> None:
        self.name, self.type = name, type_name
        self.kind = "number" if type_name in _NUMBERS else "time" if type_name in _TIMES else "text"
        self.size = 0
        self._parts: list[Any] = []
        self._texts: dict[str, str] = {}

    def take(self, values: tuple[Any, ...]) -> bytes:
        """Add a batch; return the bytes that the fingerprint covers."""
        if self.kind == "text":
            texts = [None if v is None else self._once(v if isinstance(v, str) else str(v)) for v in values]
            self._parts += texts
            self.size += 8 * len(texts)
            return "\0".join("\1" if t is None else t for t in texts).encode("utf-8", "surrogatepass")
        numbers = np.array([_number(v) for v in values], dtype="<f8")
        self._parts.append(numbers)
        self.size += numbers.nbytes
        return numbers.tobytes()

    def _once(self, text: str) -> str:
        kept = self._texts.setdefault(text, text)
        if kept is text:
            self.size += len(text) + 150
        return kept

    def column(self) -> Column:
        """Return the whole column."""
        values = self._parts if self.kind == "text" else np.concatenate(self._parts)
        return Column(name=self.name, type=self.type, kind=self.kind, values=values)


def _number(value: Any) -> float:
    if value is None:
        return math.nan
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC).timestamp()
    return float(value)
