"""A training survives whatever happens to its worker, and is written once."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from harness import Database
from worker_process import WorkerProcess, is_alive, wait_for_job

pytestmark = pytest.mark.faults

# Trains for a few seconds.
SLOW = "select 'u' || g % 700 as who, 'i' || abs(hashint8(g * 7919)) % 1500 as what from generate_series(1, 40000) as g"
QUICK = "select 'u' || g % 20 as who, 'i' || abs(hashint8(g)) % 12 as what from generate_series(1, 200) as g"
OPTIONS = '{"split": "random"}'
Connection = psycopg.Connection[tuple[object, ...]]


@pytest.fixture
def worker(database: Database, tmp_path: Path) -> Iterator[WorkerProcess]:
    process = WorkerProcess(database=database, log=tmp_path / "worker.log").start()
    yield process
    process.kill()


@pytest.fixture
def session(database: Database) -> Iterator[Connection]:
    with database.connect() as connection:
        yield connection


def train(session: Connection, dataset: str, options: str = OPTIONS) -> int:
    row = session.execute("select api.forge_train('taste', 'recommender', %s, %s)", (dataset, options)).fetchone()
    assert row is not None
    return int(str(row[0]))


def wait(session: Connection, job_id: int) -> tuple[object, ...]:
    row = session.execute("select status, version, error from api.forge_wait(%s, '60 s')", (job_id,)).fetchone()
    assert row is not None
    return row


def outcomes(session: Connection, job_id: int) -> list[object]:
    rows = session.execute("select outcome from api.runs where job_id = %s order by attempt", (job_id,)).fetchall()
    return [row[0] for row in rows]


def test_a_killed_worker_leaves_one_version_from_the_retry(
    worker: WorkerProcess, session: Connection, database: Database, tmp_path: Path
) -> None:
    job_id = train(session, SLOW)
    wait_for_job(session, job_id, "progress > 0.1")
    children = worker.children()
    worker.kill()
    assert children
    deadline = time.monotonic() + 5
    while any(is_alive(pid) for pid in children):
        assert time.monotonic() < deadline, "the training outlived its worker"
        time.sleep(0.05)
    second = WorkerProcess(database=database, log=tmp_path / "second.log").start()
    try:
        assert wait(session, job_id) == ("succeeded", 1, None)
    finally:
        second.stop()
    assert outcomes(session, job_id) == ["lost", "succeeded"]
    assert session.execute("select count(*) from api.model_versions where model = 'taste'").fetchone() == (1,)


def test_a_killed_training_process_is_reported_and_the_worker_lives(worker: WorkerProcess, session: Connection) -> None:
    job_id = train(session, SLOW)
    wait_for_job(session, job_id, "progress > 0.05")
    for pid in worker.children():
        os.kill(pid, signal.SIGKILL)
    status, version, error = wait(session, job_id)
    assert (status, version) == ("failed", None)
    assert "SIGKILL" in str(error)
    assert wait(session, train(session, QUICK))[0] == "succeeded"


def test_a_training_that_eats_memory_is_ended_and_the_worker_lives(worker: WorkerProcess, session: Connection) -> None:
    job_id = train(session, SLOW, '{"split": "random", "memory_mb": 128}')
    assert wait(session, job_id)[0] == "failed"
    row = session.execute("select error_sqlstate, attempts, hint from api.jobs where job_id = %s", (job_id,)).fetchone()
    assert row is not None
    assert row[:2] == ("DP022", 1)
    assert "memory_mb" in str(row[2])
    assert wait(session, train(session, QUICK))[0] == "succeeded"


def test_cancel_ends_a_training_within_two_seconds(worker: WorkerProcess, session: Connection) -> None:
    job_id = train(session, SLOW)
    wait_for_job(session, job_id, "progress > 0.05")
    children = worker.children()
    asked = time.monotonic()
    assert session.execute("select api.forge_cancel(%s)", (job_id,)).fetchone() == (True,)
    assert wait(session, job_id)[0] == "cancelled"
    assert time.monotonic() - asked < 2
    assert not any(is_alive(pid) for pid in children)
    assert outcomes(session, job_id) == ["cancelled"]


def test_a_training_that_takes_too_long_is_ended(worker: WorkerProcess, session: Connection) -> None:
    job_id = train(session, SLOW, '{"split": "random", "timeout": 1}')
    status, _, error = wait(session, job_id)
    assert status == "failed"
    assert "longer than 1 s" in str(error)


def test_a_paused_worker_finds_its_late_result_refused(
    worker: WorkerProcess, session: Connection, database: Database, tmp_path: Path
) -> None:
    job_id = train(session, SLOW)
    wait_for_job(session, job_id, "progress > 0.1")
    worker.send(signal.SIGSTOP)
    second = WorkerProcess(database=database, log=tmp_path / "second.log").start()
    try:
        assert wait(session, job_id) == ("succeeded", 1, None)
        worker.send(signal.SIGCONT)
        deadline = time.monotonic() + 20
        while (
            b"taken it over" not in worker.log.read_bytes()
            and b"late result was refused" not in worker.log.read_bytes()
        ):
            assert time.monotonic() < deadline, worker.log.read_text()
            time.sleep(0.05)
    finally:
        second.stop()
    assert session.execute("select count(*) from api.model_versions where model = 'taste'").fetchone() == (1,)


def test_a_stopped_worker_gives_its_training_back(
    worker: WorkerProcess, session: Connection, database: Database, tmp_path: Path
) -> None:
    job_id = train(session, SLOW)
    wait_for_job(session, job_id, "progress > 0.05")
    worker.stop()
    assert session.execute("select status from api.jobs where job_id = %s", (job_id,)).fetchone() == ("queued",)
    second = WorkerProcess(database=database, log=tmp_path / "second.log").start()
    try:
        assert wait(session, job_id)[0] == "succeeded"
    finally:
        second.stop()


def test_a_worker_that_lost_a_loop_ends_and_says_so(worker: WorkerProcess, database: Database) -> None:
    with database.connect("postgres") as connection:
        connection.execute("alter function stream.receive(text, integer, integer) rename to receive_elsewhere")
    assert worker.process is not None
    assert worker.process.wait(20) != 0
    assert "has died" in worker.log.read_text()
