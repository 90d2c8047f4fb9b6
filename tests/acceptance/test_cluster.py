"""The private cluster: made, started, stopped, and started again after what a crash or a reboot leaves behind."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from datapunk.admin.cluster import Cluster
from datapunk.admin.home import Home


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    state = Path(tempfile.mkdtemp(prefix="dp-cluster-"))
    state.chmod(0o755)
    home = Home.locate({"DATAPUNK_STATE": str(state)}).prepare()
    yield home
    Cluster(home).stop()
    shutil.rmtree(home.run)
    shutil.rmtree(state)


@pytest.fixture
def cluster(home: Home) -> Cluster:
    cluster = Cluster(home)
    cluster.ensure()
    cluster.start()
    return cluster


def _backend_busy_in_python(cluster: Cluster) -> "subprocess.Popen[bytes]":
    with psycopg.connect(cluster.superuser_dsn(), autocommit=True) as connection:
        connection.execute("create extension if not exists plpython3u")
        code = "import time\nend = time.time() + 60\nwhile time.time() < end:\n  pass\n"
        client = subprocess.Popen(
            ["psql", "--no-psqlrc", "--quiet", "-c", f"do language plpython3u $${code}$$", cluster.superuser_dsn()],
            stderr=subprocess.DEVNULL,
        )
        query = "select count(*) from pg_stat_activity where state = 'active' and query like 'do language%'"
        deadline = time.monotonic() + 20
        while connection.execute(query).fetchone() != (1,):
            assert time.monotonic() < deadline, "the busy backend did not start"
            time.sleep(0.05)
    return client


def test_server_runs_as_an_ordinary_account(cluster: Cluster) -> None:
    pid = cluster.postmaster()
    assert Path(f"/proc/{pid}").stat().st_uid == cluster.home.account.uid != 0


def test_data_is_checksummed_utf8(cluster: Cluster) -> None:
    with psycopg.connect(cluster.superuser_dsn()) as connection:
        row = connection.execute(
            "select current_setting('data_checksums'), current_setting('server_encoding')"
        ).fetchone()
    assert row == ("on", "UTF8")


def test_tcp_asks_for_a_password(cluster: Cluster) -> None:
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(host="127.0.0.1", port=cluster.port, user="postgres", dbname="postgres")


def test_backends_import_the_package(cluster: Cluster) -> None:
    with psycopg.connect(cluster.superuser_dsn(), autocommit=True) as connection:
        connection.execute("create extension if not exists plpython3u")
        statement = "do language plpython3u $$import datapunk.db, numpy, onnxruntime$$"
        assert connection.execute(statement).statusmessage == "DO"


def test_making_it_again_keeps_it(cluster: Cluster) -> None:
    before = cluster.postmaster()
    assert not cluster.ensure()
    cluster.start()
    assert cluster.postmaster() == before


def test_starts_after_kill_while_a_backend_computes(cluster: Cluster) -> None:
    client = _backend_busy_in_python(cluster)
    pid = cluster.postmaster()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    cluster.start()
    client.wait(30)
    assert cluster.is_running()
    assert cluster.postmaster() != pid


def test_starts_when_the_pid_file_names_another_program(cluster: Cluster) -> None:
    cluster.stop()
    other = subprocess.Popen(["sleep", "60"], **cluster.home.account.popen_options())
    try:
        (cluster.data / "postmaster.pid").write_text(f"{other.pid}\n{cluster.data}\n0\n")
        assert cluster.postmaster() is None
        cluster.start()
    finally:
        other.kill()
        other.wait()
    assert cluster.is_running()


def test_starts_after_a_reboot_emptied_the_run_folder(cluster: Cluster, home: Home) -> None:
    cluster.stop()
    shutil.rmtree(home.run)
    home.prepare()
    cluster.start()
    assert cluster.is_running()


def test_an_initialisation_that_broke_off_is_begun_anew(home: Home) -> None:
    test_cluster = Cluster(home, "test")
    (test_cluster.data.parent / "data.new").mkdir(parents=True)
    assert test_cluster.ensure()
    test_cluster.start()
    assert test_cluster.is_running()
    test_cluster.remove()
    assert not test_cluster.exists()
