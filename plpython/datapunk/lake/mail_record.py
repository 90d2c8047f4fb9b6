"""A mail as a record, wherever it was kept."""

import re
from datetime import UTC, datetime
from email.utils import getaddresses, parsedate_to_datetime
from functools import lru_cache

from datapunk.lake.mail import decoded, read_message
from datapunk.lake.record import Record

# What reading something that is no message raises.
NO_MESSAGE = (ValueError, TypeError, LookupError, AttributeError, RecursionError)
BODY_CHARACTERS = 200_000
_PEOPLE_REMEMBERED = 4_096
# References (RFC 5322, 3.6.4) begins with the mail that began the thread.
_IDENTIFIER = re.compile(r"<\s*([^<>\s]+)\s*>")


def mail_record(raw: bytes, source: str, *, identifier: str = "", received: str = "") -> Record:
    """Return the record of a message (line ends \\n): a mail, or a message where its label says Chat.

    `identifier` and `received` are the source's own id and date, for a message without a Message-ID or a readable Date.
    Raises one of NO_MESSAGE where it has no header field or cannot be read.
    """
    message = read_message(raw)
    header = message.headers
    if not header:
        raise ValueError("no header field")
    at, zone_source = _instant(header.get("date", ""), received)
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
    if "thread_id" not in attributes and (above := _IDENTIFIER.search(header.get("references", ""))):
        attributes["thread_root"] = above[1]
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
        source=source,
        occurred_at=at,
        zone_source=zone_source,
        title=subject or (None if chat else "(no subject)"),
        body=body or None,
        external_id=message_id or identifier or None,
        attributes=attributes,
    )


@lru_cache(maxsize=_PEOPLE_REMEMBERED)
def _people(value: str) -> tuple[list[str], list[str]]:
    """Return the display names and the addresses of a header field, in step."""
    found = [(decoded(name).strip(), address.strip().casefold()) for name, address in getaddresses([value]) if address]
    return [name for name, _ in found], [address for _, address in found]


def _instant(date: str, received: str) -> tuple[datetime | None, str]:
    """Return when a message was written: from its Date, else from when it was received."""
    for value, source in ((date, "offset"), (received, "utc")):
        try:
            at = parsedate_to_datetime(value)
            if at.tzinfo is None:
                return at.replace(tzinfo=UTC), "utc"
            return at.astimezone(UTC), source
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None, "utc"
