"""Readwise: the CSV of all highlights."""

from collections.abc import Iterator
from datetime import tzinfo

from datapunk.clock import zone
from datapunk.lake.highlights import highlight, iso_instant
from datapunk.lake.record import Context, Found, Record, Rejected
from datapunk.lake.registry import SURE
from datapunk.lake.samples import rejected_row
from datapunk.lake.stream import MemberStream
from datapunk.lake.tabular import header_of, rows

NAME = "readwise"
VERSION = "1"

_HEADER = frozenset(("Highlight", "Book Title", "Highlighted at"))


def claims(member: str, head: bytes) -> float:
    """Claim a table with the columns of Readwise."""
    return SURE if b"Highlighted at" in head and frozenset(header_of(head)) >= _HEADER else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("readwise-data.csv",)


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield a highlight per row."""
    own_zone = zone(context.timezone)
    for row in rows(stream):
        if isinstance(row, Rejected):
            yield row
            continue
        try:
            yield _record(row.cells, own_zone)
        except (KeyError, ValueError) as exc:
            yield rejected_row(f"row {row.number}: {exc!r}", row.cells, row.offset)


def _record(cells: dict[str, str], own_zone: tzinfo) -> Record:
    passage, note = cells["Highlight"].strip(), cells.get("Note", "").strip()
    if not (passage or note):
        raise ValueError("neither a highlight nor a note")
    at, zone_source = iso_instant(cells["Highlighted at"], own_zone)
    tags = f"{cells.get('Tags', '')},{cells.get('Document tags', '')}"
    place = " ".join(filter(None, (cells.get("Location Type"), cells.get("Location")))) if cells.get("Location") else ""
    return highlight(
        source=NAME,
        passage=passage,
        work=cells["Book Title"].strip(),
        author=cells.get("Book Author", "").strip(),
        note=note,
        at=at,
        precision="us" if at and at.microsecond else "s",
        zone_source=zone_source,
        attributes={
            "color": cells.get("Color", ""),
            "location": place,
            "labels": list(dict.fromkeys(tag.strip() for tag in tags.split(",") if tag.strip())),
            "asin": cells.get("Amazon Book ID", ""),
        },
    )
