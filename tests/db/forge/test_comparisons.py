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
    assert compared(person)[1:] == [(3, 2, "ndcg@10", 0, False)]


HABITS = """
create table public.habit as
select timestamptz '2025-01-01 06:00+00' + d * interval '1 day' + h * interval '3 hours' as at,
  (array['wake', 'work', 'lunch', 'home'])[h + 1] as what
from generate_series(0, 99) as d, generate_series(0, 3) as h
"""
MEASURED = """
create table public.body as
select n, 20 + 30 * (n % 3) + (n * 7919 % 100) / 50.0 as age, 9000 - 4000 * (n % 3) + n * 104729 % 300 as steps
from generate_series(1, 300) as n
"""


def test_groups_and_odd_rows_are_held_to_the_same_rows(database: Database, person: Connection) -> None:
    person.execute(MEASURED)
    query = "select age, steps from public.body"
    train(database, person, "clusterer", query, k=2)
    train(database, person, "clusterer", query, gate="confident")
    assert compared(person) == [(2, 1, "silhouette", 60, True)]
    person.execute("select api.forge_drop('m')")
    train(database, person, "anomaly_detector", query, family="ecod")
    train(database, person, "anomaly_detector", query, gate="not_worse", gate_margin=-1)
    assert compared(person) == [(2, 1, "roc_auc_shuffled", 120, True)]


def test_events_are_held_to_what_followed(database: Database, person: Connection) -> None:
    person.execute(HABITS)
    query = "select at, what from public.habit where at < '2025-01-01'::timestamptz + interval '{} days'"
    train(database, person, "next_event", query.format(90), family="forest")
    train(database, person, "next_event", query.format(100), family="forest", gate="not_worse")
    assert compared(person) == [(2, 1, "accuracy", 40, True)]


def test_names_are_held_to_texts_that_neither_knew(database: Database, person: Connection) -> None:
    person.execute(
        "create table public.note as select n, format('We met %s today', name) as text,"
        " json_build_array(json_build_object('start', 7, 'end', 7 + length(name), 'label', 'person'))::text as entities"
        " from generate_series(1, 120) as n, lateral (select initcap(substr(md5(n::text), 1, 6)) as name) as named"
    )
    train(database, person, "entity_recognizer", "select text, entities from public.note where n <= 40", iterations=2)
    train(database, person, "entity_recognizer", "select text, entities from public.note", gate="not_worse")
    ((version, incumbent, metric, texts, passed),) = compared(person)
    assert (version, incumbent, metric, passed) == (2, 1, "f1", True)
    assert 10 <= texts <= 24
