"""Imports that are killed, cancelled, shuffled and damaged: nothing lost, nothing doubled, no process left behind."""

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import pytest

from datapunk import sample
from datapunk.admin.cluster import Cluster
from datapunk.admin.install import install
from harness import Database
from killable import killable_cluster
from under_fire import contents, fire, import_all, readers, split, wait_until_gone

pytestmark = pytest.mark.faults

# So many points that an import of them lasts for seconds.
POINTS = 400_000


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample, small."""
    return sample.write(tmp_path_factory.mktemp("sample") / "takeout.zip", years=2, records=4_000).path


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with killable_cluster() as own:
        yield own


@pytest.fixture(scope="module")
def long_file() -> bytes:
    """A location history that takes long to import."""
    point = '{"latitudeE7": 387200000, "longitudeE7": -91400000, "timestampMs": "%d"}'
    points = ", ".join(point % (1_700_000_000_000 + number * 1_000) for number in range(POINTS))
    return f'{{"locations": [{points}]}}'.encode()


def started_import(
    connection: "psycopg.Connection[Any]", content: bytes, failure: list[BaseException]
) -> threading.Thread:
    def run() -> None:
        try:
            connection.execute("select * from lake_import(%s, 'Records.json')", (content,))
        except psycopg.Error as error:
            failure.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def reader_in_mid_import(
    connection: "psycopg.Connection[Any]", postmaster: int, watcher: "psycopg.Connection[Any]"
) -> int:
    """Wait until rows are written; return the process that reads the file."""
    deadline = time.monotonic() + 60
    backend = connection.info.backend_pid
    while watcher.execute("select pg_relation_size('lake.position')").fetchone() == (0,):
        assert time.monotonic() < deadline
        time.sleep(0.005)
    children = Path(f"/proc/{backend}/task/{backend}/children").read_text().split()
    found = [int(pid) for pid in children if int(pid) in readers(postmaster)]
    assert len(found) == 1
    return found[0]


def postmaster_of(connection: "psycopg.Connection[Any]") -> int:
    status = Path(f"/proc/{connection.info.backend_pid}/status").read_text()
    return int(status.partition("PPid:")[2].split()[0])


@pytest.mark.slow
@pytest.mark.parametrize("in_steps", [False, True])
def test_kills_at_random_moments_lose_and_double_nothing(
    cluster: Cluster, archive: Path, tmp_path: Path, in_steps: bool
) -> None:
    outcome = fire(cluster, split(archive, tmp_path, 3, seed=7), kills=5, seed=7, in_steps=in_steps)
    assert outcome.hits
    assert (outcome.lost, outcome.doubled, outcome.half, outcome.readers) == (0, 0, 0, 0)
    assert outcome.records > 3_000


def test_parts_of_an_archive_give_the_same_in_any_order(database: Database, archive: Path, tmp_path: Path) -> None:
    import_all(database.dsn(), [archive])
    whole = contents(database.dsn())
    for seed in range(3):
        with database.connect() as connection:
            connection.execute("select * from lake_forget('{\"owner_all\": true}')")
        parts = split(archive, tmp_path, 4, seed)
        Random(seed).shuffle(parts)
        import_all(database.dsn(), parts)
        assert contents(database.dsn()) == whole


def entry(number: int) -> dict[str, Any]:
    return {
        "header": "Search", "title": f"Searched for number {number}", "products": ["Search"],
        "titleUrl": f"https://www.google.com/search?q=number+{number}",
        "time": f"2025-{number % 12 + 1:02}-{number % 28 + 1:02}T10:{number % 60:02}:{number % 59:02}Z",
        "subtitles": [{"name": f"near {number}", "url": "https://x.example"}],
    }  # fmt: skip


@pytest.mark.parametrize("longest", [60, 600, 20_000])
def test_a_tenth_of_the_bytes_overwritten_costs_what_they_hit(database: Database, longest: int) -> None:
    chance = Random(longest)
    spans, content = [], bytearray(b"[")
    for number in range(5_000):
        text = json.dumps(entry(number), indent=2).encode()
        spans.append((len(content), len(content) + len(text)))
        content += text + b", "
    content[-2:] = b"]"
    hit = bytearray(len(content))
    written = 0
    while written < len(content) // 10:
        length = chance.randint(1, longest)
        at = chance.randrange(1, len(content) - length)
        content[at : at + length] = chance.randbytes(length)
        hit[at : at + length] = b"x" * length
        written += length
    spared = {f"number {number}" for number, (start, end) in enumerate(spans) if not any(hit[start:end])}
    with database.connect() as connection:
        row = connection.execute(
            "select status, items_new, rejects from lake_import(%s, 'MyActivity.json')", (bytes(content),)
        ).fetchone()
        titles = [title for (title,) in connection.execute("select title from items").fetchall()]
        told = connection.execute("select count(*) from rejects where byte_offset is not null").fetchone()
    assert row is not None
    assert row[0] == "done"
    assert spared
    assert spared <= set(titles)
    assert len(titles) == len(set(titles)) == row[1]
    assert int(str(row[2])) > 0
    assert told is not None
    assert int(str(told[0])) > 0


def test_a_cancelled_import_leaves_nothing(database: Database, long_file: bytes) -> None:
    failure: list[BaseException] = []
    with database.connect() as connection, database.connect("postgres") as watcher:
        thread = started_import(connection, long_file, failure)
        reader = reader_in_mid_import(connection, postmaster_of(connection), watcher)
        watcher.execute("select pg_cancel_backend(%s)", (connection.info.backend_pid,))
        thread.join(60)
        assert [type(error) for error in failure] == [psycopg.errors.QueryCanceled]
        assert not wait_until_gone([reader])
        assert connection.execute("select count(*) from imports").fetchone() == (0,)
        assert connection.execute("select count(*) from positions").fetchone() == (0,)


def test_the_reader_ends_with_its_backend(cluster: Cluster, long_file: bytes) -> None:
    install(cluster.superuser_dsn("datapunk"), create=True)
    failure: list[BaseException] = []
    watcher = psycopg.connect(cluster.superuser_dsn("datapunk"), autocommit=True)
    connection = psycopg.connect(cluster.dsn("datapunk", "datapunk"), autocommit=True)
    thread = started_import(connection, long_file, failure)
    postmaster = cluster.postmaster()
    assert postmaster is not None
    reader = reader_in_mid_import(connection, postmaster, watcher)
    os.kill(connection.info.backend_pid, signal.SIGKILL)
    thread.join(60)
    assert failure
    assert not wait_until_gone([reader])
    watcher.close()
    connection.close()
    # A server that is asked to stop while it recovers may not hear it.
    while not cluster.is_running():
        time.sleep(0.1)
