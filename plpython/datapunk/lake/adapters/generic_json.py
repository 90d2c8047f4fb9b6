"""JSON that no other source knows: a document per object of a list, or per line."""

import re
from collections.abc import Iterator
from typing import Any

from datapunk.clock import zone
from datapunk.lake.columns import flat, record
from datapunk.lake.documents import in_takeout
from datapunk.lake.json_text import json_lines, whole_json
from datapunk.lake.record import Context, Found, Rejected
from datapunk.lake.samples import rejected
from datapunk.lake.stream import MemberStream, json_items, top_is_array

NAME = "json"
VERSION = "1"

_LAST_RESORT = 0.15
_ENDINGS = (".json", ".jsonl", ".ndjson")
_LINES = (".jsonl", ".ndjson")
# An object that says something itself; one of objects only is the inside of some program.
_TELLING = re.compile(rb'\s*\{\s*"(?:[^"\\]|\\.){1,200}"\s*:\s*(?:"|-?\d|true|false|null)')
# A line that is an object whole, and another behind it.
_TWO_LINES = re.compile(rb"\s*\{[^\n]*\}\s*\n\s*\{")


def claims(member: str, head: bytes) -> float:
    """Claim, as the last, lists of objects and lines of them; a single object outside of a Takeout."""
    if not member.casefold().endswith(_ENDINGS) or not head:
        return 0.0
    if top_is_array(head) or _TWO_LINES.match(head) or member.casefold().endswith(_LINES):
        return _LAST_RESORT
    return _LAST_RESORT if _TELLING.match(head) and not in_takeout(member) else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("*.json", "*.jsonl", "*.ndjson")


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield a document per object, the keys of inner objects joined by dots; anything else is rejected."""
    own_zone = zone(context.timezone)
    for entry in _entries(stream, context.member):
        if isinstance(entry, Rejected):
            yield entry
            continue
        if not isinstance(entry, dict):
            yield rejected("not a record: it is no object", entry)
            continue
        try:
            yield record(NAME, flat(entry), own_zone, context.mapping)
        except ValueError as exc:
            yield rejected(f"not a record: {exc}", entry)


def _entries(stream: MemberStream, member: str) -> Iterator[Any]:
    if top_is_array(stream.head):
        yield from json_items(stream, "item")
    elif _TWO_LINES.match(stream.head) or member.casefold().endswith(_LINES):
        for line in json_lines(stream):
            yield line if isinstance(line, Rejected) else line.value
    else:
        yield whole_json(stream)
