"""Google Fit's days in detail: a table per day, named by its date, with a row per quarter of an hour.

A source of its own: its figures add up to those of the daily summaries, which must not be summed with them.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from datapunk.clock import zone
from datapunk.lake.fitness import figures
from datapunk.lake.names import folded
from datapunk.lake.record import Context, Found, Rejected
from datapunk.lake.registry import BY_NAME, SURE
from datapunk.lake.samples import rejected_row
from datapunk.lake.stream import MemberStream
from datapunk.lake.tabular import header_of, rows

NAME = "google_fit_intervals"
VERSION = "1"

_UNITS = ("(kcal)", "(m)", "(bpm)", "(kg)", "(ms)", "(m/s)")
_TIMES = re.compile(rb'\n"?\d\d:\d\d:\d\d[^,\n]*,"?\d\d:\d\d:\d\d')
_DATE = re.compile(r"(?<!\d)(\d{4}-\d\d-\d\d)(?!\d)")
_FOLDERS = ("activity metrics", "daily aggregations", "aktivitätswerte")


def claims(member: str, head: bytes) -> float:
    """Claim a table whose rows begin with two times of day and whose columns have Fit's units."""
    if not head:
        day = _DATE.search(member.rpartition("/")[2]) and member.casefold().endswith(".csv")
        return BY_NAME if day and any(folder in folded(member) for folder in _FOLDERS) else 0.0
    header = header_of(head)
    units = any(word.endswith(_UNITS) for word in header[2:])
    return SURE if len(header) > 2 and units and _TIMES.search(head) else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("Fit/Daily activity metrics/YYYY-MM-DD.csv", "Fit/Daily Aggregations/YYYY-MM-DD.csv")


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield a measurement per figure of an interval; one whose figures are all zero has no data and gives none."""
    local = zone(context.timezone)
    named_day = _DATE.search(context.member.rpartition("/")[2])
    if named_day is None:
        yield Rejected(reason="the name of the file tells no day, and its rows only times of day", byte_offset=0)
        return
    for row in rows(stream):
        if isinstance(row, Rejected):
            yield row
            continue
        try:
            start, end, *others = row.cells
            times = [datetime.fromisoformat(f"{named_day[1]}T{row.cells[name].strip()}") for name in (start, end)]
            first, last = (at if at.tzinfo else at.replace(tzinfo=local) for at in times)
            if last <= first:
                last += timedelta(days=1)
            cells = {name: row.cells[name] for name in others if name}
            yield from figures(cells, first.astimezone(UTC), last.astimezone(UTC), NAME)
        except (ValueError, OverflowError) as exc:
            yield rejected_row(f"row {row.number}: {exc}", row.cells, row.offset)
