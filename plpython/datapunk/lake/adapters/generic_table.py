"""Tables that no other source knows: a document per row, with what its columns seem to mean."""

from collections.abc import Iterator

from datapunk.clock import zone
from datapunk.lake.columns import holds_passwords, record
from datapunk.lake.mapping import check_header
from datapunk.lake.record import Context, Found, Rejected
from datapunk.lake.samples import rejected_row
from datapunk.lake.stream import MemberStream
from datapunk.lake.tabular import header_of, rows

NAME = "table"
VERSION = "1"

_LAST_RESORT = 0.15
_ENDINGS = (".csv", ".tsv")


def claims(member: str, head: bytes) -> float:
    """Claim, as the last, tables by their ending; none of passwords."""
    if not member.casefold().endswith(_ENDINGS):
        return 0.0
    if not head:
        return _LAST_RESORT
    header = header_of(head)
    return _LAST_RESORT if len(header) > 1 and not holds_passwords(header) else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("*.csv", "*.tsv")


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield a document per row."""
    own_zone = zone(context.timezone)
    for row in rows(stream):
        if isinstance(row, Rejected):
            yield row
            continue
        if row.number == 1:
            check_header(context.mapping, row.cells, context.member)
        try:
            yield record(NAME, row.cells, own_zone, context.mapping)
        except ValueError as exc:
            yield rejected_row(f"row {row.number}: {exc}", row.cells, row.offset)
