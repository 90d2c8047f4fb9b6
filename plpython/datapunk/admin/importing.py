"""Importing what lies on this machine: files are read here and sent to the database."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from datapunk.admin.session import Connection, database_errors
from datapunk.errors import InvalidArgument, LimitExceeded, UnsupportedFile

#: A value of PostgreSQL ends at 1 GB, and travels as twice as many hexadecimal digits in some clients.
MOST_BYTES = 200 * 2**20

_SUMS = ("items_new", "items_seen", "rejects", "bytes", "seconds")


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file to send, with the name that its adapter is chosen by."""

    path: Path
    name: str
    size: int


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
        """Add the row that lake_import returned; what was not imported adds nothing."""
        for name in _SUMS:
            setattr(self, name, getattr(self, name) + (row.get(name) or 0))
        for kind, count in (row.get("by_kind") or {}).items():
            self.by_kind[kind] = self.by_kind.get(kind, 0) + count


def uploads(paths: Sequence[Path]) -> list[Upload]:
    """All files to send, those of folders with their path in it. Errors: 22023 no such file, DP011 too large."""
    found: list[Upload] = []
    for path in paths:
        if not path.exists():
            raise InvalidArgument(f"there is no file {path}", hint="Give files or folders that you can read.")
        for file, name in _files(path):
            size = file.stat().st_size
            if size > MOST_BYTES:
                raise LimitExceeded(
                    f"{file} has {size / 2**20:.0f} MB; the command sends {MOST_BYTES // 2**20} MB at most",
                    hint="Put it below datapunk.import_dirs on the server and import it with --server-path.",
                )
            found.append(Upload(path=file, name=name, size=size))
    return found


def _files(path: Path) -> Iterator[tuple[Path, str]]:
    if path.is_file():
        yield path, path.name
        return
    for file in sorted(path.rglob("*")):
        if file.is_file() and not any(part.startswith(".") for part in file.relative_to(path).parts):
            yield file, file.relative_to(path.parent).as_posix()


def import_upload(connection: Connection, upload: Upload, options: dict[str, Any]) -> dict[str, Any]:
    """Send one file to lake_import; returns its row."""
    row = connection.execute(
        "select * from api.lake_import(%b, %s, %s)", (upload.path.read_bytes(), upload.name, json.dumps(options))
    ).fetchone()
    return row or {}


def import_if_supported(connection: Connection, upload: Upload, options: dict[str, Any]) -> dict[str, Any]:
    """As import_upload; a file of no known kind, as folders have them, gives status `unsupported` and its reason."""
    try:
        with database_errors():
            return import_upload(connection, upload, options)
    except UnsupportedFile as error:
        return {"status": "unsupported", "error": error.message}


def import_server_path(connection: Connection, path: str, options: dict[str, Any]) -> dict[str, Any]:
    """Have the server read a file or folder of its own; returns the row of lake_import_path."""
    row = connection.execute("select * from api.lake_import_path(%s, %s)", (path, json.dumps(options))).fetchone()
    return row or {}
