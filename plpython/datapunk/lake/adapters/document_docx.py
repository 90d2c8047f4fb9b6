"""Word files (DOCX) as documents: paragraphs and tables in their order."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from datapunk.clock import zone
from datapunk.lake.documents import aware, document
from datapunk.lake.members import DAMAGE
from datapunk.lake.packages import Package, Unreadable
from datapunk.lake.record import Context, Found
from datapunk.lake.registry import BY_NAME, SURE
from datapunk.lake.samples import rejected_bytes
from datapunk.lake.stream import MemberStream

NAME = "document_docx"
VERSION = "1"

_MIME_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_DEEPEST = 8


def claims(member: str, head: bytes) -> float:
    """Claim a package with the main part of a Word file."""
    named = member.casefold().endswith((".docx", ".docm"))
    if not head:
        return BY_NAME if named else 0.0
    if not head.startswith(b"PK\x03\x04"):
        return 0.0
    return SURE if b"word/document.xml" in head else BY_NAME if named else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("*.docx",)


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield the document; a damaged or encrypted one is rejected."""
    from docx import Document
    from lxml import etree

    raw = stream.head
    try:
        raw = Package(stream, context).raw
        word = Document(BytesIO(raw))
        lines = list(_lines(word, _DEEPEST))
        about = word.core_properties
        at, zone_source = aware(about.created, zone(context.timezone))
    except Unreadable as exc:
        yield rejected_bytes(str(exc), raw, 0)
        return
    except (*DAMAGE, etree.LxmlError, LookupError, AttributeError, TypeError) as exc:
        yield rejected_bytes(f"damaged: {exc!r}", raw, 0)
        return
    yield document(
        source=NAME,
        member=context.member,
        mime_type=_MIME_TYPE,
        text="\n".join(lines),
        raw=raw,
        title=about.title or next((line for line in lines if line.strip()), ""),
        at=at,
        zone_source=zone_source,
        language=about.language or "",
        attributes={
            "author": about.author,
            "paragraphs": len(word.paragraphs),
            "tables": len(word.tables),
        },
    )


def _lines(block: Any, depth: int) -> Iterator[str]:
    """Yield the text of each paragraph and row inside a document or cell."""
    from docx.table import Table

    for part in block.iter_inner_content():
        if isinstance(part, Table):
            if depth:
                yield from (_row(row, depth - 1) for row in part.rows)
        else:
            yield part.text


def _row(row: Any, depth: int) -> str:
    """Return the cells of a row parted by bars; merged cells once."""
    cells: dict[int, Any] = {id(cell._tc): cell for cell in row.cells}
    return " | ".join(" ".join(" ".join(_lines(cell, depth)).split()) for cell in cells.values())
