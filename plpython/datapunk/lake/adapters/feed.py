"""Feeds (RSS, Atom) as documents, an entry each."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from datapunk.lake.record import Context, Found, Record, Rejected
from datapunk.lake.registry import SURE
from datapunk.lake.samples import rejected_element
from datapunk.lake.stream import MemberStream
from datapunk.lake.text import html_text
from datapunk.lake.xml_stream import elements, local, text

NAME = "feed"
VERSION = "1"

_ROOT = re.compile(
    rb"\s*(?:<\?xml[^>]*\?>\s*|<\?xml-stylesheet[^>]*\?>\s*|<!--.*?-->\s*)*"
    rb"<(?:rss\b|(?:\w+:)?feed\b[^>]*www\.w3\.org/2005/Atom|rdf:RDF\b[^>]*purl\.org/rss)",
    re.DOTALL,
)
_TIMES = ("pubDate", "published", "date", "updated", "issued", "modified")
_BODIES = ("encoded", "content", "description", "summary")


def claims(member: str, head: bytes) -> float:
    """Claim XML whose first element is that of a feed."""
    return SURE if _ROOT.match(head[:8192]) else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("*.rss", "*.atom", "feed.xml")


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield a document per entry; its identity is the one that the feed gives it."""
    for entry in elements(stream, "item", "entry"):
        if isinstance(entry, Rejected):
            yield entry
            continue
        try:
            yield _record(entry)
        except ValueError as exc:
            yield rejected_element(f"not an entry: {exc}", entry, stream.position, "rss")


def _record(entry: Any) -> Record:
    title, url, identifier = text(entry, "title"), _link(entry), text(entry, "guid") or text(entry, "id")
    body = next((found for name in _BODIES if (found := _content(entry, name))), "")
    if not (title or url or body):
        raise ValueError("neither a title nor a link nor a text")
    at = next((when for name in _TIMES if (when := _instant(text(entry, name)))), None)
    attributes: dict[str, object] = {"type": "feed_entry", "mime_type": "text/html"}
    author = text(entry, "creator") or text(entry, "author", "name") or text(entry, "author")
    if author:
        attributes["author"] = author
    labels = [(child.text or child.get("term") or "").strip() for child in entry if local(child) == "category"]
    if labels := [label for label in labels if label]:
        attributes["labels"] = labels
    return Record(
        kind="document",
        source=NAME,
        occurred_at=at,
        zone_source="offset" if at and at.utcoffset() else "utc",
        title=html_text(title) if title and "&" in title else title or url,
        body=body or None,
        url=url or None,
        external_id=identifier or None,
        attributes=attributes,
    )


def _link(entry: Any) -> str:
    """Return the address of an entry: the text of its link in RSS, an attribute in Atom."""
    links = [child for child in entry if local(child) == "link"]
    for child in sorted(links, key=lambda child: child.get("rel", "alternate") != "alternate"):
        if found := (child.text or child.get("href") or "").strip():
            return found
    return ""


def _content(entry: Any, name: str) -> str:
    """Return the text of the first child of that name, whose HTML is escaped or stands there as elements."""
    child = next((child for child in entry if local(child) == name), None)
    if child is None:
        return ""
    raw = " ".join(child.itertext()) if len(child) else child.text or ""
    return html_text(raw) if "<" in raw or "&" in raw else " ".join(raw.split())


def _instant(value: str | None) -> datetime | None:
    """Return a time in the form of mail (RSS) or of ISO 8601 (Atom); None for what is neither."""
    if not value:
        return None
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            at = read(value)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        return at if at.tzinfo else at.replace(tzinfo=UTC)
    return None
