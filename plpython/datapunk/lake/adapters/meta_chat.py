"""Messages of Messenger and Instagram, which Meta exports alike: newest first, UTF-8 read as Latin-1 by mistake."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from posixpath import basename, dirname
from typing import Any

from datapunk.lake.chat import MISSHAPEN, epoch, misshapen, natural_key, reaction, told
from datapunk.lake.epochs import count
from datapunk.lake.json_lists import listed
from datapunk.lake.names import folded
from datapunk.lake.record import Context, Found, Record, Rejected
from datapunk.lake.registry import SURE
from datapunk.lake.stream import MemberStream

NAME = "meta_chat"
VERSION = "1"

_FILE = re.compile(r"message_\d+\.json")
_MEDIA = ("photos", "videos", "audio_files", "files", "gifs")


def claims(member: str, head: bytes) -> float:
    """Claim messages with a sender's name and milliseconds."""
    if not head or not head.lstrip().startswith(b"{"):
        return 0.0
    return SURE if b'"messages"' in head and b'"sender_name"' in head and b'"timestamp_ms"' in head else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("messages/inbox/*/message_*.json", "messages/archived_threads/*/message_*.json")


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield a message per message; its conversation is who takes part in it, as the title follows the messages."""
    path = folded(context.member)
    service = "Instagram" if "instagram" in path else "Messenger" if "facebook" in path or "messenger" in path else None
    folder = basename(dirname(context.member)) if _FILE.fullmatch(basename(context.member)) else ""
    for item in listed(stream, ("messages",), ("participants", "title")):
        if isinstance(item, Rejected):
            yield item
            continue
        try:
            yield _message(item.value, item.about, folder, service)
        except MISSHAPEN as exc:
            yield misshapen("a message needs a sender and a time", exc, item.value, "messages.item", item.about)


def _repaired(text: object) -> str:
    """Return a text as it was written: each of its characters is a byte of UTF-8."""
    found = str(text)
    if found.isascii():
        return found
    try:
        return found.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return found


def _message(entry: dict[str, Any], about: Mapping[str, Any], folder: str, service: str | None) -> Record:
    people = [_repaired(person["name"]) for person in about.get("participants") or () if person.get("name")]
    sender, at = _repaired(entry["sender_name"]), epoch(entry["timestamp_ms"], 1_000)
    share = entry.get("share") or {}
    body = _repaired(entry.get("content") or share.get("share_text") or "") or None
    media = [str(found["uri"]) for kind in _MEDIA for found in entry.get(kind) or () if found.get("uri")]
    if sticker := entry.get("sticker"):
        media.append(str(sticker.get("uri") or "sticker"))
    seconds = entry.get("call_duration")
    return Record(
        kind="message", source=NAME, occurred_at=at, precision="ms", body=body,
        ended_at=at + timedelta(seconds=count(seconds)) if seconds else None,
        url=str(share["link"]) if share.get("link") else None,
        key=natural_key(folder, sender, body, *media),
        attributes=told(
            conversation=_repaired(about.get("title") or "") or ", ".join(people) or folder, conversation_id=folder,
            sender=sender, service=service, type="call" if seconds is not None else None,
            attachments=[basename(uri) for uri in media], deleted=bool(entry.get("is_unsent")),
            reactions=[
                reaction(_repaired(r.get("reaction") or ""), 1, [_repaired(r["actor"])] if r.get("actor") else [])
                for r in entry.get("reactions") or ()
            ],
        ),
    )  # fmt: skip
