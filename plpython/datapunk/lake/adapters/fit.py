"""Google Fit's daily summaries: a table with a row per day, its header in the person's language."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from datapunk.clock import zone
from datapunk.lake.fitness import figures
from datapunk.lake.names import last_part, named
from datapunk.lake.record import Context, Found, Rejected
from datapunk.lake.registry import BY_NAME, SURE
from datapunk.lake.samples import rejected_row
from datapunk.lake.stream import MemberStream
from datapunk.lake.tabular import header_of, rows

NAME = "google_fit"
VERSION = "1"

_NAMES = named("Daily Summaries.csv", "Daily activity metrics.csv", "Tägliche Zusammenfassungen.csv")
_UNITS = ("(kcal)", "(m)", "(bpm)", "(kg)", "(ms)", "(m/s)")
_DAY = re.compile(rb'\n"?\d{4}-\d\d-\d\d"?,')


def claims(member: str, head: bytes) -> float:
    """Claim a table of days whose columns have at least two of Fit's units."""
    if not head:
        return BY_NAME if last_part(member) in _NAMES else 0.0
    header = header_of(head)
    units = sum(1 for unit in _UNITS if any(word.endswith(unit) for word in header[1:]))
    if len(header) < 3 or units < 2:
        return 0.0
    if _DAY.search(head):
        return SURE
    return SURE if last_part(member) in _NAMES else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("Fit/Daily activity metrics/Daily Summaries.csv", "Google Fit/*/Tägliche Zusammenfassungen.csv")


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield a measurement per figure of a day, which lasts from midnight to midnight in the zone of the import.

    A day whose figures are all zero has no data and gives none. The corners of where a day was spent are left out.
    """
    local = zone(context.timezone)
    for row in rows(stream):
        if isinstance(row, Rejected):
            yield row
            continue
        day, *others = row.cells
        try:
            first = date.fromisoformat(row.cells[day].strip())
            starts_at, ends_at = (
                datetime.combine(at, time(), local).astimezone(UTC) for at in (first, first + timedelta(days=1))
            )
            cells = {name: row.cells[name] for name in others if name}
            yield from figures(cells, starts_at, ends_at, NAME)
        except (ValueError, OverflowError) as exc:
            yield rejected_row(f"row {row.number}: {exc}", row.cells, row.offset)
