"""A mail that Outlook saved in a file of its own (.msg)."""

from collections.abc import Iterator
from email.headerregistry import Address
from email.utils import format_datetime
from typing import TYPE_CHECKING

from datapunk.lake.mail_record import NO_MESSAGE, mail_record
from datapunk.lake.record import Context, Found, Record, Rejected
from datapunk.lake.registry import SURE
from datapunk.lake.samples import rejected_bytes
from datapunk.lake.stream import MemberStream, whole

if TYPE_CHECKING:
    from oxmsg import Message

NAME = "mail_msg"
VERSION = "1"

# The same mail as an .eml file is the same item.
_SOURCE = "mail"
_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKS = tuple(name.encode("utf-16-le") for name in ("__properties_version1.0", "__substg1.0_"))
# Of the body as it was sent; here it is text already.
_OF_THE_BODY = frozenset({"content-type", "content-transfer-encoding", "mime-version", "content-disposition"})
_UNREADABLE = (*NO_MESSAGE, OSError, EOFError, OverflowError, NotImplementedError)


def claims(member: str, head: bytes) -> float:
    """Claim a compound file with the storages of a message, or that is called one."""
    if not head.startswith(_MAGIC):
        return 0.0
    return SURE if member.casefold().endswith(".msg") or any(mark in head for mark in _MARKS) else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("*.msg",)


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield the mail, as an mbox would hold it; names of attachments, not what is in them."""
    from oxmsg import Message

    raw = whole(stream)
    try:
        _check_sizes(raw)
        message = Message.load(raw)
        kind = message.message_class
        if kind and not kind.casefold().startswith(("ipm.note", "ipm.schedule.meeting", "report.ipm.note")):
            yield Rejected(reason=f"a file of Outlook that holds no mail, but {kind}", byte_offset=0, sample=raw)
            return
        yield _record(message)
    except _UNREADABLE as exc:
        yield rejected_bytes(f"not a message: {exc!r}", raw, 0)


def _check_sizes(raw: bytes) -> None:
    """Raise ValueError where streams are said to be larger than the file: sectors that follow themselves fill them."""
    from olefile import OleFileIO
    from olefile.olefile import STGTY_ROOT, STGTY_STREAM

    with OleFileIO(raw) as file:
        entries = [entry for entry in file.direntries if entry is not None]
    streams = sum(entry.size for entry in entries if entry.entry_type == STGTY_STREAM)
    small_ones = max((entry.size for entry in entries if entry.entry_type == STGTY_ROOT), default=0)
    if max(streams, small_ones) > len(raw):
        raise ValueError("what is in it is said to be larger than the file")


def _record(message: "Message") -> Record:
    lines = [
        f"{name}: {' '.join(str(value).split())}"
        for name, value in _headers(message)
        if value and name.casefold() not in _OF_THE_BODY
    ]
    kind, text = ("plain", message.body) if message.body else ("html", message.html_body)
    head = "\n".join((*lines, f"Content-Type: text/{kind}; charset=utf-8", "Content-Transfer-Encoding: 8bit"))
    body = (text or "").replace("\r\n", "\n")
    record = mail_record(f"{head}\n\n{body}".encode("utf-8", "replace"), _SOURCE)
    names = [attachment.file_name for attachment in message.attachments]
    if attached := [name for name in names if name]:
        return record._replace(attributes={**record.attributes, "attachments": attached})
    return record


def _headers(message: "Message") -> Iterator[tuple[str, str]]:
    """Yield the fields that it was sent with; of a mail without them, what Outlook knows of it."""
    if sent := message.message_headers:
        yield from sent.items()
        return
    yield "Subject", message.subject
    yield "From", message.sender or ""
    yield "To", ", ".join(_address(one.name, one.email_address) for one in message.recipients)
    if message.sent_date is not None:
        yield "Date", format_datetime(message.sent_date)


def _address(name: str, address: str | None) -> str:
    if not address or "@" not in address:
        return ""
    return str(Address(display_name=name.replace("\n", " ").replace("\r", " "), addr_spec=address))
