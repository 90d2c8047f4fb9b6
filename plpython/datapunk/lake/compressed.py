"""Members that are packed each by itself (gzip, bzip2), unpacked while they are read."""

import bz2
import zlib
from collections.abc import Iterator

from datapunk.lake.containers import check_total
from datapunk.lake.record import Context, Rejected
from datapunk.lake.stream import HEAD_BYTES, MemberStream

_GZIP = b"\x1f\x8b\x08"
_BZIP2 = b"BZh"


def is_packed(head: bytes) -> bool:
    """Tell whether a member begins as gzip or bzip2 does."""
    return head.startswith((_GZIP, _BZIP2))


def unpacked_head(head: bytes) -> bytes:
    """Return the first bytes of what a member holds, as far as its own first bytes reach."""
    if not is_packed(head):
        return head
    part = _part(head)
    try:
        return part.feed(head, HEAD_BYTES)
    except (zlib.error, OSError):
        return b""


def unpacked(stream: MemberStream, context: Context) -> MemberStream:
    """Return the stream of what a member holds: its own where it is not packed. Positions count unpacked bytes.

    Its `read` raises LimitExceeded where that grows beyond the limits of the import.
    """
    return UnpackedStream(stream, context) if is_packed(stream.head) else stream


def damage(stream: MemberStream) -> Iterator[Rejected]:
    """Yield why an unpacked stream ended before its end, if it did."""
    if isinstance(stream, UnpackedStream) and stream.damage:
        yield Rejected(reason=stream.damage, byte_offset=stream.packed_position)


class UnpackedStream(MemberStream):
    """What a packed member holds; it ends at a damaged place, which `damage` then tells."""

    def __init__(self, packed: MemberStream, context: Context) -> None:
        self._packed = packed
        self._unpacker = _Unpacker(packed, context)
        super().__init__(self._unpacker)

    @property
    def damage(self) -> str:
        """Why reading ended too early; empty where it did not."""
        return self._unpacker.damage

    @property
    def packed_position(self) -> int:
        """How many packed bytes were read."""
        return self._packed.position


class _Unpacker:
    """Unpacks the parts of a member one after another."""

    def __init__(self, packed: MemberStream, context: Context) -> None:
        self._packed = packed
        self._context = context
        self._unpacked = 0
        self._part: _Gzip | _Bzip2 | None = None
        self._rest = b""
        self.damage = ""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes, at least one before the end."""
        while not self.damage:
            data, self._rest = self._rest, b""
            if not data and (self._part is None or self._part.hungry):
                data = self._packed.read(HEAD_BYTES)
                if not data:
                    if self._part is not None:
                        self.damage = "packed data that end too early"
                    break
            if self._part is None:
                self._part = _part(data)
            try:
                found = self._part.feed(data, size)
            except (zlib.error, OSError) as exc:
                self.damage = f"damaged packed data: {exc}"
                break
            if self._part.ended:
                # Zeros may fill the space behind a part.
                self._rest = self._part.unused.lstrip(b"\x00")
                self._part = None
            if found:
                self._unpacked += len(found)
                check_total(self._context.limits, 0, self._unpacked, self._packed.position, self._context.member)
                return found
        return b""


class _Gzip:
    def __init__(self) -> None:
        self._unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)

    @property
    def hungry(self) -> bool:
        return not self._unpacker.unconsumed_tail

    @property
    def ended(self) -> bool:
        return self._unpacker.eof

    @property
    def unused(self) -> bytes:
        return self._unpacker.unused_data

    def feed(self, data: bytes, size: int) -> bytes:
        return self._unpacker.decompress(self._unpacker.unconsumed_tail + data, size)


class _Bzip2:
    def __init__(self) -> None:
        self._unpacker = bz2.BZ2Decompressor()

    @property
    def hungry(self) -> bool:
        return self._unpacker.needs_input

    @property
    def ended(self) -> bool:
        return self._unpacker.eof

    @property
    def unused(self) -> bytes:
        return self._unpacker.unused_data

    def feed(self, data: bytes, size: int) -> bytes:
        return self._unpacker.decompress(data, size)


def _part(head: bytes) -> _Gzip | _Bzip2:
    return _Bzip2() if head.startswith(_BZIP2) else _Gzip()
