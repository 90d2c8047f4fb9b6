"""A mail in a file of its own: .eml, as most programs save it, and .emlx of Apple Mail."""

import re
from collections.abc import Iterator

from datapunk.lake.mail_record import NO_MESSAGE, mail_record
from datapunk.lake.mbox import MESSAGE_BYTES
from datapunk.lake.record import Context, Found
from datapunk.lake.registry import BY_NAME, SURE
from datapunk.lake.samples import rejected_bytes
from datapunk.lake.stream import MemberStream

NAME = "mail"
VERSION = "1"

_FIELD = re.compile(rb"[!-9;-~]+:")
_TELLING = frozenset(
    {b"from", b"to", b"date", b"subject", b"message-id", b"received", b"return-path", b"delivered-to", b"mime-version"}
)
# Apple Mail writes the length of the message before it, and a property list behind it.
_LENGTH = re.compile(rb"\s*(\d{1,10})[ \t]*\r?\n")
_ENOUGH = 3


def claims(member: str, head: bytes) -> float:
    """Claim a text that begins with the fields of a message; a web page that a browser saved in that form is none."""
    name = member.casefold()
    if not head:
        return BY_NAME if name.endswith((".eml", ".emlx")) else 0.0
    if length := _LENGTH.match(head):
        head = head[length.end() :]
    fields = _field_names(head)
    if not fields or b"snapshot-content-location" in fields:
        return 0.0
    if len(fields & _TELLING) >= _ENOUGH:
        return SURE
    return BY_NAME if name.endswith((".eml", ".emlx")) and fields & _TELLING else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("*.eml", "*.emlx")


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield the mail, as an mbox would hold it; of one that is longer than 32 MiB, its beginning."""
    start = stream.position
    raw = _beginning(stream)
    if length := _LENGTH.match(raw):
        raw = raw[length.end() : length.end() + int(length[1])]
    try:
        yield mail_record(raw.replace(b"\r\n", b"\n"), NAME)
    except NO_MESSAGE as exc:
        yield rejected_bytes(f"not a message: {exc!r}", raw, start)


def _beginning(stream: MemberStream) -> bytes:
    parts: list[bytes] = []
    length = 0
    while length < MESSAGE_BYTES and (part := stream.read()):
        parts.append(part)
        length += len(part)
    return b"".join(parts)


def _field_names(head: bytes) -> set[bytes]:
    """Return the names, in lower case, of the fields that a text begins with; empty where its first line is none."""
    names: set[bytes] = set()
    for line in head.split(b"\n"):
        if line[:1] in (b" ", b"\t") and names:
            continue
        match = _FIELD.match(line)
        if match is None:
            break
        names.add(line[: match.end() - 1].lower())
    return names
