"""PostgreSQL killed while a worker trains: the training ends as one version, and nothing says running for ever."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from datapunk.admin.cluster import Cluster
from datapunk.admin.install import install
from harness import Database, Server
from killable import kill_server, killable_cluster
from worker_process import WorkerProcess, wait_for_job

pytestmark = pytest.mark.faults

# Trains for a few seconds.
SLOW = "select 'u' || g % 700 as who, 'i' || abs(hashint8(g * 7919)) % 1500 as what from generate_series(1, 40000) as g"

OPTIONS = '{"split": "random", "regularization": 10}'


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with killable_cluster() as own:
        yield own


@pytest.mark.timeout(300)
def test_a_training_survives_the_death_of_the_server_twice(cluster: Cluster, tmp_path: Path) -> None:
    install(cluster.superuser_dsn("datapunk"), create=True)
    server = Server(host=str(cluster.socket_directory), port=cluster.port, account=cluster.home.account)
    database = Database(server=server, name="datapunk")
    worker = WorkerProcess(database=database, log=tmp_path / "worker.log").start()
    try:
        with database.connect() as session:
            row = session.execute("select api.forge_train('taste', 'recommender', %s, %s)", (SLOW, OPTIONS)).fetchone()
        assert row is not None
        job_id = int(row[0])
        for stage in ("progress > 0.1", "attempts >= 2 and progress > 0.3"):
            with database.connect() as session:
                wait_for_job(session, job_id, stage, seconds=120)
                kill_server(cluster)
            cluster.start()
        with database.connect() as session:
            ended = session.execute("select status, version from api.forge_wait(%s, '120 s')", (job_id,)).fetchone()
            assert ended == ("succeeded", 1), (tmp_path / "worker.log").read_text()[-3000:]
            assert session.execute("select count(*) from api.model_versions").fetchone() == (1,)
            outcomes = session.execute("select outcome, count(*) from api.runs group by 1 order by 1").fetchall()
            running = "select count(*) from api.jobs where status in ('queued', 'running')"
            assert session.execute(running).fetchone() == (0,)
        assert outcomes[-1] == ("succeeded", 1)
    finally:
        worker.kill()
