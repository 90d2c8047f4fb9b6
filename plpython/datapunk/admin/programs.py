"""What the supervisor runs: each program replaces this process or runs in it, and whatever it prints is a JSON line.

`python -m datapunk.admin.programs NAME`
"""

import importlib
import logging
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from datapunk.admin import jsonlog
from datapunk.admin.cluster import Cluster
from datapunk.admin.home import QUIET, Home
from datapunk.admin.supervisor import supervisord_command
from datapunk.errors import NotReady


def _become(command: Sequence[str], environment: dict[str, str]) -> NoReturn:
    os.chdir("/")
    os.execve(command[0], list(command), environment)  # noqa: S606  no shell is wanted


def run_postgres(home: Home) -> None:
    """Become the postmaster of the main cluster, once nothing of a crashed one is left."""
    cluster = Cluster(home)
    home.prepare()
    cluster.ensure()
    cluster.clear_crash()
    _become(cluster.server_command(), cluster.server_environment())


def postgrest_program(home: Home) -> Path:
    """PostgREST's executable: one on the PATH, else the one that provisioning fetched. Error: DP002."""
    found = shutil.which("postgrest") or shutil.which("postgrest", path=home.venv.parent / "bin")
    if found is None:
        raise NotReady("PostgREST is not installed", hint="run `make up`, which fetches it")
    return Path(found)


def run_postgrest(home: Home) -> None:
    """Become PostgREST. The file api/postgrest.conf says what is served; where and with which key comes from here."""
    environment = home.environment(
        PGRST_DB_URI=os.environ.get("DATAPUNK_AUTHENTICATOR_DSN") or home.dsn("datapunk_authenticator"),
        PGRST_SERVER_HOST=os.environ.get("DATAPUNK_API_HOST", "127.0.0.1"),
        PGRST_SERVER_PORT=os.environ.get("DATAPUNK_API_PORT") or str(home.ports.api),
        PGRST_ADMIN_SERVER_PORT=str(home.ports.api_admin),
        PGRST_JWT_SECRET=f"@{home.secrets / 'jwks.json'}",
    )
    _become([str(postgrest_program(home)), str(_api_configuration(home))], environment)


def _api_configuration(home: Home) -> Path:
    installed = Path(importlib.import_module("datapunk").__file__ or "").parent / "_resources" / "api"
    folder = home.root / "api" if home.source_readable else installed
    return folder / "postgrest.conf"


def run_host(home: Home) -> None:
    """Run the model host on its Unix socket."""
    server = importlib.import_module("datapunk_workers.host.server")
    server.main(str(home.host_socket), str(home.default_model) if home.default_model.is_dir() else None)


def run_worker(home: Home) -> None:
    """Run one worker until it is asked to stop."""
    worker = importlib.import_module("datapunk_workers.worker")
    worker.main(os.environ.get("DATAPUNK_WORKER_DSN") or home.dsn("datapunk_worker"))


def run_install(home: Home) -> None:
    """Install or upgrade the database, and end."""
    from datapunk.admin.processes import install_database

    logging.getLogger("alembic.runtime.plugins").setLevel(logging.WARNING)
    logging.getLogger("install").info(install_database(home))


def run_supervisord(home: Home) -> None:
    """Become the supervisor."""
    _become(supervisord_command(home), dict(os.environ))


RUNNERS = {
    "postgres": run_postgres,
    "postgrest": run_postgrest,
    "host": run_host,
    "worker": run_worker,
    "install": run_install,
    "supervisord": run_supervisord,
}

if __name__ == "__main__":
    os.umask(0o022)
    os.environ.update(QUIET)
    jsonlog.pipe_output(sys.argv[1])
    jsonlog.configure_logging(sys.argv[1])
    RUNNERS[sys.argv[1]](Home.locate())
