"""Signal, as signal-export writes its chats: "[2019-12-24, 12:23] Ann: text" in a chat.md."""

import re
from collections.abc import Iterator
from datetime import UTC
from posixpath import basename, dirname

from datapunk.clock import zone
from datapunk.lake.chat import natural_key, told
from datapunk.lake.chat_lines import Entry, entries, speaker
from datapunk.lake.localised_time import instant
from datapunk.lake.names import last_part
from datapunk.lake.record import Context, Found, Record, Rejected
from datapunk.lake.registry import BY_NAME, SURE
from datapunk.lake.samples import rejected_bytes
from datapunk.lake.stream import MemberStream

NAME = "signal"
VERSION = "1"

_FIRST = re.compile(rb"\s*\[\d{4}-\d\d-\d\d, \d\d:\d\d\] [^:\n]{1,120}: ")
_MEDIA = re.compile(r"!?\[([^\]\n]{0,500})\]\((\.?/?media/[^)\n]+)\)")
_NAMES = ("chat.md", "index.md")


def claims(member: str, head: bytes) -> float:
    """Claim a text that begins with its stamp: ISO date, comma, minutes."""
    if not head:
        return 0.0
    if not _FIRST.match(head):
        return 0.0
    return SURE if "whatsapp" not in member.casefold() else BY_NAME


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("*/chat.md", "*/index.md")


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield a message per message; the chat is called as its folder is. Times have no zone: the import's is used."""
    chat = basename(dirname(context.member)) if last_part(context.member) in _NAMES else ""
    for entry in entries(stream.lines()):
        if not isinstance(entry, Entry):
            yield Rejected(reason="a line before the first message", byte_offset=entry[0], sample=entry[1])
            continue
        said = speaker(entry.text)
        reading = instant(entry.stamp.text, zone=zone(context.timezone))
        if said is None or reading is None:
            line = f"[{entry.stamp.text}] {entry.text}".encode("utf-8", "replace")
            yield rejected_bytes("a message needs a time and a sender", line, entry.offset)
            continue
        sender, text = said[0], said[1].strip()
        yield Record(
            kind="message", source=NAME, occurred_at=reading.at.astimezone(UTC), precision=reading.precision,
            zone_source="floating", body=_MEDIA.sub("", text).strip() or None, key=natural_key(chat, sender, text),
            attributes=told(
                conversation=chat, sender=sender, from_me=sender == "Me",
                attachments=[basename(match[2]) for match in _MEDIA.finditer(text)],
            ),
        )  # fmt: skip
