"""My Activity and YouTube's history as HTML: cards that say what the JSON says, to the second and in words for people.

A card's cell has lines, parted by <br>: the title (a verb and a link), what the JSON calls subtitles, the time, and
since 2026 what Gemini answered. A second cell, the caption, has product, places and details.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, tzinfo
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from datapunk.lake.activity_cards import cards
from datapunk.lake.activity_lines import Card, Line
from datapunk.lake.google_activity import ACTIVITY_FILES, HISTORY_FILES, activity
from datapunk.lake.localised_time import Reading, instant
from datapunk.lake.names import folded, last_part, named
from datapunk.lake.record import Context, Found, Rejected, Zones
from datapunk.lake.registry import BY_NAME, DOUBTFUL, SURE
from datapunk.lake.samples import rejected_bytes
from datapunk.lake.stream import MemberStream
from datapunk.lake.takeout import is_index

NAME = "my_activity_html"
VERSION = "1"

_NAMES = named(*(f"{name}.html" for name in (*ACTIVITY_FILES, *HISTORY_FILES)))
_CELL = re.compile(rb'class="[^"]*content-cell[^"]*mdl-typography--body-1')
_PAGE = re.compile(rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype html|html|head|body|div)", re.IGNORECASE | re.DOTALL)


def claims(member: str, head: bytes) -> float:
    """Claim a page with the cells of an activity; of one whose first 64 KiB are style, its name or that style."""
    by_name = last_part(member) in _NAMES
    if not head:
        return BY_NAME if by_name else 0.0
    if _CELL.search(head):
        return SURE
    if not _PAGE.match(head):
        return 0.0
    style = b".mdl-" in head
    if by_name:
        return SURE if style else BY_NAME
    # The names of these pages are known in some languages, their style in all.
    return DOUBTFUL if style and b"<body" not in head and not is_index(member) else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return (
        "My Activity/*/MyActivity.html", "My Activity/*/My Activity.html", "YouTube*/history/watch-history.html",
        "YouTube*/history/search-history.html (and other languages)",
    )  # fmt: skip


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield one record per card, the same as from the JSON; a time without a zone is UTC, as in exports before 2018."""
    zone = ZoneInfo(context.timezone)
    header = "YouTube" if "youtube" in folded(context.member) else ""
    for card in cards(stream):
        yield _found(card, zone, header)


def _found(card: Card | Rejected, zone: tzinfo, header: str) -> Found:
    if isinstance(card, Rejected):
        return card
    if not card.whole:
        return _rejected(card, "the file ends within this entry")
    reading, at = _time(card.lines, zone)
    if reading is None:
        return _rejected(card, "no time that can be read")
    time, zone_source = reading.at, reading.zone_source
    if zone_source == "floating":
        time, zone_source = time.replace(tzinfo=UTC), "assumed"
    entry: dict[str, Any] = {"header": card.header or header, "time": time}
    lines = [line for line in card.lines[:at] if line.text]
    if lines:
        entry["title"] = lines[0].text
        entry["titleUrl"] = lines[0].address
        entry["subtitles"] = [{"name": line.text, "url": line.address} for line in lines[1:]]
    entry["description"] = "\n".join(line.text for line in card.lines[at + 1 :] if line.text)
    _read_caption(card.caption, entry)
    try:
        record = activity(entry, zone_source=zone_source, quality=1)
    except (KeyError, ValueError) as exc:
        return _rejected(card, f"an activity needs a title: {exc!r}")
    return record._replace(zones=Zones(reading.zone_name, reading.others)) if reading.others else record


def _time(lines: list[Line], zone: tzinfo) -> tuple[Reading | None, int]:
    """Return the first line that is a date with a time of day, and its number."""
    for number, line in enumerate(lines):
        if line.text and not line.address and (reading := instant(line.text, zone=zone)) and reading.precision != "day":
            return reading, number
    return None, len(lines)


def _read_caption(lines: list[Line], entry: dict[str, Any]) -> None:
    """Add products, places and details: the first section has the products, one with links to maps the places."""
    section = 0
    products: list[str] = []
    places: list[dict[str, str]] = []
    details: list[dict[str, str]] = []
    for line in lines:
        if line.heading:
            section += 1
        elif not line.text:
            continue
        elif "/maps" in line.address:
            places.append({"name": _place_name(line), "url": line.address})
        elif section <= 1:
            products.append(line.text)
        elif not line.address:
            details.append({"name": line.text})
    entry["products"], entry["locationInfos"], entry["details"] = products, places, details


def _place_name(line: Line) -> str:
    """Return what a place is called: the text up to its link, and the link's words where they are no address."""
    link = " ".join(line.link.split())
    before = line.text.partition(link)[0] if link else line.text
    words = before if link.startswith("http") else before + link
    return words.strip().rstrip(":").rstrip()


def _rejected(card: Card, reason: str) -> Rejected:
    """Return what tells of a card, whose sample is a page with it alone."""
    parts = [f'<div class="header-cell"><p class="mdl-typography--title">{escape(card.header)}</p></div>']
    for name, lines in (("body-1", card.lines), ("caption", card.caption)):
        parts.append(f'<div class="content-cell mdl-typography--{name}">{"<br>".join(map(_html, lines))}</div>')
    page = f'<div class="outer-cell">{"".join(parts)}</div>'.encode("utf-8", "replace")
    return replace(rejected_bytes(reason, page, card.byte_offset), whole=card.whole)


def _html(line: Line) -> str:
    words = " ".join(line.link.split())
    before, link, after = line.text.partition(words) if words else (line.text, "", "")
    if line.address:
        link = f'<a href="{escape(line.address)}">{escape(link)}</a>'
    text = f"{escape(before)}{link}{escape(after)}"
    return f"<b>{text}</b>" if line.heading else text
