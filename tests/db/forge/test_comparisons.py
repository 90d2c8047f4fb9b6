"""A second training of what is rows is compared with the version that answers, and promoted by that."""

import json
import threading
from typing import Any, cast

import psycopg
import pytest

from datapunk.inference import InferenceClient
from datapunk_workers.queue import Queue
from datapunk_workers.training import TrainingHandler
from harness import Database

Connection = psycopg.Connection[Any]
DAYS = """
create table public.day as
select d::date as at, 's' || n as series,
  10 * n + 5 * (extract(isodow from d) = 7)::int + abs(hashint4(extract(epoch from d)::int + n)) % 100 / 100.0 as value
from generate_series(timestamptz '2025-01-01', '2025-05-20', '1 day') as d, generate_series(1, 4) as n
"""
TASTES = """
create table public.had as
select 'p' || p as who, case p % 2 when 0 then 'tea ' else 'jazz ' end || (p + i * 3) % 10 as what, i
from generate_series(1, 60) as p, generate_series(1, 8) as i
"""


@pytest.fixture
def person(database: Database) -> Any:
    with database.connect() as connection:
        yield connection


def train(database: Database, person: Connection, recipe: str, query: str, **options: object) -> None:
    person.execute("select api.forge_train('m', %s, %s, %s)", (recipe, query, json.dumps(options)))
    with database.connect("datapunk_worker", owner="local") as worker:
        (message,) = Queue(worker, "training").receive(60)
        handler = TrainingHandler(database.dsn("datapunk_worker"), "tester", threading.Event(), lease_s=60)
        assert handler.handle(message, worker, cast(InferenceClient, None)) is None
    row = person.execute("select status, error from api.jobs order by job_id desc limit 1").fetchone()
    assert row == ("succeeded", None)


def compared(person: Connection) -> list[tuple[Any, ...]]:
    return person.execute(
        "select version, incumbent, metric, row_count, passed from api.comparisons order by at"
    ).fetchall()


def test_forecasts_are_held_to_what_came(database: Database, person: Connection) -> None:
    person.execute(DAYS)
    query = "select at, value, series from public.day where at < '{}'"
    train(database, person, "forecaster", query.format("2025-05-11"), horizon=14, family="theta")
    assert compared(person) == []
    train(database, person, "forecaster", query.format("2025-05-21"), horizon=14, family="theta", gate="not_worse")
    assert compared(person) == [(2, 1, "skill", 4, True)]
    row = person.execute("select reason from api.deployments where model = 'm' and version = 2").fetchone()
    assert row is not None
    assert "on the same 4 series" in row[0]


def test_recommenders_are_held_to_what_neither_knew(database: Database, person: Connection) -> None:
    person.execute(TASTES)
    query = "select who, what from public.had where i <= {}"
    train(database, person, "recommender", query.format(5), split="random")
    train(database, person, "recommender", query.format(8), split="random", test_size=0.4, gate="not_worse")
    ((version, incumbent, metric, subjects, _),) = compared(person)
    assert (version, incumbent, metric) == (2, 1, "ndcg@10")
    assert 10 <= subjects <= 60
    # The same rows again hold nothing that the version before has not learned from.
    train(database, person, "recommender", query.format(8), split="random")
    assert len(compared(person)) == 1
