"""The cards of a page of Google's activity, in lines, a few hundred in memory at a time.

libxml2 keeps all of a page that it is fed, so a page is cut between cards and each piece is parsed for itself.
"""

import re
from collections.abc import Iterator

from datapunk.lake.activity_lines import Card, caption, kind, lines_of, tree
from datapunk.lake.activity_scan import scan
from datapunk.lake.record import SAMPLE_BYTES, DamagedData, Rejected
from datapunk.lake.stream import MemberStream

_PIECE_BYTES = 256 << 10
_CARD_BYTES = 8 << 20
# What a card begins with, the surest mark first; samples in threads lack the outer ones.
_OUTER, _HEADER = b'class="outer-cell', b'class="header-cell'
_BODY = re.compile(rb'class="content-cell[^"<>]{0,200}body-1"')
_WHOLE_ENDS = (b"</div>", b"</body>", b"</html>")


def cards(stream: MemberStream) -> Iterator[Card | Rejected]:
    """Yield the cards of a page in order; a Rejected for what begins as a card and cannot be read."""
    for offset, piece, last in _pieces(stream):
        starts = [piece.rfind(b"<", 0, match.start()) for match in _BODY.finditer(piece)]
        if not starts:
            continue
        whole = not last or piece.rstrip().endswith(_WHOLE_ENDS) or b"</div>" in piece[starts[-1] :]
        page = _text(piece)
        found: list[Card] = scan(page, _of_html) or _of_html(page)
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
        found = _of_html(_text(piece[begin:end]))
        if found:
            found[0].byte_offset = offset + start
            found[0].whole = whole or start != starts[-1]
            yield found[0]
        else:
            yield Rejected(
                reason="a card that cannot be read", byte_offset=offset + start, sample=piece[begin:end][:SAMPLE_BYTES]
            )


def _text(piece: bytes) -> str:
    return piece.decode("utf-8", "replace").replace("\x00", "\ufffd")


def _begin(piece: bytes, before: int, start: int) -> int:
    """Return where the card begins whose body is at `start`, behind the body before."""
    for mark in (_OUTER, _HEADER):
        if (at := piece.rfind(mark, before, start)) >= 0:
            return piece.rfind(b"<", 0, at)
    return start


def _pieces(stream: MemberStream) -> Iterator[tuple[int, bytes, bool]]:
    """Yield the page in pieces that end where a card does, each with its byte offset and whether it is the last."""
    rest, offset = b"", stream.position
    while True:
        try:
            chunk = stream.read()
        except DamagedData:
            # The last card may be there in part.
            if (at := _last_start(rest)) > 0:
                yield offset, rest[:at], False
            raise
        if not chunk:
            break
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


def _of_html(page: str) -> list[Card]:
    """Return the cards of a piece of a page."""
    from lxml import etree

    root = tree(page.encode())
    if root is None:
        return []
    header = ""
    found: list[Card] = []
    for element in root.iter("div"):
        part = kind(element.get("class") or "")
        if part == "header":
            header = " ".join("".join(element.itertext()).split())
        elif part == "outer":
            header = ""
        elif part == "body":
            found.append(Card(header=header, lines=lines_of(element)))
        elif part == "caption" and found:
            found[-1].caption = caption(etree.tostring(element, encoding="unicode", with_tail=False))
    return found
