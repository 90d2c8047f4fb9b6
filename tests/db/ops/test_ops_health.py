from typing import Any

import psycopg

from harness import Database, ModelHost


def health(connection: psycopg.Connection[Any]) -> dict[str, tuple[str, str]]:
    rows = connection.execute("select component, status, detail from api.ops_health()").fetchall()
    return {str(row[0]): (str(row[1]), str(row[2])) for row in rows}


def report_worker(connection: psycopg.Connection[Any], version: str = "0.1.0") -> None:
    connection.execute("set session authorization datapunk_worker")
    connection.execute("select ops.process_report('worker 1', 'worker', %s, '{}')", (version,))
    connection.execute("reset session authorization")


def test_worker_is_down_until_one_reports(database: Database) -> None:
    with database.connect("postgres") as connection:
        assert health(connection)["worker"] == ("down", "none has ever reported")
        report_worker(connection)
        assert health(connection)["worker"] == ("ok", "1 running")


def test_worker_that_is_silent_for_15_seconds_is_down(database: Database) -> None:
    with database.connect("postgres") as connection:
        report_worker(connection)
        connection.execute("update ops.process set seen_at = clock_timestamp() - interval '16 seconds'")
        assert health(connection)["worker"][0] == "down"


def test_worker_of_another_version_is_a_warning(database: Database) -> None:
    with database.connect("postgres") as connection:
        report_worker(connection, version="0.0.9")
        assert health(connection)["worker"] == ("warning", "1 running, 1 of another version")


def test_message_that_nobody_takes_for_a_minute_is_a_warning(database: Database) -> None:
    with database.connect("postgres") as connection:
        connection.execute("select stream.send('maintenance', '{}')")
        assert health(connection)["queue maintenance"][0] == "ok"
        connection.execute("update pgmq.q_maintenance set enqueued_at = now() - interval '2 minutes'")
        assert health(connection)["queue maintenance"][0] == "warning"


def test_model_host_is_asked(database: Database, model_host: ModelHost) -> None:
    with database.connect("postgres") as connection:
        assert health(connection)["model host"][0] == "ok"


def test_without_a_host_it_is_down_only_when_nothing_else_may_answer(database: Database) -> None:
    with database.connect("postgres") as connection:
        connection.execute("set datapunk.host_socket = '/nowhere/host.sock'")
        assert health(connection)["model host"][0] == "warning"
        connection.execute("set datapunk.inference = 'resident'")
        assert health(connection)["model host"][0] == "down"


def test_anonymous_may_ask(database: Database) -> None:
    with database.connect("postgres") as connection:
        connection.execute("set role datapunk_anonymous")
        assert health(connection)["postgres"][0] == "ok"
