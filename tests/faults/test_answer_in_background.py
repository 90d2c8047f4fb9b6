"""Questions that a worker answers: result, rights, cancellation."""

import json
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest

from harness import Database
from worker_process import WorkerProcess

pytestmark = pytest.mark.faults


def wait_for(connection: psycopg.Connection[Any], job_id: int, *states: str) -> dict[str, Any]:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        cursor = connection.execute("select * from api.gaia_result(%s)", (job_id,))
        assert cursor.description
        row = cursor.fetchone()
        found = dict(zip([c.name for c in cursor.description], row or (), strict=True))
        if found["status"] in states:
            return found
        time.sleep(0.1)
    raise AssertionError(f"still {found['status']}")


def ask(connection: psycopg.Connection[Any], question: str, **options: object) -> int:
    row = connection.execute("select api.gaia_ask_async(%s, %s)", (question, json.dumps(options))).fetchone()
    assert row
    return int(row[0])


def test_a_question_is_answered_failed_and_cancelled_in_the_background(database: Database, tmp_path: Path) -> None:
    with psycopg.connect(database.dsn("postgres"), autocommit=True) as setup:
        setup.execute("create schema slow")
        setup.execute(
            "create function slow.nap(p jsonb) returns jsonb language plpgsql as"
            " $$ begin perform pg_sleep(30); return '{}'; end $$"
        )
        setup.execute("grant usage on schema slow to datapunk; grant execute on function slow.nap(jsonb) to datapunk")
    with psycopg.connect(database.dsn(), autocommit=True) as connection:
        queued = ask(connection, "How many videos did I watch?")
        assert wait_for(connection, queued, "queued")["answer"] is None
        dropped = ask(connection, "How many mails did I get?")
        assert connection.execute("select api.gaia_cancel(%s)", (dropped,)).fetchone() == (True,)
        assert wait_for(connection, dropped, "cancelled")["error"] == "cancelled"
        connection.execute("listen datapunk_gaia")
        worker = WorkerProcess(database=database, log=tmp_path / "worker.log", lease_s=5)
        worker.start()
        try:
            row = wait_for(connection, queued, "succeeded", "failed")
            assert (row["status"], row["route"], row["data"]["count"]) == ("succeeded", "count", 0)
            told = [json.loads(n.payload)["status"] for n in connection.notifies(timeout=1)]
            assert told[-2:] == ["running", "succeeded"]
            # What comes over HTTP has this role.
            connection.execute("set role datapunk_user")
            lent = wait_for(connection, ask(connection, "How many videos did I watch?"), "succeeded", "failed")
            assert (lent["status"], lent["error"]) == ("succeeded", None)
            connection.execute("reset role")
            failed = wait_for(connection, ask(connection, "x", subroutine="no_such"), "succeeded", "failed")
            assert "no subroutine" in failed["error"]
            connection.execute("select api.gaia_register('nap', 'slow.nap', 'Sleeps.', array['take a nap'])")
            napping = ask(connection, "take a nap", subroutine="nap")
            wait_for(connection, napping, "running")
            assert connection.execute("select api.gaia_cancel(%s)", (napping,)).fetchone() == (True,)
            started = time.monotonic()
            assert wait_for(connection, napping, "cancelled")["answer_id"] is None
            assert time.monotonic() - started < 15
            assert connection.execute("select api.gaia_cancel(%s)", (napping,)).fetchone() == (False,)
        finally:
            worker.stop()
            worker.kill()


def test_an_unknown_job_is_an_error(connection: psycopg.Connection[Any]) -> None:
    with pytest.raises(psycopg.errors.NoDataFound):
        connection.execute("select * from api.gaia_result(12345)")


def test_nobody_writes_tasks_by_hand(connection: psycopg.Connection[Any]) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("insert into gaia.task (question, role_name) values ('x', 'datapunk_importer')")
