"""Addresses typed into Chrome, of a Takeout: Omnibox.json, each with the times of its visits."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from datapunk.lake.epochs import WINDOWS, count
from datapunk.lake.names import last_part
from datapunk.lake.record import Context, Found, Record, Rejected
from datapunk.lake.registry import BY_NAME, SURE
from datapunk.lake.samples import rejected
from datapunk.lake.stream import MemberStream, json_items

NAME = "chrome_omnibox"
VERSION = "1"


def claims(member: str, head: bytes) -> float:
    """Claim what has the key of the typed addresses and not that of the history."""
    if head:
        return SURE if b'"Typed Url"' in head and b'"Browser History"' not in head else 0.0
    return BY_NAME if last_part(member) == "omnibox.json" else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("Chrome/Omnibox.json",)


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield a visit per time of each address; they are the visits of the history that were typed."""
    for entry in json_items(stream, "Typed Url.item"):
        if isinstance(entry, Rejected):
            yield entry
            continue
        try:
            yield from _records(entry)
        except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as exc:
            yield rejected(f"a typed address needs url and visits: {exc!r}", entry, "Typed Url.item")


def _records(entry: Any) -> list[Record]:
    url, title = str(entry["url"]), str(entry.get("title") or "")
    return [
        Record(
            kind="visit",
            source=NAME,
            occurred_at=WINDOWS + timedelta(microseconds=count(time)),
            precision="us",
            title=title,
            url=url,
            attributes={"transition": "typed"},
        )
        for time in entry["visits"]
    ]
