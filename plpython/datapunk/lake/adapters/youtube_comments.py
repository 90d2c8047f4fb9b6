"""Comments and live chats that one wrote at YouTube, as tables; the columns were renamed and reordered in June 2024."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from datapunk.lake.google_activity import SOURCE_YOUTUBE
from datapunk.lake.localised_time import instant
from datapunk.lake.names import folded, last_part
from datapunk.lake.record import Context, Found, Record, Rejected
from datapunk.lake.registry import BY_NAME, SURE
from datapunk.lake.samples import rejected_row
from datapunk.lake.stream import MemberStream
from datapunk.lake.tabular import Row, header_of, rows
from datapunk.lake.youtube_tables import columns, guessed

NAME = "youtube_comments"
VERSION = "1"

_FILE: Final = re.compile(
    r"(?:comments|kommentare|commentaires|comentarios|comentários|commenti|reacties|yorumlar|komentarze"
    r"|live ?chats?|chats? en direct|chats? en directo|chat dal vivo)(?: ?\(\d+\))?\.csv"
)
_SEGMENT = re.compile(rb'""text"":')
# Possessive: to go back to each character of a text that never ends takes all memory.
_TEXT = re.compile(r'"text"\s*:\s*"((?:[^"\\]++|\\.)*+)"', re.DOTALL)


def claims(member: str, head: bytes) -> float:
    """Claim a table with the words of a comment's or chat's identifier and text, or with texts in JSON segments."""
    by_name = "youtube" in folded(member) and _FILE.fullmatch(last_part(member)) is not None
    if not head:
        return BY_NAME if by_name else 0.0
    known = columns(header_of(head))
    if "text" in known and ("comment" in known or "chat" in known):
        return SURE
    if "channel" in known and _SEGMENT.search(head):
        return SURE
    return BY_NAME if by_name and _SEGMENT.search(head) else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("YouTube*/comments/comments*.csv", "YouTube*/live chats/live chats.csv (and other languages)")


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield a message per row, written by the account's owner."""
    known: dict[str, str] | None = None
    for row in rows(stream):
        if isinstance(row, Rejected):
            yield row
            continue
        if known is None:
            known = columns(row.cells)
            if "text" not in known or not known.keys() & {"comment", "chat"}:
                known = {**guessed(row.cells), **known}
        yield _found(row, known)


def _found(row: Row, known: Mapping[str, str]) -> Found:
    def cell(column: str) -> str:
        return row.cells.get(known[column], "").strip() if column in known else ""

    identifier = cell("comment") or cell("chat")
    reading = instant(cell("time"))
    if not identifier or reading is None:
        return rejected_row(f"row {row.number}: a comment needs an identifier and a time", row.cells, row.offset)
    video = cell("video")
    chat = "chat" in known and "comment" not in known
    attributes: dict[str, object] = {"type": "live_chat" if chat else "comment", "sender": "Me", "from_me": True}
    if video:
        attributes["video_id"] = video
        attributes["conversation"] = f"youtube:{video}"
    for column, name in (("channel", "channel_id"), ("parent", "parent_id"), ("post", "post_id")):
        if value := cell(column):
            attributes[name] = value
    if (price := cell("price")) not in ("", "0"):
        attributes["price"] = price
        if currency := cell("currency"):
            attributes["currency"] = currency
    url = f"https://www.youtube.com/watch?v={video}" if video else None
    if url and not chat:
        url += f"&lc={identifier}"
    return Record(
        kind="message", source=SOURCE_YOUTUBE, occurred_at=reading.at, body=comment_text(cell("text")) or None, url=url,
        external_id=identifier, precision=reading.precision, zone_source=reading.zone_source, attributes=attributes,
    )  # fmt: skip


def comment_text(cell: str) -> str:
    """Return the text of a comment's cell: JSON with `takeoutSegments`, JSON objects joined by commas, or plain text.

    Objects may hold raw line breaks; of those that are no JSON all the same, the texts are taken one by one.
    """
    if not cell.startswith(("{", "[")) or '"text"' not in cell:
        return cell
    try:
        parts: Any = json.loads(cell if cell.startswith("[") else f"[{cell}]", strict=False)
        if parts and "takeoutSegments" in parts[0]:
            parts = parts[0]["takeoutSegments"]
        return "".join(str(part["text"]) for part in parts if part.get("text"))
    except (json.JSONDecodeError, TypeError, AttributeError, KeyError, RecursionError):
        texts = _TEXT.findall(cell)
    return "".join(_unescaped(text) for text in texts) or cell


def _unescaped(text: str) -> str:
    try:
        return str(json.loads(f'"{text}"', strict=False))
    except json.JSONDecodeError:
        return text
