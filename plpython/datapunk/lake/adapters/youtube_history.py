"""YouTube's watch and search history as JSON; the same entries as in My Activity, so they meet as one item."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from datapunk.lake.google_activity import HISTORY_FILES, SOURCE_YOUTUBE, activity
from datapunk.lake.names import last_part, named
from datapunk.lake.record import Context, Found, Record, Rejected
from datapunk.lake.registry import BY_NAME, SURE
from datapunk.lake.samples import rejected
from datapunk.lake.stream import MemberStream, json_items

NAME = SOURCE_YOUTUBE
VERSION = "1"

_NAMES = named(*(f"{name}.json" for name in HISTORY_FILES))
_FIRST_PRODUCT = re.compile(rb'"products"\s*:\s*\[\s*"YouTube')
_OLD = re.compile(rb'^\s*\[\s*\{.{0,4000}?"snippet"\s*:\s*\{.{0,2000}?"publishedAt"', re.DOTALL)


def claims(member: str, head: bytes) -> float:
    """Claim a list of YouTube's activity that bears one of its names, or that no other name explains."""
    by_name = last_part(member) in _NAMES
    if not head:
        return BY_NAME if by_name else 0.0
    if head.lstrip()[:1] != b"[":
        return 0.0
    if _OLD.match(head) and by_name:
        return SURE
    if _FIRST_PRODUCT.search(head) and b'"time"' in head:
        return SURE + 0.05 if by_name else SURE - 0.1
    return BY_NAME + 0.1 if by_name else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("YouTube*/history/watch-history.json", "YouTube*/history/search-history.json (and other languages)")


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield a watch or search per entry; what Google says came from its ads has the attribute `ad`."""
    for entry in json_items(stream, "item"):
        if isinstance(entry, Rejected):
            yield entry
            continue
        try:
            yield _old(entry) if "snippet" in entry else activity(entry)
        except (KeyError, TypeError, ValueError, AttributeError) as exc:
            yield rejected(f"an entry needs title and time: {exc!r}", entry)


def _old(entry: dict[str, Any]) -> Record:
    """Return the record of an entry as written before 2018: a playlist item of YouTube's own API."""
    snippet = entry["snippet"]
    at = datetime.fromisoformat(snippet["publishedAt"])
    video = str((entry.get("contentDetails") or snippet.get("resourceId") or {}).get("videoId") or "")
    attributes: dict[str, object] = {"product": "YouTube"}
    if video:
        attributes["video_id"] = video
    if channel := snippet.get("channelTitle"):
        attributes["channel"] = str(channel)
    return Record(
        kind="watch", source=NAME, occurred_at=at, title=str(snippet["title"]), attributes=attributes,
        url=f"https://www.youtube.com/watch?v={video}" if video else None, key=f"youtube:{video}" if video else None,
    )  # fmt: skip
