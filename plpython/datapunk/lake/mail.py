"""Reading one message: header fields, and its text as a person sees it.

Well-formed messages, nearly all, are read by cutting at their boundaries; the rest goes to the standard library.
"""

import binascii
import quopri
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email import message_from_bytes
from email.header import decode_header
from email.message import Message as ParsedMessage

from datapunk.lake.text import html_text

_FIELD = re.compile(rb"\n(?![ \t])")
_WANTED = frozenset(
    {
        b"from", b"to", b"cc", b"bcc", b"date", b"subject", b"message-id", b"in-reply-to", b"list-id", b"x-gm-thrid",
        b"x-gmail-labels", b"content-type", b"content-transfer-encoding", b"content-disposition",
    }
)  # fmt: skip
_PARAMETER = re.compile(r';\s*(boundary|charset|name|filename)\s*=\s*(?:"([^"]*)"|([^\s;]+))', re.IGNORECASE)
_ENCODED = re.compile(r"=\?[^?\s]+\?[bqBQ]\?")
_DEPTH = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """A message: the header fields that are used, by lower-case name, its text, the names of its attachments."""

    headers: Mapping[str, str]
    text: str
    attachments: tuple[str, ...]


def read_message(raw: bytes) -> Message:
    """Read a message (line ends \\n). Text is the first plain part, else the visible text of the first HTML part."""
    head, body = _split(raw)
    fields = _fields(head)
    found = _Parts()
    if not _collect(fields, body, found, 0):
        found = _Parts()
        _collect_parsed(message_from_bytes(raw), found)
    text = found.plain
    if text is None and found.html is not None:
        text = html_text(found.html)
    text = (text or "").replace("\r\n", "\n").strip()
    return Message(headers=fields, text=text, attachments=tuple(found.attachments))


def decoded(value: str) -> str:
    """Return a header's value with its encoded words decoded; what cannot be decoded stays readable."""
    if not _ENCODED.search(value):
        return value
    try:
        pieces = decode_header(value)
    except (ValueError, binascii.Error):
        return value
    return "".join(p if isinstance(p, str) else _text(p, charset or "ascii") for p, charset in pieces)


class _Parts:
    """What was found while walking through the parts."""

    def __init__(self) -> None:
        self.plain: str | None = None
        self.html: str | None = None
        self.attachments: list[str] = []


def _split(raw: bytes) -> tuple[bytes, bytes]:
    if raw.startswith(b"\n"):
        return b"", raw[1:]
    head, _, body = raw.partition(b"\n\n")
    return head, body


def _fields(head: bytes) -> dict[str, str]:
    fields: dict[str, str] = {}
    for line in _FIELD.split(head):
        name, _, value = line.partition(b":")
        name = name.lower()
        if name in _WANTED and (key := name.decode("ascii")) not in fields:
            try:
                text = value.decode("utf-8")
            except UnicodeDecodeError:
                text = value.decode("latin-1")
            fields[key] = text.replace("\n", "").strip()
    return fields


def _collect(fields: Mapping[str, str], body: bytes, found: _Parts, depth: int) -> bool:
    """Add a part and those below it to `found`; False where its form needs the full parser."""
    content_type = fields.get("content-type", "text/plain")
    kind = content_type.partition(";")[0].strip().lower()
    parameters = {m[1].lower(): m[2] or m[3] for m in _PARAMETER.finditer(content_type)}
    if kind.startswith("multipart/"):
        boundary = parameters.get("boundary")
        return bool(boundary) and depth < _DEPTH and _collect_parts(str(boundary), body, found, depth + 1)
    disposition = fields.get("content-disposition", "")
    if "attachment" in disposition.lower() or not kind.startswith("text/"):
        names = {m[1].lower(): m[2] or m[3] for m in _PARAMETER.finditer(disposition)}
        if name := names.get("filename") or parameters.get("name"):
            found.attachments.append(decoded(name))
        return True
    return _collect_text(kind, fields, parameters, body, found)


def _collect_parts(boundary: str, body: bytes, found: _Parts, depth: int) -> bool:
    pieces = (b"\n" + body).split(b"\n--" + boundary.encode("utf-8", "replace"))
    for piece in pieces[1:]:
        if piece.startswith(b"--"):
            break
        head, below = _split(piece.lstrip(b" \t").removeprefix(b"\n"))
        if not _collect(_fields(head), below, found, depth):
            return False
    return len(pieces) > 1


def _collect_text(
    kind: str, fields: Mapping[str, str], parameters: Mapping[str, str], body: bytes, found: _Parts
) -> bool:
    wanted = (kind == "text/html" and found.html is None) or (kind != "text/html" and found.plain is None)
    if not wanted:
        return True
    payload = _payload(body, fields.get("content-transfer-encoding", "").strip().lower())
    if payload is None:
        return False
    text = _text(payload, parameters.get("charset") or "utf-8")
    if kind == "text/html":
        found.html = text
    elif text.strip():
        found.plain = text
    return True


def _payload(body: bytes, encoding: str) -> bytes | None:
    if encoding == "base64":
        try:
            return binascii.a2b_base64(body)
        except binascii.Error:
            return None
    if encoding == "quoted-printable":
        return quopri.decodestring(body)
    return body


def _text(payload: bytes, charset: str) -> str:
    for name in (charset, "utf-8"):
        try:
            return payload.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
    return payload.decode("latin-1")


def _collect_parsed(message: ParsedMessage, found: _Parts) -> None:
    """The same by the standard library, which mends what is malformed."""
    for part in message.walk():
        if part.is_multipart():
            continue
        kind = part.get_content_type()
        name = part.get_filename()
        if name or not kind.startswith("text/"):
            if name:
                found.attachments.append(decoded(name))
            continue
        payload = part.get_payload(decode=True)
        text = _text(payload if isinstance(payload, bytes) else b"", part.get_content_charset() or "utf-8")
        if kind == "text/html":
            found.html = found.html or text
        elif text.strip():
            found.plain = found.plain or text
