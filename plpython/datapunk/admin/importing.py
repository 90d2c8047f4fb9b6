"""Importing what lies on this machine: files are read here, by the same reader as on the server, and rows are sent."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from datapunk.admin.session import Connection, database_errors
from datapunk.db.psycopg_db import PsycopgDb
from datapunk.errors import InvalidArgument, UnsupportedFile
from datapunk.lake.containers import MISSING_PART, missing_parts
from datapunk.lake.importing import Progress, Steps, bounds, run_import
from datapunk.lake.options import ImportOptions
from datapunk.lake.request import Reading

_SUMS = ("items_new", "items_seen", "rejects", "bytes", "seconds")


@dataclass(kw_only=True)
class ImportTotals:
    """What several imports brought, summed up."""

    items_new: int = 0
    items_seen: int = 0
    rejects: int = 0
    bytes: int = 0
    seconds: float = 0.0
    by_kind: dict[str, int] = field(default_factory=dict)

    def add(self, row: dict[str, Any]) -> None:
        """Add the row that an import returned; what was not imported adds nothing."""
        for name in _SUMS:
            setattr(self, name, getattr(self, name) + (row.get(name) or 0))
        for kind, count in (row.get("by_kind") or {}).items():
            self.by_kind[kind] = self.by_kind.get(kind, 0) + count


def existing(paths: Sequence[Path]) -> list[Path]:
    """Return `paths`. Raises InvalidArgument for one that is not there."""
    for path in paths:
        if not path.exists():
            raise InvalidArgument(f"there is no file {path}", hint="Give files or folders that you can read.")
    return list(paths)


def import_local(
    connection: Connection, path: Path, options: ImportOptions, show: Callable[[Progress], object] = lambda _: None
) -> dict[str, Any]:
    """Import a file or folder in steps; return its row, as lake_import does.

    Each batch is committed. A run that was cancelled or killed is gone on with by the next one of the same file.
    """
    db = PsycopgDb(connection)
    # What the database's settings allow holds wherever files are read.
    limits, memory_bytes = bounds(db)
    reading = Reading(
        path=str(path.resolve()), filename=path.name or path.resolve().name, source=options.source,
        timezone=options.timezone, language=options.language, mapping=options.mapping, limits=limits,
    )  # fmt: skip
    steps = Steps(commit=connection.commit, rollback=connection.rollback, show=show)
    connection.autocommit = False
    try:
        return asdict(run_import(db, reading, None, options, memory_bytes=memory_bytes, steps=steps))
    finally:
        connection.rollback()
        connection.autocommit = True


def import_if_supported(
    connection: Connection, path: Path, options: ImportOptions, show: Callable[[Progress], object]
) -> dict[str, Any]:
    """As import_local; a file of no known kind among several gives status `unsupported` and its reason."""
    try:
        with database_errors():
            return import_local(connection, path, options, show)
    except UnsupportedFile as error:
        return {"status": "unsupported", "error": error.message}


def not_as_expected(connection: Connection, reports: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the files of imports that were not read, or not as expected: alarms each, the others by their reason.

    Parts of a set that were imported neither now nor before are among them.
    """
    missing = missing_parts(Path(report["file"]).name for report in reports)
    known = connection.execute(
        "select i.filename from api.imports as i where i.filename = any (%s::text[])", (missing,)
    ).fetchall()
    absent = set(missing) - {row["filename"] for row in known}
    lacking = [{"files": name, "reason": MISSING_PART} for name in sorted(absent)]
    rows = connection.execute(
        "select reason, concat(min(member), ' and ' || nullif(count(*) - 1, 0) || ' more') as files"
        " from api.ignored where import_id = any (%s::uuid[])"
        " group by reason, case when reason like '%%alarm%%' then member end"
        " order by reason not like '%%alarm%%', reason, files",
        ([report["import_id"] for report in reports if report.get("import_id")],),
    )
    return [*lacking, *rows.fetchall()]


def import_server_path(connection: Connection, path: str, options: dict[str, Any]) -> dict[str, Any]:
    """Have the server read a file or folder of its own; returns the row of lake_import_path."""
    row = connection.execute("select * from api.lake_import_path(%s, %s)", (path, json.dumps(options))).fetchone()
    return row or {}
