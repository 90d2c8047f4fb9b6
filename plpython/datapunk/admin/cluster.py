"""A private PostgreSQL cluster: made on first use, never run as root, reached over a socket in a closed folder."""

import contextlib
import dataclasses
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Literal

import psycopg

from datapunk.admin.home import Home, exclusively, socket_dsn, write_if_changed
from datapunk.errors import NotReady

SUPPORTED_MAJORS = range(15, 19)
_DEBIAN_SERVERS = Path("/usr/lib/postgresql")
_DEBIAN_SHARE = Path("/usr/share/postgresql")
_INCLUDE = "include 'datapunk.conf'\n"
# Seconds: for backends without postmaster, for a fast shutdown, and between SIGQUIT and SIGKILL.
_ORPHAN_PATIENCE, _SHUTDOWN_PATIENCE, _QUIT_PATIENCE = 2.0, 60.0, 5.0

_HBA = """\
# Written by Datapunk at every start. The socket's folder is open to its own account alone.
local all all trust
host all all 127.0.0.1/32 scram-sha-256
host all all ::1/128 scram-sha-256
"""

_SETTINGS = """\
# Written by Datapunk at every start; put your own settings into postgresql.conf below the include.
port = {port}
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0700
listen_addresses = '{listen}'
max_connections = 260
shared_buffers = {shared_buffers}MB
work_mem = 32MB
maintenance_work_mem = {maintenance}MB
autovacuum_work_mem = 256MB
max_wal_size = 2GB
random_page_cost = 1.1
jit = off
password_encryption = scram-sha-256
cluster_name = 'datapunk-{name}'
"""

_LOGGING = """\
logging_collector = on
log_destination = 'jsonlog'
log_directory = '{logs}'
log_filename = 'postgres-%a.log'
log_rotation_age = 1d
log_truncate_on_rotation = on
log_file_mode = 0640
log_checkpoints = off
"""

_NOT_DURABLE = """\
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum_naptime = 10s
"""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Server:
    """An installed PostgreSQL major version."""

    major: int

    @property
    def bin(self) -> Path:
        """Folder of its programs."""
        return _DEBIAN_SERVERS / str(self.major) / "bin"

    def has_extension(self, name: str) -> bool:
        """Whether the extension can be created on it."""
        return (_DEBIAN_SHARE / str(self.major) / "extension" / f"{name}.control").exists()


def installed_servers() -> list[Server]:
    """Every supported server that is installed, newest first."""
    found = [Server(major=major) for major in SUPPORTED_MAJORS]
    return [server for server in reversed(found) if (server.bin / "postgres").exists()]


def default_server() -> Server:
    """The newest installed server with plpython3u and pgvector. Error: DP002."""
    for server in installed_servers():
        if server.has_extension("plpython3u") and server.has_extension("vector"):
            return server
    raise NotReady(
        "no PostgreSQL 15 to 18 with plpython3u and pgvector is installed",
        hint="run `make up`, which installs them",
    )


@dataclasses.dataclass(frozen=True)
class Cluster:
    """The main cluster of a home, or its test cluster (which gives up durability for speed and has no TCP port)."""

    home: Home
    name: Literal["main", "test"] = "main"

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.home.data if self.name == "main" else self.home.state / "test" / "data"

    @property
    def socket_directory(self) -> Path:
        """The closed folder of its Unix socket."""
        return self.home.run if self.name == "main" else self.home.run / "test"

    @property
    def port(self) -> int:
        """Its port, which names the socket too."""
        return self.home.ports.postgres

    @property
    def server(self) -> Server:
        """The server that made the cluster, or the one that would make it."""
        with contextlib.suppress(FileNotFoundError):
            major = int((self.data / "PG_VERSION").read_text(encoding="ascii"))
            server = Server(major=major)
            if not (server.bin / "postgres").exists():
                raise NotReady(
                    f"the data in {self.data} belongs to PostgreSQL {major}, which is not installed",
                    hint=f"install postgresql-{major}, or move the data with pg_dump from where it was written",
                )
            return server
        return default_server()

    def superuser_dsn(self, database: str = "postgres") -> str:
        """A connection string of the cluster's superuser."""
        return socket_dsn(self.socket_directory, self.port, "postgres", database)

    def dsn(self, user: str, database: str) -> str:
        """A connection string for `user`."""
        return socket_dsn(self.socket_directory, self.port, user, database)

    def exists(self) -> bool:
        """Whether it was made."""
        return (self.data / "PG_VERSION").exists()

    def ensure(self) -> bool:
        """Make the cluster if there is none and bring its settings up to date; returns whether it was made."""
        account = self.home.account
        for folder in (self.socket_directory, self.data.parent):
            if folder not in (self.home.run, self.home.state):
                folder.mkdir(parents=True, exist_ok=True)
                account.own(folder, 0o700)
        with exclusively(self.socket_directory):
            made = not self.exists()
            if made:
                self._initialise()
            self._write_settings()
        return made

    def _write_settings(self) -> None:
        account = self.home.account
        text = _SETTINGS.format(
            port=self.port,
            sockets=self.socket_directory,
            listen="127.0.0.1" if self.name == "main" else "",
            shared_buffers=_share_of_memory_mb(least=128, most=4096 if self.name == "main" else 1024),
            maintenance=_share_of_memory_mb(least=256, most=4096),
            name=self.name,
        )
        logs = self.home.logs if self.name == "main" else self.data / "log"
        text += _LOGGING.format(logs=logs) + (_NOT_DURABLE if self.name == "test" else "")
        write_if_changed(self.data / "datapunk.conf", text, account=account, mode=0o600)
        write_if_changed(self.data / "pg_hba.conf", _HBA, account=account, mode=0o600)

    def _initialise(self) -> None:
        fresh = self.data.with_name(f"{self.data.name}.new")
        if fresh.exists():
            shutil.rmtree(fresh)
        fresh.mkdir(parents=True)
        self.home.account.own(fresh, 0o700)
        self._run(
            "initdb", f"--pgdata={fresh}", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8",
            "--data-checksums", "--auth-local=trust", "--auth-host=scram-sha-256", "--no-instructions",
        )  # fmt: skip
        settings = fresh / "postgresql.conf"
        settings.write_text(settings.read_text(encoding="utf-8") + "\n" + _INCLUDE, encoding="utf-8")
        fresh.rename(self.data)

    def server_environment(self) -> dict[str, str]:
        """The postmaster's environment. One thread each: a backend that computes shares its machine with others,
        and every further thread of a numeric library costs each backend memory."""
        return self.home.environment(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

    def server_command(self) -> list[str]:
        """The command line of the postmaster in the foreground."""
        return [str(self.server.bin / "postgres"), "-D", str(self.data)]

    def start(self, timeout: float = 60.0) -> None:
        """Start the cluster in the background and wait until it accepts connections."""
        with exclusively(self.socket_directory):
            if self.is_running():
                return
            self.clear_crash()
            log = self.data / "start.log"
            self._run("pg_ctl", "start", "--wait", f"--timeout={timeout:.0f}", f"--pgdata={self.data}", f"--log={log}")

    def stop(self) -> None:
        """Stop the cluster (fast shutdown), whoever started it."""
        if self.postmaster() is not None:
            self._run("pg_ctl", "stop", "--mode=fast", "--wait", f"--pgdata={self.data}")

    def remove(self) -> None:
        """Stop the cluster and delete its data. For test clusters."""
        self.stop()
        shutil.rmtree(self.data, ignore_errors=True)

    def is_running(self) -> bool:
        """Whether the cluster accepts connections."""
        if not self.exists() or self.postmaster() is None:
            return False
        try:
            psycopg.connect(self.superuser_dsn("template1"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def wait(self, timeout: float = 60.0) -> None:
        """Wait until the cluster accepts connections. Error: DP002."""
        deadline = time.monotonic() + timeout
        while not self.is_running():
            if time.monotonic() > deadline:
                raise NotReady("PostgreSQL does not accept connections", hint=f"read the logs in {self.home.logs}")
            time.sleep(0.05)

    def postmaster(self) -> int | None:
        """Process id of the running postmaster, or None. A pid file left by a crash does not count."""
        try:
            first_line = (self.data / "postmaster.pid").read_text(encoding="ascii").splitlines()[0]
        except (FileNotFoundError, IndexError):
            return None
        pid = int(first_line)
        return pid if self._is_ours(pid) else None

    def clear_crash(self) -> None:
        """Make way for a new postmaster after a crash or a reboot.

        A postmaster killed outright leaves backends that hold its shared memory, and its lock files may name a
        process id that something else has by now. Backends get time to notice, then are ended; a postmaster
        that still lives is shut down; lock files that belong to nobody are removed.
        """
        postmaster = self.postmaster()
        if postmaster is not None:
            self._signal(postmaster, signal.SIGINT)
        deadline = time.monotonic() + (_ORPHAN_PATIENCE if postmaster is None else _SHUTDOWN_PATIENCE)
        while processes := self._server_processes():
            late = time.monotonic() - deadline
            for pid in processes if late > 0 else ():
                self._signal(pid, signal.SIGQUIT if late < _QUIT_PATIENCE else signal.SIGKILL)
            time.sleep(0.05)
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        for lock in self.socket_directory.glob(".s.PGSQL.*"):
            lock.unlink(missing_ok=True)

    def _server_processes(self) -> set[int]:
        return {int(entry.name) for entry in Path("/proc").glob("[0-9]*") if self._is_ours(int(entry.name))}

    def _is_ours(self, pid: int) -> bool:
        """Whether the process is one of this cluster's server: PostgreSQL's own work in the data folder."""
        entry = Path("/proc") / str(pid)
        try:
            inside = (entry / "cwd").readlink() == self.data.resolve()
            return inside and (entry / "comm").read_text(encoding="utf-8").startswith("postgres")
        except OSError:
            return False

    @staticmethod
    def _signal(pid: int, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)

    def _run(self, program: str, *arguments: str) -> None:
        result = subprocess.run(
            [self.server.bin / program, *arguments],
            check=False,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=self.server_environment(),
            **self.home.account.popen_options(),
        )
        if result.returncode != 0:
            raise NotReady(
                f"{program} failed for {self.data}", hint=f"read the logs in {self.home.logs}", detail=result.stdout
            )


def _share_of_memory_mb(*, least: int, most: int) -> int:
    memory_mb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    return max(least, min(most, memory_mb // 8))
