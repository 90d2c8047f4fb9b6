"""Reading a container: classify each member, adapt it, collect what is found, account for every file."""

import json
from codecs import getincrementaldecoder
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from datapunk.errors import DatapunkError, LimitExceeded, UnsupportedFile
from datapunk.lake import registry
from datapunk.lake.adapters import takeout_index
from datapunk.lake.batch import BATCH_RECORDS, WORTHWHILE_RECORDS, Batch, Tally
from datapunk.lake.classifying import classify
from datapunk.lake.compressed import opened, unpacked_name
from datapunk.lake.containers import SingleFile
from datapunk.lake.frames import Frame, table
from datapunk.lake.identity import Occurrences
from datapunk.lake.members import Container, Member, is_directory
from datapunk.lake.names import folded
from datapunk.lake.packages import UnsafeDocument
from datapunk.lake.record import Contents, Context, DamagedData, Listing, Rejected
from datapunk.lake.request import Reading
from datapunk.lake.stream import MemberStream, Readable
from datapunk.lake.takeout import archive_time, exported_at, is_index
from datapunk.lake.tars import is_tar
from datapunk.lake.text import storable

_MEDIUM = "a picture, sound or film"
_START_BYTES = 512
# What begins a zip that is one document: Word, Excel, EPUB and their like.
_DOCUMENT_MARKS = (b"[Content_Types].xml", b"mimetype")
# What a mapping is for.
_MAPPED = ("table", "json")
_MEDIA = (
    ".jpg", ".jpeg", ".png", ".gif", ".heic", ".webp", ".mp4", ".mov", ".avi", ".mkv", ".3gp", ".mp3", ".m4a", ".ogg",
    ".wav", ".flac", ".amr", ".svg", ".ico", ".dng", ".tif", ".tiff",
)  # fmt: skip


class Reader:
    """Turns the members of a container into frames: `items`, `positions`, `measurements`, `rejects`, and `file` for
    each member, after the frames with all that it holds. `last` marks the frames that end a batch.

    `on_member` is told the ordinal of each member before it is opened; `wanted` tells whether frames are waited for, so
    that small batches go out while nobody is busy, and large ones else. Members below `start` are passed over; those of
    `crashed` are accounted for as failed, with the reason.
    """

    def __init__(
        self, reading: Reading, *, start: int = 0, crashed: Mapping[int, str] | None = None,
        on_member: Callable[[int], None] = lambda _: None, wanted: Callable[[], bool] = lambda: False,
    ) -> None:  # fmt: skip
        self._reading = reading
        self._start = start
        self._crashed = crashed or {}
        self._on_member = on_member
        self._wanted = wanted
        self._batch = Batch(reading.language)
        self._worthwhile = WORTHWHILE_RECORDS
        self._files: list[Frame] = []
        self._names: dict[str, str] = {}
        self._alike: dict[str, Occurrences] = {}
        self._stream: MemberStream | None = None
        self._exported_at = exported_at(reading.filename)
        self._folders: dict[str, str] = {}

    def frames(self, container: Container) -> Iterator[Frame]:
        """Yield the frames. Raises UnsupportedFile for a damaged archive, LimitExceeded for one that is unsafe."""
        alone = isinstance(container, SingleFile) or self._reading.kept
        sizes = container.sizes()
        total = None if sizes is None else sum(size for name, size in sizes if alone or not _is_medium(name))
        yield Frame(kind="open", fields={"bytes_total": total})
        for ordinal, found in enumerate(container.members()):
            # What is told of the container itself.
            member = found if found.name else replace(found, name=self._reading.filename)
            if ordinal < self._start:
                if is_directory(member.name) or is_index(member.name):
                    self._recall(member)
                continue
            if reason := self._crashed.get(ordinal):
                self._account(member, Tally(ordinal), "failed", reason)
                continue
            self._on_member(ordinal)
            yield from self._member(ordinal, member, alone=alone)
        yield from self._flush()

    def _account(
        self, member: Member, tally: Tally, status: str, reason: str | None, adapter: registry.Adapter | None = None,
        bytes_read: int = 0, listing: Listing | None = None,
    ) -> None:  # fmt: skip
        at = self._export_of(member)
        fields = {
            "ordinal": tally.ordinal, "bytes": member.size, "bytes_read": bytes_read,
            "source": adapter.NAME if adapter else None, "version": adapter.VERSION if adapter else None,
            "status": status, "seen": tally.seen, "rejects": tally.rejects,
            "exported_at": at.isoformat() if at else None, "listing": listing.name if listing else None,
            "lists_all": listing is not None and listing.whole,
        }  # fmt: skip
        self._files.append(Frame(kind="file", fields=fields, texts=(storable(member.name)[0], reason or "")))

    def _flush(self) -> Iterator[Frame]:
        position = self._stream.consumed if self._stream else 0
        frames = self._batch.frames()
        for frame in frames:
            yield replace(frame, fields={**frame.fields, "position": position, "last": frame is frames[-1]})
        yield from self._files
        self._files = []

    def _recall(self, member: Member) -> None:
        """Read a member that is accounted for already: later ones need the names that it may hold."""
        # Whatever is wrong with it was told when it was read first.
        with suppress(Exception):
            stream = opened(member.stream, member.name, self._reading.limits) if member.stream else None
            adapter = self._adapter(member, stream, alone=False) if stream else None
            if adapter is takeout_index and stream:
                self._take_index(stream)
            elif adapter and stream:
                deque(adapter.parse(stream, self._context(member)), maxlen=0)

    def _context(self, member: Member) -> Context:
        return Context(
            member=unpacked_name(member.name), timezone=self._reading.timezone, exported_at=self._export_of(member),
            mapping=self._reading.mapping or {}, names=self._names, limits=self._reading.limits,
        )  # fmt: skip

    def _export_of(self, member: Member) -> datetime | None:
        """Return when the archive was made that holds a member."""
        return archive_time(member.name) or self._exported_at

    def _take_index(self, stream: MemberStream) -> list[Contents]:
        """Take the folders that an index names for a map of what comes, and its time where the archive tells none."""
        found = takeout_index.index(stream)
        self._folders |= {folded(one.folder): one.product for one in found.folders if one.product}
        self._exported_at = self._exported_at or found.exported_at
        return found.folders

    def _index(self, member: Member, stream: MemberStream) -> Generator[Frame, None, str | None]:
        """Yield what an index says as a frame; return why it cannot be read, if so."""
        try:
            folders = self._take_index(stream)
        except Exception as exc:
            # A map that cannot be read leaves the archive as one without it.
            return f"{type(exc).__name__}: {exc}"
        at = self._export_of(member)
        rows = [
            (
                storable(one.folder)[0], one.product and storable(one.product)[0], at.isoformat() if at else None,
                _names(one.files), _names(one.failed),
            )
            for one in folders
        ]  # fmt: skip
        if rows:
            frame = table("contents", rows)
            yield replace(frame, fields={**frame.fields, "position": stream.position, "last": False})
        return None

    def _member(self, ordinal: int, member: Member, *, alone: bool) -> Iterator[Frame]:
        tally = Tally(ordinal)
        adapter = None
        reason: str | None = member.ignored or None
        stream: MemberStream | None = None
        status = "failed" if member.failed else "ignored"
        if member.failed:
            self._batch.reject(Rejected(reason=member.ignored), tally, member.name, None, None)
        raw = member.stream
        if raw is not None and not alone and _is_medium(member.name):
            raw = _text(raw)
        if raw is not None:
            try:
                stream = opened(raw, member.name, self._reading.limits)
            except DatapunkError:
                raise
            except Exception as exc:
                if alone and isinstance(exc, DamagedData):
                    raise UnsupportedFile(f"{member.name} is damaged: {exc}", hint="Get the file again.") from exc
                # Whatever a damaged member raises, the rest of the archive is read.
                reason = f"cannot be unpacked: {exc}"
                status = "failed"
                self._batch.reject(Rejected(reason=reason, byte_offset=0), tally, member.name, None, None)
            else:
                adapter = self._adapter(member, stream, alone=alone)
                reason = None if adapter else _unknown(member.name, stream.head)
        elif member.stream is not None:
            reason = _MEDIUM
        listing = None
        if adapter is takeout_index and stream is not None:
            failure = yield from self._index(member, stream)
            status, reason = ("failed", failure) if failure else ("done", None)
        elif adapter is not None and stream is not None:
            listing = registry.listing_of(adapter, unpacked_name(member.name), stream.head)
            self._stream = stream
            failure = yield from self._read(member, adapter, stream, tally, alone=alone)
            self._stream = None
            status, reason = ("failed", failure) if failure else ("done", _oddities(adapter.NAME, tally))
        self._account(member, tally, status, reason, adapter, stream.consumed if stream else 0, listing)

    def _adapter(self, member: Member, stream: MemberStream, *, alone: bool) -> registry.Adapter | None:
        name = unpacked_name(member.name)
        if self._reading.source is not None:
            wanted = registry.by_name(self._reading.source)
            return wanted if alone or wanted.claims(name, stream.head) > 0 else None
        if self._reading.mapping:
            for source in _MAPPED:
                if (wanted := registry.by_name(source)).claims(name, stream.head) > 0:
                    return wanted
        return classify(name, stream.head, self._folders)

    def _read(
        self, member: Member, adapter: registry.Adapter, stream: MemberStream, tally: Tally, *, alone: bool
    ) -> Generator[Frame, None, str | None]:
        """Yield the frames that a member fills; return why it could not be read to its end, if so."""
        occurrences = self._occurrences(member)
        batch = self._batch
        findings = adapter.parse(stream, self._context(member))
        while True:
            try:
                found = next(findings, None)
            except UnsafeDocument as exc:
                if alone:
                    raise LimitExceeded(exc.message, hint=exc.hint) from exc
                failure = f"{exc.sqlstate}: {exc.message}"
                rejected = Rejected(reason=failure, byte_offset=0, sample=stream.head)
                batch.reject(rejected, tally, member.name, adapter.NAME, adapter.VERSION)
                return failure
            except DatapunkError:
                raise
            except Exception as exc:
                # A damaged member or a form that the adapter does not know: what was read stays, the rest is told.
                failure = f"damaged: {exc}" if isinstance(exc, DamagedData) else f"{type(exc).__name__}: {exc}"
                rejected = Rejected(reason=failure, byte_offset=stream.position, sample=stream.chunk)
                batch.reject(rejected, tally, member.name, adapter.NAME, adapter.VERSION)
                return failure
            if found is None:
                return None
            if type(found) is Rejected:
                batch.reject(_placed(found, stream), tally, member.name, adapter.NAME, adapter.VERSION)
            else:
                try:
                    batch.add(found, occurrences, tally)
                except ValueError as exc:
                    odd = _placed(Rejected(reason=str(exc), sample=stream.chunk), stream)
                    batch.reject(odd, tally, member.name, adapter.NAME, adapter.VERSION)
            if batch.full or (
                batch.records >= self._worthwhile and not batch.records % WORTHWHILE_RECORDS and self._wanted()
            ):
                # The longer it takes, the more together: large batches cost less, for the index above all.
                self._worthwhile = min(2 * self._worthwhile, BATCH_RECORDS // 2)
                yield from self._flush()

    def _occurrences(self, member: Member) -> Occurrences:
        """Return what numbers the records of a file that are alike; samples of one file are numbered together."""
        return self._alike.setdefault(member.name, Occurrences()) if self._reading.kept else Occurrences()


def _placed(rejected: Rejected, stream: MemberStream) -> Rejected:
    """Return a Rejected with a place: without one of its own, where the piece of the file begins that was read last."""
    if rejected.byte_offset is not None:
        return rejected
    return replace(rejected, byte_offset=max(0, stream.position - len(stream.chunk or stream.before)))


def _is_medium(name: str) -> bool:
    return name.casefold().endswith(_MEDIA)


def _text(raw: Readable) -> Readable | None:
    """Return what is called like a picture from its start again where it is a text; None where it may well be one."""
    # Of a picture that is damaged nothing would be read either.
    with suppress(Exception):
        start = raw.read(_START_BYTES)
        decoded = getincrementaldecoder("utf-8-sig")().decode(start)
        return _Rejoined(start, raw) if decoded.strip() and "\x00" not in decoded else None
    return None


class _Rejoined:
    """A stream whose start was read already."""

    def __init__(self, start: bytes, raw: Readable) -> None:
        self._start, self._raw = start, raw

    def read(self, size: int, /) -> bytes:
        found, self._start = self._start[:size], self._start[size:]
        return found or self._raw.read(size)


def _unknown(name: str, head: bytes) -> str:
    """Return why a file that no adapter knows is not read."""
    packed = head.startswith(b"PK\x03\x04") and not any(mark in head[:_START_BYTES] for mark in _DOCUMENT_MARKS)
    if packed or is_tar(head):
        return "an archive that is not named as one: import it by itself"
    return _MEDIUM if _is_medium(name) else "no adapter knows this file"


def _oddities(source: str, tally: Tally) -> str | None:
    found = []
    if not tally.seen:
        found.append(f"alarm: recognised as {source}, yet it gave no record")
    if tally.rejects * 100 > tally.seen + tally.rejects:
        found.append(f"alarm: {tally.rejects} of {tally.seen + tally.rejects} records could not be read")
    if tally.replaced:
        found.append(f"{tally.replaced} characters that PostgreSQL cannot hold became U+FFFD")
    return "; ".join(found) or None


def _names(names: Iterable[str]) -> str:
    return json.dumps([storable(name)[0] for name in names], ensure_ascii=False)
