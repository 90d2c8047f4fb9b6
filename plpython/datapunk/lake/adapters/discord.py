"""Discord: the package that it sends on request (own messages only), and chats saved by DiscordChatExporter."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from posixpath import basename, dirname
from typing import Any

from datapunk.lake.chat import MISSHAPEN, epoch, misshapen, reaction, told
from datapunk.lake.json_lists import listed
from datapunk.lake.json_text import whole_json
from datapunk.lake.names import last_part
from datapunk.lake.record import Context, Found, Record, Rejected
from datapunk.lake.registry import BY_NAME, SURE
from datapunk.lake.stream import MemberStream, json_items, top_is_array
from datapunk.lake.tabular import header_of, rows

NAME = "discord"
VERSION = "1"

_HEADER = {"ID", "Timestamp", "Contents"}
# Folders of channels are "c530805775262679064", in old packages without the c.
_CHANNEL_FOLDER = re.compile(r"c?(\d{15,20})")
_INDEX = re.compile(rb'^\s*\{\s*"\d{15,20}"\s*:\s*(?:"|null)')
_CHANNEL = re.compile(rb'^\s*\{\s*"id"\s*:\s*"\d{15,20}"\s*,\s*"type"\s*:')
_EPOCH_MS = 1_420_070_400_000
_DIRECT = ("0", "@me")


def claims(member: str, head: bytes) -> float:
    """Claim the exporter's guild, channel and messages, and of a package what lies in its folder of messages."""
    name = last_part(member)
    in_channel = bool(_CHANNEL_FOLDER.fullmatch(basename(dirname(member))))
    if not head:
        return BY_NAME if in_channel and name in ("messages.json", "messages.csv", "channel.json") else 0.0
    start = head.lstrip()[:1]
    if start == b"{":
        exported = b'"guild"' in head and b'"channel"' in head and (b'"dateRange"' in head or b'"exportedAt"' in head)
        known = {"channel.json": _CHANNEL, "index.json": _INDEX}.get(name)
        sure = exported or bool(known and known.match(head))
    elif start == b"[":
        sure = all(b'"%s"' % field.encode() in head[:4_096] for field in _HEADER)
        if not sure and in_channel and name == "messages.json":
            return BY_NAME
    else:
        sure = head.startswith(b"ID,") and set(header_of(head)) >= _HEADER
    return SURE if sure else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("Messages/index.json", "Messages/c*/channel.json", "Messages/c*/messages.json", "Messages/c*/messages.csv")


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield a message per message or call, and a document per channel that a package names."""
    if top_is_array(stream.head):
        yield from _package(json_items(stream, "item"), context)
    elif not stream.head.lstrip().startswith(b"{"):
        table = (row if isinstance(row, Rejected) else row.cells for row in rows(stream, ","))
        yield from _package(table, context)
    elif b'"messages"' in stream.head or b'"guild"' in stream.head[:64]:
        yield from _exported(stream, context)
    else:
        yield from _channels(stream, context)


def _exported(stream: MemberStream, context: Context) -> Iterator[Found]:
    for item in listed(stream, ("messages",), ("guild", "channel")):
        if isinstance(item, Rejected):
            yield item
            continue
        try:
            yield _message(item.value, item.about)
        except MISSHAPEN as exc:
            yield misshapen("a message needs an id and a timestamp", exc, item.value, "messages.item", item.about)


def _message(entry: dict[str, Any], about: Mapping[str, Any]) -> Record:
    author, channel = entry["author"], about.get("channel") or {}
    kind = str(entry.get("type") or "Default")
    embeds = entry.get("embeds") or ()
    body = str(entry.get("content") or "") or "\n".join(
        str(embed[part]) for embed in embeds for part in ("title", "description") if embed.get(part)
    )
    ended = entry.get("callEndedTimestamp")
    attributes = told(
        conversation=_channel_name(about.get("guild") or {}, channel), conversation_id=str(channel.get("id") or ""),
        sender=str(author.get("nickname") or author.get("name") or author["id"]), sender_id=str(author["id"]),
        bot=bool(author.get("isBot")), type={"Default": "", "Reply": "", "Call": "call"}.get(kind, _snake(kind)),
        reply_to=(entry.get("reference") or {}).get("messageId"), edited=entry.get("timestampEdited"),
        pinned=bool(entry.get("isPinned")),
        attachments=[str(file.get("fileName") or file.get("url")) for file in entry.get("attachments") or ()]
        + [str(sticker.get("name")) for sticker in entry.get("stickers") or ()],
        reactions=[
            reaction(
                (found.get("emoji") or {}).get("name"), found.get("count"),
                (user.get("nickname") or user.get("name") for user in found.get("users") or ()),
            )
            for found in entry.get("reactions") or ()
        ],
    )  # fmt: skip
    return Record(
        kind="message", source=NAME, occurred_at=_aware(entry["timestamp"]), precision="ms", body=body or None,
        ended_at=_aware(ended) if ended else None, external_id=str(entry["id"]), attributes=attributes,
        url=next((str(embed["url"]) for embed in embeds if embed.get("url")), None),
    )  # fmt: skip


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _aware(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _package(entries: Iterator[Any], context: Context) -> Iterator[Found]:
    found = _CHANNEL_FOLDER.fullmatch(basename(dirname(context.member)))
    channel = found[1] if found else ""
    for entry in entries:
        if isinstance(entry, Rejected):
            yield entry
            continue
        try:
            yield _own(entry, channel, context.names.get(f"{NAME}:{channel}") or channel)
        except MISSHAPEN as exc:
            yield misshapen("a message needs an ID", exc, entry)


def _own(entry: Mapping[str, Any], channel: str, name: str) -> Record:
    """Return the record of a message of the package, whose identifier proves when it was sent."""
    identifier = int(str(entry["ID"]))
    attachments = str(entry.get("Attachments") or "").split()
    return Record(
        kind="message", source=NAME, occurred_at=_sent(identifier), precision="ms",
        body=str(entry["Contents"] or "") or None, external_id=str(identifier),
        attributes=told(
            conversation=name, conversation_id=channel, sender="Me", from_me=True,
            # Signed addresses, which expire: the name is what lasts.
            attachments=[basename(url.partition("?")[0]) or url for url in attachments],
        ),
    )  # fmt: skip


def _sent(snowflake: int) -> datetime:
    if snowflake < 1 << 22:
        raise ValueError(f"no identifier of Discord: {snowflake}")
    return epoch((snowflake >> 22) + _EPOCH_MS, 1_000)


def _channels(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield the channels of an index, or the one of a channel.json."""
    found = whole_json(stream)
    if isinstance(found, Rejected):
        yield found
        return
    try:
        if "id" in found:
            channels = {str(found["id"]): _channel_name(found.get("guild") or {}, found)}
        else:
            channels = {str(identifier): str(name or "") for identifier, name in found.items()}
        for identifier, name in channels.items():
            if name:
                context.names[f"{NAME}:{identifier}"] = name
            yield Record(
                kind="document", source=NAME, occurred_at=_sent(int(identifier)), precision="ms",
                title=name or identifier, external_id=f"channel/{identifier}",
                attributes={"type": "conversation"},
            )  # fmt: skip
    except MISSHAPEN as exc:
        yield misshapen("a channel needs an id", exc, found, "")


def _channel_name(guild: Mapping[str, Any], channel: Mapping[str, Any]) -> str:
    """Return a channel's name, with its server's as a package's index writes it: "general in The Server"."""
    name = str(channel.get("name") or "")
    server = str(guild.get("name") or "")
    return f"{name} in {server}" if name and server and str(guild.get("id")) not in _DIRECT else name
