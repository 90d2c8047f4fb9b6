"""What a card of Google's activity says, in lines, and how a tree of HTML becomes lines."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element

_BLOCKS = frozenset(
    ("p", "div", "ul", "ol", "li", "table", "tr", "pre", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6")
)


@dataclass(kw_only=True, slots=True)
class Line:
    """What stands between two <br>: its text, the first link's address and words (as written), whether it is bold."""

    text: str = ""
    address: str = ""
    link: str = ""
    heading: bool = False


@dataclass(kw_only=True, slots=True)
class Card:
    """What a page says of one activity; `whole` is false where the file ends within it, `byte_offset` where it is."""

    header: str = ""
    lines: list[Line] = field(default_factory=list)
    caption: list[Line] = field(default_factory=list)
    whole: bool = True
    byte_offset: int | None = None


def tree(html: bytes) -> "_Element | None":
    """Return the root of what is read of a page; None where that is nothing."""
    from lxml import etree

    parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, collect_ids=False, recover=True)
    try:
        return etree.fromstring(html, parser)
    except etree.XMLSyntaxError:
        return None


@lru_cache(maxsize=1_024)
def caption(html: str) -> list[Line]:
    """Return the lines of a caption's HTML; the cards of a page have few different ones."""
    root = tree(html.encode("utf-8", "replace"))
    cell = next(root.iter("div"), None) if root is not None else None
    return [] if cell is None else lines_of(cell)


@lru_cache(maxsize=256)
def kind(classes: str) -> str:
    """Return which part of a card a div is: outer, header, body or caption; "" for any other."""
    if "content-cell" in classes:
        if "mdl-typography--caption" in classes:
            return "caption"
        return "body" if "body-1" in classes and "text-right" not in classes else ""
    if "header-cell" in classes:
        return "header"
    return "outer" if "outer-cell" in classes else ""


def lines_of(cell: "_Element") -> list[Line]:
    """Return the lines of a cell, at least one, their white space as single spaces."""
    lines = [Line(text=cell.text or "")]
    _walk(cell, lines)
    for line in lines:
        line.text = " ".join(line.text.split())
    return lines


def _walk(element: "_Element", lines: list[Line]) -> None:
    """Add what is in an element to the lines, which blocks and <br> part."""
    line = lines[-1]
    for child in element:
        tag = child.tag
        if tag == "br":
            line = Line()
            lines.append(line)
        elif tag == "a":
            link = "".join(child.itertext()) if len(child) else child.text or ""
            line.text += link
            if not line.address:
                line.link = link
                line.address = (child.get("href") or "").strip()
        elif isinstance(tag, str):
            block = tag in _BLOCKS
            if block and line.text.strip():
                line = Line()
                lines.append(line)
            line.text += child.text or ""
            line.heading = line.heading or tag == "b"
            if len(child):
                _walk(child, lines)
            if block:
                lines.append(Line())
            line = lines[-1]
        if tail := child.tail:
            line.text += tail
