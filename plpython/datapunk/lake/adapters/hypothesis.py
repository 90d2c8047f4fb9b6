"""Hypothesis: annotations of pages as its interface and its exports write them in JSON."""

from collections.abc import Iterator
from datetime import UTC
from typing import Any

from datapunk.lake.highlights import highlight, iso_instant
from datapunk.lake.json_text import json_lines
from datapunk.lake.record import Context, Found, Record, Rejected
from datapunk.lake.registry import SURE
from datapunk.lake.samples import rejected
from datapunk.lake.stream import MemberStream, json_items, top_is_array

NAME = "hypothesis"
VERSION = "1"

_KEYS = (b'"uri"', b'"target"', b'"created"')


def claims(member: str, head: bytes) -> float:
    """Claim JSON whose objects have a page, targets in it and a time."""
    if head.lstrip()[:1] not in (b"{", b"["):
        return 0.0
    return SURE if all(key in head for key in _KEYS) and (b'"selector"' in head or b'"document"' in head) else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("hypothesis*.json",)


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield a highlight per annotation, in a list, below "rows" or "annotations", or one in a line."""
    for entry in _entries(stream):
        if isinstance(entry, Rejected):
            yield entry
            continue
        try:
            yield _record(entry)
        except (KeyError, TypeError, ValueError, AttributeError) as exc:
            yield rejected(f"an annotation needs uri and created: {exc!r}", entry)


def _entries(stream: MemberStream) -> Iterator[Any]:
    if top_is_array(stream.head):
        return json_items(stream, "item")
    for name in ("rows", "annotations"):
        if f'"{name}"'.encode() in stream.head:
            return json_items(stream, f"{name}.item")
    return (line if isinstance(line, Rejected) else line.value for line in json_lines(stream))


def _record(entry: Any) -> Record:
    at, zone_source = iso_instant(entry["created"], UTC)
    titles = (entry.get("document") or {}).get("title") or ""
    passage = "\n".join(filter(None, (_exact(target) for target in entry.get("target") or ())))
    note = str(entry.get("text") or "").strip()
    identifier = str(entry.get("id") or "")
    if not (passage or note or entry.get("tags")):
        raise ValueError("neither a passage nor a note")
    return highlight(
        source=NAME,
        passage=passage,
        work=str(titles[0] if isinstance(titles, list) else titles) or str(entry["uri"]),
        note=note,
        url=str(entry["uri"]),
        at=at,
        precision="us" if at and at.microsecond else "s",
        zone_source=zone_source,
        external_id=identifier or None,
        attributes={
            "labels": [str(tag) for tag in entry.get("tags") or ()],
            "edited": str(entry.get("updated") or ""),
            "group": "" if entry.get("group") == "__world__" else str(entry.get("group") or ""),
        },
    )


def _exact(target: Any) -> str:
    """Return the passage that a target quotes; empty where it is the whole page."""
    for selector in target.get("selector") or ():
        if selector.get("type") == "TextQuoteSelector":
            return str(selector.get("exact") or "").strip()
    return ""
