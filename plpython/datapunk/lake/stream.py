"""The byte stream of one member, and JSON records out of it."""

from collections.abc import Iterator
from typing import Any, Protocol

import ijson

from datapunk.lake.record import SAMPLE_BYTES, Rejected

if ijson.backend != "yajl2_c":
    raise ImportError(
        f"ijson runs on {ijson.backend}, 25 times slower than yajl2_c; install a wheel with its C backend"
    )

HEAD_BYTES = 65_536
_BOM = b"\xef\xbb\xbf"


class Readable(Protocol):
    """What a member is read from."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes; none at the end."""
        ...


class MemberStream:
    """A member from its start: `head` is its first 64 KiB, `position` counts what was read; a BOM is left out."""

    def __init__(self, raw: Readable) -> None:
        self._raw = raw
        head = b""
        while len(head) < HEAD_BYTES and (more := raw.read(HEAD_BYTES - len(head))):
            head += more
        self._start = len(_BOM) if head.startswith(_BOM) else 0
        self.head = head[self._start :]
        self._pending = self.head
        self.position = self._start
        self.chunk = b""

    def read(self, size: int = HEAD_BYTES, /) -> bytes:
        """Return up to `size` bytes, at least one before the end."""
        if size == 0:
            return b""
        if self._pending:
            if size < 0:
                size = HEAD_BYTES
            self.chunk, self._pending = self._pending[:size], self._pending[size:]
        else:
            self.chunk = self._raw.read(size if size > 0 else HEAD_BYTES)
        self.position += len(self.chunk)
        return self.chunk

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Yield each line with its byte offset, without its line end; overlong lines come in pieces of 1 MiB."""
        rest, offset = b"", self.position
        while chunk := self.read():
            parts = (rest + chunk).split(b"\n")
            rest = parts.pop()
            for part in parts:
                yield offset, part.rstrip(b"\r")
                offset += len(part) + 1
            if len(rest) > 1 << 20:
                yield offset, rest
                offset += len(rest)
                rest = b""
        if rest:
            yield offset, rest.rstrip(b"\r")


def json_items(stream: MemberStream, prefix: str) -> Iterator[Any]:
    """Yield the values under the ijson `prefix`; where the text breaks, one Rejected with the place ends them."""
    try:
        yield from ijson.items(stream, prefix, buf_size=HEAD_BYTES)
    except ijson.JSONError as exc:
        yield _broken(stream, exc)


def _broken(stream: MemberStream, exc: Exception) -> Rejected:
    message = exc.args[0] if exc.args else str(exc)
    raw = message.encode("utf-8", "replace") if isinstance(message, str) else bytes(message)
    first, _, context = raw.partition(b"\n")
    offset = stream.position
    chunk = stream.chunk
    # yajl shows the text around the error, with the error in column 40.
    before = context.split(b"\n")[0][:40].lstrip()
    found = chunk.rfind(before) if before else -1
    at = found + len(before) if found >= 0 else len(chunk)
    offset -= len(chunk) - at
    return Rejected(
        reason="broken JSON: " + first.decode("utf-8", "replace").strip().rstrip("."),
        byte_offset=offset,
        sample=chunk[at : at + SAMPLE_BYTES],
    )


def top_is_array(head: bytes) -> bool:
    """Tell whether a JSON text starts with an array."""
    return head.lstrip()[:1] == b"["
