"""A Slack workspace's export: people, channels and direct talks, and a file per channel and day."""

import re
from collections.abc import Iterator
from posixpath import basename, dirname
from typing import Any

from datapunk.lake.chat import MISSHAPEN, epoch, misshapen, reaction, told
from datapunk.lake.names import last_part
from datapunk.lake.record import Context, Found, Record, Rejected
from datapunk.lake.registry import BY_NAME, DOUBTFUL, SURE
from datapunk.lake.slack_text import block_text, readable
from datapunk.lake.stream import MemberStream, json_items, top_is_array
from datapunk.lake.text import clean_url

NAME = "slack"
VERSION = "1"

_DAY = re.compile(r"\d{4} \d\d \d\d\.json")
_LISTS = ("channels.json", "groups.json", "dms.json", "mpims.json")
_TS = re.compile(r"(\d+)\.(\d{1,6})")
_MESSAGE = re.compile(rb'"type"\s*:\s*"message"')


def claims(member: str, head: bytes) -> float:
    """Claim lists of messages with a `ts`, of users with a team, and of channels with their creator or members."""
    name = last_part(member)
    is_list = name in _LISTS
    if not head:
        return DOUBTFUL if is_list or name == "users.json" or _DAY.fullmatch(name) else 0.0
    if not top_is_array(head):
        return 0.0
    if _MESSAGE.search(head) and b'"ts"' in head:
        return SURE
    if name == "users.json" and b'"team_id"' in head and b'"id"' in head:
        return SURE
    if is_list and b'"id"' in head and b'"members"' in head and b'"created"' in head:
        return SURE
    # A day on which nothing was written, and a workspace without private channels.
    return BY_NAME if head.strip() == b"[]" and (is_list or _DAY.fullmatch(name)) else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("users.json", *_LISTS, "*/YYYY-MM-DD.json")


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield a contact per user, a document per channel or talk, or a message per message, notices included.

    `ts` with the channel is the identity of a message, the channel by its id where channels.json was read before.
    """
    name = last_part(context.member)
    read = _user if name == "users.json" else _channel if name in _LISTS else _message
    for entry in json_items(stream, "item"):
        if isinstance(entry, Rejected):
            yield entry
            continue
        try:
            yield read(entry, context)
        except MISSHAPEN as exc:
            yield misshapen("an entry of Slack needs an id or a ts", exc, entry)


def _user(entry: dict[str, Any], context: Context) -> Record:
    identifier, profile = str(entry["id"]), entry.get("profile") or {}
    name = str(
        profile.get("display_name") or profile.get("real_name") or entry.get("real_name") or entry.get("name")
        or identifier
    )  # fmt: skip
    context.names[f"{NAME}:{identifier}"] = name
    email, phone = str(profile.get("email") or ""), str(profile.get("phone") or "")
    return Record(
        kind="contact", source=NAME, occurred_at=None, external_id=f"user/{identifier}",
        title=str(profile.get("real_name") or entry.get("real_name") or name),
        body=str(profile.get("title") or "") or None,
        attributes=told(
            nickname=name, username=entry.get("name"), emails=[email] if email else [], phones=[phone] if phone else [],
            bot=bool(entry.get("is_bot")), deleted=bool(entry.get("deleted")), timezone=entry.get("tz"),
        ),
    )  # fmt: skip


def _channel(entry: dict[str, Any], context: Context) -> Record:
    identifier = str(entry["id"])
    name = str(entry.get("name") or "")
    members = [str(member) for member in entry.get("members") or ()]
    direct = not name or name.startswith("mpdm-")
    if direct:
        # Users may be read later: the names of the members are looked up with the messages.
        context.names[f"{NAME}:members:{identifier}"] = " ".join(members)
    else:
        context.names[f"{NAME}:{identifier}"] = name
    if name:
        context.names[f"{NAME}:id:{name}"] = identifier
    about = [str((entry.get(part) or {}).get("value") or "") for part in ("topic", "purpose")]
    created = entry.get("created")
    return Record(
        kind="document", source=NAME, occurred_at=epoch(created) if created else None,
        title=_conversation(identifier, context) if direct else name,
        body=readable("\n".join(text for text in about if text), context.names) or None,
        external_id=f"channel/{identifier}",
        attributes=told(type="conversation", members=[context.names.get(f"{NAME}:{m}", m) for m in members]),
    )  # fmt: skip


def _conversation(identifier: str, context: Context) -> str:
    """Return the name of a channel, or the people of a talk that has none."""
    if name := context.names.get(f"{NAME}:{identifier}"):
        return name
    members = context.names.get(f"{NAME}:members:{identifier}", "").split()
    return ", ".join(context.names.get(f"{NAME}:{member}", member) for member in members) or identifier


def _message(entry: dict[str, Any], context: Context) -> Record:
    ts = str(entry["ts"])
    moment = _TS.fullmatch(ts)
    if moment is None:
        raise ValueError(f"no ts: {ts!r}")
    folder = basename(dirname(context.member))
    channel = context.names.get(f"{NAME}:id:{folder}", folder)
    thread = str(entry.get("thread_ts") or "")
    files = [file for file in (*(entry.get("files") or ()), entry.get("file")) if isinstance(file, dict)]
    sender_id, sender = _sender(entry, context)
    edited = str((entry.get("edited") or {}).get("ts") or "")
    return Record(
        kind="message", source=NAME, precision="us",
        occurred_at=epoch(int(moment[1]) * 1_000_000 + int(moment[2].ljust(6, "0")), 1_000_000),
        body=_body(entry, context) or None, url=_first_address(entry), external_id=f"{channel}/{ts}",
        attributes=told(
            conversation=_conversation(channel, context), conversation_id=channel, sender=sender, sender_id=sender_id,
            type=entry.get("subtype"), thread_id=thread, reply_to=thread if thread != ts else None,
            bot=bool(entry.get("bot_id")),
            attachments=[str(f.get("name") or f.get("title") or f.get("id") or "file") for f in files],
            files=[where for f in files if (where := clean_url(str(f.get("permalink") or "")))],
            reactions=[
                reaction(
                    f":{found['name']}:", found.get("count"),
                    (context.names.get(f"{NAME}:{user}", str(user)) for user in found.get("users") or ()),
                )
                for found in entry.get("reactions") or ()
            ],
            edited=epoch(edited.partition(".")[0]).isoformat() if edited else None,
        ),
    )  # fmt: skip


def _sender(entry: dict[str, Any], context: Context) -> tuple[str, str]:
    """Return id and name of who wrote a message: a user, a bot by the name that it gave itself, a file's commenter."""
    comment, profile = entry.get("comment") or {}, entry.get("user_profile") or {}
    user = str(entry.get("user") or comment.get("user") or "")
    bot = str(entry.get("bot_id") or "")
    known = context.names.get(f"{NAME}:{user}") if user else None
    own = (profile.get("display_name") or profile.get("real_name")) if user else None
    given = entry.get("username") or (entry.get("bot_profile") or {}).get("name")
    return user or bot, str(known or own or given or user or bot)


def _body(entry: dict[str, Any], context: Context) -> str:
    """Return the text as a person sees it; what bots put into attachments and blocks where there is no other."""
    if text := readable(str(entry.get("text") or ""), context.names):
        return text
    found = []
    for attachment in entry.get("attachments") or ():
        parts = [str(attachment[p]) for p in ("pretext", "title", "text") if attachment.get(p)]
        found.append("\n".join(parts) or str(attachment.get("fallback") or ""))
    return readable("\n".join(filter(None, found)) or block_text(entry.get("blocks")), context.names)


def _first_address(entry: dict[str, Any]) -> str | None:
    for attachment in entry.get("attachments") or ():
        if link := attachment.get("title_link") or attachment.get("from_url"):
            return clean_url(str(link))
    return None
