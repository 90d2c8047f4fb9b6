"""An import: what the reader of files found becomes rows, batch by batch, with an account of every file.

Without steps all of it is one transaction. With steps each batch is committed, a run can be watched, and the next one
of the same file goes on where it ended.
"""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from datapunk.db import Db, load_queries, one
from datapunk.errors import Duplicate, InvalidArgument, NotFound
from datapunk.lake.frames import Frame, table
from datapunk.lake.options import ImportOptions
from datapunk.lake.reader_process import read
from datapunk.lake.request import MEMORY_BYTES, Content, Limits, Reading
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


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a run has come: bytes read and, where the container tells them, to be read; members and items so far."""

    bytes: int
    bytes_total: int | None
    members: int
    items_new: int


@dataclass(frozen=True, kw_only=True)
class Steps:
    """How a run in steps goes: `commit` ends the transaction of a batch, `rollback` that of a batch that failed, `show`
    is told how far it has come."""

    commit: Callable[[], object]
    rollback: Callable[[], object]
    show: Callable[[Progress], object] = lambda _: None


class _DryRun(Exception):
    """Ends the savepoint of a dry run."""


@dataclass
class _Account:
    """What has come so far: rows added per kind and per file, the files, and those of them that are not written yet."""

    by_kind: Counter[str] = field(default_factory=Counter)
    by_file: Counter[int] = field(default_factory=Counter)
    unwritten: list[Frame] = field(default_factory=list)
    members: int = 0
    seen: int = 0
    rejects: int = 0
    bytes: int = 0
    bytes_total: int | None = None
    shown: int = 0

    def progress(self, position: int) -> Progress:
        """Tell how far it has come, at this place of the file that is being read.

        Files are accounted for in batches, so the bytes may lag, but they never fall.
        """
        self.shown = max(self.shown, self.bytes + position)
        return Progress(
            bytes=self.shown, bytes_total=self.bytes_total, members=self.members, items_new=self.by_kind.total()
        )

    def take_file(self, frame: Frame) -> None:
        self.unwritten.append(frame)
        self.members += 1
        self.seen += frame.fields["seen"]
        self.rejects += frame.fields["rejects"]
        self.bytes += frame.fields["bytes_read"]


def bounds(db: Db) -> tuple[Limits, int]:
    """Return what the settings datapunk.import_max_* say: limits of archives, and bytes that reading may take.

    Raises InvalidArgument for a setting that is no positive number.
    """
    given: dict[str, int] = {}
    for name, value in one(db.rows(_Q.limits)).items():
        if value:
            if not str(value).isdigit() or not int(value):
                raise InvalidArgument(f"datapunk.import_{name} is no positive number: {value!r}", hint="Reset it.")
            given[name] = int(value)
    memory_bytes = given.pop("max_memory", MEMORY_BYTES)
    return Limits(**given), memory_bytes


def run_import(
    db: Db, reading: Reading, content: Content, options: ImportOptions, *, memory_bytes: int = MEMORY_BYTES,
    steps: Steps | None = None,
) -> ImportResult:  # fmt: skip
    """Import all that a file or folder holds.

    Raises UnsupportedFile for a single file that no adapter knows or for a damaged archive, LimitExceeded for an
    archive that is unsafe, Duplicate for a file that another run in steps is importing. Without steps nothing is kept
    then; with steps what was committed stays, and the run is marked as failed.
    """
    run = _Run(db, reading, content, memory_bytes)
    if options.dry_run:
        found: list[ImportResult] = []
        try:
            with db.savepoint():
                found.append(run.whole())
                # The savepoint takes everything back.
                raise _DryRun  # noqa: TRY301
        except _DryRun:
            return replace(found[0], import_id=None, status="dry_run")
    return run.whole() if steps is None else run.in_steps(steps)


class _Run:
    """One run of an import."""

    def __init__(self, db: Db, reading: Reading, content: Content, memory_bytes: int) -> None:
        self._db = db
        self._reading = reading
        self._content = content
        self._memory_bytes = memory_bytes
        self._account = _Account()
        self._started = time.monotonic()
        self._sha256: str | None = None
        given = {
            "source": reading.source, "timezone": reading.timezone, "language": reading.language,
            "mapping": reading.mapping,
        }  # fmt: skip
        self._options = json.dumps({k: v for k, v in given.items() if v}, ensure_ascii=False)

    def _frames(self, start: int = 0) -> Iterator[Frame]:
        """Yield the frames that hold rows, those of a file after them; note the others."""
        frames = read(
            self._reading, self._content, memory_bytes=self._memory_bytes, start=start,
            breathe=lambda: self._db.execute(_Q.interruption_point),
        )  # fmt: skip
        for frame in frames:
            if frame.kind == "file":
                self._account.take_file(frame)
            elif frame.kind == "open":
                self._account.bytes_total = frame.fields["bytes_total"]
            elif frame.kind == "end":
                self._sha256 = frame.fields["sha256"]
            else:
                yield frame

    def _write(self, import_id: str, frame: Frame) -> None:
        if frame.kind == "contents":
            separator, null = frame.fields["separator"], frame.fields["null"]
            self._db.execute(_Q.contents_insert, import_id, separator, null, *frame.texts)
            return
        for kind, file, count in write(self._db, import_id, frame):
            self._account.by_kind[kind] += count
            self._account.by_file[file] += count

    def _write_files(self, import_id: str) -> None:
        account = self._account
        if account.unwritten:
            write(self._db, import_id, table("files", [_row(frame, account) for frame in account.unwritten]))
            account.unwritten = []

    def whole(self) -> ImportResult:
        """Run in the transaction of the caller."""
        # Two of one owner at once would wait for each other where they meet the same records in different order.
        self._db.execute(_Q.import_hold)
        import_id = str(one(self._db.rows(_Q.import_start, self._reading.filename, self._options, None))["id"])
        self._db.execute(_Q.hold_sensitivity)
        with _indexing_at_once(self._db):
            for frame in self._frames():
                self._write(import_id, frame)
        return self._finish(import_id)

    def in_steps(self, steps: Steps) -> ImportResult:
        """Run in a transaction for each batch; go on behind the files that an earlier run of this one has finished."""
        db, account = self._db, self._account
        fingerprint = self._reading.fingerprint()
        if not one(db.rows(_Q.import_lock, fingerprint))["locked"]:
            raise Duplicate(
                f"{self._reading.filename} is being imported already",
                hint="The view imports tells how far it has come.",
            )
        try:
            import_id, start = self._resumed(fingerprint)
            steps.commit()
            try:
                begins = True
                for frame in self._frames(start):
                    if begins:
                        self._hold(import_id)
                        db.execute(_Q.hold_sensitivity)
                    self._write(import_id, frame)
                    begins = bool(frame.fields["last"])
                    if not begins:
                        continue
                    self._write_files(import_id)
                    come = account.progress(frame.fields["position"])
                    db.execute(
                        _Q.import_progress, import_id, account.bytes, come.items_new, account.seen, account.rejects,
                        json.dumps(account.by_kind), account.members, come.bytes, come.bytes_total,
                    )  # fmt: skip
                    steps.commit()
                    steps.show(come)
                # What no worker has indexed yet; another one of the owner's may be among it.
                while one(db.rows(_Q.index_batch))["items"] is not None:
                    steps.commit()
                result = self._finish(import_id)
                steps.commit()
            except BaseException as exc:
                # Cancelled or failed: what was committed stays, and the next run goes on from there.
                steps.rollback()
                cancelled = isinstance(exc, KeyboardInterrupt) or getattr(exc, "sqlstate", None) == "57014"
                db.execute(
                    _Q.import_end, import_id, "cancelled" if cancelled else "failed", str(exc)[:2_000] or "interrupted"
                )  # fmt: skip
                steps.commit()
                raise
            return result
        finally:
            db.execute(_Q.import_unlock, fingerprint)
            steps.commit()

    def _hold(self, import_id: str) -> None:
        """Begin a batch: no other import of the owner writes until it ends, and nothing is forgotten."""
        self._db.execute(_Q.import_hold)
        if not one(self._db.rows(_Q.import_exists, import_id))["found"]:
            raise NotFound(
                f"the import of {self._reading.filename} was forgotten while it ran",
                hint="Import it again if that was a mistake.",
            )

    def _resumed(self, fingerprint: str) -> tuple[str, int]:
        """Return the import's id and the ordinal of the member to begin with, of a run that was begun before if any."""
        db, account = self._db, self._account
        if not (begun := db.rows(_Q.import_resume, fingerprint, self._options)):
            row = one(db.rows(_Q.import_start, self._reading.filename, self._options, fingerprint))
            return str(row["id"]), 0
        row = begun[0]
        # Of the file in which it ended nothing is accounted for yet.
        db.execute(_Q.sightings_undo, row["id"], row["next_ordinal"])
        db.execute(_Q.rejects_undo, row["id"])
        account.by_kind.update(json.loads(row["by_kind"]))
        account.members, account.seen, account.rejects = row["members_done"], row["items_seen"], row["rejects"]
        account.bytes = row["bytes"]
        # What was new but stands in no file's account was met in the file that comes next.
        account.by_file[row["next_ordinal"]] = account.by_kind.total() - row["accounted"]
        return str(row["id"]), row["next_ordinal"]

    def _finish(self, import_id: str) -> ImportResult:
        """Write the account of the run."""
        db, account = self._db, self._account
        self._write_files(import_id)
        for row in db.rows(_Q.zones_settle, import_id):
            account.by_kind[row["kind"]] -= row["count"]
        account.by_kind = +account.by_kind
        new = account.by_kind.total()
        if new:
            if not db.rows(_Q.names_leave):
                db.execute(_Q.names_collect)
            db.execute(_Q.people_resolve)
        db.execute(_Q.listings_settle, import_id)
        result = ImportResult(
            import_id=import_id, status="done", items_new=new, items_seen=account.seen, rejects=account.rejects,
            bytes=account.bytes, seconds=round(time.monotonic() - self._started, 3),
            by_kind=dict(sorted(account.by_kind.items())),
        )  # fmt: skip
        db.execute(
            _Q.import_finish, import_id, self._sha256, result.bytes, new, result.items_seen, result.rejects,
            json.dumps(result.by_kind), account.members,
        )  # fmt: skip
        return result


@contextmanager
def _indexing_at_once(db: Db) -> Iterator[None]:
    """Have every batch indexed as it is written: what one transaction writes, nobody else could index sooner."""
    db.execute(_Q.index_at_once)
    yield
    db.execute(_Q.index_as_set)


def _row(file: Frame, account: _Account) -> tuple[str | None, ...]:
    fields = file.fields
    return (
        file.texts[0], str(fields["bytes"]), fields["source"], fields["version"], fields["status"], str(fields["seen"]),
        str(account.by_file[fields["ordinal"]]), str(fields["rejects"]), file.texts[1], str(fields["ordinal"]),
        fields["exported_at"], fields["listing"], str(fields["lists_all"]),
    )  # fmt: skip
