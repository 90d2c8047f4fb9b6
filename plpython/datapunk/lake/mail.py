"""Reading one message: header fields, and its text as a person sees it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message as ParsedMessage

from datapunk.lake.text import html_text

_WANTED = frozenset(
    {
        "from", "to", "cc", "bcc", "date", "subject", "message-id", "in-reply-to", "references", "list-id",
        "x-gm-thrid", "x-gmail-labels",
    }
)  # fmt: skip


# Only what is long enough to occur nowhere else.
_BOUNDARY = re.compile(rb"(?i)\bboundary=\"?([\w'()+,./:=?-]{16,70})")
_COMMON = "=_datapunk_boundary_"


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """A message: the first of each header field that is used, by lower-case name; its text; names of attachments."""

    headers: Mapping[str, str]
    text: str
    attachments: tuple[str, ...]


def read_message(raw: bytes) -> Message:
    """Read a message (line ends \\n). Text is the first plain part, else the visible text of the first HTML part."""
    raw, renamed = _with_common_boundaries(raw)
    message = message_from_bytes(raw)
    headers: dict[str, str] = {}
    for name, value in message.raw_items():
        if (wanted := name.lower()) in _WANTED:
            headers.setdefault(wanted, _header(value))
    plain: str | None = None
    html: str | None = None
    attachments: list[str] = []
    for part in message.walk():
        if part.is_multipart():
            continue
        kind = part.get_content_type()
        if not kind.startswith("text/") or part.get_content_disposition() == "attachment":
            if filename := part.get_filename():
                attachments.append(decoded(filename))
        elif kind == "text/html":
            html = html or _text(part)
        elif not plain or not plain.strip():
            plain = _text(part)
    if not (plain and plain.strip()) and html:
        plain = html_text(html)
    text = (plain or "").replace("\r\n", "\n").strip()
    if _COMMON in text:
        for common, boundary in renamed.items():
            text = text.replace(common, boundary)
    return Message(headers=headers, text=text, attachments=tuple(attachments))


def _with_common_boundaries(raw: bytes) -> tuple[bytes, dict[str, str]]:
    """Return the message with its boundaries renamed, since the parser compiles a pattern for each that it has not met,
    and what they were called; a broken message may show one in its text."""
    renamed: dict[str, str] = {}
    for number, boundary in enumerate(dict.fromkeys(_BOUNDARY.findall(raw))):
        common = f"{_COMMON}{number:06d}"
        renamed[common] = boundary.decode("ascii", "replace")
        raw = raw.replace(boundary, common.encode())
    return raw, renamed


def decoded(value: str) -> str:
    """Return a header's value with its encoded words decoded; what cannot be decoded stays readable."""
    if "=?" not in value:
        return value
    try:
        pieces = decode_header(value)
    except (ValueError, HeaderParseError):
        return value
    return "".join(p if isinstance(p, str) else _decoded(p, charset or "ascii") for p, charset in pieces)


def _header(value: str) -> str:
    """Return a field on one line; raw bytes in it, which the parser keeps as surrogates, are UTF-8 at most times."""
    if not value.isascii():
        value = _decoded(value.encode("ascii", "surrogateescape"), "utf-8")
    return value.replace("\r", "").replace("\n", "").strip()


def _text(part: ParsedMessage) -> str:
    payload = part.get_payload(decode=True)
    return _decoded(payload, part.get_content_charset() or "utf-8") if isinstance(payload, bytes) else ""


def _decoded(payload: bytes, charset: str) -> str:
    for name in (charset, "utf-8"):
        try:
            return payload.decode(name)
        except (ValueError, LookupError):
            continue
    return payload.decode("latin-1")
