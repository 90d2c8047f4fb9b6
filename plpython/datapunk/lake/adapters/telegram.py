"""Telegram Desktop's export as JSON: all chats, or one."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from datapunk.clock import zone
from datapunk.lake.chat import MISSHAPEN, epoch, misshapen, natural_key, reaction, told
from datapunk.lake.epochs import count
from datapunk.lake.json_lists import listed
from datapunk.lake.names import last_part
from datapunk.lake.record import Context, Found, Record, Rejected
from datapunk.lake.registry import BY_NAME, DOUBTFUL, SURE
from datapunk.lake.stream import MemberStream
from datapunk.lake.text import clean_url

NAME = "telegram"
VERSION = "1"

_CONTACTS = "contacts.list"
_LISTS = ("chats.list.item.messages", "left_chats.list.item.messages", "messages", _CONTACTS)
_OLD = re.compile(rb'"type"\s*:\s*"message"\s*,\s*"date"\s*:\s*"\d{4}-\d\d-\d\dT')
# "(File not included. Change data exporting settings to download.)" and the like.
_NOT_INCLUDED = "("


def claims(member: str, head: bytes) -> float:
    """Claim chats whose messages have a `date_unixtime`, or the export of an account."""
    if not head:
        return DOUBTFUL if last_part(member) == "result.json" else 0.0
    if not head.lstrip().startswith(b"{"):
        return 0.0
    if b'"messages"' in head and (b'"date_unixtime"' in head or _OLD.search(head)):
        return SURE
    if b'"personal_information"' in head and (b'"frequent_contacts"' in head or b'"chats"' in head):
        return SURE
    return BY_NAME if last_part(member) == "result.json" and b'"messages"' in head else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("result.json",)


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield a contact per entry of the address book and a message per entry of a chat, calls and notices included."""
    for item in listed(stream, _LISTS, ("name", "type", "id")):
        if isinstance(item, Rejected):
            yield item
            continue
        try:
            yield _contact(item.value) if item.path == _CONTACTS else _message(item.value, item.about, context)
        except MISSHAPEN as exc:
            yield misshapen("a message needs a time", exc, item.value, f"{item.path}.item", item.about)


def _contact(entry: dict[str, Any]) -> Record:
    name = " ".join(str(entry[part]) for part in ("first_name", "last_name") if entry.get(part))
    phone = str(entry.get("phone_number") or "")
    if not (name or phone):
        raise ValueError("a contact without name and number")
    identifier = str(entry.get("user_id") or "") or phone
    return Record(
        kind="contact", source=NAME, occurred_at=None, title=name or phone,
        external_id=f"person/{identifier}" if identifier else None, attributes=told(phones=[phone] if phone else []),
    )  # fmt: skip


def _message(entry: dict[str, Any], chat: Mapping[str, Any], context: Context) -> Record:
    at, zone_source = _instant(entry, context)
    service = entry.get("type") == "service"
    action = str(entry.get("action") or "service") if service else ""
    sender_id = str(entry.get("from_id") or entry.get("actor_id") or "")
    sender = entry.get("from") or entry.get("actor") or sender_id
    chat_id = str(chat.get("id") or "")
    name = chat.get("name") or ("Saved Messages" if chat.get("type") == "saved_messages" else None) or chat_id
    body, url = _text(entry)
    duration = entry.get("duration_seconds") if action == "phone_call" else None
    attributes = told(
        conversation=name, conversation_id=chat_id, sender=str(sender), sender_id=sender_id,
        type="call" if action in ("phone_call", "group_call") else action,
        thread_id=_string(entry.get("topic_id")), reply_to=_string(entry.get("reply_to_message_id")),
        forwarded_from=entry.get("forwarded_from"), attachments=_attachments(entry),
        reactions=[
            reaction(r.get("emoji") or r.get("type"), r.get("count"), (p.get("from") for p in r.get("recent") or ()))
            for r in entry.get("reactions") or ()
        ],
        edited=epoch(entry["edited_unixtime"]).isoformat() if entry.get("edited_unixtime") else None,
        outcome=entry.get("discard_reason"), members=entry.get("members"),
    )  # fmt: skip
    if place := entry.get("location_information"):
        attributes |= {axis: float(place[axis]) for axis in ("latitude", "longitude") if axis in place}
    return Record(
        kind="message", source=NAME, occurred_at=at, zone_source=zone_source,
        ended_at=at + timedelta(seconds=count(duration)) if duration else None,
        title=str(entry["title"]) if entry.get("title") else None, body=body, url=url,
        external_id=f"{chat_id}/{entry['id']}" if chat_id and entry.get("id") is not None else None,
        key=natural_key(name, sender, body), attributes=attributes,
    )  # fmt: skip


def _string(value: object) -> str | None:
    return None if value is None else str(value)


def _instant(entry: dict[str, Any], context: Context) -> tuple[datetime, str]:
    """Return when a message was sent: from the seconds since 1970, which old exports lack, else from local time."""
    if (seconds := entry.get("date_unixtime")) is not None:
        return epoch(seconds), "utc"
    at = datetime.fromisoformat(entry["date"])
    return at.replace(tzinfo=zone(context.timezone)).astimezone(UTC), "floating"


def _text(entry: dict[str, Any]) -> tuple[str | None, str | None]:
    """Return text and first link of a message; plain text is a string, styled text a list of strings and objects."""
    text, url = entry.get("text"), None
    parts = text if isinstance(text, list) else [text or ""]
    found = ""
    for part in parts:
        if isinstance(part, dict):
            found += str(part.get("text") or "")
            if part.get("type") in ("link", "text_link") and url is None:
                url = str(part.get("href") or part.get("text") or "") or None
        else:
            found += str(part)
    if not found and isinstance(poll := entry.get("poll"), dict):
        answers = [str(a.get("text") or "") for a in poll.get("answers") or () if isinstance(a, dict)]
        found = "\n".join([str(poll.get("question") or ""), *answers])
    return found or None, clean_url(url) if url else None


def _attachments(entry: dict[str, Any]) -> list[str]:
    found = []
    for field in ("photo", "file"):
        if path := entry.get(field):
            missing = str(path).startswith(_NOT_INCLUDED)
            known = entry.get("file_name") if field == "file" else None
            kind = entry.get("media_type") if field == "file" else None
            found.append(str(known or kind or field) if missing else str(path))
    if contact := entry.get("contact_information"):
        names = (contact.get("first_name"), contact.get("last_name"), contact.get("phone_number"))
        found.append(" ".join(str(name) for name in names if name))
    return found
