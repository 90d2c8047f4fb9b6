"""An import: what the reader of files found becomes rows, batch by batch, with an account of every file."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from datapunk.db import Db, load_queries, one
from datapunk.lake.frames import Frame, table
from datapunk.lake.options import ImportOptions
from datapunk.lake.reader_process import read
from datapunk.lake.request import Reading
from datapunk.lake.writing import write

_Q = load_queries("datapunk.lake")


@dataclass(frozen=True, kw_only=True)
class ImportResult:
    """What lake_import returns. `import_id` is None after a dry run, of which nothing stays."""

    import_id: str | None
    status: str
    items_new: int
    items_seen: int
    rejects: int
    bytes: int
    seconds: float
    by_kind: dict[str, int]


class _DryRun(Exception):
    """Ends the savepoint of a dry run."""


@dataclass
class _Account:
    """What has come so far: rows added per kind and per file, and the files."""

    by_kind: Counter[str] = field(default_factory=Counter)
    by_file: Counter[int] = field(default_factory=Counter)
    files: list[Frame] = field(default_factory=list)

    def total(self, name: str) -> int:
        return sum(frame.fields[name] for frame in self.files)


def run_import(
    db: Db, reading: Reading, content: bytes | None, options: ImportOptions, *, memory_bytes: int
) -> ImportResult:
    """Import all that a file or folder holds, in the transaction of `db`.

    Raises UnsupportedFile for a single file that no adapter knows or for a damaged archive, LimitExceeded for an
    archive that is unsafe; nothing is kept then.
    """
    started = time.monotonic()
    frames = read(reading, content, memory_bytes=memory_bytes, breathe=lambda: db.execute(_Q.interruption_point))
    if not options.dry_run:
        return _run(db, frames, reading, started)
    found: list[ImportResult] = []
    try:
        with db.savepoint():
            found.append(_run(db, frames, reading, started))
            # The savepoint takes everything back.
            raise _DryRun  # noqa: TRY301
    except _DryRun:
        return replace(found[0], import_id=None, status="dry_run")


def _run(db: Db, frames: Iterator[Frame], reading: Reading, started: float) -> ImportResult:
    given = {"source": reading.source, "timezone": reading.timezone, "language": reading.language}
    text = json.dumps({k: v for k, v in given.items() if v}, ensure_ascii=False)
    import_id = str(one(db.rows(_Q.import_start, reading.filename, text))["id"])
    account = _Account()
    sha256: str | None = None
    for frame in frames:
        if frame.kind == "file":
            account.files.append(frame)
        elif frame.kind == "end":
            sha256 = frame.fields["sha256"]
        else:
            for kind, file, count in write(db, import_id, frame):
                account.by_kind[kind] += count
                account.by_file[file] += count
    return _finish(db, import_id, sha256, account, started)


def _finish(db: Db, import_id: str, sha256: str | None, account: _Account, started: float) -> ImportResult:
    """Write the account of the run."""
    files = account.files
    if files:
        write(db, import_id, table("files", [_row(frame, account) for frame in files]))
    new = account.by_kind.total()
    if new:
        db.execute(_Q.names_collect)
        db.execute(_Q.people_resolve)
    result = ImportResult(
        import_id=import_id, status="done", items_new=new, items_seen=account.total("seen"),
        rejects=account.total("rejects"), bytes=account.total("bytes_read"),
        seconds=round(time.monotonic() - started, 3), by_kind=dict(sorted(account.by_kind.items())),
    )  # fmt: skip
    db.execute(
        _Q.import_finish, import_id, sha256, result.bytes, new, result.items_seen, result.rejects,
        json.dumps(result.by_kind), len(files),
    )  # fmt: skip
    return result


def _row(file: Frame, account: _Account) -> tuple[str | None, ...]:
    fields = file.fields
    return (
        file.texts[0], str(fields["bytes"]), fields["source"], fields["version"], fields["status"], str(fields["seen"]),
        str(account.by_file[fields["ordinal"]]), str(fields["rejects"]), file.texts[1],
    )  # fmt: skip
