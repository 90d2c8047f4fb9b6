"""Turns, priorities, another chance, the course of a training, and trainings that come again."""

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from datapunk.db import one
from datapunk.db.psycopg_db import PsycopgDb
from datapunk_forge.codec import encode
from datapunk_forge.trained import Origin, Trained
from datapunk_workers.connection import act_as
from datapunk_workers.queue import Q, Queue
from datapunk_workers.scheduling import look_again
from datapunk_workers.versions import Claim, write_version
from harness import Database

Connection = psycopg.Connection[tuple[Any, ...]]


@pytest.fixture
def worker(database: Database) -> Iterator[Connection]:
    with database.connect("datapunk_worker", owner="ada") as connection:
        yield connection


def train(
    database: Database,
    owner: str = "ada",
    model: str = "taste",
    query: str = "select 1 as a, 2 as b",
    **options: object,
) -> int:
    with database.connect(owner=owner) as person:
        row = person.execute(
            "select api.forge_train(%s, 'recommender', %s, %s)", (model, query, json.dumps(options))
        ).fetchone()
    assert row is not None
    return int(row[0])


def next_jobs(worker: Connection, count: int) -> list[tuple[str, int]]:
    """Owner and job of the messages that a worker takes, each worked off before the next."""
    queue = Queue(worker, "training")
    taken = []
    for _ in range(count):
        message = queue.receive(60)[0]
        taken.append((str(message["owner_id"]), int(message["job_id"])))
        queue.done(message)
    return taken


def claim(worker: Connection, job_id: int) -> Any:
    return one(PsycopgDb(worker).rows(Q.claim_job, job_id, "tester", 60))


def column(database: Database, name: str, job_id: int) -> Any:
    with database.connect(owner="ada") as person:
        row = person.execute(f"select {name} from api.jobs where job_id = %s", (job_id,)).fetchone()
    assert row is not None
    return row[0]


def test_owners_take_turns(database: Database, worker: Connection) -> None:
    many = [train(database, "ada") for _ in range(3)]
    few = train(database, "bob")
    assert next_jobs(worker, 4) == [("ada", many[0]), ("bob", few), ("ada", many[1]), ("ada", many[2])]


def test_who_has_a_job_in_work_waits_for_who_has_none(database: Database, worker: Connection) -> None:
    first, second = train(database, "ada"), train(database, "ada")
    queue = Queue(worker, "training")
    assert queue.receive(60)[0]["job_id"] == first
    other = train(database, "bob")
    # Bob was never served, and has nothing in work.
    assert [queue.receive(60)[0]["job_id"] for _ in range(2)] == [other, second]


def test_higher_priorities_of_an_owner_go_first(database: Database, worker: Connection) -> None:
    low, high = train(database), train(database, priority=5)
    assert [job for _, job in next_jobs(worker, 2)] == [high, low]


def test_a_job_that_failed_gets_another_chance(database: Database, worker: Connection) -> None:
    job_id = train(database)
    held = claim(worker, job_id)
    PsycopgDb(worker).rows(Q.fail_job, job_id, held["token"], "DP022", "too hard", "Try again.", None, "{}")
    with database.connect(owner="ada") as person:
        assert person.execute("select api.forge_requeue(%s)", (job_id,)).fetchone() == (True,)
        assert person.execute("select api.forge_requeue(%s)", (job_id,)).fetchone() == (False,)
        with pytest.raises(psycopg.errors.NoDataFound):
            person.execute("select api.forge_requeue(-1)")
    assert column(database, "status", job_id) == "queued"
    assert claim(worker, job_id)["attempt"] == 1


def test_the_course_and_the_log_can_be_seen(database: Database, worker: Connection) -> None:
    job_id = train(database)
    held = claim(worker, job_id)
    db = PsycopgDb(worker)
    for progress, loss in ((0.25, 0.9), (0.5, 0.4)):
        figures = json.dumps({"loss": loss, "cpu_s": 1.5, "memory_mb": 300.0})
        db.rows(Q.report_progress, job_id, held["token"], progress, "training", figures)
    db.rows(Q.report_log, job_id, held["token"], "a line\n")
    db.rows(Q.report_progress, job_id, held["token"] - 1, 0.9, "late", "{}")
    with database.connect(owner="ada") as person:
        rows = person.execute(
            "select progress, (figures ->> 'loss')::float8, cpu_s, memory_mb from api.job_progress order by at"
        ).fetchall()
    assert rows == [(0.25, 0.9, 1.5, 300.0), (0.5, 0.4, 1.5, 300.0)]
    assert column(database, "log", job_id) == "a line\n"


def test_listeners_hear_of_each_state(database: Database, worker: Connection) -> None:
    with database.connect() as listener:
        listener.execute("listen datapunk_job")
        job_id = train(database)
        claim(worker, job_id)
        heard = [n.payload for n in listener.notifies(timeout=5, stop_after=2)]
    assert heard == [f"{job_id} queued", f"{job_id} running"]


def retrain(worker: Connection, model: str = "taste") -> int | None:
    """Run a schedule as a worker does; returns the job that it asked for."""
    return look_again(worker, model)


def end(worker: Connection, job_id: int) -> None:
    held = claim(worker, job_id)
    PsycopgDb(worker).rows(Q.fail_job, job_id, held["token"], "DP022", "ended", None, None, "{}")


def end_with(worker: Connection, job_id: int, *origins: Origin) -> None:
    """End a job with a version that learned from these."""
    held = claim(worker, job_id)
    learned = Trained(metrics=(), primary_metric="m", parameters={}, signature={})
    dataset = {
        "fingerprint": "f", "columns": [], "row_count": 1, "read_at": "2026-01-01",
        "origins": [vars(origin) for origin in origins],
    }  # fmt: skip
    write_version(worker, Claim(job_id=job_id, token=int(held["token"])), encode(learned), dataset, 1, {})


def note(database: Database, *titles: str, kind: str = "note") -> None:
    with database.connect(owner="ada") as person:
        records = [{"kind": kind, "source": "t", "title": title} for title in titles]
        person.execute("select lake_append(%s)", (json.dumps(records),))


def test_new_items_of_the_kinds_that_it_learned_from_train_a_model_again(
    database: Database, worker: Connection
) -> None:
    # Of what it learns only the latest matter, so that their number stays.
    job_id = train(database, query="select title, item_id from api.notes order by 2 desc limit 1", retrain={"rows": 2})
    end_with(worker, job_id, Origin(relation="lake.item", owner="ada", kind="note", source="t"))
    assert retrain(worker) is None
    note(database, "one", "two", "three", kind="visit")
    assert retrain(worker) is None
    note(database, "one", "two")
    again = retrain(worker)
    assert again is not None
    assert column(database, "trigger", again) == "rows"
    end(worker, again)
    assert retrain(worker) is None


def test_new_rows_of_a_table_train_a_model_again(database: Database, worker: Connection) -> None:
    with database.connect("postgres") as root:
        root.execute("create table public.trip as select n as km from generate_series(1, 9) as n")
        root.execute("grant select, insert, delete on public.trip to datapunk_user")
        job_id = train(
            database, query="select km, km as item from public.trip where km > 0 -- all", retrain={"rows": 3}
        )
        end_with(worker, job_id, Origin(relation="public.trip"))
        assert retrain(worker) is None
        note(database, "one", "two", "three", "four")
        root.execute("insert into public.trip values (10), (11), (-1)")
        assert retrain(worker) is None
        # Six are left of nine: what comes after is new.
        root.execute("delete from public.trip where km <= 5")
        assert retrain(worker) is None
        root.execute("insert into public.trip values (12), (13)")
        assert retrain(worker) is None
        root.execute("insert into public.trip values (14)")
        again = retrain(worker)
        assert again is not None
        assert column(database, "trigger", again) == "rows"
        end(worker, again)
        assert retrain(worker) is None


def test_rows_that_cannot_be_counted_train_nothing(database: Database, worker: Connection) -> None:
    query = "select km, km as item from public.trip"
    with database.connect("postgres") as root:
        root.execute("create table public.trip as select 1 as km")
        root.execute("grant select on public.trip to datapunk_user")
        end(worker, train(database, query=query, retrain={"rows": 1}))
        root.execute("drop table public.trip")
    assert retrain(worker) is None
    assert worker.info.transaction_status == psycopg.pq.TransactionStatus.IDLE


def test_time_trains_a_model_again(database: Database, worker: Connection) -> None:
    first = train(database, retrain={"every": "1 second"})
    worker.execute("select pg_sleep(1.1)")
    # What waits or runs is not asked for twice.
    assert retrain(worker) is None
    end(worker, first)
    job_id = retrain(worker)
    assert job_id is not None
    assert column(database, "trigger", job_id) == "time"


def test_a_quota_holds_for_what_is_trained_again_by_itself(database: Database, worker: Connection) -> None:
    end(worker, train(database, retrain={"every": "1 second"}))
    with database.connect(owner="ada") as person:
        person.execute("select api.forge_policy('{\"max_jobs_a_day\": 1}')")
    worker.execute("select pg_sleep(1.1)")
    assert retrain(worker) is None
    with database.connect(owner="ada") as person:
        person.execute("select api.forge_policy('{\"max_jobs_a_day\": 2}')")
    assert retrain(worker) is not None


def test_a_schedule_has_one_message_and_ends(database: Database, worker: Connection) -> None:
    train(database, retrain={"every": "7 days"})
    train(database, retrain={"every": "8 days"})
    messages = [m for m in (Queue(worker, "training").receive(60) for _ in range(4)) if m]
    assert len([m for m in messages if "schedule" in m[0]]) == 1
    with database.connect(owner="ada") as person:
        assert person.execute("select every::text from api.schedules").fetchall() == [("192:00:00",)]
        assert person.execute("select api.forge_unschedule('taste')").fetchone() == (True,)
        assert person.execute("select api.forge_unschedule('taste')").fetchone() == (False,)
    assert retrain(worker) is None


def test_another_owners_schedule_is_out_of_reach(database: Database, worker: Connection) -> None:
    train(database, "bob", retrain={"every": "1 second"})
    act_as(worker, "ada")
    worker.execute("select pg_sleep(1.1)")
    assert retrain(worker) is None


@pytest.mark.parametrize(
    "given", [{"every": "sometimes"}, {"every": "0 seconds"}, {"rows": 0}, {"colour": 1}, {}, "daily"]
)
def test_a_schedule_that_cannot_be_is_refused(database: Database, given: object) -> None:
    with pytest.raises(psycopg.Error) as caught:
        train(database, retrain=given)
    assert caught.value.sqlstate == "22023"
    assert caught.value.diag.message_hint


def test_people_cannot_lend_a_role_or_see_who_is_served(database: Database) -> None:
    with database.connect(owner="ada") as person:
        for statement in (
            "select forge.add_job('m', 'recommender', 'd', 'select 1', '{}', 'postgres', 'call')",
            "select forge.write_schedule('m', 'recommender', 'd', 'select 1', '{}', 'postgres')",
            "select forge.run_schedule('m')",
            "select * from stream.turn",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), person.transaction():
                person.execute(statement)


def test_new_examples_train_a_router_again(database: Database, worker: Connection) -> None:
    with database.connect(owner="ada") as person:
        row = person.execute(
            "select api.forge_train('router', 'router', 'select subroutine, text from examples', %s)",
            (json.dumps({"retrain": {"rows": 1}}),),
        ).fetchone()
        assert row is not None
    end(worker, int(row[0]))
    with database.connect(owner="ada") as person:
        person.execute("select lake_append(%s)", (json.dumps([{"kind": "note", "source": "t", "title": "one"}]),))
    assert retrain(worker, "router") is None
    with database.connect(owner="ada") as person:
        answer = person.execute("select answer_id, route from api.gaia_answer('What do you know about me?')").fetchone()
        assert answer is not None
        person.execute("select api.gaia_feedback(%s, 1)", (answer[0],))
        examples = person.execute("select subroutine, text from api.examples where source = 'feedback'").fetchall()
    assert examples == [(answer[1], "What do you know about me?")]
    job_id = retrain(worker, "router")
    assert job_id is not None
    assert column(database, "trigger", job_id) == "rows"
