"""WhatsApp's "export chat": text whose dates are in the order of the phone's language, without a zone.

What nobody said is left out, as it is no message: notices that a group was made, that someone joined, changed a number
or the subject, and that messages are encrypted. They are the stamped lines without "name: ".
"""

import re
from collections.abc import Iterator
from datetime import UTC
from posixpath import basename, dirname

from datapunk.clock import zone
from datapunk.lake.chat import natural_key, told
from datapunk.lake.chat_lines import BRACKETED, Entry, entries, speaker, stamp, with_order
from datapunk.lake.localised_time import instant
from datapunk.lake.names import folded
from datapunk.lake.record import Context, Found, Record, Rejected
from datapunk.lake.registry import BY_NAME, DOUBTFUL, SURE
from datapunk.lake.stream import MemberStream

NAME = "whatsapp"
VERSION = "1"

_EXTENSION = re.compile(r"(?:\.txt|\.zip)+$", re.IGNORECASE)
_WITH = re.compile(
    r"[\w ]{0,20}?whats ?app.{0,12}?(?: (?:with|mit|con|avec|met|com|med|z|с)|(?: ?[-–]))\s+(.+)|(.+) ile whatsapp.*",
    re.IGNORECASE,
)
_MEDIA = re.compile(
    # <Media omitted> in any language; <attached: 001-PHOTO.jpg>; IMG-2021.jpg (file attached); image omitted
    r"<(?P<omitted>[^<>:\d]{3,60})>|<[^<>:]{3,40}: ?(?P<attached>[^<>]+\.\w{2,5})>|(?P<file>\S[^\n]{0,200}\.\w{2,5}) "
    r"\([^()\d]{4,40}\)|\u200e(?P<kind>[^\n]{2,40}?) (?:omitted|weggelassen|ausgelassen|omitid[oa]|omess[oa]|oculta"
    r"|omise?|absente?|weggelaten|dahil edilmedi|utelämnad)"
)
_DELETED = re.compile(
    r"(?:You deleted this message|This message was deleted|Diese Nachricht wurde gelöscht|Du hast diese Nachricht "
    r"gelöscht|Se eliminó este mensaje|Eliminaste este mensaje|Ce message a été supprimé|Vous avez supprimé ce "
    r"message|Dit bericht is verwijderd|Questo messaggio è stato eliminato|Mensagem apagada|Bu mesaj silindi)[.]?"
)
_EDITED = re.compile(r"\s*\u200e?<(?:This message was edited|Diese Nachricht wurde bearbeitet|Se editó este mensaje)>$")
_CALL = re.compile(r"(?:\u200e|<)?(?:Missed )?(?:group )?(?:voice|video) call\b", re.IGNORECASE)
# What iPhones write in the chat's own name at its beginning; a mark comes before it.
_NOTICE = re.compile(
    r"\u200e.*(?:end-to-end|Ende-zu-Ende|extremo a extremo|bout en bout|da un capo|ponta a ponta|uçtan uca)"
)
_OUTER_QUOTES = ('"', "“", "„", "«")


def claims(member: str, head: bytes) -> float:
    """Claim a text whose first lines bear stamps; those of logs and of Signal look alike in ISO order."""
    path = folded(member)
    by_name = "whatsapp" in path
    if not head:
        if not path.endswith(".txt"):
            return 0.0
        return BY_NAME if "whatsapp" in folded(basename(member)) else DOUBTFUL if path.endswith(" chat.txt") else 0.0
    lines = [line for line in head[:8_192].decode("utf-8", "replace").splitlines() if line.strip()][:40]
    if not lines or (first := stamp(lines[0])) is None:
        return 0.0
    if first.date[0] > 31 and BRACKETED.match(lines[0]) and not by_name:
        return BY_NAME if first.clock.count(":") == 2 and "," in lines[0][:14] else 0.0
    stamped = sum(1 for line in lines if stamp(line) is not None)
    return SURE if by_name or stamped > 1 else BY_NAME


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("WhatsApp Chat with *.txt", "WhatsApp Chat - */_chat.txt (and other languages)")


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield a message per message. Where nothing tells days from months, `ambiguous_date` says so.

    Times are those of the phone: they are read in the zone of the import. A message has no identifier; chat, sender and
    text are what it is known by within its second.
    """
    leads, lines = with_order(stream.lines())
    chat = _chat_name(context.member)
    for entry in entries(lines):
        if not isinstance(entry, Entry):
            yield Rejected(reason="a line before the first message", byte_offset=entry[0], sample=entry[1])
            continue
        said = speaker(entry.text)
        if said is None or said[0].count('"') % 2 or said[0].startswith(_OUTER_QUOTES):
            continue
        if _NOTICE.match(said[1]):
            chat = chat or said[0]
            continue
        yield _message(entry, *said, chat, leads, context)


def _chat_name(member: str) -> str:
    """Return whom a chat is with, from "WhatsApp Chat with Ann.txt" or the archive or folder so named."""
    for name in (basename(member), basename(dirname(member))):
        if match := _WITH.fullmatch(_EXTENSION.sub("", name)):
            return str(match[1] or match[2]).strip()
    return ""


def _message(
    entry: Entry, sender: str, text: str, chat: str, leads: bool | None, context: Context
) -> Record | Rejected:  # fmt: skip
    when = entry.stamp.text
    reading = instant(when, zone=zone(context.timezone), day_first=leads)
    if reading is None:
        sample = f"{when} {entry.text}".encode("utf-8", "replace")
        return Rejected(reason=f"no such time: {when!r}", byte_offset=entry.offset, sample=sample)
    body, attachments = _content(text)
    edited = _EDITED.search(body)
    if edited:
        body = body[: edited.start()]
    deleted = bool(_DELETED.fullmatch(body.strip("\u200e ")))
    first, second, _ = entry.stamp.date
    return Record(
        kind="message", source=NAME, occurred_at=reading.at.astimezone(UTC), precision=reading.precision,
        zone_source="floating", body=None if deleted else body.strip() or None,
        key=natural_key(chat, sender, text.strip()),
        attributes=told(
            conversation=chat, sender=sender, attachments=attachments, deleted=deleted, edited=bool(edited),
            type="call" if _CALL.match(text) and "\n" not in text else None,
            ambiguous_date=leads is None and first != second and reading.ambiguous,
        ),
    )  # fmt: skip


def _content(text: str) -> tuple[str, list[str]]:
    """Return the words of a message, and what its first line says was attached."""
    first, _, rest = text.partition("\n")
    match = _MEDIA.fullmatch(first.strip()) or _MEDIA.fullmatch(first.strip("\u200e \u200f"))
    if match is None:
        return text, []
    found = match["attached"] or match["file"] or match["kind"] or "media"
    return rest, [found.strip("\u200e ")]
