"""From a claim to an answer, with the worker's functions called by hand."""

import json
from collections.abc import Iterator
from hashlib import md5
from typing import Any

import numpy as np
import psycopg
import pytest
from psycopg import errors

from datapunk.db import one
from datapunk.db.psycopg_db import PsycopgDb
from datapunk_forge.codec import encode
from datapunk_forge.trained import Metric, RecommenderRows, Trained
from datapunk_workers.connection import act_as
from datapunk_workers.queue import Q, Queue
from datapunk_workers.versions import Claim, write_version
from harness import Database

Connection = psycopg.Connection[tuple[Any, ...]]
DATASET = {"fingerprint": "f", "columns": [{"name": "who", "type": "text"}], "row_count": 4, "read_at": "2025-01-01Z"}


@pytest.fixture
def person(database: Database) -> Iterator[Connection]:
    with database.connect(owner="ada") as connection:
        yield connection


@pytest.fixture
def worker(database: Database) -> Iterator[Connection]:
    with database.connect("datapunk_worker", owner="ada") as connection:
        yield connection


def train(person: Connection, **options: object) -> int:
    row = person.execute(
        "select api.forge_train('taste', 'recommender', 'select 1 as a, 2 as b', %s)", (json.dumps(options),)
    ).fetchone()
    assert row is not None
    return int(row[0])


def claim(worker: Connection, job_id: int, lease_s: int = 60) -> tuple[str, Claim]:
    row = one(PsycopgDb(worker).rows(Q.claim_job, job_id, "tester", lease_s))
    return row["state"], Claim(job_id=job_id, token=row["token"] or 0)


def learned(ndcg: float = 0.5) -> bytes:
    return encode(
        Trained(
            metrics=(Metric(name="ndcg@10", value=ndcg), Metric(name="ndcg@10", value=0.1, scored="popularity")),
            primary_metric="ndcg@10", parameters={"seed": 0}, signature={},
            recommender=RecommenderRows(
                items=("tea", "milk", "jazz"), popularity=np.array([1.0, 0.5, 0.25]),
                neighbours=np.array([[1, 2], [0, 2], [0, 1]], dtype=np.int32),
                weights=np.array([[0.5, -0.25], [0.5, 0.125], [0.25, 0.25]], dtype=np.float32),
                subjects={"ada": (np.array([0], dtype=np.int32), np.array([1.0], dtype=np.float32))},
            ),
        )
    )  # fmt: skip


def write(worker: Connection, held: Claim, ndcg: float = 0.5) -> int:
    return write_version(worker, held, learned(ndcg), DATASET, 0, {"cpu_s": 1.0, "peak_memory_mb": 9.0})


def trained(person: Connection, worker: Connection, ndcg: float, **options: object) -> int:
    return write(worker, claim(worker, train(person, **options))[1], ndcg)


def served(person: Connection) -> object:
    row = person.execute("select version from api.models where model = 'taste'").fetchone()
    assert row is not None
    return row[0]


def test_a_version_answers_with_reasons(person: Connection, worker: Connection) -> None:
    assert trained(person, worker, 0.5) == 1
    rows = person.execute("select item, score, reason from api.forge_recommend('taste', 'ada', 2)").fetchall()
    assert rows == [
        ("milk", 0.5, {"kind": "neighbours", "because": ["tea"]}),
        ("jazz", 0.25, {"kind": "popular", "because": [], "share": 0.25}),
    ]


def test_an_unknown_subject_gets_what_is_common(person: Connection, worker: Connection) -> None:
    trained(person, worker, 0.5)
    rows = person.execute("select item, reason ->> 'kind' from api.forge_recommend('taste', 'eve', 2)").fetchall()
    assert rows == [("tea", "popular"), ("milk", "popular")]


def test_seen_items_come_back_on_request(person: Connection, worker: Connection) -> None:
    trained(person, worker, 0.5)
    rows = person.execute(
        """select item from api.forge_recommend('taste', 'ada', 3, '{"exclude_seen": false}')"""
    ).fetchall()
    assert ("tea",) in rows


def tastes(person: Connection, subject: str, **options: object) -> list[object]:
    rows = person.execute(
        "select item from api.forge_recommend('taste', %s, 3, %s)", (subject, json.dumps(options))
    ).fetchall()
    return [row[0] for row in rows]


def test_an_unknown_subject_is_known_by_what_it_is_said_to_have(person: Connection, worker: Connection) -> None:
    trained(person, worker, 0.5)
    assert tastes(person, "eve", having=["milk"]) == ["tea", "jazz"]
    assert tastes(person, "eve", having=["milk"], diversity=0.5) == ["tea", "jazz"]


def test_only_items_that_are_asked_for_are_recommended(person: Connection, worker: Connection) -> None:
    trained(person, worker, 0.5)
    assert tastes(person, "ada", among=["jazz", "tea"]) == ["jazz"]
    assert tastes(person, "ada", without=["milk"]) == ["jazz"]
    assert tastes(person, "eve", without=["tea"], among=["tea", "jazz"]) == ["jazz"]
    assert tastes(person, "ada", among=[]) == []


@pytest.mark.parametrize("options", [{"among": "tea"}, {"having": [1]}, {"without": [None]}])
def test_a_filter_that_is_no_list_of_texts_is_refused(
    person: Connection, worker: Connection, options: dict[str, object]
) -> None:
    trained(person, worker, 0.5)
    with pytest.raises(errors.InvalidParameterValue) as caught:
        tastes(person, "ada", **options)
    assert caught.value.diag.message_hint


def recommended(person: Connection, **options: object) -> list[object]:
    rows = person.execute(
        "select item from api.forge_recommend('alike', 'ada', 3, %s)", (json.dumps(options),)
    ).fetchall()
    return [row[0] for row in rows]


def test_diversity_puts_what_is_unlike_before_more_of_the_same(person: Connection, worker: Connection) -> None:
    # Of tea follow three coffees, which go with each other, and then jazz, which goes with none of them.
    row = person.execute("select api.forge_train('alike', 'recommender', 'select 1 as a, 2 as b')").fetchone()
    assert row is not None
    rows = RecommenderRows(
        items=("tea", "mocha", "latte", "espresso", "jazz"), popularity=np.array([1.0, 0.5, 0.4, 0.3, 0.2]),
        neighbours=np.array([[1, 2, 3, 4], [2, 3, 0, -1], [1, 3, 0, -1], [1, 2, 0, -1], [0, -1, -1, -1]], np.int32),
        weights=np.array(
            [[0.5, 0.4, 0.3, 0.2], [1, 1, 0.5, 0], [1, 1, 0.4, 0], [1, 1, 0.3, 0], [0.2, 0, 0, 0]], np.float32
        ),
        subjects={"ada": (np.array([0], dtype=np.int32), np.array([1.0], dtype=np.float32))},
    )  # fmt: skip
    made = Trained(metrics=(), primary_metric="ndcg@10", parameters={}, signature={}, recommender=rows)
    usage = {"cpu_s": 1.0, "peak_memory_mb": 9.0}
    write_version(worker, claim(worker, int(row[0]))[1], encode(made), DATASET, 0, usage)
    assert recommended(person) == ["mocha", "latte", "espresso"]
    # Half and half: after mocha (rank 1), latte has 0.375 - 0.5 and espresso 0.25 - 0.5, jazz 0.125 - 0.
    assert recommended(person, diversity=0.5) == ["mocha", "jazz", "latte"]
    assert recommended(person, diversity=0) == recommended(person)
    with pytest.raises(errors.InvalidParameterValue), person.transaction():
        recommended(person, diversity=2)


@pytest.mark.parametrize("call", ["'taste', ''", "'taste', 'ada', 0", "'taste', 'ada', 5, '{\"x\": 1}'"])
def test_wrong_arguments_are_refused(person: Connection, worker: Connection, call: str) -> None:
    trained(person, worker, 0.5)
    with pytest.raises(errors.InvalidParameterValue) as caught:
        person.execute(f"select * from api.forge_recommend({call})")
    assert caught.value.diag.message_hint


def test_a_query_may_be_as_long_as_it_likes(person: Connection, worker: Connection) -> None:
    query = "select 'ada' as who, 'tea' as what -- " + " ".join(md5(str(n).encode()).hexdigest() for n in range(500))
    for version in (1, 2):
        row = person.execute("select api.forge_train('long', 'recommender', %s)", (query,)).fetchone()
        assert row is not None
        assert write(worker, claim(worker, int(row[0]))[1]) == version
    assert person.execute("select min(length(query)) > 16000 from api.datasets").fetchone() == (True,)


def test_figures_of_different_rows_promote_nothing(person: Connection, worker: Connection) -> None:
    trained(person, worker, 0.5)
    assert (trained(person, worker, 0.4), served(person)) == (2, 1)
    assert (trained(person, worker, 0.6), served(person)) == (3, 1)
    assert person.execute("select version, row_count, passed from api.comparisons order by version").fetchall() == [
        (2, 0, False), (3, 0, False),
    ]  # fmt: skip
    assert (trained(person, worker, 0.3, gate="not_worse"), served(person)) == (4, 4)
    assert (trained(person, worker, 0.2, deploy="always"), served(person)) == (5, 5)
    assert (trained(person, worker, 0.9, deploy="never"), served(person)) == (6, 5)


def test_rollback_goes_back_step_by_step(person: Connection, worker: Connection) -> None:
    for _ in range(3):
        trained(person, worker, 0.5, deploy="always")
    assert person.execute("select api.forge_rollback('taste')").fetchone() == (2,)
    assert person.execute("select api.forge_rollback('taste')").fetchone() == (1,)
    with pytest.raises(psycopg.Error) as caught:
        person.execute("select api.forge_rollback('taste')")
    assert caught.value.sqlstate == "DP020"
    assert person.execute("select api.forge_deploy('taste', 3)").fetchone() == (3,)


def test_a_late_result_is_refused(person: Connection, worker: Connection) -> None:
    job_id = train(person)
    _, first = claim(worker, job_id, lease_s=0)
    state, second = claim(worker, job_id)
    assert state == "claimed"
    with pytest.raises(errors.ObjectNotInPrerequisiteState):
        write(worker, first)
    assert write(worker, second) == 1
    with pytest.raises(errors.ObjectNotInPrerequisiteState):
        write(worker, second)
    assert person.execute("select count(*) from api.model_versions where model = 'taste'").fetchone() == (1,)
    assert person.execute("select outcome from api.runs order by attempt").fetchall() == [("lost",), ("succeeded",)]


def test_a_running_job_is_held(person: Connection, worker: Connection) -> None:
    job_id = train(person)
    claim(worker, job_id)
    assert claim(worker, job_id)[0] == "held"


def test_a_job_whose_workers_vanish_is_given_up(person: Connection, worker: Connection) -> None:
    job_id = train(person, max_retries=1)
    assert [claim(worker, job_id, lease_s=0)[0] for _ in range(4)] == ["claimed", "claimed", "exhausted", "finished"]
    row = person.execute("select status, error_sqlstate from api.jobs where job_id = %s", (job_id,)).fetchone()
    assert row == ("failed", "DP022")


def test_another_owner_finds_nothing(person: Connection, worker: Connection, database: Database) -> None:
    trained(person, worker, 0.5)
    act_as(worker, "eve")
    assert claim(worker, train(person))[0] == "finished"
    with database.connect(owner="eve") as eve:
        for view in ("jobs", "runs", "model_versions", "datasets", "deployments"):
            rows = eve.execute(f"select to_jsonb(v)::text from api.{view} as v").fetchall()
            assert not [row for row in rows if "taste" in row[0]]
        with pytest.raises(psycopg.Error) as caught:
            eve.execute("select * from api.forge_recommend('taste', 'ada')")
        assert caught.value.sqlstate == "DP020"


def test_the_message_names_job_owner_and_priority_only(person: Connection, worker: Connection) -> None:
    job_id = train(person)
    (message,) = Queue(worker, "training").receive(1)
    assert dict(message) == {"job_id": job_id, "owner_id": "ada", "priority": 0}


def test_dropping_a_model_takes_all_of_it(person: Connection, worker: Connection) -> None:
    trained(person, worker, 0.5)
    assert person.execute("select api.forge_drop('taste')").fetchone() == (True,)
    for table in ("version", "metric", "neighbour", "interaction", "popularity", "deployment"):
        count = person.execute(f"select count(*) from forge.{table} where owner_id = 'ada'").fetchone()
        assert count == (0,), table


def test_deleted_data_marks_what_was_trained(person: Connection, worker: Connection) -> None:
    trained(person, worker, 0.5)
    assert person.execute("select forge.mark_stale('items were deleted')").fetchone() == (1,)
    assert person.execute("select forge.mark_stale('items were deleted')").fetchone() == (0,)
    card = person.execute("select api.forge_card('taste')").fetchone()
    assert card is not None
    assert "items were deleted" in card[0]


def test_a_version_is_told_to_who_subscribed(person: Connection, worker: Connection) -> None:
    person.execute("create schema mine")
    person.execute("create function mine.note(e jsonb) returns jsonb language sql as 'select e'")
    person.execute("select api.stream_subscribe('forge.version.taste', 'mine.note')")
    trained(person, worker, 0.5)
    row = person.execute("select topic, payload - 'job_id' from stream.delivery").fetchone()
    assert row == ("forge.version.taste", {"model": "taste", "recipe": "recommender", "version": 1})
