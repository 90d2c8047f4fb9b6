"""Fixtures that every suite shares: the test cluster, a template database, and a model host.

Nothing here starts before a test asks for it, so the unit suite needs no server. Set DATAPUNK_TEST_DSN (a
superuser's connection string) to use a running server instead of the private test cluster.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import conninfo

from datapunk.admin.cluster import Cluster
from datapunk.admin.home import Account, Home, exclusively
from datapunk.db.psycopg_db import PsycopgDb
from harness import ROOT, Backend, Database, ModelHost, Server, clone


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The running test server."""
    if dsn := os.environ.get("DATAPUNK_TEST_DSN"):
        parts = conninfo.conninfo_to_dict(dsn)
        account = Account.of("postgres") if os.geteuid() == 0 else Account.of(os.geteuid())
        yield Server(host=str(parts["host"]), port=int(parts.get("port") or 5432), account=account)
        return
    home = Home.locate().prepare()
    cluster = Cluster(home, name="test")
    cluster.ensure()
    cluster.start()
    yield Server(host=str(cluster.socket_directory), port=cluster.port, account=home.account)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Stop the test cluster at the end of the whole run, unless another run still uses it."""
    if "PYTEST_XDIST_WORKER" in os.environ or os.environ.get("DATAPUNK_TEST_DSN"):
        return
    cluster = Cluster(Home.locate(), name="test")
    if not cluster.is_running():
        return
    with psycopg.connect(cluster.superuser_dsn("postgres"), autocommit=True) as connection:
        row = connection.execute(
            "select exists (select from pg_database where datname ~ '^datapunk_(template|test)_')"
            " or exists (select from pg_stat_activity"
            "   where backend_type = 'client backend' and pid <> pg_backend_pid())"
        ).fetchone()
    if row == (False,):
        cluster.stop()


@pytest.fixture(scope="session")
def default_model() -> Path:
    """The folder of the exported default model; exported at the first use."""
    from datapunk.admin.default_model import cache_folder, export_default_model

    folder = cache_folder()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with exclusively(folder.parent):
        export_default_model(folder)
    return folder


def _start_host(server: Server) -> Iterator[ModelHost]:
    folder = Path(tempfile.mkdtemp(prefix="dp-host-"))
    server.account.own(folder, 0o700)
    log = folder / "host.log"
    log.touch()
    server.account.own(log, 0o600)
    host = ModelHost(socket=folder / "host.sock", process=[], account=server.account, log=log)
    host.start()
    yield host
    if host.process[0].poll() is None:
        host.stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def model_host(server: Server, default_model: Path) -> Iterator[ModelHost]:
    """The model host that the databases of the session point at. Do not kill it: see `own_model_host`."""
    yield from _start_host(server)


@pytest.fixture
def own_model_host(server: Server, default_model: Path) -> Iterator[ModelHost]:
    """A model host of one test, which may kill it."""
    yield from _start_host(server)


@pytest.fixture(scope="session")
def template(server: Server, model_host: ModelHost, default_model: Path) -> Iterator[str]:
    """A database with Datapunk installed, to clone."""
    from datapunk.admin.default_model import install_default_model
    from datapunk.admin.install import install

    name = f"datapunk_template_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"
    dsn = server.dsn(name)
    install(dsn, create=True, host_socket=str(model_host.socket))
    install_default_model(dsn, default_model)
    yield name
    server.janitor(name).drop()


@pytest.fixture
def database(server: Server, template: str) -> Iterator[Database]:
    """A fresh database of the test's own, for tests that commit."""
    yield from clone(server, template)


@pytest.fixture(scope="session")
def shared_database(server: Server, template: str) -> Iterator[Database]:
    """One database for all tests that roll back."""
    yield from clone(server, template)


@pytest.fixture(scope="session")
def backend(shared_database: Database) -> Iterator[Backend]:
    """What tests that roll back share: a backend whose interpreter has loaded the package, as a pool would hold it."""
    held = Backend(shared_database.dsn())
    yield held
    held.close()


@pytest.fixture
def connection(backend: Backend) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A connection as the role `datapunk`, rolled back at the end."""
    yield from backend.lend()


@pytest.fixture
def db(connection: psycopg.Connection[tuple[object, ...]]) -> PsycopgDb:
    """The package's view of `connection`."""
    return PsycopgDb(connection)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of public data sets and fixtures beside the checkout; tests that need it are skipped without it."""
    folder = Path(os.environ.get("DATAPUNK_SHARED", ROOT.parent / "shared"))
    if not (folder / "data").is_dir():
        pytest.skip("no shared data sets beside the checkout")
    return folder / "data"
