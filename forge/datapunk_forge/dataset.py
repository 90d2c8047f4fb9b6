"""Reading a dataset: with its caller's rights, read only, by server-side cursor, within a bound of memory."""

import array
import hashlib
import itertools
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg import sql

from datapunk.errors import DatasetUnusable
from datapunk_forge.origins import origins
from datapunk_forge.packed_numbers import Packing
from datapunk_forge.trained import Column, Dataset, Progress

_ROWS_PER_FETCH = 5000
# What a dataset may take in this process, as a share of the memory that the training may use.
_MEMORY_SHARE = 0.5
_PLAIN_NUMBERS = {"int2", "int4", "int8", "float4", "float8", "numeric", "bool"}
# Durations are learned as seconds.
_NUMBERS = _PLAIN_NUMBERS | {"interval", "money"}
_TIMES = {"timestamptz", "timestamp", "date"}
# Types that psycopg makes the same of in both formats; a float4 as text is the decimal that it stands for.
_BINARY = {"int2", "int4", "int8", "float8", "numeric", "bool", "text", "varchar"}
_VECTORS = {"vector", "halfvec"} | {f"{name}[]" for name in _PLAIN_NUMBERS - {"bool"}}
# Python has no others.
_FIRST_S, _END_S = -62135596800.0, 253402300800.0


def read_dataset(
    connection: psycopg.Connection[Any], query: str, *, role: str, timeout_s: int, memory_mb: int, progress: Progress,
    as_of: str | None = None,
) -> Dataset:  # fmt: skip
    """Read `query` as `role` in one read-only snapshot, and fingerprint schema, row count and content.

    Of the lake nothing is read that came after the instant `as_of`.
    The connection belongs to a worker that may become `role`, with datapunk.owner set. No transaction is left open.
    Raises DatasetUnusable.
    """
    with _reading(connection, role, timeout_s, as_of) as read_at:
        # Or a large table begins where another session is just reading it, and the same rows come in another order.
        connection.execute("set local synchronize_seqscans = off")
        with psycopg.ServerCursor(connection, "dataset") as cursor:
            cursor.itersize = _ROWS_PER_FETCH
            # A cursor takes one statement, a SELECT: DECLARE refuses anything else.
            cursor.execute(query.encode())
            read = _read(connection, cursor)
            types = [column.sent for column in read]
            # As bytes numbers take a quarter of the time, and are the same.
            is_binary = set(types) <= _BINARY
            packing = Packing.of(types) if is_binary else None
            # Nothing has run yet.
            cursor.execute(_statement(query, read, packing), binary=is_binary)
            dataset = _collect(cursor, read, memory_mb * 1024 * 1024 * _MEMORY_SHARE, progress, packing)
        return replace(dataset, read_at=read_at, origins=origins(connection, query, dataset.columns))


def count_rows(connection: psycopg.Connection[Any], query: str, *, role: str, timeout_s: int) -> int:
    """Return how many rows `query` gives, read as by `read_dataset`. Raises DatasetUnusable."""
    with _reading(connection, role, timeout_s, None):
        # Binary results take the extended protocol, which refuses a second statement.
        counted = sql.SQL("select count(*) from (\n{}\n) as q").format(sql.SQL(query))
        row = connection.execute(counted, binary=True).fetchone()
    return int(row[0]) if row else 0


@contextmanager
def _reading(connection: psycopg.Connection[Any], role: str, timeout_s: int, as_of: str | None) -> Iterator[str]:
    """Read as `role` in one read-only snapshot, whose time it gives; what goes wrong is a DatasetUnusable."""
    try:
        connection.execute("begin transaction isolation level repeatable read read only")
        # The first statement, whose snapshot serves all.
        row = connection.execute("select statement_timestamp()").fetchone()
        read_at = row[0].astimezone(UTC).isoformat() if row else ""
        connection.execute(sql.SQL("set local role {}").format(sql.Identifier(role)))
        connection.execute(sql.SQL("set local statement_timeout = {}").format(sql.Literal(timeout_s * 1000)))
        connection.execute("set local search_path = pg_catalog, api, public")
        # The view items leaves secret kinds out; a dataset that wants them names their view.
        connection.execute("set local datapunk.reading = 'dataset'")
        connection.execute(sql.SQL("set local datapunk.as_of = {}").format(sql.Literal(as_of or "")))
        yield read_at
    except psycopg.OperationalError as exc:
        if exc.sqlstate != "57014":
            raise
        raise DatasetUnusable(
            f"the dataset could not be read in {timeout_s} s", hint="Narrow the query, or raise the option timeout."
        ) from exc
    except psycopg.Error as exc:
        if exc.sqlstate is None and isinstance(exc, psycopg.DataError):
            # The server has sent what Python has no value for.
            raise DatasetUnusable(
                f"the dataset holds what cannot be read: {exc}", hint="Leave it out in the query."
            ) from exc
        if exc.sqlstate is None or exc.sqlstate.startswith("08"):
            raise
        raise DatasetUnusable(
            f"the dataset cannot be read: {exc.diag.message_primary}", hint=exc.diag.message_hint or "Run it in psql."
        ) from exc
    finally:
        if not connection.closed and connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
            connection.execute("rollback")


@dataclass(frozen=True, kw_only=True)
class _Read:
    """A column of the query: `value` is the expression of what is sent of it, `sent` the name of that one's type."""

    name: str
    type: str
    kind: str
    value: str
    sent: str


def _read(connection: psycopg.Connection[Any], cursor: psycopg.ServerCursor[Any]) -> list[_Read]:
    """Return how each column that a cursor gives is read, as c0, c1 and so on.

    Texts and numbers are made of other types by the same expressions as where rows are scored.
    """
    given = [(d.name, d.type_code) for d in cursor.description or ()]
    described = connection.execute(
        "select format('%%I.%%I%%s', n.nspname, coalesce(e.typname, t.typname),"
        " case when e.oid is not null then '[]' end),"
        " forge.text_expression('c' || g.ordinality - 1, format_type(t.oid, null)),"
        " forge.number_expression('c' || g.ordinality - 1, format_type(t.oid, null))"
        " from unnest(%s::oid[]) with ordinality as g (oid, ordinality)"
        " join pg_type as t on t.oid = g.oid join pg_namespace as n on n.oid = t.typnamespace"
        " left join pg_type as e on e.typarray = t.oid order by g.ordinality",
        ([oid for _, oid in given],),
    ).fetchall()
    found = []
    for number, ((name, oid), (qualified, text, as_number)) in enumerate(zip(given, described, strict=True)):
        type_name = _type_name(connection, oid, qualified)
        kind, value, sent = _kind(type_name), f"c{number}", type_name
        if kind == "time":
            value, sent = f"extract(epoch from {value})::float8", "float8"
        elif kind == "number" and type_name not in _PLAIN_NUMBERS:
            value, sent = as_number, "float8"
        elif kind == "text" and type_name != "varchar":
            value, sent = text, "text"
        found.append(_Read(name=name, type=type_name, kind=kind, value=value, sent=sent))
    return found


def _statement(query: str, read: Sequence[_Read], packing: Packing | None) -> bytes | sql.Composed:
    """Return the statement that gives the query's rows, in their order, as they are sent.

    The query is the caller's own, has been parsed alone, and runs with the caller's rights.
    """
    names = [f"c{number}" for number in range(len(read))]
    if packing is None and [column.value for column in read] == names:
        return query.encode()
    # From the server's own functions, over names that were given here.
    values: list[sql.Composable] = [sql.SQL(column.value) for column in read]
    if packing is not None:
        values = packing.expressions([column.sent for column in read], values)
    return sql.SQL("select {} from (\n{}\n) as q ({})").format(
        sql.SQL(", ").join(values),
        sql.SQL(query),
        sql.SQL(", ").join(map(sql.Identifier, names)),
    )


def _collect(
    cursor: psycopg.ServerCursor[Any], read: Sequence[_Read], limit: float, progress: Progress,
    packing: Packing | None = None,
) -> Dataset:  # fmt: skip
    """Gather the columns that a cursor gives."""
    digest = hashlib.sha256()
    builders = [_Builder(column.name, column.type) for column in read]
    rows = 0
    while batch := cursor.fetchmany(_ROWS_PER_FETCH):
        for builder, values in zip(builders, _by_column(batch, packing), strict=True):
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
    digest.update(repr(([(column.name, column.type) for column in read], rows)).encode())
    return Dataset(
        columns=tuple(b.column() for b in builders), row_count=rows, fingerprint=digest.hexdigest(),
        read_at=datetime.now(UTC).isoformat(),
    )  # fmt: skip


def _by_column(batch: Sequence[tuple[Any, ...]], packing: Packing | None) -> Sequence[Any]:
    """Return the values of some rows, a column at a time."""
    columns = list(zip(*batch, strict=True))
    if packing is None:
        return columns
    numbers = packing.numbers(columns[0])
    found = dict(zip(packing.together, numbers, strict=True)) | dict(zip(packing.alone, columns[1:], strict=True))
    return [found[number] for number in range(len(found))]


def _type_name(connection: psycopg.Connection[Any], oid: int, qualified: str) -> str:
    """Return psycopg's name of a type; of a type that is not PostgreSQL's own, with its schema."""
    info = connection.adapters.types.get(oid)
    if info is not None:
        return f"{info.name}[]" if oid == info.array_oid else info.name
    name = qualified.removeprefix("pg_catalog.")
    return bare if (bare := name.removeprefix("public.")) in _VECTORS else name


def _kind(type_name: str) -> str:
    for kind, types in (("number", _NUMBERS), ("time", _TIMES), ("vector", _VECTORS)):
        if type_name in types:
            return kind
    return "text"


class _Builder:
    """Gathers one column: numbers as float64, times as seconds, arrays of numbers as rows of a matrix.

    Everything else is text, of which each is kept once.
    """

    def __init__(self, name: str, type_name: str) -> None:
        self.name, self.type = name, type_name
        self.kind = _kind(type_name)
        self.size = 0
        self._parts: list[Any] = []
        # One block that grows in place: many small ones among the rows of each fetch would keep the heap from
        # being used again, at several times the size of the numbers.
        self._packed = array.array("d")
        self._texts: dict[str, str] = {}

    def take(self, values: Any) -> bytes:
        """Add a batch (a tuple, or numbers as an array); return the bytes that the fingerprint covers."""
        if self.kind == "text":
            texts = self._once(values)
            self._parts += texts
            self.size += 8 * len(texts)
            # Each ends with a character that no text has, so that none runs on into the next one or the next column.
            return "".join(["\0\0" if t is None else f"{t}\0" for t in texts]).encode("utf-8", "surrogatepass")
        if self.kind == "vector":
            return self._vectors(values)
        content = self._numbers(values).tobytes()
        self._packed.frombytes(content)
        self.size += len(content)
        return content

    def _once(self, texts: Sequence[str | None]) -> list[str | None]:
        """Return the texts, equal ones as one object."""
        known, kept = len(self._texts), self._texts.setdefault
        found = [t if t is None else kept(t, t) for t in texts]
        self.size += sum(len(text) + 150 for text in itertools.islice(reversed(self._texts), len(self._texts) - known))
        return found

    def _numbers(self, values: Any) -> NDArray[np.float64]:
        """Return numbers; None and what is infinite is as good as missing."""
        numbers = np.array(values, dtype="<f8")
        numbers[np.isinf(numbers)] = np.nan
        if self.kind == "time" and ((numbers < _FIRST_S) | (numbers >= _END_S)).any():
            raise DatasetUnusable(
                f"column {self.name!r} cannot be read: it has times before the year 1 or after 9999",
                hint="Times lie between the years 1 and 9999; leave out others in the query.",
            )
        return numbers

    def _vectors(self, values: Sequence[Any]) -> bytes:
        rows = [
            None if v is None else np.asarray(json.loads(v) if isinstance(v, str) else v, dtype="<f4") for v in values
        ]
        for row in rows:
            if row is not None and row.ndim != 1:
                raise DatasetUnusable(f"column {self.name!r} has arrays of arrays", hint="Flatten them in the query.")
        self._parts += rows
        self.size += sum(120 + r.nbytes for r in rows if r is not None) + 8 * len(rows)
        return b"".join(b"\0" if r is None else b"\1" + len(r).to_bytes(4, "little") + r.tobytes() for r in rows)

    def column(self) -> Column:
        """Return the whole column and let go of its parts, so that no two copies of all columns are in memory."""
        values: Any = self._parts
        if self.kind == "vector":
            values = self._matrix()
        elif self.kind != "text":
            values = np.frombuffer(self._packed, dtype="<f8").astype(np.float64, copy=False)
        self._parts = []
        return Column(name=self.name, type=self.type, kind=self.kind, values=values)

    def _matrix(self) -> NDArray[np.float32]:
        sizes = {len(row) for row in self._parts if row is not None}
        if len(sizes) > 1:
            raise DatasetUnusable(
                f"column {self.name!r} has arrays of {min(sizes)} to {max(sizes)} numbers",
                hint="Arrays must have the same length in each row; select single elements instead.",
            )
        missing = np.full(sizes.pop() if sizes else 1, np.nan, dtype=np.float32)
        return np.stack([missing if row is None else row for row in self._parts])
