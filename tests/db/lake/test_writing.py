"""Batches of an import: counted right whether all of their items are new or not."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from datapunk.db.psycopg_db import PsycopgDb
from datapunk.lake.batch import Batch, Tally
from datapunk.lake.frames import Frame
from datapunk.lake.identity import Occurrences
from datapunk.lake.record import Record
from datapunk.lake.writing import write

Write = Callable[[Frame], list[tuple[str, int, int]]]
AT = datetime(2024, 6, 15, tzinfo=UTC)


def items(numbers: Iterable[int], *, file: int = 0, quality: int = 2) -> Frame:
    batch, tally = Batch(), Tally(file)
    for number in numbers:
        kind = "search" if number % 2 else "visit"
        record = Record(
            kind=kind, source="google", occurred_at=AT, title=f"tea {number}", external_id=str(number), quality=quality
        )
        batch.add(record, Occurrences(), tally)
    return next(frame for frame in batch.frames() if frame.kind == "items")


@pytest.fixture
def added(db: PsycopgDb, connection: psycopg.Connection[Any]) -> Write:
    row = connection.execute("insert into lake.import (filename) values ('a.zip') returning id::text").fetchone()
    assert row is not None
    import_id = str(row[0])
    return lambda frame: write(db, import_id, frame)


def stored(connection: psycopg.Connection[Any]) -> int:
    row = connection.execute("select count(*) from items where source = 'google'").fetchone()
    assert row is not None
    return int(row[0])


def test_new_items_are_counted_by_kind_and_file(added: Write) -> None:
    assert sorted(added(items(range(5), file=3))) == [("search", 3, 2), ("visit", 3, 3)]


def test_a_batch_with_known_items_adds_the_others_only(added: Write, connection: psycopg.Connection[Any]) -> None:
    added(items(range(4)))
    assert sorted(added(items(range(2, 8), file=1))) == [("search", 1, 2), ("visit", 1, 2)]
    assert sorted(added(items(range(8, 10), file=2))) == [("search", 2, 1), ("visit", 2, 1)]
    assert added(items(range(10), file=2)) == []
    assert stored(connection) == 10


def test_a_better_record_in_a_batch_of_new_ones_replaces_the_other(
    added: Write, connection: psycopg.Connection[Any]
) -> None:
    added(items(range(2), quality=1))
    assert sorted(added(items(range(4)))) == [("search", 0, 1), ("visit", 0, 1)]
    found = connection.execute("select quality from lake.item where source = 'google'").fetchall()
    assert found == [(2,)] * 4
