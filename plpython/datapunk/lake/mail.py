"""Reading one message: header fields, and its text as a person sees it."""

import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from email import message_from_bytes
from email.header import decode_header
from email.message import Message as ParsedMessage

from datapunk.lake.text import html_text


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """A message: its header fields by lower-case name (the first of each), its text, the names of its attachments."""

    headers: Mapping[str, str]
    text: str
    attachments: tuple[str, ...]


def read_message(raw: bytes) -> Message:
    """Read a message (line ends \\n). Text is the first plain part, else the visible text of the first HTML part."""
    message = message_from_bytes(raw)
    headers: dict[str, str] = {}
    for name, value in message.raw_items():
        headers.setdefault(name.lower(), _header(value))
    plain: str | None = None
    html: str | None = None
    attachments: list[str] = []
    for part in message.walk():
        if part.is_multipart():
            continue
        kind = part.get_content_type()
        filename = part.get_filename()
        if filename or not kind.startswith("text/") or part.get_content_disposition() == "attachment":
            if filename:
                attachments.append(decoded(filename))
        elif kind == "text/html":
            html = html or _text(part)
        elif not plain or not plain.strip():
            plain = _text(part)
    if not (plain and plain.strip()) and html:
        plain = html_text(html)
    text = (plain or "").replace("\r\n", "\n").strip()
    return Message(headers=headers, text=text, attachments=tuple(attachments))


def decoded(value: str) -> str:
    """Return a header's value with its encoded words decoded; what cannot be decoded stays readable."""
    if "=?" not in value:
        return value
    try:
        pieces = decode_header(value)
    except (ValueError, binascii.Error):
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
        except (UnicodeDecodeError, LookupError):
            continue
    return payload.decode("latin-1")
