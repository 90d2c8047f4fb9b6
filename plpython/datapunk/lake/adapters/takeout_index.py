"""The index of a Takeout (archive_browser.html, named by language): the folder of each product, and every file.

It has no records. The reader takes its folders for a map of the others, and what it lists for what has to arrive.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from datapunk.lake.localised_time import instant
from datapunk.lake.names import last_part
from datapunk.lake.record import Contents, Context, Found
from datapunk.lake.registry import SURE
from datapunk.lake.stream import MemberStream, whole
from datapunk.lake.takeout import is_index

if TYPE_CHECKING:
    from lxml.etree import _Element

NAME = "takeout_index"
VERSION = "1"

_INDEX_BYTES = 256 << 20
# Words for machines, in its styles or its text.
_MARKS = (b"service-detail", b"service-tile", b"extracted-file-name", b"data-folder-name", b"header_subtext")
_DETAILS, _TILE = "service-details-", "service-tile-"


class Index(NamedTuple):
    """What an index says: when the archive was made, where that can be read, and its folders."""

    exported_at: datetime | None
    folders: list[Contents]


def claims(member: str, head: bytes) -> float:
    """Claim a page with the marks of Takeout's own index; its name says nothing, as it is in every language."""
    if head.lstrip()[:1] != b"<":
        return 0.0
    marks = sum(mark in head for mark in _MARKS)
    return SURE if marks >= 2 or (is_index(member) and (marks or last_part(member) == "archive browser.html")) else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("archive_browser.html (and other languages)",)


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield nothing: `index` reads it."""
    yield from ()


def index(stream: MemberStream) -> Index:
    """Return what the index says. Raises ValueError for a page beyond 256 MiB."""
    from lxml import etree

    parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=True, recover=True)
    page = etree.fromstring(whole(stream, _INDEX_BYTES).replace(b"\x00", b"") or b"<html/>", parser)
    if page is None:
        return Index(None, [])
    products = _products(page)
    folders: dict[str, Contents] = {}
    for block in page.iter("div"):
        identifier = block.get("id") or ""
        if not identifier.startswith(_DETAILS):
            continue
        product = identifier.removeprefix(_DETAILS)
        folder = products.pop(product, None) or _heading(block)
        if folder:
            folders[folder] = Contents(folder, product, *_files(block))
    for product, folder in products.items():
        folders.setdefault(folder, Contents(folder, product, (), ()))
    return Index(_made(page), list(folders.values()))


def _products(page: "_Element") -> dict[str, str]:
    """Return the folder of each product: the tiles tell both, in words for machines."""
    found: dict[str, str] = {}
    for heading in page.iter("h1"):
        folder = (heading.get("data-folder-name") or "").strip()
        if not folder:
            continue
        product = heading.get("data-english-name") or ""
        if not product:
            tile = next((a for a in heading.iterancestors() if (a.get("id") or "").startswith(_TILE)), None)
            product = "" if tile is None else str(tile.get("id")).removeprefix(_TILE)
        found[product or folder] = folder
    return found


def _heading(block: "_Element") -> str:
    heading = next(block.iter("h1"), None)
    return "" if heading is None else _text(heading)


def _files(block: "_Element") -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the files that a product has, and those that Google says it could not export."""
    files: list[str] = []
    failed: list[str] = []
    for element in block.iter("div"):
        words = (element.get("class") or "").split()
        if "extracted-file-name" not in words or not (name := _text(element)):
            continue
        leaf = element.getparent()
        trouble = [] if leaf is None else [d for d in leaf.iter("div") if "failure-message" in (d.get("class") or "")]
        (failed if any(map(_text, trouble)) else files).append(name)
    return tuple(files), tuple(failed)


def _made(page: "_Element") -> datetime | None:
    """Return when the archive was made: the first words below the page's title."""
    line = next((d for d in page.iter("div") if "header_subtext" in (d.get("class") or "").split()), None)
    reading = instant(_text(line).partition("•")[0].strip()) if line is not None else None
    return reading.at if reading and reading.precision != "day" and reading.zone_source != "floating" else None


def _text(element: "_Element") -> str:
    return " ".join("".join(element.itertext()).split())
