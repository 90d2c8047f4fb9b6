"""Texts and Markdown files as documents, where nothing tells more about them."""

import re
from collections.abc import Iterator

from datapunk.lake.documents import PLAIN, document
from datapunk.lake.record import Context, Found
from datapunk.lake.stream import MemberStream, whole
from datapunk.lake.tabular import encoding_of

NAME = "document_text"
VERSION = "1"

_MIME_TYPES = {
    ".txt": "text/plain", ".text": "text/plain", ".md": "text/markdown", ".markdown": "text/markdown",
    ".rst": "text/x-rst", ".org": "text/org", ".adoc": "text/asciidoc",
}  # fmt: skip
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_FRONT = re.compile(r"---\s*\n(?P<front>.*?)\n---\s*(?:\n|$)", re.DOTALL)
_FRONT_TITLE = re.compile(r"^title:\s*[\"']?(.+?)[\"']?\s*$", re.MULTILINE)
_HEADING = re.compile(r"^#{1,2}\s+(.+?)\s*#*$", re.MULTILINE)


def claims(member: str, head: bytes) -> float:
    """Claim text files by their ending, unless they hold NUL as no text does."""
    if _ending(member) not in _MIME_TYPES or (b"\x00" in head and not head.startswith(_WIDE)):
        return 0.0
    return PLAIN


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return tuple(f"*{ending}" for ending in _MIME_TYPES)


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield the document; its title is its first heading, where it has one."""
    raw = whole(stream)
    text = raw.decode(encoding_of(raw), "replace").lstrip("\ufeff").replace("\r\n", "\n")
    mime_type = _MIME_TYPES.get(_ending(context.member), "text/plain")
    title = _title(text) if mime_type == "text/markdown" else ""
    yield document(source=NAME, member=context.member, mime_type=mime_type, text=text, raw=raw, title=title)


def _title(text: str) -> str:
    if (front := _FRONT.match(text)) and (found := _FRONT_TITLE.search(front["front"])):
        return found[1]
    heading = _HEADING.search(text)
    return heading[1] if heading else ""


def _ending(member: str) -> str:
    return f".{member.rpartition('.')[2].casefold()}"
