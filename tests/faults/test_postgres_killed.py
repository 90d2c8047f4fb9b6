"""PostgreSQL killed in mid-import: nothing half, and a re-import completes without doubling."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from datapunk import sample
from datapunk.admin.cluster import Cluster
from datapunk.admin.install import install
from killable import kill_server, killable_cluster

pytestmark = pytest.mark.faults


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with killable_cluster() as own:
        yield own


def run_import(dsn: str, archive: Path) -> tuple[object, ...]:
    with psycopg.connect(dsn, autocommit=True) as connection:
        row = connection.execute(
            "select status, items_new, items_seen, rejects from lake_import(%s, %s)",
            (archive.read_bytes(), archive.name),
        ).fetchone()
    assert row is not None
    return row


@pytest.mark.timeout(300)
def test_an_import_survives_the_death_of_the_server(cluster: Cluster, tmp_path: Path) -> None:
    truth = sample.write(tmp_path / "takeout.zip", records=12_000)
    total = truth.facts["items"]["total"]
    install(cluster.superuser_dsn("datapunk"), create=True)
    dsn = cluster.dsn("datapunk", "datapunk")
    failure: list[BaseException] = []

    def importing() -> None:
        try:
            run_import(dsn, truth.path)
        except psycopg.OperationalError as error:
            failure.append(error)

    thread = threading.Thread(target=importing)
    thread.start()
    with psycopg.connect(cluster.superuser_dsn("datapunk"), autocommit=True) as watcher:
        deadline = time.monotonic() + 30
        # Rows of the running import are on disk, though not visible, once the table has grown.
        while watcher.execute("select pg_relation_size('lake.item')").fetchone() == (0,):
            assert time.monotonic() < deadline
            time.sleep(0.005)
        kill_server(cluster)
    thread.join(30)
    assert failure, "the import was over before the server died"

    cluster.start()
    with psycopg.connect(dsn) as connection:
        assert connection.execute("select count(*) from items").fetchone() == (0,)
    assert run_import(dsn, truth.path)[1] == total
    assert run_import(dsn, truth.path)[1] == 0
    with psycopg.connect(dsn) as connection:
        counts = connection.execute("select count(*), count(distinct content_hash) from lake.item").fetchone()
        unfinished = connection.execute("select count(*) from imports where status = 'running'").fetchone()
    stored = total - truth.facts["items"]["measurement"]
    assert counts == (stored, stored)
    assert unfinished == (0,)
