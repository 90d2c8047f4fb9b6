"""What a dataset was is read again as of its time."""

import json
from typing import Any

import psycopg
import pytest

from datapunk_forge.dataset import read_dataset
from datapunk_forge.trained import Dataset
from harness import Database

QUERIES = {
    "items": "select title, occurred_at from items order by 1",
    "positions": "select latitude, longitude from positions order by 1",
    "measurements": "select metric, value from measurements order by 1, 2",
}
IMPORT = """
with run as (
  insert into lake.import (filename, status, started_at, finished_at)
  values ('a.json', 'done', now(), now()) returning id
), at as (
  insert into lake.position (import_id, occurred_at, device, source, latitude, longitude)
  select id, now(), 'phone', 'takeout', %(value)s, 8 from run
)
insert into lake.measurement (import_id, metric, starts_at, ends_at, value, unit, source)
select id, 'weight', now(), now(), %(value)s, 'kg', 'scale' from run
"""


def read(database: Database, query: str, as_of: str | None = None) -> Dataset:
    with database.connect("datapunk_worker", owner="local") as worker:
        return read_dataset(
            worker, query, role="datapunk", timeout_s=30, memory_mb=100, progress=lambda *_, **__: None, as_of=as_of
        )


def add(database: Database, number: int) -> None:
    with database.connect() as person:
        person.execute(
            "select lake_append(%s)", (json.dumps([{"kind": "note", "source": "pad", "title": f"n{number}"}]),)
        )
    with database.connect("postgres", owner="local") as root:
        root.execute(IMPORT, {"value": number})


@pytest.mark.parametrize("name", QUERIES)
def test_what_came_later_is_not_seen_then(database: Database, name: str) -> None:
    add(database, 1)
    then = read(database, QUERIES[name])
    add(database, 2)
    now, again = read(database, QUERIES[name]), read(database, QUERIES[name], then.read_at)
    assert (then.row_count, now.row_count) == (1, 2)
    assert again.fingerprint == then.fingerprint


def train(connection: psycopg.Connection[Any], **options: object) -> None:
    connection.execute(
        "select api.forge_train('m', 'clusterer', 'select 1 as x', %s)", (json.dumps(options),)
    )  # fmt: skip


@pytest.mark.parametrize("options", [{"as_of": "yesterday"}, {"as_of": "2026-01-01", "retrain": {"every": "1 day"}}])
def test_a_time_that_cannot_be_is_refused(connection: psycopg.Connection[Any], options: dict[str, object]) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue) as caught:
        train(connection, **options)
    assert caught.value.diag.message_hint


def test_a_time_without_a_zone_is_of_utc(connection: psycopg.Connection[Any]) -> None:
    train(connection, as_of="2026-01-01")
    row = connection.execute("select options ->> 'as_of' from jobs").fetchone()
    assert row == ("2026-01-01T00:00:00+00:00",)
