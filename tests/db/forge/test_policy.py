"""What may be learned from, how much, and what forgetting does to models."""

import json
from typing import Any

import psycopg
import pytest

from datapunk.errors import DatasetUnusable
from datapunk_forge.dataset import read_dataset
from harness import Database
from tabular_models import COMPILED, store

Connection = psycopg.Connection[Any]
RECORDS = [
    {"kind": "note", "source": "pad", "title": "old", "occurred_at": "2020-01-01T00:00:00Z"},
    {"kind": "note", "source": "pad", "title": "new", "occurred_at": "2025-01-01T00:00:00Z"},
    {"kind": "visit", "source": "chrome", "title": "seen", "occurred_at": "2025-02-01T00:00:00Z"},
]


@pytest.fixture
def person(database: Database) -> Any:
    with database.connect() as connection:
        connection.execute("select lake_append(%s)", (json.dumps(RECORDS),))
        yield connection


def policy(connection: Connection, **options: object) -> dict[str, Any]:
    row = connection.execute("select api.forge_policy(%s)", (json.dumps(options),)).fetchone()
    assert row is not None
    found: dict[str, Any] = row[0]
    return found


def check_learned_from(database: Database, titles: list[str]) -> None:
    query = "select title from lake.item order by occurred_at"
    with database.connect("datapunk_worker", owner="local") as worker:

        def read() -> list[str]:
            found = read_dataset(
                worker, query, role="datapunk", timeout_s=30, memory_mb=100, progress=lambda *_, **__: None
            )
            return list(found.columns[0].values)

        if not titles:
            with pytest.raises(DatasetUnusable, match="no rows"):
                read()
            return
        assert read() == titles


@pytest.mark.parametrize(
    ("options", "titles"),
    [
        ({}, ["old", "new", "seen"]),
        ({"kinds": ["note"]}, ["old", "new"]),
        ({"sources": ["chrome"]}, ["seen"]),
        ({"since": "2024-06-01"}, ["new", "seen"]),
        ({"kinds": ["note"], "since": "2024-06-01"}, ["new"]),
        ({"kinds": []}, []),
    ],
)
def test_a_dataset_sees_what_may_be_learned_from(
    database: Database, person: Connection, options: dict[str, object], titles: list[str]
) -> None:
    policy(person, **options)
    check_learned_from(database, titles)
    assert person.execute("select count(*) from items").fetchone() == (3,)


def test_null_lifts_a_bound_and_the_rest_stays(database: Database, person: Connection) -> None:
    policy(person, kinds=["note"], since="2024-06-01")
    assert policy(person, kinds=None)["since"].startswith("2024-06-01")
    check_learned_from(database, ["new", "seen"])


@pytest.mark.parametrize(
    "options",
    [{"kinds": "note"}, {"kinds": [1]}, {"kinds": ["watches"]}, {"max_models": -1}, {"max_models": "x"},
     {"max_models": 1.5}, {"since": "soon"},
     {"since": "2024-13-01"}, {"on_forget": "cry"}, {"kind": ["note"]}],
)  # fmt: skip
def test_policies_that_make_no_sense_are_refused(person: Connection, options: dict[str, object]) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue) as caught:
        policy(person, **options)
    assert caught.value.diag.message_hint


def train(connection: Connection, model: str) -> None:
    connection.execute("select api.forge_train(%s, 'recommender', 'select 1 as a, 2 as b')", (model,))


def test_quotas_hold(database: Database, person: Connection) -> None:
    policy(person, max_jobs_a_day=2)
    train(person, "one")
    train(person, "two")
    with pytest.raises(psycopg.errors.ConfigurationLimitExceeded) as caught:
        train(person, "three")
    assert "forge_policy" in (caught.value.diag.message_hint or "")
    with database.connect(owner="ada") as ada:
        train(ada, "three")
    policy(person, max_jobs_a_day=None, max_models=1)
    store(database, COMPILED["linear_regressor"](), name="kept")
    with pytest.raises(psycopg.errors.ConfigurationLimitExceeded):
        train(person, "another")


def trained(database: Database, person: Connection) -> None:
    """A deployed version that a job made."""
    store(database, COMPILED["linear_regressor"](), name="m")
    train(person, "m-job")
    with database.connect("postgres") as root:
        root.execute("update forge.job set model = 'm', status = 'succeeded'")
        root.execute(
            "update forge.version set job_id = (select id from forge.job)"
            " where model_id = (select id from forge.model where name = 'm' and owner_id = 'local')"
        )


@pytest.mark.parametrize("call", ['lake_forget(\'{"kind": "note"}\')', 'forge_policy(\'{"kinds": ["visit"]}\')'])
def test_rows_of_feature_views_that_were_kept_go(database: Database, person: Connection, call: str) -> None:
    with database.connect("postgres", owner="local") as root:
        root.execute("insert into forge.feature_view (name, spec, query) values ('v', '{}', 'select 1')")
        root.execute(
            "insert into forge.feature_cache (name, role_name, query, read_at, content)"
            " values ('v', 'datapunk', 'select 1', now(), 'rows')"
        )
        person.execute(f"select api.{call}")
        assert root.execute("select count(*) from forge.feature_cache").fetchone() == (0,)


@pytest.mark.parametrize(("on_forget", "serving", "queued"), [("mark", 1, 0), ("retire", 0, 0), ("retrain", 1, 1)])
def test_forgetting_marks_retires_or_retrains(
    database: Database, person: Connection, on_forget: str, serving: int, queued: int
) -> None:
    trained(database, person)
    policy(person, on_forget=on_forget)
    assert person.execute('select models_marked from lake_forget(\'{"kind": "visit"}\')').fetchone() == (1,)
    row = person.execute("select count(*) from api.deployments where model = 'm' and retired_at is null").fetchone()
    assert row == (serving,)
    jobs = person.execute("select options ->> 'deploy' from forge.job where status = 'queued'").fetchall()
    assert jobs == [("always",)] * queued
    assert person.execute('select models_marked from lake_forget(\'{"kind": "note"}\')').fetchone() == (0,)


def test_earlier_states_and_quotations_go_with_their_item(database: Database, person: Connection) -> None:
    with database.connect("postgres", owner="local") as root:
        root.execute(
            "insert into lake.item_version (item_id, edited_at, title) select id, now(), 'was ' || title from lake.item"
        )
    policy(person, kinds=["visit"])
    with database.connect("datapunk_worker", owner="local") as worker:
        found = read_dataset(
            worker, "select title from item_versions", role="datapunk", timeout_s=30, memory_mb=100,
            progress=lambda *_, **__: None,
        )  # fmt: skip
    assert found.columns[0].values == ["was seen"]
    assert person.execute("select count(*) from item_versions").fetchone() == (3,)
