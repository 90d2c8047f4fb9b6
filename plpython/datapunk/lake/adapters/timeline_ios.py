"""The timeline that Google Maps exports on an iPhone: location-history.json, a list of segments."""

import re
from collections.abc import Iterator
from posixpath import basename

from datapunk.lake.record import Context, Found, Rejected
from datapunk.lake.registry import BY_NAME, SURE
from datapunk.lake.samples import rejected
from datapunk.lake.stream import MemberStream, json_items
from datapunk.lake.timeline import segment

NAME = "timeline_ios"
VERSION = "1"

_FILE = "location-history.json"
_SEGMENT = re.compile(rb'"(?:visit|activity|timelinePath|timelineMemory)"\s*:\s*[{\[]')


def claims(member: str, head: bytes) -> float:
    """Claim a list whose objects have a startTime and a visit, an activity, a path or a memory."""
    # With its hyphen: the older file of a Takeout has a space there.
    by_name = basename(member).casefold() == _FILE
    if not head:
        return BY_NAME + 0.1 if by_name else 0.0
    if head.lstrip()[:1] != b"[":
        return 0.0
    if b'"startTime"' in head and b'"endTime"' in head and _SEGMENT.search(head):
        return SURE
    return BY_NAME if by_name else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return (_FILE,)


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield stays, ways, the points of paths as positions, and remembered trips as documents of type trip.

    Paths stand behind the rest in the file, so time runs back once.
    """
    for entry in json_items(stream, "item"):
        if isinstance(entry, Rejected):
            yield entry
            continue
        try:
            yield from segment(NAME, entry)
        except (ValueError, TypeError, LookupError, AttributeError, OverflowError) as exc:
            yield rejected(f"a segment needs times and places: {exc!r}", entry)
