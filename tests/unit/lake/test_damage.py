"""Files of which a tenth is overwritten at random places: whatever the damage spares is read."""

import io
import random
import re
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any

import pytest

from bench import lake_files
from datapunk.lake.record import Context, Record
from datapunk.lake.registry import by_name
from datapunk.lake.stream import MemberStream

Key = Callable[[Any], Hashable]
#: For each source: what writes a file, what its records begin with, and what one is known by.
FILES: dict[str, tuple[Callable[[Path], int], bytes, Key]] = {
    "my_activity_html": (
        lambda path: lake_files.activity_html(path, "2026", records=600),
        rb'<div class="outer-cell', lambda record: (record.occurred_at, record.title),
    ),
    "gmail": (lambda path: lake_files.mbox(path, 1_500_000), rb"From \d+@xxx", lambda record: record.external_id),
    "location_history": (
        lambda path: lake_files.records_json(path, records=2_000),
        rb'\{\s*"latitudeE7"', lambda record: record.occurred_at,
    ),
}  # fmt: skip


def read(source: str, content: bytes) -> list[Any]:
    found = by_name(source).parse(MemberStream(io.BytesIO(content)), Context(member="file"))
    return [one for one in found if hasattr(one, "occurred_at") and not (type(one) is Record and one.kind == "message")]


@pytest.mark.parametrize("longest", [400, 4_000])
@pytest.mark.parametrize("source", FILES)
def test_what_the_damage_spares_is_read(tmp_path: Path, source: str, longest: int) -> None:
    write, begin, key = FILES[source]
    write(tmp_path / "file")
    content = (tmp_path / "file").read_bytes()
    whole = read(source, content)
    starts = [match.start() for match in re.finditer(begin, content)]
    assert len(starts) == len(whole)
    chance = random.Random(longest)
    damaged, hit, written = bytearray(content), bytearray(len(content)), 0
    while written < len(content) // 10:
        length = chance.randint(1, longest)
        at = chance.randrange(1, len(content) - length)
        damaged[at : at + length] = chance.randbytes(length)
        hit[at : at + length] = b"x" * length
        written += length
    ends = [*starts[1:], len(content)]
    spared = {key(record) for record, start, end in zip(whole, starts, ends, strict=True) if not any(hit[start:end])}
    assert len(spared) > len(whole) // 5
    assert spared <= {key(record) for record in read(source, bytes(damaged))}
