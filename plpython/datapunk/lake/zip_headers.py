"""The members of a zip by the header that each has before its data, for archives whose directory is cut or damaged."""

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from datapunk.lake.bounds import check_total
from datapunk.lake.compressed import inflated
from datapunk.lake.members import Opening
from datapunk.lake.record import DamagedData
from datapunk.lake.stream import HEAD_BYTES

STORED, DEFLATED = 0, 8
# Sizes and check sum stand behind the data.
_DESCRIBED_BEHIND = 1 << 3
_UTF8 = 1 << 11
_LARGE = 0xFFFF_FFFF
_ZIP64 = 1
_HEADER = struct.Struct("<4sHHHHHIIIHH")
_MEMBER = b"PK\x03\x04"
_DESCRIPTION = b"PK\x07\x08"
# A directory, its end, and what may stand between.
_DIRECTORY = (b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07", b"PK\x06\x08")
_DESCRIPTIONS = tuple(struct.Struct(form) for form in ("<4xIII", "<4xIQQ", "<III", "<IQQ"))
_METHODS = frozenset((0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 14, 16, 18, 19, 20, 93, 94, 95, 96, 97, 98, 99))
_SEARCHED_BYTES = (1 << 12, 1 << 20)
_NEXT = re.compile(b"|".join(map(re.escape, (_MEMBER, _DIRECTORY[0]))))


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """Where the data of a member are; `size` and `crc` are None where damage hides them."""

    name: str
    flags: int
    method: int
    start: int
    packed_size: int
    size: int | None
    crc: int | None


@dataclass(kw_only=True)
class Scan:
    """What was found: members, at how many places one was expected and is none, the byte offset of the first of these,
    and whether the directory follows, so that nothing is missing at the end."""

    entries: list[Entry] = field(default_factory=list)
    gaps: int = 0
    first_gap: int | None = None
    complete: bool = False


class PackedData:
    """A stretch of the archive, as the packed data of a member."""

    def __init__(self, stream: BinaryIO, start: int, size: int) -> None:
        self._stream, self._at, self._end = stream, start, start + size

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes."""
        self._stream.seek(self._at)
        found = self._stream.read(min(size, self._end - self._at))
        self._at += len(found)
        return found


def scan(stream: BinaryIO, size: int, opening: Opening) -> Scan:
    """Look for members from the start of an archive of `size` bytes. Raises LimitExceeded."""
    return _Scanner(stream, size, opening).run()


class _Scanner:
    def __init__(self, stream: BinaryIO, size: int, opening: Opening) -> None:
        self._stream, self._size, self._opening = stream, size, opening
        self._found = Scan()
        self._unpacked = 0

    def run(self) -> Scan:
        at: int | None = 0
        while at is not None:
            self._opening.step()
            head = self._bytes(at, _HEADER.size)
            if head[:4] in _DIRECTORY:
                self._found.complete = True
                break
            if entry := self._entry(at, head):
                at = self._take(entry)
            else:
                if head[:4] != _DESCRIPTION and at < self._size:
                    self._found.gaps += 1
                    self._found.first_gap = at if self._found.first_gap is None else self._found.first_gap
                at = next(self._places(at + 1, _NEXT), None)
        return self._found

    def _take(self, entry: Entry) -> int | None:
        """Note a member; return where the next is to be expected, None where there is none."""
        end = entry.start + entry.packed_size
        following: int | None
        if entry.method == DEFLATED and (end > self._size or entry.size is None):
            entry, following = self._measured(entry)
        elif entry.size is None:
            entry, following = self._searched(entry)
        else:
            following = end if end <= self._size else None
        size = entry.size or 0
        self._found.entries.append(entry)
        self._unpacked += size
        check_total(self._opening.limits, len(self._found.entries), size, entry.packed_size, entry.name)
        check_total(self._opening.limits, len(self._found.entries), self._unpacked, self._size, entry.name)
        return following

    def _entry(self, at: int, head: bytes) -> Entry | None:
        """Return the member whose header is at `at`; None where none is."""
        if len(head) < _HEADER.size or head[:4] != _MEMBER:
            return None
        _, _, flags, method, _, _, crc, packed, size, name_bytes, extra_bytes = _HEADER.unpack(head)
        rest = self._bytes(at + _HEADER.size, name_bytes + extra_bytes)
        if method not in _METHODS or not name_bytes or len(rest) < name_bytes + extra_bytes:
            return None
        if _LARGE in (packed, size):
            size, packed = _large(rest[name_bytes:], size, packed)
        name = rest[:name_bytes].decode("utf-8" if flags & _UTF8 else "cp437", "replace")
        unknown = bool(flags & _DESCRIBED_BEHIND) and not packed
        return Entry(
            name=name, flags=flags, method=method, start=at + _HEADER.size + len(rest),
            packed_size=packed, size=None if unknown else size, crc=None if unknown else crc,
        )  # fmt: skip

    def _measured(self, entry: Entry) -> tuple[Entry, int | None]:
        """Return a packed member with the sizes that unpacking tells, and where the next is."""
        source = inflated(PackedData(self._stream, entry.start, self._size - entry.start))
        crc = 0
        try:
            while chunk := source.read(HEAD_BYTES):
                crc = zlib.crc32(chunk, crc)
                self._opening.step()
                check_total(self._opening.limits, 0, source.unpacked, source.consumed, entry.name)
                check_total(self._opening.limits, 0, self._unpacked + source.unpacked, self._size, entry.name)
        except DamagedData:
            # Also what gave little: no archive may have all that follows unpacked again and again.
            self._unpacked += max(source.unpacked, source.consumed)
            following = next(self._places(entry.start, _NEXT), None)
            end = self._size if following is None else following
            return _with(entry, packed_size=end - entry.start), following
        end = entry.start + source.consumed
        known = _with(entry, packed_size=source.consumed, size=source.unpacked, crc=crc)
        return known, self._behind(end, known)

    def _behind(self, end: int, entry: Entry) -> int | None:
        """Return what follows a member's data: behind its description, where it has one."""
        tail = self._bytes(end, max(form.size for form in _DESCRIPTIONS))
        for form in _DESCRIPTIONS:
            if len(tail) >= form.size and form.unpack(tail[: form.size]) == (entry.crc, entry.packed_size, entry.size):
                return end + form.size
        return next(self._places(end, _NEXT), None)

    def _searched(self, entry: Entry) -> tuple[Entry, int | None]:
        """Return a member whose data do not tell their end by the description behind them, and where the next is."""
        for at in self._places(entry.start, re.compile(re.escape(_DESCRIPTION))):
            tail = self._bytes(at, max(form.size for form in _DESCRIPTIONS))
            for form in _DESCRIPTIONS[:2]:
                if len(tail) >= form.size:
                    crc, packed, size = form.unpack(tail[: form.size])
                    if packed == at - entry.start:
                        return _with(entry, packed_size=packed, size=size, crc=crc), at + form.size
        return _with(entry, packed_size=self._size - entry.start), None

    def _bytes(self, at: int, size: int) -> bytes:
        self._stream.seek(at)
        return self._stream.read(size)

    def _places(self, at: int, signature: re.Pattern[bytes]) -> Iterator[int]:
        """Yield where a signature, of four bytes, is from `at` on."""
        rest, size = b"", _SEARCHED_BYTES[0]
        while chunk := self._bytes(at, size):
            self._opening.step()
            window = rest + chunk
            yield from (at - len(rest) + match.start() for match in signature.finditer(window))
            at += len(chunk)
            rest = window[-3:]
            # The first is near, most often.
            size = min(2 * size, _SEARCHED_BYTES[1])


def _with(entry: Entry, *, packed_size: int, size: int | None = None, crc: int | None = None) -> Entry:
    return Entry(
        name=entry.name, flags=entry.flags, method=entry.method, start=entry.start, packed_size=packed_size, size=size,
        crc=crc,
    )  # fmt: skip


def _large(extra: bytes, size: int, packed: int) -> tuple[int, int]:
    """Return the sizes that do not fit a header, from its extra fields."""
    while len(extra) >= 4:
        kind, length = struct.unpack("<HH", extra[:4])
        if kind == _ZIP64:
            numbers = [one for (one,) in struct.iter_unpack("<Q", extra[4 : 4 + length // 8 * 8])]
            size = numbers.pop(0) if size == _LARGE and numbers else size
            packed = numbers.pop(0) if packed == _LARGE and numbers else packed
            break
        extra = extra[4 + length :]
    return size, packed
