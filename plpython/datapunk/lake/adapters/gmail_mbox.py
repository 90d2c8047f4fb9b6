"""Mail of a Takeout: one mbox, up to tens of gigabytes, read a message at a time."""

from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import getaddresses, parsedate_to_datetime
from functools import lru_cache

from datapunk.lake.mail import decoded, read_message
from datapunk.lake.mbox import messages
from datapunk.lake.record import SAMPLE_BYTES, Context, Found, Record, Rejected
from datapunk.lake.registry import SURE
from datapunk.lake.stream import MemberStream

NAME = "gmail"
VERSION = "2"

BODY_CHARACTERS = 200_000
_PEOPLE_REMEMBERED = 4_096


def claims(member: str, head: bytes) -> float:
    """Claim an mbox: a separator line first, then header fields."""
    if not head:
        return SURE if member.casefold().endswith(".mbox") else 0.0
    if not head.startswith(b"From "):
        return 0.0
    second = head.partition(b"\n")[2].split(b"\n", 1)[0]
    return SURE if b":" in second else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("Mail/*.mbox", "Gmail/*.mbox", "*.mbox")


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield a mail per message, a chat line (label Chat) as a message. A broken one is rejected, the rest goes on."""
    for offset, separator, raw in messages(stream):
        try:
            yield _record(separator, raw)
        except (ValueError, TypeError, LookupError, AttributeError) as exc:
            yield Rejected(reason=f"not a message: {exc!r}", byte_offset=offset, sample=raw[:SAMPLE_BYTES])


def _record(separator: bytes, raw: bytes) -> Record:
    message = read_message(raw)
    header = message.headers
    if not header:
        raise ValueError("no header field")
    gmail_id, _, separator_date = separator[5:].decode("ascii", "replace").partition(" ")
    at, zone_source = _instant(header.get("date", ""), separator_date)
    labels = [label.strip() for label in decoded(header.get("x-gmail-labels", "")).split(",") if label.strip()]
    names, addresses = _people(header.get("from", ""))
    to_names, to_addresses = _people(", ".join(header[f] for f in ("to", "cc", "bcc") if header.get(f)))
    attributes: dict[str, object] = {"labels": labels}
    if addresses:
        attributes["sender"] = names[0] or addresses[0]
        attributes["sender_address"] = addresses[0]
    if to_addresses:
        attributes["recipients"] = to_addresses
        attributes["recipient_names"] = [n or a for n, a in zip(to_names, to_addresses, strict=True)]
    for field, name in (("x-gm-thrid", "thread_id"), ("in-reply-to", "in_reply_to"), ("list-id", "list_id")):
        if value := header.get(field):
            attributes[name] = decoded(value).strip()
    if message.attachments:
        attributes["attachments"] = list(message.attachments)
    body = message.text
    if len(body) > BODY_CHARACTERS:
        body = body[:BODY_CHARACTERS]
        attributes["truncated"] = True
    chat = "Chat" in labels
    subject = " ".join(decoded(header.get("subject", "")).split())
    message_id = header.get("message-id", "").strip().strip("<>").strip()
    return Record(
        kind="message" if chat else "mail",
        source=NAME,
        occurred_at=at,
        zone_source=zone_source,
        title=subject or (None if chat else "(no subject)"),
        body=body or None,
        external_id=message_id or gmail_id.partition("@")[0] or None,
        attributes=attributes,
    )


@lru_cache(maxsize=_PEOPLE_REMEMBERED)
def _people(value: str) -> tuple[list[str], list[str]]:
    """Return the display names and the addresses of a header field, in step."""
    found = [(decoded(name).strip(), address.strip().casefold()) for name, address in getaddresses([value]) if address]
    return [name for name, _ in found], [address for _, address in found]


def _instant(date: str, separator_date: str) -> tuple[datetime | None, str]:
    """Return when a message was written: from its Date, else from its separator line."""
    for value, source in ((date, "offset"), (separator_date, "utc")):
        try:
            at = parsedate_to_datetime(value)
            if at.tzinfo is None:
                return at.replace(tzinfo=UTC), "utc"
            return at.astimezone(UTC), source
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None, "utc"
