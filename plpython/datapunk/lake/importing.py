"""An import, from a container to rows: classify each member, adapt, normalise, insert in batches, account for all."""

import json
import time
from dataclasses import dataclass

from datapunk.db import Db, load_queries, one
from datapunk.errors import DatapunkError, UnsupportedFile
from datapunk.lake import registry
from datapunk.lake.batch import Tally, Writer
from datapunk.lake.containers import Container, Member, SingleFile
from datapunk.lake.identity import Occurrences
from datapunk.lake.options import ImportOptions
from datapunk.lake.record import Context, Rejected
from datapunk.lake.stream import MemberStream

_Q = load_queries("datapunk.lake")
_PROGRESS_EVERY_SECONDS = 1.0
_MEDIA = (
    ".jpg", ".jpeg", ".png", ".gif", ".heic", ".webp", ".mp4", ".mov", ".avi", ".mkv", ".3gp", ".mp3", ".m4a", ".ogg",
    ".wav", ".flac", ".amr", ".svg", ".ico", ".dng", ".tif", ".tiff",
)  # fmt: skip


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


@dataclass(frozen=True, kw_only=True, slots=True)
class _File:
    """A row of lake.import_file."""

    member: str
    bytes: int
    source: str | None
    version: str | None
    status: str
    reason: str | None
    tally: Tally


class _DryRun(Exception):
    """Ends the savepoint of a dry run."""


class _Import:
    """The state of one run."""

    def __init__(self, db: Db, filename: str, sha256: str | None, options: ImportOptions) -> None:
        self.db = db
        self.options = options
        given = {"source": options.source, "timezone": options.timezone, "language": options.language}
        text = json.dumps({k: v for k, v in given.items() if v}, ensure_ascii=False)
        self.import_id = str(one(db.rows(_Q.import_start, filename, sha256, text))["id"])
        self.writer = Writer(db, self.import_id, options.language)
        self.files: list[_File] = []
        self.bytes = 0
        self._reported = time.monotonic()

    def take(self, member: Member, *, alone: bool) -> None:
        """Read one member; what it was and what became of it goes to `files`."""
        tally = Tally()
        adapter = None
        reason: str | None = member.ignored or None
        stream: MemberStream | None = None
        status = "ignored"
        if member.stream is not None and not (member.name.casefold().endswith(_MEDIA) and not alone):
            try:
                stream = MemberStream(member.stream)
            except DatapunkError:
                raise
            except Exception as exc:
                # Whatever a damaged member raises, the rest of the archive is read.
                reason = f"cannot be unpacked: {exc}"
                status = "failed"
            else:
                adapter = self._adapter(member, stream, alone=alone)
                reason = None if adapter else "no adapter knows this file"
        elif member.stream is not None:
            reason = "a picture, sound or film"
        if adapter is not None and stream is not None:
            status, reason = self._read(member, adapter, stream, tally)
        if stream is not None:
            self.bytes += stream.position
        self.files.append(
            _File(
                member=member.name, bytes=member.size, source=adapter.NAME if adapter else None,
                version=adapter.VERSION if adapter else None, status=status, reason=reason, tally=tally,
            )
        )  # fmt: skip

    def _adapter(self, member: Member, stream: MemberStream, *, alone: bool) -> registry.Adapter | None:
        if self.options.source is not None:
            wanted = registry.by_name(self.options.source)
            return wanted if alone or wanted.claims(member.name, stream.head) > 0 else None
        return registry.classify(member.name, stream.head)

    def _read(
        self, member: Member, adapter: registry.Adapter, stream: MemberStream, tally: Tally
    ) -> tuple[str, str | None]:
        """Return the status of a member that an adapter has read, and what is odd about it."""
        occurrences = Occurrences()
        context = Context(member=member.name, timezone=self.options.timezone)
        records = adapter.parse(stream, context)
        failure: str | None = None
        while True:
            try:
                found = next(records, None)
            except DatapunkError:
                raise
            except Exception as exc:
                # A damaged member or a form that the adapter does not know: what was read stays, the rest is told.
                failure = f"{type(exc).__name__}: {exc}"
                rejected = Rejected(reason=failure, byte_offset=stream.position, sample=stream.chunk)
                self.writer.reject(rejected, tally, member.name, adapter.NAME, adapter.VERSION)
                break
            if found is None:
                break
            if isinstance(found, Rejected):
                self.writer.reject(found, tally, member.name, adapter.NAME, adapter.VERSION)
            else:
                self.writer.add(found, occurrences, tally)
            if not tally.seen % 500:
                self._progress()
        if failure:
            return "failed", failure
        return "done", _oddities(adapter.NAME, tally, stream)

    def _progress(self) -> None:
        now = time.monotonic()
        if now - self._reported > _PROGRESS_EVERY_SECONDS:
            self._reported = now
            self.db.execute(_Q.import_progress, self.import_id, self.bytes, len(self.files))

    def finish(self) -> tuple[int, int, int]:
        """Write what is left and the account of the run; return items new, seen and rejects."""
        self.writer.flush()
        if self.files:
            columns = [
                [f.member for f in self.files], [f.bytes for f in self.files], [f.source for f in self.files],
                [f.version for f in self.files], [f.status for f in self.files], [f.tally.seen for f in self.files],
                [f.tally.new for f in self.files], [f.tally.rejects for f in self.files],
                [f.reason for f in self.files],
            ]  # fmt: skip
            self.db.execute(_Q.import_file_insert, self.import_id, *columns)
        new = sum(f.tally.new for f in self.files)
        if new:
            self.db.execute(_Q.names_collect)
        seen = sum(f.tally.seen for f in self.files)
        rejects = sum(f.tally.rejects for f in self.files)
        kinds = json.dumps(dict(sorted(self.writer.by_kind.items())))
        self.db.execute(_Q.import_finish, self.import_id, self.bytes, new, seen, rejects, kinds, len(self.files))
        return new, seen, rejects


def _oddities(source: str, tally: Tally, stream: MemberStream) -> str | None:
    found = []
    if not tally.seen and stream.position > 16:
        found.append(f"alarm: recognised as {source}, yet it gave no record")
    if tally.rejects * 100 > tally.seen + tally.rejects:
        found.append(f"alarm: {tally.rejects} of {tally.seen + tally.rejects} records could not be read")
    if tally.replaced:
        found.append(f"{tally.replaced} characters that PostgreSQL cannot hold became U+FFFD")
    return "; ".join(found) or None


def run_import(db: Db, container: Container, filename: str, sha256: str | None, options: ImportOptions) -> ImportResult:
    """Import all that a container holds, in the transaction of `db`.

    Raises UnsupportedFile for a single file that no adapter knows or for a damaged archive, LimitExceeded for an
    archive that is unsafe; nothing is kept then.
    """
    started = time.monotonic()
    result: ImportResult | None = None
    try:
        if not options.dry_run:
            return _run(db, container, filename, sha256, options, started)
        with db.savepoint():
            result = _run(db, container, filename, sha256, options, started)
            # The savepoint takes everything back.
            raise _DryRun  # noqa: TRY301
    except _DryRun:
        if result is None:
            raise
        return ImportResult(
            import_id=None, status="dry_run", items_new=result.items_new, items_seen=result.items_seen,
            rejects=result.rejects, bytes=result.bytes, seconds=result.seconds, by_kind=result.by_kind,
        )  # fmt: skip


def _run(
    db: Db, container: Container, filename: str, sha256: str | None, options: ImportOptions, started: float
) -> ImportResult:
    run = _Import(db, filename, sha256, options)
    names = 0
    for member in container.members():
        names += 1
        run.take(member, alone=isinstance(container, SingleFile))
    if names == 1 and run.files[0].status == "ignored" and run.files[0].member == filename:
        raise UnsupportedFile(
            f"{filename} is of no known kind",
            hint=f"Known sources: {', '.join(registry.names())}; the option source names one.",
        )
    new, seen, rejects = run.finish()
    return ImportResult(
        import_id=run.import_id, status="done", items_new=new, items_seen=seen, rejects=rejects, bytes=run.bytes,
        seconds=round(time.monotonic() - started, 3), by_kind=dict(run.writer.by_kind),
    )  # fmt: skip
