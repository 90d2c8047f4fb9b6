"""A message reaches its handler whatever happens to the worker, and what the handler writes is written once."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness import Database
from stream_messages import FUNCTIONS, Connection, publish, seen, subscribe
from worker_process import WorkerProcess

pytestmark = pytest.mark.faults

# Writes, and then takes its time at the first attempt.
SLOW = """
create function mine.slow(e jsonb) returns jsonb language plpgsql as $$
begin
  insert into mine.seen (event) values (e);
  if (e ->> 'attempt')::int = 1 then
    perform pg_sleep(30);
  end if;
  return null;
end $$
"""


@pytest.fixture
def worker(database: Database, tmp_path: Path) -> Iterator[WorkerProcess]:
    process = WorkerProcess(database=database, log=tmp_path / "worker.log").start()
    yield process
    process.kill()


@pytest.fixture
def session(database: Database) -> Iterator[Connection]:
    with database.connect() as connection:
        connection.execute(FUNCTIONS)
        connection.execute(SLOW)
        yield connection


def wait_until_seen(session: Connection) -> list[int]:
    """The attempts that were written down, as soon as there are any and nothing waits."""
    deadline = time.monotonic() + 30
    while not seen(session) or session.execute("select count(*) from stream.delivery").fetchone() != (0,):
        assert time.monotonic() < deadline, session.execute("select * from stream.delivery").fetchall()
        time.sleep(0.05)
    return [event["attempt"] for event in seen(session)]


def wait_until_running(database: Database) -> None:
    deadline = time.monotonic() + 30
    with database.connect("postgres") as root:
        while root.execute(
            "select count(*) from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'"
        ).fetchone() != (1,):
            assert time.monotonic() < deadline, "the handler was never called"
            time.sleep(0.05)


def test_a_running_worker_delivers(worker: WorkerProcess, session: Connection) -> None:
    subscribe(session)
    publish(session)
    assert wait_until_seen(session) == [1]


def test_a_killed_worker_leaves_the_message_to_another_one(
    worker: WorkerProcess, session: Connection, database: Database, tmp_path: Path
) -> None:
    subscribe(session, handler="mine.slow")
    publish(session)
    wait_until_running(database)
    worker.kill()
    second = WorkerProcess(database=database, log=tmp_path / "second.log").start()
    try:
        assert wait_until_seen(session) == [2]
    finally:
        second.stop()


def test_a_connection_that_is_lost_is_another_attempt(
    worker: WorkerProcess, session: Connection, database: Database
) -> None:
    subscribe(session, handler="mine.slow")
    publish(session)
    wait_until_running(database)
    with database.connect("postgres") as root:
        root.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and wait_event = 'PgSleep'"
        )
    assert wait_until_seen(session) == [2]
