"""Imports that commit as they go: they can be watched, cancelled and killed, and the next one goes on."""

import json
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from harness import Database
from lake_archives import ENTRY, zipped

FILES = 12
RECORDS_A_FILE = 2_500
TOTAL = FILES * RECORDS_A_FILE


@pytest.fixture(scope="module")
def archive() -> Iterator[Path]:
    """An archive of many files, which takes a second or so, where the server's account can read it."""
    folder = Path(tempfile.mkdtemp(prefix="dp-steps-"))
    folder.chmod(0o755)
    files = {
        f"{number:02}/MyActivity.json": [
            ENTRY | {"title": f"Searched for {number} {entry}"} for entry in range(RECORDS_A_FILE)
        ]
        for number in range(FILES)
    }
    path = folder / "many.zip"
    path.write_bytes(zipped(files))
    path.chmod(0o644)
    yield path
    shutil.rmtree(folder)


@pytest.fixture
def allowed(database: Database, archive: Path) -> Database:
    with database.connect("postgres") as connection:
        connection.execute(
            sql.SQL("alter database {} set datapunk.import_dirs = {}").format(
                sql.Identifier(database.name), sql.Literal(str(archive.parent))
            )
        )
    return database


def importer(database: Database) -> psycopg.Connection[Any]:
    connection: psycopg.Connection[Any] = psycopg.connect(database.dsn("postgres"), autocommit=True)
    connection.execute("set role datapunk_importer")
    return connection


def call(connection: psycopg.Connection[Any], archive: Path) -> None:
    connection.execute("call api.lake_import_in_steps(%s)", (str(archive),))


def row(database: Database) -> dict[str, Any]:
    with database.connect("postgres") as connection:
        found = connection.execute(
            "select jsonb_agg(to_jsonb(i)) from lake.import as i where i.filename = 'many.zip'"
        ).fetchone()
        assert found is not None
        (only,) = found[0]
        return dict(only)


@pytest.fixture
def begun(allowed: Database, archive: Path) -> Iterator[Callable[[], tuple[psycopg.Connection[Any], threading.Thread]]]:
    """Start an import in a thread and return when some, but not all, of it is committed."""
    threads: list[threading.Thread] = []
    connections: list[psycopg.Connection[Any]] = []

    def start() -> tuple[psycopg.Connection[Any], threading.Thread]:
        connection = importer(allowed)
        connections.append(connection)

        def run() -> None:
            try:
                call(connection, archive)
            except psycopg.Error as error:
                outcome.append(error)

        outcome: list[psycopg.Error] = []
        thread = threading.Thread(target=run)
        thread.start()
        threads.append(thread)
        with allowed.connect("postgres") as watcher:
            deadline = time.monotonic() + 30
            while watcher.execute("select count(*) from lake.item").fetchone() == (0,):
                assert thread.is_alive(), outcome
                assert time.monotonic() < deadline
                time.sleep(0.005)
        return connection, thread

    yield start
    for thread in threads:
        thread.join(30)
    for connection in connections:
        connection.close()


def test_all_of_it_arrives(allowed: Database, archive: Path) -> None:
    with importer(allowed) as connection:
        call(connection, archive)
    found = row(allowed)
    assert (found["status"], found["items_new"], found["members_done"]) == ("done", TOTAL, FILES)
    assert found["sha256"]


def test_a_run_can_be_watched_from_elsewhere(begun: Any, allowed: Database) -> None:
    _, thread = begun()
    found = row(allowed)
    assert found["status"] == "running"
    assert 0 < found["items_new"] < TOTAL
    thread.join(30)
    assert row(allowed)["items_new"] == TOTAL


def test_searches_and_live_records_never_wait_for_it(
    allowed: Database, begun: Callable[[], tuple[psycopg.Connection[Any], threading.Thread]]
) -> None:
    _, thread = begun()
    meanwhile = 0
    with allowed.connect() as person:
        # Whoever has to wait for a lock at all gets an error.
        person.execute("set lock_timeout = '50ms'")
        while thread.is_alive():
            found = person.execute("select title from cortex_search('0', 5, '{\"mode\": \"lexical\"}')").fetchall()
            record = {"kind": "note", "title": f"meanwhile {meanwhile}", "external_id": str(meanwhile)}
            person.execute("select lake_append(%s::jsonb)", (json.dumps([record]),))
            assert found
            meanwhile += thread.is_alive()
    assert meanwhile
    assert row(allowed)["items_new"] == TOTAL


def test_each_batch_is_notified(allowed: Database, archive: Path) -> None:
    with allowed.connect("postgres") as listener:
        listener.execute("listen datapunk_import")
        with importer(allowed) as connection:
            call(connection, archive)
        notices = [json.loads(notice.payload) for notice in listener.notifies(timeout=1)]
    told = [notice["items_new"] for notice in notices]
    assert len(told) > 1
    assert told == sorted(set(told))
    assert told[-1] == TOTAL
    read = [notice["bytes"] for notice in notices]
    assert read == sorted(read)
    assert 0 < read[0] < read[-1] <= notices[-1]["bytes_total"]


def test_a_cancelled_run_keeps_what_it_committed_and_is_gone_on_with(
    begun: Any, allowed: Database, archive: Path
) -> None:
    connection, thread = begun()
    connection.cancel_safe()
    thread.join(30)
    found = row(allowed)
    assert (found["status"], 0 < found["items_new"] < TOTAL) == ("cancelled", True)
    with importer(allowed) as again:
        call(again, archive)
    found = row(allowed)
    assert (found["status"], found["items_new"], found["items_seen"], found["members_done"]) == (
        "done", TOTAL, TOTAL, FILES,
    )  # fmt: skip


def test_a_killed_server_process_leaves_one_import_that_is_gone_on_with(
    begun: Any, allowed: Database, archive: Path
) -> None:
    connection, thread = begun()
    # A backend that is terminated by the administrator, as when its machine goes down in order.
    with allowed.connect("postgres") as other:
        other.execute("select pg_terminate_backend(%s)", (connection.info.backend_pid,))
    thread.join(30)
    deadline = time.monotonic() + 10
    while _reader_runs(archive) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _reader_runs(archive)
    with importer(allowed) as again:
        call(again, archive)
    found = row(allowed)
    assert (found["status"], found["items_new"]) == ("done", TOTAL)
    with allowed.connect("postgres") as other:
        assert other.execute("select count(*) from lake.item").fetchone() == (TOTAL,)
        assert other.execute("select count(*), sum(items_new) from lake.import_file").fetchone() == (FILES, TOTAL)
        sighted = other.execute("select sum(length(digests)) / 8 from lake.sighting").fetchone()
    assert sighted == (TOTAL,)


def _reader_runs(archive: Path) -> bool:
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if b"datapunk.lake.reader" in (process / "cmdline").read_bytes():
                files = [os.readlink(f) for f in (process / "fd").iterdir()]
                if str(archive) in files:
                    return True
        except OSError:
            continue
    return False


def test_two_sessions_do_not_import_the_same_file(begun: Any, allowed: Database, archive: Path) -> None:
    _, thread = begun()
    with importer(allowed) as other, pytest.raises(psycopg.errors.UniqueViolation, match="is being imported already"):
        call(other, archive)
    thread.join(30)
    assert row(allowed)["status"] == "done"


def test_a_run_that_is_forgotten_meanwhile_ends_and_leaves_nothing(allowed: Database, archive: Path) -> None:
    outcome: list[psycopg.Error] = []

    def run() -> None:
        with importer(allowed) as connection, pytest.raises(psycopg.Error) as caught:
            call(connection, archive)
        outcome.append(caught.value)

    thread = threading.Thread(target=run)
    with allowed.connect("postgres") as other:
        other.execute("listen datapunk_import")
        thread.start()
        told = json.loads(next(other.notifies(timeout=30)).payload)
        other.execute("select lake_forget(jsonb_build_object('import_id', %s::text))", (told["import_id"],))
        thread.join(30)
        assert [(error.sqlstate, "was forgotten while it ran" in str(error)) for error in outcome] == [("P0002", True)]
        for table in ("import", "import_file", "item", "sighting"):
            left = sql.SQL("select count(*) from {}").format(sql.Identifier("lake", table))
            assert other.execute(left).fetchone() == (0,), table


def test_two_files_with_the_same_records_in_other_order_wait_for_each_other(allowed: Database) -> None:
    entries = [ENTRY | {"title": f"Searched for {number}"} for number in range(12_000)]
    found: list[tuple[Any, ...]] = []

    def run(given: list[dict[str, Any]]) -> None:
        with allowed.connect() as connection:
            statement = "select status, items_new, items_seen from lake_import(%s, 'MyActivity.json')"
            found.append(connection.execute(statement, (json.dumps(given).encode(),)).fetchone() or ())

    threads = [threading.Thread(target=run, args=(given,)) for given in (entries, entries[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(found) == [("done", 0, 12_000), ("done", 12_000, 12_000)]


def test_what_is_done_is_imported_anew_and_adds_nothing(allowed: Database, archive: Path) -> None:
    with importer(allowed) as connection:
        call(connection, archive)
        call(connection, archive)
    with allowed.connect("postgres") as other:
        rows = other.execute("select status, items_new, items_seen from lake.import order by started_at").fetchall()
    assert rows == [("done", TOTAL, TOTAL), ("done", 0, TOTAL)]


def test_a_failed_run_tells_why(allowed: Database, archive: Path) -> None:
    broken = archive.parent / "broken.zip"
    broken.write_bytes(b"PK\x03\x04 nonsense")
    broken.chmod(0o644)
    with importer(allowed) as connection, pytest.raises(psycopg.Error) as caught:
        call(connection, broken)
    assert caught.value.sqlstate == "DP010"
    with allowed.connect("postgres") as other:
        failed = other.execute("select status, error from lake.import where filename = 'broken.zip'").fetchone()
    assert failed is not None
    assert failed[0] == "failed"
    assert "not a zip" in str(failed[1])


def test_it_is_for_importers_only(allowed: Database, archive: Path) -> None:
    with allowed.connect("postgres") as connection:
        connection.execute("set role datapunk_user")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            call(connection, archive)
