"""Pocket: pages saved for later, as a CSV of today's exports or the HTML of older ones."""

from collections.abc import Iterator

from datapunk.lake.epochs import moment
from datapunk.lake.link_lists import links
from datapunk.lake.record import Context, Found, Record, Rejected
from datapunk.lake.registry import SURE
from datapunk.lake.samples import rejected_row
from datapunk.lake.stream import MemberStream
from datapunk.lake.tabular import header_of, rows
from datapunk.lake.text import clean_url

NAME = "pocket"
VERSION = "1"

_HEADER = frozenset(("title", "url", "time_added", "status"))
_PAGE = (b"<title>Pocket Export</title>", b"time_added=")


def claims(member: str, head: bytes) -> float:
    """Claim a table with Pocket's columns, and a page that names itself its export."""
    if all(mark in head for mark in _PAGE):
        return SURE
    return SURE if b"time_added" in head[:1024] and frozenset(header_of(head)) >= _HEADER else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("pocket/part_*.csv", "ril_export.html")


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield a document per saved page, placed where it was saved. One without an address is rejected."""
    for entry in _of_page(stream) if _PAGE[0] in stream.head else _of_table(stream):
        if isinstance(entry, Rejected):
            yield entry
            continue
        try:
            yield _record(entry)
        except ValueError as exc:
            yield rejected_row(f"not a saved page: {exc}", entry)


def _of_table(stream: MemberStream) -> Iterator[dict[str, str] | Rejected]:
    for row in rows(stream):
        yield row if isinstance(row, Rejected) else row.cells


def _of_page(stream: MemberStream) -> Iterator[dict[str, str] | Rejected]:
    for link in links(stream):
        yield {
            **link.attributes,
            "url": link.attributes["href"],
            "title": link.title,
            "tags": link.attributes.get("tags", "").replace(",", "|"),
            "status": "archive" if "archive" in link.heading.casefold() else "unread",
        }


def _record(cells: dict[str, str]) -> Record:
    url = clean_url(cells.get("url") or "")
    if url is None:
        raise ValueError("it has no address")
    saved = int(cells.get("time_added") or 0)
    when = moment(saved) if saved else None
    attributes: dict[str, object] = {"type": "bookmark", "status": cells.get("status") or "unread"}
    if attributes["status"] == "archive":
        attributes["archived"] = True
    if tags := [tag.strip() for tag in (cells.get("tags") or "").split("|") if tag.strip()]:
        attributes["labels"] = tags
    return Record(
        kind="document",
        source=NAME,
        occurred_at=when.at if when else None,
        precision=when.precision if when else "s",
        title=(cells.get("title") or "").strip() or url,
        url=url,
        attributes=attributes,
    )
