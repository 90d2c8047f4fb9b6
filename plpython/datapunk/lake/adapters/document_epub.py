"""Electronic books (EPUB) as documents: their chapters in reading order."""

from collections.abc import Iterator
from datetime import datetime, tzinfo
from posixpath import dirname, join, normpath
from typing import Any
from urllib.parse import unquote

from datapunk.clock import zone
from datapunk.lake.documents import aware, document
from datapunk.lake.packages import Package, Unreadable
from datapunk.lake.pages import page
from datapunk.lake.record import Context, Found, Record, Rejected
from datapunk.lake.registry import BY_NAME, SURE
from datapunk.lake.samples import rejected_bytes
from datapunk.lake.stream import MemberStream

NAME = "document_epub"
VERSION = "1"

_MIME_TYPE = "application/epub+zip"


def claims(member: str, head: bytes) -> float:
    """Claim a package that says its type first, as books must."""
    if head:
        return SURE if head.startswith(b"PK\x03\x04") and _MIME_TYPE.encode() in head[:200] else 0.0
    return BY_NAME if member.casefold().endswith(".epub") else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("*.epub",)


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield the document; a damaged one, or one whose chapters a shop has encrypted, is rejected."""
    raw = stream.head
    try:
        package = Package(stream, context)
        raw = package.raw
        yield _book(package, context)
    except Unreadable as exc:
        yield rejected_bytes(str(exc), raw, 0)


def _book(package: Package, context: Context) -> Record | Rejected:
    rootfiles = package.xml("META-INF/container.xml").iterfind(".//{*}rootfile")
    place = next((path for file in rootfiles if (path := file.get("full-path"))), None)
    if place is None:
        raise Unreadable("a book without its table of parts")
    book = package.xml(place)
    encrypted = _encrypted(package)
    texts, errors = [], []
    title = _about(book, "title")
    for name in _chapters(book, dirname(place)):
        if name in encrypted:
            raise Unreadable("encrypted by its shop")
        try:
            texts.append(page(package.read(name), "utf-8").text)
        except Unreadable as exc:
            errors.append(str(exc))
    if errors and not texts:
        raise Unreadable(errors[0])
    at, zone_source = _published(_about(book, "date"), zone(context.timezone))
    return document(
        source=NAME, member=context.member, mime_type=_MIME_TYPE, text="\n\n".join(filter(None, texts)),
        raw=package.raw, title=title, at=at, zone_source=zone_source, language=_about(book, "language"),
        attributes={"author": _about(book, "creator"), "chapters": len(texts), "errors": errors},
    )  # fmt: skip


def _published(text: str, own_zone: tzinfo) -> tuple[datetime | None, str]:
    """Return the first of a book's dates, where it is whole: a year alone is no time."""
    try:
        return aware(datetime.fromisoformat(text.partition(",")[0].strip()), own_zone)
    except ValueError:
        return None, "utc"


def _about(book: Any, name: str) -> str:
    """Return what a book says of itself, several values parted by commas."""
    return ", ".join(filter(None, ((e.text or "").strip() for e in book.iterfind(f".//{{*}}metadata/{{*}}{name}"))))


def _chapters(book: Any, folder: str) -> Iterator[str]:
    """Yield the names of the parts in reading order."""
    parts = {item.get("id"): item.get("href") for item in book.iterfind(".//{*}manifest/{*}item")}
    for reference in book.iterfind(".//{*}spine/{*}itemref"):
        if href := parts.get(reference.get("idref")):
            yield normpath(join(folder, unquote(href.partition("#")[0])))


def _encrypted(package: Package) -> frozenset[str]:
    """Return the names of the encrypted parts; fonts are, in many free books."""
    name = "META-INF/encryption.xml"
    if name not in package.names:
        return frozenset()
    uris = (reference.get("URI") for reference in package.xml(name).iterfind(".//{*}CipherReference"))
    return frozenset(normpath(unquote(uri)) for uri in uris if uri)
