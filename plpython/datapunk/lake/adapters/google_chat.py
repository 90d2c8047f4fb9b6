"""Google Chat of a Takeout: messages of a conversation, who is in it, and the person whose account it is."""

import re
from collections.abc import Iterator
from datetime import UTC
from posixpath import basename, dirname
from typing import Any

from datapunk.clock import zone
from datapunk.lake.chat import MISSHAPEN, misshapen, natural_key, reaction, told
from datapunk.lake.json_lists import listed
from datapunk.lake.json_text import whole_json
from datapunk.lake.localised_time import Reading, instant
from datapunk.lake.names import folded, last_part
from datapunk.lake.record import Context, Found, Record, Rejected
from datapunk.lake.registry import BY_NAME, SURE
from datapunk.lake.stream import MemberStream, json_items
from datapunk.lake.text import clean_url

NAME = "google_chat"
VERSION = "1"

_NAMES = ("messages.json", "group_info.json", "user_info.json")
_WRAPPED = "private_do_not_access_or_else_safe_url_wrapped_value"
_FIRST_KEY = re.compile(rb'^\s*\{\s*"(\w+)"')
_DELETED = ("deleted_date", "deletion_metadata")
_MEMBERS_TOLD = 8


def claims(member: str, head: bytes) -> float:
    """Claim messages with a `created_date`, members and users with a `user_type`."""
    by_name = last_part(member) in {folded(name) for name in _NAMES} and "google chat" in folded(member)
    if not head:
        return BY_NAME if by_name else 0.0
    if not (first := _FIRST_KEY.match(head)):
        return 0.0
    if first[1] == b"messages" and b'"created_date"' in head and (b'"creator"' in head or b'"topic_id"' in head):
        return SURE
    if first[1] in (b"name", b"members", b"user") and b'"user_type"' in head and b'"email"' in head:
        return SURE
    return BY_NAME if by_name else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return tuple(
        f"Google Chat/{path}"
        for path in ("Groups/*/messages.json", "Groups/*/group_info.json", "Users/*/user_info.json")
    )


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield a message per message, a contact per member of a conversation and for the account itself.

    A deleted message, of which no text is left, has the attribute `deleted`.
    """
    first = _FIRST_KEY.match(stream.head)
    if first and first[1] == b"messages":
        yield from _messages(stream, context)
    elif first and first[1] == b"user":
        yield from _account(stream, context)
    else:
        yield from _members(stream, context)


def _conversation_id(member: str) -> str:
    """Return the conversation's identifier, of a path as "Google Chat/Groups/Space AAAAdvGdRgs/messages.json"."""
    return basename(dirname(member)).rpartition(" ")[2]


def _members(stream: MemberStream, context: Context) -> Iterator[Found]:
    identifier = _conversation_id(context.member)
    names: list[str] = []
    title = ""
    count = 0
    for item in listed(stream, ("members",), ("name",)):
        if isinstance(item, Rejected):
            yield item
            continue
        try:
            title = str(item.about.get("name") or "")
            person = _contact(item.value, context)
        except MISSHAPEN as exc:
            yield misshapen("a member needs a name or an address", exc, item.value, "members.item", item.about)
            continue
        count += 1
        if len(names) < _MEMBERS_TOLD:
            names.append(str(person.title))
        yield person
    if not title and names:
        title = ", ".join(names) + (f" and {count - len(names)} more" if count > len(names) else "")
    if title:
        context.names[f"{NAME}:{identifier}"] = title


def _account(stream: MemberStream, context: Context) -> Iterator[Found]:
    found = whole_json(stream)
    if isinstance(found, Rejected):
        yield found
        return
    try:
        yield _contact(found["user"], context)
        for group in found.get("membership_info") or ():
            identifier = str(group.get("group_id") or "").rpartition("/")[2]
            if identifier and group.get("group_name"):
                context.names.setdefault(f"{NAME}:{identifier}", str(group["group_name"]))
    except MISSHAPEN as exc:
        yield misshapen("an account needs a user", exc, found, "")


def _contact(user: dict[str, Any], context: Context) -> Record:
    email = str(user.get("email") or "").casefold()
    name = str(user.get("name") or "") or email
    if not name:
        raise ValueError("neither name nor address")
    if email:
        context.names[f"{NAME}:{email}"] = name
    return Record(
        kind="contact", source=NAME, occurred_at=None, title=name, external_id=f"person/{email or name}",
        attributes=told(emails=[email] if email else [], bot=user.get("user_type") == "Bot"),
    )  # fmt: skip


def _messages(stream: MemberStream, context: Context) -> Iterator[Found]:
    for entry in json_items(stream, "messages.item"):
        if isinstance(entry, Rejected):
            yield entry
            continue
        try:
            yield _message(entry, context)
        except MISSHAPEN as exc:
            yield misshapen("a message needs a readable created_date", exc, entry)


def _message(entry: dict[str, Any], context: Context) -> Record:
    reading = _instant(entry["created_date"], context)
    creator = entry.get("creator") or {}
    email = str(creator.get("email") or "").casefold()
    sender = str(creator.get("name") or "") or context.names.get(f"{NAME}:{email}") or email
    # A message's identifier begins with its conversation's: "AAAAdvGdRgs/HHyWm9TBetY/HHyWm9TBetY".
    identifier = str(entry.get("message_id") or "")
    conversation_id = identifier.partition("/")[0] if "/" in identifier else _conversation_id(context.member)
    quoted = entry.get("quoted_message_metadata") or {}
    links = _links(entry)
    text = str(entry.get("text") or "") or None
    attributes = told(
        conversation=context.names.get(f"{NAME}:{conversation_id}") or conversation_id,
        conversation_id=conversation_id, sender=sender, sender_address=email, thread_id=entry.get("topic_id"),
        reply_to=quoted.get("message_id"),
        attachments=[
            str(file.get("original_name") or file.get("export_name")) for file in entry.get("attached_files") or ()
        ],
        reactions=[
            reaction(
                _emoji(found.get("emoji") or {}), None,
                [context.names.get(f"{NAME}:{e.casefold()}", e) for e in found.get("reactor_emails") or ()],
            )
            for found in entry.get("reactions") or ()
        ],
        edited=_instant(entry["updated_date"], context).at.isoformat() if entry.get("updated_date") else None,
        deleted=entry.get("message_state") == "DELETED" or any(entry.get(field) for field in _DELETED),
        links=links[1:],
    )  # fmt: skip
    return Record(
        kind="message", source=NAME, occurred_at=reading.at.astimezone(UTC), precision=reading.precision,
        zone_source=reading.zone_source, body=text, url=links[0] if links else None, external_id=identifier or None,
        key=natural_key(conversation_id, email or sender, text), attributes=attributes,
    )  # fmt: skip


def _instant(text: Any, context: Context) -> Reading:
    reading = instant(str(text), zone=zone(context.timezone))
    if reading is None:
        raise ValueError(f"unreadable time {text!r}")
    return reading


def _emoji(emoji: dict[str, Any]) -> str:
    custom = emoji.get("custom_emoji") or {}
    return str(emoji.get("unicode") or custom.get("shortcode") or "?")


def _links(entry: dict[str, Any]) -> list[str]:
    """Return the addresses that a message shows: links, films, files of Drive and meetings."""
    found = []
    for annotation in entry.get("annotations") or ():
        url = ""
        if metadata := annotation.get("url_metadata"):
            url = str((metadata.get("url") or {}).get(_WRAPPED) or "")
        elif metadata := annotation.get("youtube_metadata"):
            url = f"https://www.youtube.com/watch?v={metadata['id']}"
        elif metadata := annotation.get("drive_metadata"):
            url = f"https://drive.google.com/open?id={metadata['id']}"
        elif metadata := annotation.get("video_call_metadata"):
            url = str((metadata.get("meeting_space") or {}).get("meeting_url") or "")
        if (clean := clean_url(url)) and clean not in found:
            found.append(clean)
    return found
