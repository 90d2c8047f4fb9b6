"""PDF files as documents: the text layer of their pages."""

import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING, Any

from datapunk.clock import zone
from datapunk.lake.documents import aware, document
from datapunk.lake.record import Context, Found, Rejected
from datapunk.lake.registry import BY_NAME, SURE
from datapunk.lake.samples import rejected_bytes
from datapunk.lake.stream import MemberStream, whole

if TYPE_CHECKING:
    from pypdf import PdfReader

NAME = "document_pdf"
VERSION = "1"

_MAGIC_WITHIN = 1024
# What programs write where nobody gave a name.
_NO_NAMES = frozenset(("untitled", "anonymous", "(anonymous)", "unspecified", "(unspecified)", "unknown"))


def claims(member: str, head: bytes) -> float:
    """Claim what has the mark of a PDF."""
    if head:
        return SURE if b"%PDF-" in head[:_MAGIC_WITHIN] else 0.0
    return BY_NAME if member.casefold().endswith(".pdf") else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("*.pdf",)


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield the document. `pages_without_text` numbers the pages that are pictures, `errors` those that broke."""
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, PyPdfError

    # pypdf says that broken files may raise others than its own errors: these are the ones of Python's operations.
    damage = (
        PyPdfError, DependencyError, ArithmeticError, AssertionError, AttributeError, EOFError, LookupError,
        NotImplementedError, OSError, RecursionError, TypeError, ValueError, struct.error, zlib.error,
    )  # fmt: skip
    raw = whole(stream)
    try:
        reader = PdfReader(BytesIO(raw))
        if reader.is_encrypted and not reader.decrypt(""):
            yield _refused("encrypted: save it without its password and import it again", raw)
            return
        pages = list(reader.pages)
    except damage as exc:
        yield _refused(f"damaged: {exc!r}", raw)
        return
    texts, empty, errors = [], [], []
    for number, page in enumerate(pages, 1):
        try:
            text = page.extract_text()
        except damage as exc:
            errors.append(f"page {number}: {exc!r}")
            continue
        if text.strip():
            texts.append(text)
        else:
            empty.append(number)
    if not pages or len(errors) == len(pages):
        yield _refused(f"damaged: {errors[0] if errors else 'no pages'}", raw)
        return
    title, author, created = "", "", None
    try:
        title, author, created = _about(reader)
    except damage as exc:
        errors.append(f"metadata: {exc!r}")
    at, zone_source = aware(created, zone(context.timezone))
    yield document(
        source=NAME, member=context.member, mime_type="application/pdf", text="\n\n".join(texts), raw=raw,
        title=title, at=at, zone_source=zone_source,
        attributes={"pages": len(pages), "pages_without_text": empty, "author": author, "errors": errors},
    )  # fmt: skip


def _about(reader: "PdfReader") -> tuple[str, str, Any]:
    """Return title, author and time of the making that a file tells of itself."""
    about = reader.metadata
    if about is None:
        return "", "", None
    try:
        created = about.creation_date
    except ValueError:
        # Dates are written by hand at times; that is no reason to do without the title.
        created = None
    return _named(about.title), _named(about.author), created


def _named(value: object) -> str:
    name = str(value or "").strip()
    return "" if name.casefold() in _NO_NAMES else name


def _refused(reason: str, raw: bytes) -> Rejected:
    return rejected_bytes(reason, raw, 0)
