"""The cards of a page in the form in which Google writes nearly all of them, read without a tree.

Building a tree of a page takes most of the time of reading it. A card is read here only where all that it holds is
known to the character: its five cells one behind the other, in them texts, links and <br>, and few entities. A card of
any other form is left to `activity_cards`, by itself where its tags are its own, else with all around it.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from datapunk.lake.activity_lines import Card, Line, caption, kind

_START = '<div class="outer-cell'
_HEAD = re.compile(
    r'<div class="([^"<>&]*)"><div class="mdl-grid"><div class="([^"<>&]*)"><p class="mdl-typography--title">'
    r'([^<>]*)<br></p></div><div class="([^"<>&]*)">'
)
_SIDE = re.compile(r'</div><div class="([^"<>&]*)">[^<>&]*</div><div class="([^"<>&]*)">')
_TAIL = "</div></div></div>"
_REST = re.compile(r"\s*(?:</(?:div|body|html)>\s*)*")
_TAGS = re.compile("[<>]")
_TEXT = r"(?:[^<>&]|&(?:amp|lt|gt|quot|nbsp|emsp|#39);)"
_INLINE = re.compile(rf'(?:{_TEXT}|<br>|<b>{_TEXT}*</b>|<a href="(?:[^"<>&]|&amp;)*">{_TEXT}*</a>)*')
_ENTITY = re.compile("&([a-z#0-9]*;?)")
_ENTITIES = {
    "amp;": "&", "lt;": "<", "gt;": ">", "quot;": '"', "#39;": "'", "nbsp;": "\u00a0", "emsp;": "\u2003",
}  # fmt: skip
# What parsers of HTML replace, drop or take for the end of a line.
_STRANGE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffd-\uffff]")
# What changes how the text behind it is read, even behind the end of the card.
_UNSETTLING = re.compile(
    r"<[!?]|<(?:script|style|textarea|title|xmp|plaintext|noscript|iframe|svg|math|table|form|select)", re.IGNORECASE
)
_TAG = re.compile(r"""</?[a-zA-Z][a-zA-Z0-9]*+(?:\s++[a-zA-Z-]++(?:="[^"<>]*+"|='[^'<>]*+')?)*+\s*+/?>""")
_DIVS = re.compile(r"<div\b", re.IGNORECASE)
_DIV_ENDS = re.compile(r"</div>", re.IGNORECASE)

Parse = Callable[[str], list[Card]]


class _OtherForm(Exception):
    """A card of another form."""


class _Frame(NamedTuple):
    """What stands in a card around its texts, the same in all cards of a page: before, behind and between them."""

    opening: str
    between: str
    side: str


def scan(page: str, parse: Parse) -> list[Card] | None:
    """Return the cards of a piece of a page that begins with one; None where it must be parsed as a whole.

    `parse` reads a card of another form by itself.
    """
    if not page.startswith(_START) or _STRANGE.search(page):
        return None
    found: list[Card] = []
    at = 0
    frame = _Frame(_START, "", "")
    while page.startswith(_START, at):
        try:
            if page.startswith(frame.opening, at) and (framed := _framed(page, at, frame)):
                card, at = framed
            else:
                card, at, frame = _card(page, at)
        except _OtherForm:
            end = page.find(_START, at + 1)
            text = page[at : end if end > 0 else len(page)]
            if not (alone := _alone(text, parse, last=end < 0)):
                return None
            card = alone
            at += len(text)
        found.append(card)
        if not page.startswith(_START, at) and (rest := _REST.match(page, at)):
            # Ends of what is around all cards; a tag that ends too early leaves the next card what it is.
            at = rest.end()
    return found if at == len(page) else None


def _alone(text: str, parse: Parse, *, last: bool) -> Card | None:
    """Return the card of a text, where it is one and ends what it begins."""
    if _UNSETTLING.search(text) or "<" in _TAG.sub("", text):
        return None
    begun, ended = len(_DIVS.findall(text)), len(_DIV_ENDS.findall(text))
    if begun != ended and not (last and ended > begun):
        return None
    cards = parse(text)
    return cards[0] if len(cards) == 1 else None


def _framed(page: str, at: int, frame: _Frame) -> tuple[Card, int] | None:
    """Return the card at `at`, with the frame of the card before, and where it ends; None where it has another."""
    opening, between, side = frame
    title = at + len(opening)
    title_end = page.find(between, title) if between else -1
    if title_end < 0 or (header := _header(page[title:title_end])) is None:
        return None
    body = title_end + len(between)
    end = page.find("</div>", body)
    if not page.startswith(side, end):
        return None
    foot = end + len(side)
    close = page.find(_TAIL, foot)
    if close < 0 or (below := _caption(page[foot:close])) is None:
        return None
    lines = [_line(line) for line in page[body:end].split("<br>")]
    return Card(header=header, lines=lines, caption=below), close + len(_TAIL)


@lru_cache(maxsize=1_024)
def _header(text: str) -> str | None:
    """Return what is in the cell of a card's header, None where that is more than a text. Raises _OtherForm."""
    return None if "<" in text or ">" in text else " ".join(_plain(text).split())


def _card(page: str, at: int) -> tuple[Card, int, _Frame]:
    """Return the card that begins at `at`, where it ends, and what is around its texts. Raises _OtherForm."""
    head = _HEAD.match(page, at)
    if head is None:
        raise _OtherForm
    body = head.end()
    end = page.find("</div>", body)
    side = _SIDE.match(page, end) if end > 0 else None
    if side is None:
        raise _OtherForm
    foot = side.end()
    close = page.find("</div>", foot)
    if close < 0 or not page.startswith(_TAIL, close) or not _known(head[1], head[2], head[4], side[1], side[2]):
        raise _OtherForm
    below = _caption(page[foot:close])
    if below is None:
        raise _OtherForm
    header = " ".join(_plain(head[3]).split())
    lines = [_line(line) for line in page[body:end].split("<br>")]
    frame = _Frame(page[at : head.start(3)], page[head.end(3) : body], side[0])
    return Card(header=header, lines=lines, caption=below), close + len(_TAIL), frame


@lru_cache(maxsize=64)
def _known(outer: str, header: str, body: str, side: str, foot: str) -> bool:
    """Tell whether these classes are those of a card's cells."""
    return [kind(classes) for classes in (outer, header, body, side, foot)] == [
        "outer",
        "header",
        "body",
        "",
        "caption",
    ]


def _line(line: str) -> Line:
    before, begins, rest = line.partition('<a href="')
    if not begins:
        if "<" in line or ">" in line:
            raise _OtherForm
        return Line(text=" ".join(_plain(line).split()))
    address, closes, rest = rest.partition('">')
    words, ends, after = rest.partition("</a>")
    if not ends or not closes or _TAGS.search(f"{before}{address}{words}{after}") or '"' in address:
        raise _OtherForm
    words = _plain(words)
    text = before + words + after if "&" not in before and "&" not in after else _plain(before) + words + _plain(after)
    return Line(text=" ".join(text.split()), address=_plain(address).strip(), link=words)


def _plain(text: str) -> str:
    """Return a text with the characters that its entities stand for. Raises _OtherForm for an entity not known here."""
    if "&" not in text:
        return text
    if text.count("&") == text.count("&amp;"):
        return text.replace("&amp;", "&")
    return _ENTITY.sub(_character, text)


def _character(match: re.Match[str]) -> str:
    try:
        return _ENTITIES[match[1]]
    except KeyError:
        raise _OtherForm from None


@lru_cache(maxsize=1_024)
def _caption(html: str) -> list[Line] | None:
    """Return the lines of a caption's cell, None where it holds more than texts, links and headings."""
    return caption(f"<div>{html}</div>") if _INLINE.fullmatch(html) else None
