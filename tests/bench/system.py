"""The system that benchmarks run against: a database of its own in the running cluster, durable as in use.

It has the running model host, a worker of its own and a PostgREST of its own, so that nothing of the owner's data is
touched.
"""

import json
import os
import secrets
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from datapunk.admin.cluster import Cluster
from datapunk.admin.default_model import install_default_model
from datapunk.admin.home import Home
from datapunk.admin.install import install
from datapunk.admin.programs import postgrest_program
from harness import ROOT, Database, Server
from http_api import Api
from worker_process import WorkerProcess

# Another name lets parts be measured side by side.
NAME = os.environ.get("DATAPUNK_BENCH_DATABASE", "datapunk_bench")


@dataclass(frozen=True, kw_only=True)
class System:
    """What a benchmark may use."""

    home: Home
    database: Database
    api: Api
    worker: WorkerProcess
    scale: float = 1.0
    sets: tuple[str, ...] = ()

    @property
    def superuser_dsn(self) -> str:
        return self.database.dsn("postgres")

    def start_worker(self) -> None:
        """Start the worker unless it runs: an import is measured before that, as it is alone on a machine at rest."""
        if self.worker.process is None:
            self.worker.start()

    @contextmanager
    def indexer(self) -> Iterator[None]:
        """A worker that indexes what large statements leave, and embeds nothing."""
        indexer = WorkerProcess(database=self.database, log=self.worker.log.with_name("indexer.log"), queues="indexing")
        indexer.start()
        try:
            yield
        finally:
            indexer.stop()

    def embed_everything(self, owner: str | None = None) -> float:
        """Start the worker and wait until no text of an owner waits for its embedding; returns seconds."""
        self.start_worker()
        started = time.monotonic()
        with self.database.connect(owner=owner) as connection:
            while connection.execute("select pending from cortex_status()").fetchone() != (0,):
                time.sleep(0.2)
        return time.monotonic() - started

    def index_everything(self) -> None:
        """Wait until the vectors have their index, which a first bulk load leaves for its end."""
        with self.database.connect() as connection:
            while connection.execute("select index_phase from generations where state = 'active'").fetchone() != (
                "in use",
            ):
                time.sleep(0.2)


@contextmanager
def bench_system(scale: float = 1.0, sets: tuple[str, ...] = ()) -> Iterator[System]:
    """Set the system up, and remove its database at the end. The default system must be up (`make up`)."""
    home = Home.locate()
    cluster = Cluster(home)
    if not cluster.is_running():
        raise SystemExit("nothing runs: `make up` first")
    server = Server(host=str(cluster.socket_directory), port=cluster.port, account=home.account)
    database = Database(server=server, name=NAME)
    _drop(server)
    install(database.dsn("postgres"), create=True, host_socket=str(home.host_socket))
    install_default_model(database.dsn("postgres"))
    with tempfile.TemporaryDirectory(prefix="dp-bench-") as scratch:
        worker = WorkerProcess(database=database, log=Path(scratch, "worker.log"), lease_s=30)
        try:
            with _postgrest(home, database, Path(scratch)) as api:
                yield System(home=home, database=database, api=api, worker=worker, scale=scale, sets=sets)
        finally:
            worker.stop()
            worker.kill()
            _drop(server)


def _drop(server: Server) -> None:
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as connection:
        connection.execute(f"drop database if exists {NAME} with (force)")


@contextmanager
def _postgrest(home: Home, database: Database, scratch: Path) -> Iterator[Api]:
    secret = secrets.token_hex(32)
    with socket.socket() as one, socket.socket() as other:
        for probe in (one, other):
            probe.bind(("127.0.0.1", 0))
        port, admin_port = one.getsockname()[1], other.getsockname()[1]
    environment = {
        "PATH": os.environ["PATH"],
        "PGRST_DB_URI": database.dsn("datapunk_authenticator"),
        "PGRST_SERVER_HOST": "127.0.0.1",
        "PGRST_SERVER_PORT": str(port),
        "PGRST_ADMIN_SERVER_PORT": str(admin_port),
        "PGRST_JWT_SECRET": secret,
    }
    with (scratch / "postgrest.log").open("wb") as log:
        command = [str(postgrest_program(home)), str(ROOT / "api/postgrest.conf")]
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    api = Api(port=port, admin_port=admin_port, secret=secret.encode())
    try:
        while not api.is_ready():
            if process.poll() is not None:
                raise SystemExit(f"PostgREST did not start: {(scratch / 'postgrest.log').read_text()}")
            time.sleep(0.05)
        yield api
    finally:
        process.terminate()
        process.wait(10)


def as_json(figures: object) -> str:
    """Figures as one indented JSON text."""
    return json.dumps(figures, indent=2)
