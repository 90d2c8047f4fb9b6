"""Mail of a Takeout: one mbox, up to tens of gigabytes, read a message at a time."""

from collections.abc import Iterator

from datapunk.lake.mail_record import NO_MESSAGE, mail_record
from datapunk.lake.mbox import messages
from datapunk.lake.record import Context, Found
from datapunk.lake.registry import SURE
from datapunk.lake.samples import rejected_bytes
from datapunk.lake.stream import MemberStream

NAME = "gmail"
VERSION = "2"


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
        # "From 1277085061787347926@xxx Tue Aug 05 08:00:23 +0000 2008", the number being Gmail's.
        sender, _, received = separator[5:].decode("ascii", "replace").partition(" ")
        try:
            yield mail_record(raw, NAME, identifier=sender.partition("@")[0], received=received)
        except NO_MESSAGE as exc:
            yield rejected_bytes(f"not a message: {exc!r}", separator + b"\n" + raw, offset)
