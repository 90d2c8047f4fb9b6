"""Google Voice of a Takeout: a small page per conversation, call, voicemail or recording (hCalendar, hCard)."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from posixpath import basename
from typing import Any

from datapunk.lake.chat import MISSHAPEN, misshapen, natural_key, told
from datapunk.lake.names import folded
from datapunk.lake.record import Context, Found, Record, Rejected
from datapunk.lake.registry import DOUBTFUL, SURE
from datapunk.lake.stream import MemberStream, whole

NAME = "google_voice"
VERSION = "1"

_FILE = re.compile(r"(?:(.*?) - )?(?:[^-]+ - )?\d{4}-\d\d-\d\dT\d\d_\d\d_\d\dZ\.html", re.IGNORECASE)
_DURATION = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?")
_LABEL = re.compile(r"google\.com/voice#(\w+)")
_CALLS = ("placed", "received", "missed", "recorded", "voicemail")
_UNDEFINED = ("unknown", "")


def claims(member: str, head: bytes) -> float:
    """Claim a log of messages or of a call by the classes of its microformat."""
    if not head:
        return DOUBTFUL if "voice/" in folded(member) and _FILE.fullmatch(basename(member)) else 0.0
    if b'class="hChatLog' in head and b'class="dt"' in head:
        return SURE
    return SURE if b'class="haudio"' in head and b'class="published"' in head else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("Voice/Calls/*.html", "Voice/Spam/*.html")


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield a message per text, call, voicemail or recording; `from_me` says that the account's owner wrote or called.

    Neither has an identifier: conversation, sender and text are what a message is known by within its second.
    """
    from lxml import etree, html

    try:
        raw = whole(stream)
        root = html.fromstring(raw, parser=html.HTMLParser(no_network=True, huge_tree=False, encoding="utf-8"))
    except (ValueError, etree.ParserError, etree.XMLSyntaxError) as exc:
        yield misshapen("not a page", exc, stream.head)
        return
    name = _FILE.fullmatch(basename(context.member))
    title = (name[1] or "").strip() if name else ""
    labels = _labels(root)
    logs = root.xpath("//*[contains(concat(' ', @class, ' '), ' hChatLog ')]")
    for log in logs:
        yield from _texts(log, title, labels)
    for call in () if logs else root.find_class("haudio"):
        try:
            yield _call(call, title, labels)
        except MISSHAPEN as exc:
            yield _damaged("a call needs a time", exc, call)


def _damaged(what: str, exc: Exception, element: Any) -> Rejected:
    return misshapen(what, exc, element.text_content().encode("utf-8", "replace"))


def _labels(root: Any) -> list[str]:
    links = root.xpath("//a[@rel='tag']/@href")
    return [match[1] for link in links if (match := _LABEL.search(str(link)))]


def _first(element: Any, name: str) -> Any:
    found = element.find_class(name)
    return found[0] if found else None


def _person(card: Any) -> tuple[str, str]:
    """Return name and number of a card; either may be empty."""
    if card is None:
        return "", ""
    tel = card if "tel" in (card.get("class") or "").split() else _first(card, "tel")
    name = _first(card, "fn")
    number = str(tel.get("href") or "").removeprefix("tel:") if tel is not None else ""
    text = " ".join(str(name.text_content()).split()) if name is not None else ""
    return text, "" if number.casefold() in _UNDEFINED else number


def _instant(abbr: Any) -> datetime:
    at = datetime.fromisoformat(abbr.get("title"))
    if at.tzinfo is None:
        raise ValueError(f"a time without an offset: {abbr.get('title')!r}")
    return at.astimezone(UTC)


def _texts(log: Any, title: str, labels: list[str]) -> Iterator[Found]:
    messages = log.find_class("message")
    people: dict[str, str] = {}
    own: set[str] = set()
    for cite in log.find_class("sender"):
        name, number = _person(cite)
        if _is_me(cite):
            own.add(number)
        elif number or name:
            people[number or name] = name or people.get(number, "")
    for number in own:
        people.pop(number, None)
    identifier = ",".join(sorted(people)) or title
    conversation = ", ".join(sorted(name or number for number, name in people.items())) or title
    for message in messages:
        try:
            yield _text(message, conversation, identifier, labels)
        except MISSHAPEN as exc:
            yield _damaged("a message needs a time and a sender", exc, message)


def _is_me(cite: Any) -> bool:
    # The owner's own name is an abbreviation, which is how pages in other languages tell it too.
    name = _first(cite, "fn")
    return name is not None and name.tag == "abbr"


def _text(message: Any, conversation: str, identifier: str, labels: list[str]) -> Record:
    cite = _first(message, "sender")
    name, number = _person(cite)
    at = _instant(_first(message, "dt"))
    quote = message.find(".//q")
    if quote is not None:
        for line in quote.iter("br"):
            line.tail = "\n" + (line.tail or "")
    body = str(quote.text_content()).strip() if quote is not None else ""
    places = [place for path in (".//img/@src", ".//audio/@src", ".//video/@src") for place in message.xpath(path)]
    places += [link.get("href") for link in message.iter("a") if "tel" not in (link.get("class") or "").split()]
    if quote is None and not places:
        raise ValueError("neither words nor attachments")
    return Record(
        kind="message", source=NAME, occurred_at=at, precision="ms", zone_source="offset", body=body or None,
        key=natural_key(identifier, number or name, body),
        attributes=told(
            conversation=conversation, conversation_id=identifier, sender=name or number, sender_address=number,
            from_me=_is_me(cite), labels=labels, attachments=list(dict.fromkeys(str(p) for p in places if p)),
        ),
    )  # fmt: skip


def _call(call: Any, title: str, labels: list[str]) -> Record:
    name, number = _person(_first(call, "contributor"))
    at = _instant(_first(call, "published"))
    said = _first(call, "fn")
    heading = " ".join(str(said.text_content()).split()) if said is not None else ""
    other = name or number or title
    kind = next((label for label in _CALLS if label in labels), "call")
    length = _length(_first(call, "duration"))
    transcript = _first(call, "full-text")
    text = str(transcript.text_content()).strip() if transcript is not None else ""
    placed = kind == "placed"
    return Record(
        kind="message", source=NAME, occurred_at=at, ended_at=at + length if length else None,
        precision="ms" if at.microsecond else "s", zone_source="offset",
        title=heading if name or not number else f"{heading} {number}", body=text or None,
        key=natural_key(number or other, kind),
        attributes=told(
            conversation=other, conversation_id=number or other, type="voicemail" if kind == "voicemail" else "call",
            call=kind, sender="Me" if placed else other, sender_address=None if placed else number, from_me=placed,
            recipients=[number] if placed and number else [], labels=labels,
            attachments=[str(sound.get("src")) for sound in call.iter("audio") if sound.get("src")],
        ),
    )  # fmt: skip


def _length(abbr: Any) -> timedelta | None:
    match = _DURATION.fullmatch(abbr.get("title") or "") if abbr is not None else None
    if match is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)
