"""The byte stream of one member, and JSON records out of it."""

from collections.abc import Iterator
from typing import Any, Protocol

import ijson

from datapunk.lake.json_damage import Keys, Shallow, recovering
from datapunk.lake.record import DamagedData

if ijson.backend != "yajl2_c":
    raise ImportError(
        f"ijson runs on {ijson.backend}, 25 times slower than yajl2_c; install a wheel with its C backend"
    )

HEAD_BYTES = 65_536
WHOLE_BYTES = 64 << 20
# Small enough that the text around an error hardly recurs in what was read last.
JSON_BYTES = 8_192
_BOM = b"\xef\xbb\xbf"


class Readable(Protocol):
    """What a member is read from."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes; none at the end.

        Raises DamagedData, as often as it is called, behind the last byte that can be read.
        """
        ...


class MemberStream:
    """A member from its start: `head` is its first 64 KiB, `position` counts what was read; a BOM is left out.

    Raises DamagedData where not even one byte can be read.
    """

    def __init__(self, raw: Readable) -> None:
        self._raw = raw
        head = b""
        try:
            while len(head) < HEAD_BYTES and (more := raw.read(HEAD_BYTES - len(head))):
                head += more
        except DamagedData:
            # Reading on tells it again.
            if not head:
                raise
        self._start = len(_BOM) if head.startswith(_BOM) else 0
        self.head = head[self._start :]
        self._pending = self.head
        self.position = self._start
        self.chunk = self.before = b""

    @property
    def consumed(self) -> int:
        """How many bytes of the file were read."""
        return self.position

    def read(self, size: int = HEAD_BYTES, /) -> bytes:
        """Return up to `size` bytes, at least one before the end."""
        if size == 0:
            return b""
        self.before = self.chunk
        if self._pending:
            if size < 0:
                size = HEAD_BYTES
            self.chunk, self._pending = self._pending[:size], self._pending[size:]
        else:
            self.chunk = self._raw.read(size if size > 0 else HEAD_BYTES)
        self.position += len(self.chunk)
        return self.chunk

    def lines(self, longest: int = 1 << 20) -> Iterator[tuple[int, bytes]]:
        """Yield each line with its byte offset, without its line end; lines over `longest` bytes come in pieces."""
        rest, offset = b"", self.position
        while chunk := self.read():
            parts = (rest + chunk).split(b"\n")
            rest = parts.pop()
            for part in parts:
                yield offset, part.rstrip(b"\r")
                offset += len(part) + 1
            if len(rest) > longest:
                yield offset, rest
                offset += len(rest)
                rest = b""
        if rest:
            yield offset, rest.rstrip(b"\r")


def whole(stream: MemberStream, limit: int = WHOLE_BYTES) -> bytes:
    """Return all of a member, for formats that cannot be read in one pass. Raises ValueError beyond `limit` bytes."""
    parts: list[bytes] = []
    length = 0
    while part := stream.read():
        parts.append(part)
        length += len(part)
        if length > limit:
            raise ValueError(f"larger than {limit >> 20} MiB, the most that is read of such a file")
    return b"".join(parts)


def json_items(stream: MemberStream, prefix: str) -> Iterator[Any]:
    """Yield the values under the ijson `prefix`, and a Rejected for each place where the text breaks.

    Behind such a place each object counts that has the keys of those before.
    """
    keys = Keys()

    def values() -> Iterator[Any]:
        shallow = Shallow(stream)
        for value in ijson.items(shallow, prefix, buf_size=JSON_BYTES):
            shallow.ended()
            keys.learn(value)
            yield value

    return recovering(stream, values(), lambda value, place: (value,) if keys.fit(value, place) else None)


def top_is_array(head: bytes) -> bool:
    """Tell whether a JSON text starts with an array."""
    return head.lstrip()[:1] == b"["
