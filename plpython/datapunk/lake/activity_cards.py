"""The cards of a page of Google's activity, in lines, a few hundred in memory at a time.

libxml2 keeps all of a page that it is fed, so a page is cut between cards and each piece is parsed for itself.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from datapunk.lake.record import SAMPLE_BYTES, Rejected
from datapunk.lake.stream import MemberStream

if TYPE_CHECKING:
    from lxml.etree import _Element

_PIECE_BYTES = 256 << 10
_CARD_BYTES = 8 << 20
# What a card begins with, the surest mark first; samples in threads lack the outer ones.
_OUTER, _HEADER = b'class="outer-cell', b'class="header-cell'
_BODY = re.compile(rb'class="content-cell[^"<>]{0,200}body-1"')
_BLOCKS = frozenset(
    ("p", "div", "ul", "ol", "li", "table", "tr", "pre", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6")
)
_WHOLE_ENDS = (b"</div>", b"</body>", b"</html>")


@dataclass(kw_only=True, slots=True)
class Line:
    """What stands between two <br>: its text, the first link's address and words, and whether it is bold."""

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


def cards(stream: MemberStream) -> Iterator[Card | Rejected]:
    """Yield the cards of a page in order; a Rejected for what begins as a card and cannot be read."""
    for offset, piece, last in _pieces(stream):
        starts = [piece.rfind(b"<", 0, match.start()) for match in _BODY.finditer(piece)]
        if not starts:
            continue
        whole = not last or piece.rstrip().endswith(_WHOLE_ENDS) or b"</div>" in piece[starts[-1] :]
        found: list[Card] = _of_html(piece)
        if len(found) == len(starts):
            for start, card in zip(starts, found, strict=True):
                card.byte_offset = offset + start
                card.whole = whole or start != starts[-1]
                yield card
        else:
            yield from _one_by_one(piece, starts, offset, whole=whole)


def _one_by_one(piece: bytes, starts: list[int], offset: int, *, whole: bool) -> Iterator[Card | Rejected]:
    """Read each card of a piece for itself, where one hides others by tags that do not end."""
    begins = [_begin(piece, before, start) for before, start in zip([0, *starts], starts, strict=False)]
    for begin, end, start in zip(begins, [*begins[1:], len(piece)], starts, strict=True):
        found = _of_html(piece[begin:end])
        if found:
            found[0].byte_offset = offset + start
            found[0].whole = whole or start != starts[-1]
            yield found[0]
        else:
            yield Rejected(
                reason="a card that cannot be read", byte_offset=offset + start, sample=piece[begin:end][:SAMPLE_BYTES]
            )


def _begin(piece: bytes, before: int, start: int) -> int:
    """Return where the card begins whose body is at `start`, behind the body before."""
    for mark in (_OUTER, _HEADER):
        if (at := piece.rfind(mark, before, start)) >= 0:
            return piece.rfind(b"<", 0, at)
    return start


def _pieces(stream: MemberStream) -> Iterator[tuple[int, bytes, bool]]:
    """Yield the page in pieces that end where a card does, each with its byte offset and whether it is the last."""
    rest, offset = b"", stream.position
    while chunk := stream.read():
        rest += chunk
        if len(rest) < _PIECE_BYTES:
            continue
        at = _last_start(rest)
        if at <= 0:
            if len(rest) < _CARD_BYTES:
                continue
            at = len(rest)
        yield offset, rest[:at], False
        offset += at
        rest = rest[at:]
    if rest:
        yield offset, rest, True


def _last_start(page: bytes) -> int:
    """Return where the last card of a page begins; 0 or less where that is at its start or nowhere."""
    for mark in (_OUTER, _HEADER):
        if (at := page.rfind(b"<", 0, max(page.rfind(mark), 0))) > 0:
            return at
    bodies = [match.start() for match in _BODY.finditer(page)]
    return page.rfind(b"<", 0, bodies[-1]) if bodies else 0


def _tree(html: bytes) -> "_Element | None":
    from lxml import etree

    parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, collect_ids=False, recover=True)
    try:
        return etree.fromstring(html, parser)
    except etree.XMLSyntaxError:
        return None


def _of_html(piece: bytes) -> list[Card]:
    """Return the cards of a piece of a page."""
    from lxml import etree

    root = _tree(piece.decode("utf-8", "replace").replace("\x00", "\ufffd").encode())
    if root is None:
        return []
    header = ""
    found: list[Card] = []
    for element in root.iter("div"):
        kind = _kind(element.get("class") or "")
        if kind == "header":
            header = " ".join("".join(element.itertext()).split())
        elif kind == "outer":
            header = ""
        elif kind == "body":
            found.append(Card(header=header, lines=_lines(element)))
        elif kind == "caption" and found:
            found[-1].caption = _caption(etree.tostring(element, encoding="unicode", with_tail=False))
    return found


@lru_cache(maxsize=1_024)
def _caption(html: str) -> list[Line]:
    """Return the lines of a caption's HTML; the cards of a page have few different ones."""
    root = _tree(html.encode("utf-8", "replace"))
    cell = next(root.iter("div"), None) if root is not None else None
    return [] if cell is None else _lines(cell)


@lru_cache(maxsize=256)
def _kind(classes: str) -> str:
    """Return which part of a card a div is: outer, header, body or caption; "" for any other."""
    if "content-cell" in classes:
        if "mdl-typography--caption" in classes:
            return "caption"
        return "body" if "body-1" in classes and "text-right" not in classes else ""
    if "header-cell" in classes:
        return "header"
    return "outer" if "outer-cell" in classes else ""


def _lines(cell: "_Element") -> list[Line]:
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
                line.link = " ".join(link.split())
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
