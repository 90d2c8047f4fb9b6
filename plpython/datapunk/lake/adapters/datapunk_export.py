"""Datapunk: what lake_export and `datapunk export` wrote, an object a line."""

import re
from collections.abc import Iterator

from datapunk.clock import zone
from datapunk.lake.json_text import json_lines
from datapunk.lake.live import live_record
from datapunk.lake.record import Context, Found, Rejected
from datapunk.lake.registry import SURE
from datapunk.lake.stream import MemberStream

NAME = "datapunk_export"
VERSION = "1"

# A line holds the whole text of a document.
_LONGEST = 16 << 20
_ITEM = re.compile(rb'\{"[^\n]*"identity": "[0-9a-f]{64}", [^\n]*"attributes": \{')
# jsonb writes the shorter keys first.
_SAMPLE = re.compile(rb'\{"kind": "(?:position", "(?:device|source)|measurement", "unit)": "')


def claims(member: str, head: bytes) -> float:
    """Claim lines that begin with an item and its identity, or with a sample as jsonb writes it."""
    return SURE if _ITEM.match(head) or _SAMPLE.match(head) else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("*.jsonl",)


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield what each line tells, under the identity that it had."""
    own_zone = zone(context.timezone)
    for line in json_lines(stream, _LONGEST):
        yield line if isinstance(line, Rejected) else live_record(line.value, own_zone)
