"""What the fixtures hand to tests: a server, a database of one test, a model host of its own process."""

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import conninfo
from psycopg.rows import tuple_row
from pytest_postgresql.janitor import DatabaseJanitor

from datapunk.admin.home import Account

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, kw_only=True)
class Server:
    """A PostgreSQL server that tests may fill: how to reach it, and the account that its backends run as."""

    host: str
    port: int
    account: Account

    def dsn(self, database: str, user: str = "postgres") -> str:
        return conninfo.make_conninfo(host=self.host, port=self.port, dbname=database, user=user)

    def janitor(self, database: str, template: str | None = None) -> DatabaseJanitor:
        return DatabaseJanitor(
            user="postgres", host=self.host, port=self.port, dbname=database, template_dbname=template
        )


@dataclass(frozen=True, kw_only=True)
class Database:
    """One test's own database."""

    server: Server
    name: str

    def dsn(self, user: str = "datapunk") -> str:
        return self.server.dsn(self.name, user)

    def connect(self, user: str = "datapunk", *, owner: str | None = None) -> psycopg.Connection[tuple[object, ...]]:
        """Connect in autocommit mode, as the owner `owner` where one is given."""
        connection = psycopg.connect(self.dsn(user), autocommit=True)
        if owner:
            connection.execute("select set_config('datapunk.owner', %s, false)", (owner,))
        return connection


class Backend:
    """A backend that several tests use in turn; each gets a connection without anything of the one before."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._opened: psycopg.Connection[tuple[object, ...]] | None = None

    def lend(self) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
        """Hand out a connection; roll back and forget what its session knows when it comes back."""
        if self._opened is None or self._opened.closed:
            # What is discarded below would be missed by a client that prepared it.
            self._opened = psycopg.connect(self._dsn, prepare_threshold=None)
        yield self._opened
        if self._opened.closed:
            return
        self._opened.rollback()
        self._opened.autocommit = True
        self._opened.execute("discard all")
        self._opened.autocommit = False
        self._opened.row_factory = tuple_row

    def close(self) -> None:
        if self._opened is not None:
            self._opened.close()


def clone(server: Server, template: str) -> Iterator[Database]:
    """Clone the template into a database that is dropped afterwards."""
    name = f"datapunk_test_{secrets.token_hex(6)}"
    janitor = server.janitor(name, template)
    janitor.init()
    _copy_settings(server, template, name)
    yield Database(server=server, name=name)
    janitor.drop()


def _copy_settings(server: Server, template: str, name: str) -> None:
    """Settings made with `alter database` and the database's owner are not part of what a template hands on."""
    with psycopg.connect(server.dsn(name), autocommit=True) as connection:
        connection.execute(f"alter database {name} owner to datapunk")
        rows = connection.execute(
            "select unnest(setconfig) from pg_db_role_setting join pg_database as d on d.oid = setdatabase"
            " where setrole = 0 and datname = %s",
            (template,),
        ).fetchall()
        for (setting,) in rows:
            key, _, value = setting.partition("=")
            text = value if key == "search_path" else "'" + value.replace("'", "''") + "'"
            connection.execute(f"alter database {name} set {key} = {text}")


@dataclass(frozen=True, kw_only=True)
class ModelHost:
    """A model host of its own process; `restart` and `kill` are for tests of what happens without it."""

    socket: Path
    process: list["subprocess.Popen[bytes]"]
    account: Account
    log: Path

    def start(self) -> None:
        from datapunk.admin.default_model import cache_folder

        command = (
            "import sys; from datapunk_workers.host.server import main; main(sys.argv[1], sys.argv[2])",
            str(self.socket),
            str(cache_folder()),
        )
        environment = {**os.environ, "PYTHONPATH": ":".join(str(ROOT / p) for p in ("plpython", "forge", "workers"))}
        with self.log.open("ab") as log:
            self.process[:] = [
                subprocess.Popen(
                    [sys.executable, "-c", *command], cwd="/", env=environment, stdout=log, stderr=log,
                    **self.account.popen_options(),
                )
            ]  # fmt: skip
        deadline = time.monotonic() + 60
        while not self.socket.exists():
            if self.process[0].poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the model host did not start: {self.log.read_text()[-2000:]}")
            time.sleep(0.05)

    def kill(self) -> None:
        self.process[0].send_signal(signal.SIGKILL)
        self.process[0].wait()

    def stop(self) -> None:
        self.process[0].terminate()
        self.process[0].wait(30)
