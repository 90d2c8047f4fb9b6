"""My Activity as JSON: one array of entries for each of Google's products."""

from collections.abc import Iterator

from datapunk.lake.google_activity import ACTIVITY_FILES, activity
from datapunk.lake.names import last_part, named
from datapunk.lake.record import Context, Found, Rejected
from datapunk.lake.registry import BY_NAME, SURE
from datapunk.lake.samples import rejected
from datapunk.lake.stream import MemberStream, json_items

NAME = "my_activity"
VERSION = "1"

_NAMES = named(*(f"{name}.json" for name in ACTIVITY_FILES))


def claims(member: str, head: bytes) -> float:
    """Claim an array whose entries have a title, a time and products."""
    by_name = last_part(member) in _NAMES
    if not head:
        return BY_NAME if by_name else 0.0
    if head.lstrip()[:1] != b"[":
        return 0.0
    if b'"title"' in head and b'"time"' in head and (b'"products"' in head or b'"header"' in head):
        return SURE
    return BY_NAME if by_name else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("My Activity/*/MyActivity.json", "My Activity/*/My Activity.json (and other languages)")


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield one record per entry: a search, visit, watch, purchase or use of an app."""
    for entry in json_items(stream, "item"):
        if isinstance(entry, Rejected):
            yield entry
            continue
        try:
            yield activity(entry)
        except (KeyError, TypeError, ValueError, AttributeError) as exc:
            yield rejected(f"an activity needs title and time: {exc!r}", entry)
