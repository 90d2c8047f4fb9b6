"""The byte stream of one member, and JSON records out of it."""

import re
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import ijson

from datapunk.lake.record import SAMPLE_BYTES, Rejected

if ijson.backend != "yajl2_c":
    raise ImportError(
        f"ijson runs on {ijson.backend}, 25 times slower than yajl2_c; install a wheel with its C backend"
    )

HEAD_BYTES = 65_536
WHOLE_BYTES = 64 << 20
# Where a list goes on: an object behind a comma, a bracket or another object.
_OBJECT = re.compile(rb"[,\[}]\s*\{")
_TAIL = 256
_LINE_ENDS = bytes.maketrans(b"\r\n", b"  ")
KEYS_FROM = 100
# Small enough that the text around an error hardly recurs in what was read last.
JSON_BYTES = 8_192
CAREFUL_BYTES = 1_024
_FRUITLESS = 200
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

    def resume(self, at: int) -> bool:
        """Go on behind `at` in the latest chunk with the next object of a list, as if the list began there.

        False where there is none.
        """
        rest = self.chunk[max(at, 1) :] + self._pending
        base = self.position + len(self._pending) - len(rest)
        while not (found := _OBJECT.search(rest)):
            tail = rest[-_TAIL:]
            base += len(rest) - len(tail)
            more = self._raw.read(HEAD_BYTES)
            if not more:
                return False
            rest = tail + more
        self._pending = b"[" + rest[found.end() - 1 :]
        self.position = base + found.end() - 2
        return True

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

    After such a place reading goes on with the next object that has the keys which the ones before it had.
    """
    keys: frozenset[str] = frozenset()
    seen = 0

    def values(resumed: bool) -> Iterator[Any]:
        nonlocal keys, seen
        size = CAREFUL_BYTES if resumed else JSON_BYTES
        for value in ijson.items(stream, "item" if resumed else prefix, buf_size=size):
            if resumed and not (isinstance(value, dict) and keys <= value.keys()):
                continue
            if seen < KEYS_FROM and isinstance(value, dict):
                keys = keys & value.keys() if seen else frozenset(value)
            seen += 1
            yield value

    return recovering(stream, values)


def recovering(stream: MemberStream, values: Callable[[bool], Iterator[Any]]) -> Iterator[Any]:
    """Yield what `values(False)` does, and a Rejected for each place where the JSON text breaks.

    After such a place it is called again, with True, on the text behind it, which then begins as a list of objects.
    """
    fruitless = 0
    resumed = False
    while fruitless < _FRUITLESS:
        try:
            for value in values(resumed):
                fruitless = 0
                yield value
        except ijson.JSONError as exc:
            rejected, at = _broken(stream, exc, first=fruitless > 0)
        except (ArithmeticError, ValueError) as exc:
            # A number that Python does not hold; where it is, is not told, so what was read last is given up.
            at = len(stream.chunk)
            reason = f"broken JSON: a number out of bounds: {exc!r}"
            rejected = Rejected(reason=reason, byte_offset=stream.position - at, sample=stream.chunk)
        else:
            return
        # After a resumption the end of the list is followed by the end of what was around it.
        if not (resumed and "trailing garbage" in rejected.reason) and not fruitless:
            yield rejected
        if not stream.resume(at):
            return
        fruitless += 1
        resumed = True
    yield Rejected(reason="too much broken JSON: the rest is left out", byte_offset=stream.position)


def _broken(stream: MemberStream, exc: Exception, *, first: bool) -> tuple[Rejected, int]:
    """Return what to tell of the error, and where in the stream's chunk it is.

    The text around it may recur; `first` says that nothing was read from the chunk before the error.
    """
    message = exc.args[0] if exc.args else str(exc)
    raw = message.encode("utf-8", "replace") if isinstance(message, str) else bytes(message)
    reason, _, context = raw.partition(b"\n")
    chunk = stream.chunk
    # yajl shows 30 characters on either side of the error, line ends as spaces, with the error in column 40.
    shown = context.split(b"\n")[0]
    before = shown[:40].lstrip()
    plain = chunk.translate(_LINE_ENDS)
    find = plain.find if first else plain.rfind
    found = -1
    if before and (found := find(before + shown[40:])) < 0:
        found = find(before)
    at = found + len(before) if found >= 0 else len(chunk)
    rejected = Rejected(
        reason="broken JSON: " + reason.decode("utf-8", "replace").strip().rstrip("."),
        byte_offset=stream.position - len(chunk) + at,
        sample=chunk[at : at + SAMPLE_BYTES],
    )
    return rejected, at


def top_is_array(head: bytes) -> bool:
    """Tell whether a JSON text starts with an array."""
    return head.lstrip()[:1] == b"["
