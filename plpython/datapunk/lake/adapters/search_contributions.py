"""What one contributed to Google Search: reviews, thumbs, films marked as watched, streaming services."""

import re
from collections.abc import Iterator
from typing import Any

from datapunk.lake.localised_time import instant
from datapunk.lake.record import Context, Found, Listing, Record, Rejected
from datapunk.lake.registry import SURE
from datapunk.lake.samples import rejected
from datapunk.lake.stream import MemberStream, json_items
from datapunk.lake.takeout import product_path

NAME = "search_contributions"
VERSION = "1"

_FIRST = re.compile(rb"\s*\[\s*\{[^{}]{0,8000}\}")
_ABOUT = (b'"Search Query"', b'"Provider Name"')


def claims(member: str, head: bytes) -> float:
    """Claim a list of objects that were published and name a query or a provider."""
    first = _FIRST.match(head)
    if first is None:
        return 0.0
    return SURE if b'"Published"' in first[0] and any(word in first[0] for word in _ABOUT) else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return (
        "Search Contributions/Reviews.json", "Search Contributions/Thumbs.json", "Search Contributions/Watched.json",
        "Search Contributions/Streaming video providers.json",
    )  # fmt: skip


def listing(member: str, head: bytes) -> Listing | None:
    """Tell that the streaming services of a Takeout are all that one named."""
    services = b'"Provider Name"' in head and len(product_path(member)) == 2
    return Listing("streaming_services", whole=True) if services else None


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield a document per entry, placed when it was published; what it is about and its type are its identity."""
    for entry in json_items(stream, "item"):
        if isinstance(entry, Rejected):
            yield entry
            continue
        try:
            yield _record(entry)
        except (KeyError, TypeError, ValueError, AttributeError) as exc:
            yield rejected(f"a contribution needs what it is about and a time: {exc!r}", entry)


def _record(entry: dict[str, Any]) -> Record:
    if provider := entry.get("Provider Name"):
        kind, about = "streaming_service", str(provider)
    else:
        about = str(entry["Search Query"])
        review = "Review Comment" in entry or "Review Star Rating" in entry
        kind = "review" if review else "rating" if "Thumbs Rating" in entry else "watched"
    if not about.strip():
        raise ValueError("about nothing")
    at = instant(str(entry["Published"]))
    if at is None:
        raise ValueError(f"no time: {entry['Published']!r}")
    edited = instant(str(entry.get("Updated") or ""))
    attributes: dict[str, object] = {"type": kind}
    for key, name in (("Review Star Rating", "rating"), ("Thumbs Rating", "thumbs")):
        if (value := entry.get(key)) not in (None, ""):
            attributes[name] = value
    return Record(
        kind="document", source=NAME, occurred_at=at.at, title=about,
        body=str(entry.get("Review Comment") or "") or None,
        external_id=f"{kind}:{about}", precision=at.precision, zone_source=at.zone_source,
        edited_at=(edited or at).at, attributes=attributes,
    )  # fmt: skip
