"""Splitting an mbox into messages while reading it once, with the memory of one message."""

import re
from collections.abc import Iterator

from datapunk.lake.record import DamagedData
from datapunk.lake.stream import MemberStream

# A message longer than this is cut there: what follows is attachments, which are not kept.
MESSAGE_BYTES = 32 << 20
_SEPARATOR = re.compile(rb"From [^\r\n]*\d{4}\r?\n[!-9;-~]+:")
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)
_TAIL = 4_096


def messages(stream: MemberStream) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield byte offset, separator line and bytes of each message, line ends as \\n, `>From ` unquoted.

    A separator is a line `From ... YEAR` followed by a header field, so a body line that starts with "From " stays in
    its message (cpython#93376 tells how a laxer rule splits mails). Raises DamagedData behind the last message that is
    whole.
    """
    damage: DamagedData | None = None
    buffer = b""
    base = 0
    searched = 1
    skipping = False
    while True:
        try:
            chunk = stream.read(1 << 18)
        except DamagedData as exc:
            chunk, damage = b"", exc
        buffer += chunk
        start = 0
        # A separator at the very end may lack the rest of its header line; the next chunk decides.
        end = len(buffer) - _TAIL if chunk else len(buffer)
        while 0 < (at := buffer.find(b"\nFrom ", searched - 1) + 1) <= end:
            searched = at + 1
            if _SEPARATOR.match(buffer, at):
                if not skipping:
                    yield _message(base + start, buffer[start:at])
                skipping = False
                start = at
        base += start
        buffer = buffer[start:]
        if damage is not None:
            raise damage
        if not chunk:
            if buffer.strip() and not skipping:
                yield _message(base, buffer)
            return
        if len(buffer) > MESSAGE_BYTES and not skipping:
            yield _message(base, buffer[:MESSAGE_BYTES])
            skipping = True
        if skipping:
            dropped = max(0, len(buffer) - _TAIL - 1)
            base += dropped
            buffer = buffer[dropped:]
        searched = max(1, len(buffer) - _TAIL)


def _message(offset: int, raw: bytes) -> tuple[int, bytes, bytes]:
    if b"\r" in raw:
        raw = raw.replace(b"\r\n", b"\n")
    separator, _, rest = raw.partition(b"\n")
    if not separator.startswith(b"From "):
        separator, rest = b"From ", raw
    return offset, separator, _QUOTED.sub(rb"\1", rest) if b"\n>" in rest else rest
