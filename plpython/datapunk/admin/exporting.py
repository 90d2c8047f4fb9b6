"""Exports: what lake_export streams becomes files, in bounded memory whatever their size."""

import json
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Protocol

import psycopg
from psycopg.rows import tuple_row

from datapunk.admin.session import Connection
from datapunk.errors import InvalidArgument, NotReady

FORMATS = ("jsonl", "parquet")
_ROWS_PER_FETCH = 2_000
# What is collected before it is written as a row group, whichever comes first.
_GROUP_ROWS = 50_000
_GROUP_CHARACTERS = 32 << 20
_TIMES = ("occurred_at", "ended_at", "starts_at", "ends_at")
_NUMBERS = ("latitude", "longitude", "value", "accuracy_m", "altitude_m")
# Columns of each file; attributes are JSON.
COLUMNS: Mapping[str, Sequence[str]] = {
    "items": (
        "kind", "occurred_at", "ended_at", "title", "body", "url", "source", "external_id", "attributes", "language",
        "precision", "zone_source", "identity",
    ),
    "positions": ("occurred_at", "latitude", "longitude", "source", "device", "accuracy_m", "altitude_m"),
    "measurements": ("metric", "starts_at", "ends_at", "value", "unit", "source"),
}  # fmt: skip


@dataclass(kw_only=True)
class Exported:
    """What was written."""

    path: str
    format: str
    rows: int = 0
    bytes: int = 0
    by_kind: Counter[str] = field(default_factory=Counter)

    def as_json(self) -> dict[str, Any]:
        """The report of the command."""
        return {**vars(self), "by_kind": dict(sorted(self.by_kind.items()))}


class Writer(Protocol):
    """Takes rows, one after another."""

    def write(self, line: str, row: dict[str, Any]) -> None:
        """Take a row, as text and as the object that it says."""
        ...

    def close(self) -> None:
        """Write what is left."""
        ...


def export(
    connection: Connection, path: Path, form: str, options: Mapping[str, Any], progress: Callable[[int, int], None]
) -> Exported:
    """Write what `options` of lake_export ask for to a file (jsonl) or a folder with a file a table (parquet).

    `progress` is told rows written and rows in all. All rows are of one moment. Nothing is left when it fails.
    Raises InvalidArgument when there is something already, when it cannot be written, or for an option that lake_export
    refuses, and NotReady without pyarrow.
    """
    if form not in FORMATS:
        raise InvalidArgument(f"no such format: {form}", hint=f"Allowed: {', '.join(FORMATS)}.")
    if path.exists():
        raise InvalidArgument(f"there is something at {path}", hint="Name a file or folder that is not there yet.")
    if not path.absolute().parent.is_dir():
        raise InvalidArgument(f"there is no folder {path.absolute().parent}", hint="Make it first.")
    try:
        return _export(connection, path, form, json.dumps(options), progress)
    except OSError as exc:
        raise InvalidArgument(
            f"cannot write {path}: {exc.strerror}", hint="Name a place that has room for it."
        ) from exc


def _export(
    connection: Connection, path: Path, form: str, given: str, progress: Callable[[int, int], None]
) -> Exported:
    report = Exported(path=str(path), format=form)
    with _unfinished(path) as part, connection.transaction():
        connection.execute("set transaction isolation level repeatable read read only")
        size = connection.execute("select lake.export_size(%s) as rows", (given,)).fetchone()
        total = int(size["rows"]) if size else 0
        with ExitStack() as stack:
            writer: Writer = JsonLines(part) if form == "jsonl" else ParquetFolder(part)
            stack.callback(writer.close)
            for line in _lines(connection, given):
                row = json.loads(line)
                writer.write(line, row)
                report.rows += 1
                report.by_kind[row["kind"]] += 1
                if report.rows % _ROWS_PER_FETCH == 0:
                    progress(report.rows, total)
    report.bytes = sum(file.stat().st_size for file in ([path] if path.is_file() else path.iterdir()))
    return report


@contextmanager
def _unfinished(path: Path) -> Iterator[Path]:
    """A name beside `path` that becomes `path` at the end, or is removed when anything fails."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield part
        part.rename(path)
    finally:
        if part.is_dir():
            shutil.rmtree(part)
        else:
            part.unlink(missing_ok=True)


def _lines(connection: Connection, options: str) -> Iterator[str]:
    with psycopg.ServerCursor(connection, "export", row_factory=tuple_row) as cursor:
        cursor.itersize = _ROWS_PER_FETCH
        cursor.execute("select api.lake_export('jsonl', %s)::text", (options,))
        for (line,) in cursor:
            yield line


def _open(path: Path) -> IO[bytes]:
    # Nobody else needs to read what a person keeps.
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


class JsonLines:
    """A row a line."""

    def __init__(self, path: Path) -> None:
        self._file = _open(path)

    def write(self, line: str, row: dict[str, Any]) -> None:  # noqa: ARG002
        """See Writer."""
        self._file.write(line.encode() + b"\n")

    def close(self) -> None:
        """See Writer."""
        self._file.close()


class ParquetFolder:
    """A folder with items.parquet, positions.parquet and measurements.parquet; times are UTC, to the microsecond."""

    def __init__(self, path: Path) -> None:
        try:
            import pyarrow  # noqa: F401
        except ImportError as exc:
            raise NotReady("Parquet needs pyarrow", hint="pip install 'datapunk[worker]', or --format jsonl.") from exc
        path.mkdir(mode=0o700)
        self._tables = {name: _ParquetTable(path / f"{name}.parquet", COLUMNS[name]) for name in COLUMNS}

    def write(self, line: str, row: dict[str, Any]) -> None:
        """See Writer."""
        name = {"position": "positions", "measurement": "measurements"}.get(row["kind"], "items")
        self._tables[name].write(row, len(line))

    def close(self) -> None:
        """See Writer."""
        for table in self._tables.values():
            table.close()


class _ParquetTable:
    """One Parquet file, written a row group at a time."""

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._schema = pa.schema([(name, _type(name)) for name in columns])
        self._file = _open(path)
        self._writer = pq.ParquetWriter(self._file, self._schema, compression="zstd")
        self._clear()

    def _clear(self) -> None:
        self._columns: dict[str, list[Any]] = {name: [] for name in self._schema.names}
        self._rows = self._characters = 0

    def write(self, row: dict[str, Any], characters: int) -> None:
        for name, values in self._columns.items():
            values.append(_cell(name, row.get(name)))
        self._rows += 1
        self._characters += characters
        if self._rows >= _GROUP_ROWS or self._characters >= _GROUP_CHARACTERS:
            self._flush()

    def _flush(self) -> None:
        import pyarrow as pa

        if self._rows:
            self._writer.write_table(pa.table(self._columns, schema=self._schema))
        self._clear()

    def close(self) -> None:
        try:
            self._flush()
            self._writer.close()
        finally:
            self._file.close()


def _type(column: str) -> Any:
    import pyarrow as pa

    if column in _TIMES:
        return pa.timestamp("us", tz="UTC")
    return pa.float64() if column in _NUMBERS else pa.string()


def _cell(column: str, value: Any) -> Any:
    if value is None:
        return None
    if column in _TIMES:
        return datetime.fromisoformat(value)
    return json.dumps(value, ensure_ascii=False) if column == "attributes" else value
