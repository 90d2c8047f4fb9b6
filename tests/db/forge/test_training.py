"""A training by its own process, from the call to what the version answers for."""

import json
import threading
from typing import Any, cast

import psycopg
import pytest

from datapunk.db import Row
from datapunk.db.psycopg_db import PsycopgDb
from datapunk.errors import NotReady
from datapunk.inference import InferenceClient
from datapunk_forge.codec import encode
from datapunk_forge.trained import Trained
from datapunk_workers.child_process import ChildProcess, News
from datapunk_workers.queue import Message, Q, Queue, RetryLater
from datapunk_workers.training import Failure, TrainingHandler, _unwritten
from datapunk_workers.versions import Claim
from harness import Database

Connection = psycopg.Connection[Any]
TRIPS = """
create table public.trip as
select
  n % 24 as hour, (array['Bern', 'Chur'])[n % 2 + 1] as city, (array['w', 'm'])[n % 3 % 2 + 1] as sex,
  format('call +41 44 668 18 %s', lpad((n % 90 + 10)::text, 2, '0')) as note,
  case when (n % 24 > 12) = (n % 2 = 0) then 'late' else 'early' end as arrival
from generate_series(1, 600) as n
"""
OPTIONS = {
    "target": "arrival", "family": "linear", "sensitive": ["sex"], "slices": ["hour"], "group": "city",
    "group_models": True, "group_rows": 50, "pii": "drop", "seed": 3,
}  # fmt: skip


@pytest.fixture
def person(database: Database, monkeypatch: pytest.MonkeyPatch) -> Any:
    with database.connect() as connection:
        connection.execute(TRIPS)
        connection.execute("set datapunk.inference = 'in_process'")
        yield connection


def trained(database: Database, person: Connection) -> Any:
    query = "select hour, city, sex, note, arrival from public.trip"
    person.execute("select api.forge_train('late', 'classifier', %s, %s)", (query, json.dumps(OPTIONS)))
    with database.connect("datapunk_worker", owner="local") as worker:
        (message,) = Queue(worker, "training").receive(60)
        handler = TrainingHandler(database.dsn("datapunk_worker"), "tester", threading.Event(), lease_s=60)
        # The training process has a client of its own.
        assert handler.handle(message, worker, cast(InferenceClient, None)) is None
    row = person.execute("select status, error from api.jobs").fetchone()
    assert row == ("succeeded", None)
    return person.execute("select parameters, signature from api.model_versions where model = 'late'").fetchone()


def test_a_version_has_slices_lineage_parts_and_checks(database: Database, person: Connection) -> None:
    parameters, signature = trained(database, person)
    assert [f["name"] for f in signature["features"]] == ["hour", "city"]
    assert set(parameters["models_by_group"]) == {"Bern", "Chur"}
    # Even hours are in Bern, so that the hour tells when it is late.
    assert [(c["column"], c["action"]) for c in parameters["checks"]] == [("hour", "kept"), ("note", "dropped")]
    uses = person.execute("select name, use from api.features where model = 'late' order by position").fetchall()
    assert [(name, use.partition(":")[0]) for name, use in uses] == [
        ("hour", "feature"), ("city", "feature"), ("sex", "sensitive, left out"), ("note", "dropped"),
        ("arrival", "target"),
    ]  # fmt: skip
    found = person.execute("select attribute, sensitive, count(*) from api.slices group by 1, 2 order by 1").fetchall()
    assert [(a, s) for a, s, _ in found] == [("city", False), ("hour", False), ("sex", True)]
    row = person.execute(
        "select difference, ratio, held_out_rows from api.bias where attribute = 'sex' and metric = 'accuracy'"
    ).fetchone()
    assert row is not None
    assert 0 <= row[0] < 0.3
    assert row[2] == 120
    assert person.execute("select relation, basis from api.lineage").fetchall() == [("public.trip", "plan")]
    labels = [
        person.execute("select api.forge_predict('late', %s) ->> 'label'", (json.dumps(given),)).fetchone()
        for given in ({"hour": 23, "city": "Bern"}, {"hour": 23, "city": "Chur"})
    ]
    assert labels == [("late",), ("early",)]
    card = person.execute("select api.forge_card('late')").fetchone()
    assert card is not None
    expected = (
        "## Metrics by slice", "## Bias", "- public.trip", "- note has PHONE_NUMBER", "one model for all groups",
        "processor seconds", "if a busy core takes 10 W",
    )  # fmt: skip
    for part in expected:
        assert part in card[0]


class Paused(TrainingHandler):
    """A worker that is paused past its lease, while another one takes its job over."""

    def _watch(
        self, child: ChildProcess, claim: Claim, queue: Queue, message: Message, db: PsycopgDb, job: Row
    ) -> News | Failure | None:
        db.rows(Q.heartbeat_job, claim.job_id, claim.token, 0)
        assert db.rows(Q.claim_job, claim.job_id, "another", 60)[0]["state"] == "claimed"
        return super()._watch(child, claim, queue, message, db, job)


def test_who_lost_a_job_leaves_its_message_to_who_has_it(database: Database, person: Connection) -> None:
    options = json.dumps(OPTIONS)
    person.execute("select api.forge_train('late', 'classifier', 'select * from public.trip', %s)", (options,))
    with database.connect("datapunk_worker", owner="local") as worker:
        (message,) = Queue(worker, "training").receive(60)
        handler = Paused(database.dsn("datapunk_worker"), "tester", threading.Event())
        # Were it gone, nobody would hear of the job when that worker goes away as well.
        assert isinstance(handler.handle(message, worker, cast(InferenceClient, None)), RetryLater)
    assert person.execute("select status, worker from api.jobs").fetchone() == ("running", "another")


class Unwritable(TrainingHandler):
    """A worker whose result the database refuses."""

    def _watch(
        self, child: ChildProcess, claim: Claim, queue: Queue, message: Message, db: PsycopgDb, job: Row
    ) -> News | Failure | None:
        learned = Trained(metrics=(), primary_metric="m", parameters={"note": "\0"}, signature={})
        dataset = {"fingerprint": "f", "columns": [], "row_count": 1, "read_at": "2026-01-01", "origins": []}
        fields = {"dataset": dataset, "usage": {"cpu_s": 1.5, "peak_memory_mb": 50.0}}
        return News(type="result", fields=fields, content=encode(learned))


def test_what_cannot_be_written_fails_at_once_with_its_own_reason(database: Database, person: Connection) -> None:
    person.execute(
        "select api.forge_train('late', 'classifier', 'select * from public.trip', '{\"target\": \"hour\"}')"
    )
    with database.connect("datapunk_worker", owner="local") as worker:
        (message,) = Queue(worker, "training").receive(60)
        handler = Unwritable(database.dsn("datapunk_worker"), "tester", threading.Event(), lease_s=60)
        assert handler.handle(message, worker, cast(InferenceClient, None)) is None
    row = person.execute("select status, attempts, error_sqlstate, error from api.jobs").fetchone()
    assert row is not None
    assert row[:3] == ("failed", 1, "DP022")
    assert "could not be written: unsupported Unicode escape sequence" in row[3]
    assert person.execute("select outcome, cpu_s from api.runs").fetchall() == [("failed", 1.5)]
    assert person.execute("select count(*) from api.models where model = 'late'").fetchone() == (0,)


@pytest.mark.parametrize(
    ("exc", "sqlstate", "retry"),
    [
        (psycopg.errors.DiskFull("full"), "53100", True),
        (psycopg.errors.DeadlockDetected("deadlock"), "40P01", True),
        (psycopg.errors.ProgramLimitExceeded("too large"), "DP022", False),
        (psycopg.errors.InvalidTextRepresentation("no json"), "DP022", False),
        (NotReady("no key"), "DP002", False),
        (ValueError("damaged"), "DP022", False),
    ],
)
def test_only_what_may_pass_is_tried_again(exc: Exception, sqlstate: str, retry: bool) -> None:
    failure = _unwritten(exc, {})
    assert (failure.sqlstate, failure.retry) == (sqlstate, retry)
    assert str(exc) in failure.message


def test_a_training_tells_scores_losses_and_what_it_doubts(database: Database, person: Connection) -> None:
    query = (
        "select n % 24 as hour, sin(n) as x, case when (n % 24 > 12) <> (n % 7 = 0) then cos(n) end as refund,"
        " (n % 24 > 12) <> (n % 7 = 0) as late from generate_series(1, 2000) as n"
    )
    person.execute("select api.forge_train('late', 'classifier', %s, %s)", (query, json.dumps({"target": "late"})))
    with database.connect("datapunk_worker", owner="local") as worker:
        (message,) = Queue(worker, "training").receive(60)
        handler = TrainingHandler(database.dsn("datapunk_worker"), "tester", threading.Event(), lease_s=60)
        assert handler.handle(message, worker, cast(InferenceClient, None)) is None
    row = person.execute("select status, metric, log from api.jobs").fetchone()
    assert row is not None
    assert row[0] == "succeeded"
    assert {"score", "linear", "forest", "extra_trees", "boosting", "cpu_s", "memory_mb"} <= set(row[1])
    assert "refund tells nearly the whole target 'late' by whether it is missing: kept" in row[2]
    card = person.execute("select api.forge_card('late')").fetchone()
    assert card is not None
    assert "only where refund" in card[0]
    told = person.execute(
        "select figures from api.job_progress where stage ~ '^training' order by at limit 1"
    ).fetchone()
    assert told is not None
    assert told[0]["score"] == row[1]["score"]
