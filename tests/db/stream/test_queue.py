from typing import Any

import psycopg
import pytest

from harness import Database

QUEUE = "maintenance"


@pytest.fixture
def worker(database: Database) -> Any:
    with database.connect("postgres") as sender, database.connect("datapunk_worker") as receiver:
        for number in (1, 2, 3):
            sender.execute("select stream.send(%s, jsonb_build_object('number', %s::int))", (QUEUE, number))
        yield receiver


def receive(connection: psycopg.Connection[Any], lease_s: int = 30, limit: int = 10) -> list[tuple[int, int, Any]]:
    return connection.execute("select * from stream.receive(%s, %s, %s)", (QUEUE, lease_s, limit)).fetchall()


def test_messages_come_oldest_first(worker: psycopg.Connection[Any]) -> None:
    assert [payload["number"] for _, _, payload in receive(worker)] == [1, 2, 3]


def test_leased_message_is_hidden(worker: psycopg.Connection[Any]) -> None:
    assert len(receive(worker, limit=2)) == 2
    assert [payload["number"] for _, _, payload in receive(worker)] == [3]


def test_message_whose_lease_ends_comes_back_counted(worker: psycopg.Connection[Any]) -> None:
    receive(worker, lease_s=0, limit=1)
    [(_, read_count, payload)] = receive(worker, limit=1)
    assert (read_count, payload) == (2, {"number": 1})


def test_extending_by_0_gives_a_message_back(worker: psycopg.Connection[Any]) -> None:
    [(message_id, _, _)] = receive(worker, limit=1)
    assert worker.execute("select stream.extend(%s, %s, 0)", (QUEUE, message_id)).fetchone() == (True,)
    assert receive(worker, limit=1)[0][0] == message_id


def test_done_message_is_gone(worker: psycopg.Connection[Any]) -> None:
    message_id = receive(worker, limit=1)[0][0]
    done = "select stream.done(%s, %s)"
    assert worker.execute(done, (QUEUE, message_id)).fetchone() == (True,)
    assert worker.execute(done, (QUEUE, message_id)).fetchone() == (False,)
    assert worker.execute("select stream.extend(%s, %s, 9)", (QUEUE, message_id)).fetchone() == (False,)


def test_buried_message_is_kept_with_its_reason(worker: psycopg.Connection[Any], database: Database) -> None:
    message_id = receive(worker, limit=1)[0][0]
    assert worker.execute("select stream.bury(%s, %s, 'bad text')", (QUEUE, message_id)).fetchone() == (True,)
    with database.connect("postgres") as connection:
        rows = connection.execute(f"select message, headers from pgmq.a_{QUEUE}").fetchall()
    assert rows == [({"number": 1}, {"buried_because": "bad text"})]


def test_sending_wakes_listeners_at_commit(database: Database) -> None:
    with database.connect("datapunk_worker") as listener, database.connect("postgres") as sender:
        listener.execute("listen datapunk_queue")
        sender.execute("select stream.send(%s, '{}')", (QUEUE,))
        assert [n.payload for n in listener.notifies(timeout=5, stop_after=1)] == [QUEUE]
