"""Rejects are read again: what a mended adapter reads from their samples becomes items of the import that met them."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from datapunk.clock import zone
from datapunk.db import Db, load_queries
from datapunk.db.protocol import Row
from datapunk.lake.batch import Batch, Tally
from datapunk.lake.frames import Frame
from datapunk.lake.identity import Occurrences
from datapunk.lake.kept import packed
from datapunk.lake.live import live_record
from datapunk.lake.options import RetryOptions
from datapunk.lake.reader_process import read
from datapunk.lake.record import Rejected
from datapunk.lake.request import Reading
from datapunk.lake.writing import write

_Q = load_queries("datapunk.lake")
# A sample has at most 64 KiB.
_AT_ONCE = 256


@dataclass(frozen=True, kw_only=True)
class Retried:
    """What became of the rejects of one file, as lake_retry tells it."""

    import_id: str | None
    filename: str | None
    member: str | None
    source: str | None
    rejects: int
    items_new: int
    items_seen: int
    still_rejected: int
    not_kept: int
    hint: str | None


@dataclass
class _File:
    """The rejects of one file while they are read."""

    found: Row
    by_kind: Counter[str] = field(default_factory=Counter)
    seen: int = 0
    resolved: list[int] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)
    version: str | None = None

    @property
    def ids(self) -> list[int]:
        return list(self.found["ids"] or ())


@dataclass(kw_only=True)
class _Sample:
    """One reject while it is read: what its sample gave."""

    id: int
    file: _File
    ordinal: int | None
    text: bytes
    seen: int = 0
    whole: bool = False


def retry(db: Db, chosen: RetryOptions, timezone: str, *, memory_bytes: int) -> list[Retried]:
    """Read the rejects again that meet all conditions; return what became of them, a row per file.

    One that is read goes, and the accounts of its file and import follow; what is still rejected stays. `timezone` is
    for live records, whose times may have none.
    """
    found = db.rows(
        _Q.retry_find, chosen.reject_ids, chosen.import_id, chosen.sources, chosen.member, chosen.reason, chosen.limit
    )
    files = [_File(row) for row in found]
    db.execute(_Q.hold_sensitivity)

    def run(file: _File) -> tuple[str | None, str | None]:
        return file.found["import_id"], None if file.found["import_id"] is None else file.found["source"]

    for (import_id, source), together in groupby(files, run):
        for samples in _samples(db, list(together)):
            if import_id is None:
                _read_live(db, samples, timezone)
            else:
                _read(db, import_id, source, samples, memory_bytes)
    for file in files:
        _settle(db, file)
    for import_id in {file.found["import_id"] for file in files if file.resolved} - {None}:
        # A list of which nothing is rejected any more may count as whole.
        db.execute(_Q.listings_settle, import_id)
    if any(file.by_kind for file in files):
        db.execute(_Q.names_collect)
        db.execute(_Q.people_resolve)
    return [_told(file) for file in files]


def _samples(db: Db, files: Sequence[_File]) -> Iterator[list[_Sample]]:
    """Yield the samples of files that one run of an adapter reads, some at once; rows are locked as they come."""
    owners = {key: file for file in files for key in file.ids}
    keys = list(owners)
    for start in range(0, len(keys), _AT_ONCE):
        rows = db.rows(_Q.retry_samples, keys[start : start + _AT_ONCE])
        # One that is not there any more was read by somebody else meanwhile.
        yield [
            _Sample(id=row["id"], file=owners[row["id"]], ordinal=row["file"], text=row["sample"]) for row in rows
        ]  # fmt: skip


def _read(db: Db, import_id: str, source: str | None, samples: Sequence[_Sample], memory_bytes: int) -> None:
    """Have the process that reads files read the samples, and write what it finds."""
    if not samples:
        return
    about = samples[0].file.found
    reading = Reading(
        path="", filename=about["filename"] or "", source=source, timezone=about["timezone"] or "UTC",
        language=about["language"], mapping=json.loads(about["mapping"] or "null"), kept=True,
    )  # fmt: skip
    content = packed((sample.file.found["member"] or "", sample.text) for sample in samples)
    frames = read(reading, content, memory_bytes=memory_bytes, breathe=lambda: db.execute(_Q.interruption_point))
    for frame in frames:
        if frame.kind == "file":
            sample = samples[frame.fields["ordinal"]]
            sample.seen = frame.fields["seen"]
            sample.whole = frame.fields["status"] == "done" and not frame.fields["rejects"]
            sample.file.version = frame.fields["version"] or sample.file.version
        elif frame.kind == "sightings":
            _sight(db, import_id, frame, samples)
        elif frame.kind in ("items", "positions", "measurements"):
            for kind, number, count in write(db, import_id, frame):
                samples[number].file.by_kind[kind] += count
    _account(samples)


def _sight(db: Db, import_id: str, frame: Frame, samples: Sequence[_Sample]) -> None:
    ordinals = [sample.ordinal for sample in samples]
    db.execute(
        _Q.retry_sightings, import_id, frame.fields["separator"], frame.fields["null"], *frame.texts, ordinals
    )  # fmt: skip


def _read_live(db: Db, samples: Sequence[_Sample], timezone: str) -> None:
    """Take live records again, as lake_append does."""
    local = zone(timezone)
    batch, occurrences = Batch(), Occurrences()
    for number, sample in enumerate(samples):
        try:
            found = live_record(json.loads(sample.text), local)
        except ValueError:
            continue
        if isinstance(found, Rejected):
            continue
        batch.add(found, occurrences, Tally(number))
        sample.seen, sample.whole = 1, True
    for frame in batch.frames():
        for kind, number, count in write(db, None, frame):
            samples[number].file.by_kind[kind] += count
    _account(samples)


def _account(samples: Sequence[_Sample]) -> None:
    for sample in samples:
        file = sample.file
        file.seen += sample.seen
        # Nothing at all is no success: the record is still missing.
        (file.resolved if sample.whole and sample.seen else file.failed).append(sample.id)
        sample.text = b""


def _settle(db: Db, file: _File) -> None:
    """Let the rejects that were read go, and bring the accounts in line."""
    if file.failed:
        db.execute(_Q.retry_failed, file.failed, file.version)
    if not file.resolved:
        return
    db.execute(_Q.retry_resolved, file.resolved)
    if (import_id := file.found["import_id"]) is not None:
        numbers = (len(file.resolved), file.seen, file.by_kind.total())
        db.execute(_Q.retry_file, import_id, file.found["member"], *numbers)
        db.execute(_Q.retry_import, import_id, *numbers, json.dumps(file.by_kind))


def _told(file: _File) -> Retried:
    found = file.found
    left = found["rejects"] - len(file.resolved)
    names: dict[str, Any] = {name: found[name] for name in ("import_id", "filename", "member", "source")}
    hint = None
    if not_kept := found["not_kept"]:
        hint = (
            f"{not_kept} cannot be read apart from their file, or had more than 64 KiB: import"
            f" {found['filename'] or 'it'} again"
        )
    elif left:
        hint = f"{left} cannot be read by the adapter {found['source']} as it is" if found["import_id"] else (
            "lake_append would still reject them: the view rejects tells why"
        )  # fmt: skip
    return Retried(
        **names, rejects=found["rejects"], items_new=file.by_kind.total(), items_seen=file.seen, still_rejected=left,
        not_kept=not_kept, hint=hint,
    )  # fmt: skip
