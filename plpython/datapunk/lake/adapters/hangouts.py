"""Hangouts of a Takeout: one JSON of up to hundreds of megabytes, most of it about the conversations."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from datapunk.lake.chat import MISSHAPEN, epoch, misshapen, natural_key, told
from datapunk.lake.json_lists import listed
from datapunk.lake.names import last_part
from datapunk.lake.record import Context, Found, Record, Rejected
from datapunk.lake.registry import BY_NAME, SURE
from datapunk.lake.stream import MemberStream
from datapunk.lake.text import clean_url

NAME = "hangouts"
VERSION = "1"

# As written since about 2017, and before.
_LISTS = ("conversations.item.events", "conversation_state.item.conversation_state.event")


def claims(member: str, head: bytes) -> float:
    """Claim a list of conversations, under either of its two names."""
    by_name = last_part(member) == "hangouts.json"
    if not head:
        return BY_NAME if by_name else 0.0
    start = head[:4_096]
    if not start.lstrip().startswith(b"{"):
        return 0.0
    if b'"conversation_state"' in start and b'"conversation_id"' in start:
        return SURE
    if b'"conversations"' in start and b'"conversation"' in start:
        return SURE if by_name or b'"self_conversation_state"' in head or b'"participant_data"' in head else BY_NAME
    return BY_NAME if by_name else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("Hangouts/Hangouts.json",)


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield a contact per participant with a name and a message per event: text, call, or change of the conversation.

    A call that has a beginning and an end is one message. What only signals, as the setting of history, is left out.
    """
    known: set[str] = set()
    conversation = _Conversation({})
    for item in listed(stream, _LISTS, ("conversation", "conversation_id")):
        if isinstance(item, Rejected):
            yield item
            continue
        try:
            if item.about is not conversation.source:
                yield from conversation.left()
                conversation = _Conversation(item.about)
                yield from conversation.people(known, context)
            yield from conversation.event(item.value, context)
        except MISSHAPEN as exc:
            yield misshapen("an event needs a sender and a time", exc, item.value, f"{item.path}.item", item.about)
    yield from conversation.left()


class _Conversation:
    """A conversation while its events are read."""

    def __init__(self, about: Mapping[str, Any]) -> None:
        self.source = about
        outer = about.get("conversation") or {}
        outer = outer if isinstance(outer, dict) else {}
        inner = outer.get("conversation") or outer
        self._inner = inner if isinstance(inner, dict) else {}
        found = outer.get("conversation_id") or about.get("conversation_id") or self._inner.get("id") or {}
        self.id = str(found.get("id") or "") if isinstance(found, dict) else str(found)
        self.names: dict[str, str] = {}
        for person in self._participants():
            identifier, name = _identifier(person.get("id")), str(person.get("fallback_name") or "")
            if identifier and name:
                self.names[identifier] = name
        self.name = str(self._inner.get("name") or "") or ", ".join(self.names.values())
        # A call of which the end has not been read.
        self._call: Record | None = None

    def _participants(self) -> list[dict[str, Any]]:
        found = self._inner.get("participant_data") or []
        return [person for person in found if isinstance(person, dict)] if isinstance(found, list) else []

    def people(self, known: set[str], context: Context) -> Iterator[Record]:
        for person in self._participants():
            identifier = _identifier(person.get("id"))
            name = self.names.get(identifier)
            if not name or identifier in known:
                continue
            known.add(identifier)
            context.names[f"{NAME}:{identifier}"] = name
            phone = person.get("phone_number")
            number = phone.get("e164") if isinstance(phone, dict) else None
            yield Record(
                kind="contact", source=NAME, occurred_at=None, title=name, external_id=f"person/{identifier}",
                attributes=told(phones=[str(number)] if number else []),
            )  # fmt: skip

    def _name(self, identifier: str, context: Context) -> str:
        return self.names.get(identifier) or context.names.get(f"{NAME}:{identifier}") or identifier

    def event(self, event: dict[str, Any], context: Context) -> Iterator[Record]:
        sender = _identifier(event["sender_id"])
        at = epoch(event["timestamp"], 1_000_000)
        attributes = told(
            conversation=self.name, conversation_id=self.id or str(event["conversation_id"]["id"]),
            sender=self._name(sender, context), sender_id=sender,
        )  # fmt: skip
        body = url = None
        if message := event.get("chat_message"):
            body, url, attachments = _content(message["message_content"])
            attributes |= told(attachments=attachments)
        elif call := event.get("hangout_event"):
            yield from self._called(event, call, attributes)
            return
        elif change := event.get("membership_change"):
            people = [self._name(_identifier(p), context) for p in change.get("participant_id") or ()]
            body = f"{'left' if change.get('type') == 'LEAVE' else 'joined'}: {', '.join(people)}"
            attributes["type"] = "membership_change"
        elif rename := event.get("conversation_rename"):
            body = f"{rename.get('old_name') or ''} → {rename.get('new_name') or ''}".strip()
            attributes["type"] = "conversation_rename"
        else:
            return
        identifier = str(event.get("event_id") or "")
        yield Record(
            kind="message", source=NAME, occurred_at=at, body=body, url=url, precision="us", attributes=attributes,
            external_id=identifier or None, key=natural_key(attributes["conversation_id"], sender, body),
        )  # fmt: skip

    def _called(self, event: dict[str, Any], call: dict[str, Any], attributes: dict[str, object]) -> Iterator[Record]:
        at = epoch(event["timestamp"], 1_000_000)
        begins = call.get("event_type") == "START_HANGOUT"
        seconds = int(str(call.get("hangout_duration_secs") or 0))
        media = {"AUDIO_ONLY": "audio", "AUDIO_VIDEO": "video"}.get(str(call.get("media_type")))
        record = Record(
            kind="message", source=NAME, occurred_at=at if begins else at - timedelta(seconds=seconds),
            ended_at=None if begins else at, precision="us", external_id=str(event.get("event_id") or "") or None,
            key=natural_key(attributes["conversation_id"], "call"),
            attributes=attributes | told(type="call", media=media),
        )  # fmt: skip
        if begins:
            yield from self.left()
            self._call = record
            return
        # The end tells more: it is the call, and its beginning is not another one.
        self._call = None
        yield record

    def left(self) -> Iterator[Record]:
        """Yield the call that never ended."""
        if self._call is not None:
            yield self._call
        self._call = None


def _identifier(person: Any) -> str:
    return str(person.get("gaia_id") or person.get("chat_id") or "") if isinstance(person, dict) else ""


def _content(content: dict[str, Any]) -> tuple[str | None, str | None, list[str]]:
    """Return text, first link and attachments of a message."""
    text, url = "", None
    for segment in content.get("segment") or ():
        kind = segment.get("type")
        text += "\n" if kind == "LINE_BREAK" else str(segment.get("text") or "")
        if kind == "LINK" and url is None:
            url = str((segment.get("link_data") or {}).get("link_target") or segment.get("text") or "") or None
    attachments = []
    for attachment in content.get("attachment") or ():
        item = attachment.get("embed_item") or {}
        photo = item.get("plus_photo") or item.get("embeds.PlusPhoto.plus_photo") or {}
        where = clean_url(str(photo.get("url") or photo.get("original_content_url") or ""))
        attachments.append(where or str((item.get("type") or ["attachment"])[0]).lower())
    return text or None, url, attachments
