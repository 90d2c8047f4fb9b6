"""Datapunk's own browser plug-in: a line of JSON for each passage or page that was captured."""

import re
from collections.abc import Iterator
from datetime import UTC
from decimal import Decimal
from typing import Any

from datapunk.lake.epochs import moment
from datapunk.lake.highlights import highlight, iso_instant
from datapunk.lake.json_text import json_lines
from datapunk.lake.record import Context, Found, Record, Rejected
from datapunk.lake.registry import SURE
from datapunk.lake.samples import rejected
from datapunk.lake.stream import MemberStream, json_items, top_is_array
from datapunk.lake.text import clean_url

NAME = "page_capture"
VERSION = "1"

_KEY = re.compile(rb'"(url|at|text|selection)"\s*:')


def claims(member: str, head: bytes) -> float:
    """Claim objects with an address, a time and a text or a selection."""
    start = head.lstrip()
    if start[:1] not in (b"{", b"["):
        return 0.0
    # Long texts may come before the other keys.
    keys = set(_KEY.findall(start if b"}" not in start else start.partition(b"}")[0]))
    return SURE if {b"url", b"at"} <= keys and keys & {b"text", b"selection"} else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("captures.jsonl",)


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield a highlight per line: the selection, else the text of the page."""
    if top_is_array(stream.head):
        entries = json_items(stream, "item")
    else:
        entries = (line if isinstance(line, Rejected) else line.value for line in json_lines(stream))
    for entry in entries:
        if isinstance(entry, Rejected):
            yield entry
            continue
        try:
            yield _record(entry)
        except (KeyError, TypeError, ValueError, AttributeError) as exc:
            yield rejected(f"a capture needs url, at and a text: {exc!r}", entry)


def _record(entry: Any) -> Record:
    passage = str(entry.get("selection") or entry.get("text") or "").strip()
    if not passage:
        raise ValueError("neither a selection nor a text")
    when = entry["at"]
    if isinstance(when, int | Decimal) and not isinstance(when, bool):
        at, precision = moment(when)
        zone_source = "utc"
    else:
        found, zone_source = iso_instant(str(when), UTC)
        if found is None:
            raise ValueError("no time")
        at, precision = found, "ms" if found.microsecond else "s"
    url = str(entry["url"])
    return highlight(
        source=NAME,
        passage=passage,
        work=str(entry.get("title") or "").strip() or clean_url(url) or "",
        author=str(entry.get("author") or ""),
        note=str(entry.get("note") or ""),
        url=url,
        at=at,
        precision=precision,
        zone_source=zone_source,
        attributes={"labels": [str(tag) for tag in entry.get("tags") or ()]},
    )
