"""What is packed (gzip, bzip2, deflate), unpacked while it is read, to the last byte before a damaged place."""

import bz2
import zlib
from collections.abc import Callable
from typing import Protocol

from datapunk.lake.bounds import check_total
from datapunk.lake.record import DamagedData
from datapunk.lake.request import Limits
from datapunk.lake.stream import HEAD_BYTES, MemberStream, Readable

_GZIP = b"\x1f\x8b\x08"
_BZIP2 = b"BZh"
_SUFFIXES = (".gz", ".bz2")


def is_packed(head: bytes) -> bool:
    """Tell whether a file begins as gzip or bzip2 does."""
    return head.startswith((_GZIP, _BZIP2))


def unpacked_name(name: str) -> str:
    """Return the name of what a packed file holds."""
    for suffix in _SUFFIXES:
        if name.casefold().endswith(suffix):
            return name[: -len(suffix)]
    return name


def unpacked_head(head: bytes) -> bytes:
    """Return the first bytes of what a file holds, as far as its own first bytes reach."""
    return _part(head).feed(head, HEAD_BYTES)[0] if is_packed(head) else head


def unpacked(packed: Readable, check: Callable[[int, int], object] = lambda _, __: None) -> "Unpacker":
    """Return what a file of gzip or bzip2 holds. `check`: see Unpacker."""
    return Unpacker(packed, _part, check=check)


def inflated(packed: Readable) -> "Unpacker":
    """Return what a stream of bare deflate holds, as in a zip; it ends where that does."""
    return Unpacker(packed, lambda _: _Zlib(-zlib.MAX_WBITS), alone=True)


class UnpackedStream(MemberStream):
    """What a packed member holds, within limits; `consumed` counts its packed bytes. Positions are of what it holds."""

    def __init__(self, packed: MemberStream, member: str, limits: Limits) -> None:
        self._packed = packed
        unpacker = unpacked(packed, check=lambda out, taken: check_total(limits, 0, out, taken, member))
        super().__init__(unpacker)

    @property
    def consumed(self) -> int:
        """How many bytes of the file itself were read."""
        return self._packed.position


class _Part(Protocol):
    """One stream of packed data."""

    @property
    def hungry(self) -> bool:
        """Whether it takes more data before it gives any."""
        ...

    @property
    def ended(self) -> bool: ...

    @property
    def unused(self) -> bytes:
        """What was given to it behind its end."""
        ...

    def feed(self, data: bytes, size: int) -> tuple[bytes, str]:
        """Return up to `size` unpacked bytes, and what is wrong behind them, if anything is."""
        ...


class Unpacker:
    """Unpacks `packed`, part after part, or one alone.

    `check` is told after each piece how many bytes came out, and of how many. `read` raises what it raises, and
    DamagedData, as often as it is called, where nothing more can be read.
    """

    def __init__(
        self, packed: Readable, begin: Callable[[bytes], _Part], *, alone: bool = False,
        check: Callable[[int, int], object] = lambda _, __: None,
    ) -> None:  # fmt: skip
        self._packed, self._begin, self._alone, self._check = packed, begin, alone, check
        self._rest = b""
        self._part: _Part | None = None
        self._ready = b""
        self._ended = False
        self._damage = ""
        self.unpacked = 0
        #: Packed bytes that were used.
        self.consumed = 0

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes, at least one before the end."""
        while not self._ready:
            if self._damage:
                raise DamagedData(self._damage)
            if self._ended:
                return b""
            self._ready = self._more()
            self.unpacked += len(self._ready)
            self._check(self.unpacked, self.consumed)
        found, self._ready = self._ready[:size], self._ready[size:]
        return found

    def _more(self) -> bytes:
        data, self._rest = self._rest, b""
        if not data and (self._part is None or self._part.hungry):
            data = self._packed.read(HEAD_BYTES)
            self.consumed += len(data)
            if not data and self._part is None:
                self._ended = True
                # One alone has to be there.
                self._damage = "the packed data end too early" if self._alone else ""
                return b""
        if self._part is None:
            self._part = self._begin(data)
        found, self._damage = self._part.feed(data, HEAD_BYTES)
        if self._part.ended:
            unused = self._part.unused
            # Zeros may fill the space behind a part.
            self._rest = unused.lstrip(b"\x00")
            self._part = None
            if self._alone:
                self._ended = True
                self.consumed -= len(unused)
        elif not data and not found and not self._damage:
            self._damage = "the packed data end too early"
        return found


class _Zlib:
    def __init__(self, window_bits: int) -> None:
        self._unpacker = zlib.decompressobj(window_bits)

    @property
    def hungry(self) -> bool:
        return not self._unpacker.unconsumed_tail

    @property
    def ended(self) -> bool:
        return self._unpacker.eof

    @property
    def unused(self) -> bytes:
        return self._unpacker.unused_data

    def feed(self, data: bytes, size: int) -> tuple[bytes, str]:
        data = self._unpacker.unconsumed_tail + data
        before = self._unpacker.copy()
        try:
            return self._unpacker.decompress(data, size), ""
        except zlib.error as exc:
            return _before_damage(before, data), f"damaged packed data: {exc}"


def _before_damage(unpacker: "zlib._Decompress", data: bytes) -> bytes:
    """Return what comes out before the error that `data` lead to: they are given byte by byte."""
    found = []
    try:
        for at in range(len(data)):
            found.append(unpacker.decompress(data[at : at + 1]))
    except zlib.error:
        return b"".join(found)
    return b"".join(found)


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

    def feed(self, data: bytes, size: int) -> tuple[bytes, str]:
        try:
            return self._unpacker.decompress(data, size), ""
        except OSError as exc:
            return b"", f"damaged packed data: {exc}"


def _part(head: bytes) -> _Part:
    return _Bzip2() if head.startswith(_BZIP2) else _Zlib(zlib.MAX_WBITS | 16)


def opened(raw: Readable, member: str, limits: Limits) -> MemberStream:
    """Return the stream of a member; of one that is packed by itself, that of what it holds.

    Raises DamagedData where nothing of it can be read.
    """
    stream = MemberStream(raw)
    return UnpackedStream(stream, member, limits) if is_packed(stream.head) else stream
