"""The supervisor (package `supervisor`) of one installation's programs: configuration, start, stop and states."""

import contextlib
import dataclasses
import hashlib
import importlib.util
import subprocess
import sys
import time
import xmlrpc.client
from pathlib import Path
from typing import IO, Any

from datapunk.admin.home import QUIET, Home, write_if_changed
from datapunk.errors import NotReady

PACKAGES = ("datapunk", "datapunk_forge", "datapunk_workers")
_MAX_LOG_BYTES = 10_000_000
_STOPPED = frozenset({"STOPPED", "EXITED", "FATAL"})

_SUPERVISOR = """\
; Written by `datapunk up`. environment {environment}
[supervisord]
identifier = datapunk-{id}
pidfile = {run}/supervisord.pid
directory = /
umask = 022
logfile = /dev/null
logfile_maxbytes = 0
nocleanup = true

[unix_http_server]
file = {run}/supervisor.sock
chmod = 0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
"""

_PROGRAM = """
[program:{name}]
command = /usr/bin/setpriv --pdeathsig {signal} -- {python} -m datapunk.admin.programs {name}
priority = {priority}
autostart = false
autorestart = true
startsecs = 1
startretries = 60
stopsignal = {signal}
stopwaitsecs = {patience}
redirect_stderr = true
stdout_logfile = {logs}/{name}.jsonl
stdout_logfile_maxbytes = 10MB
stdout_logfile_backups = 3
environment = DATAPUNK_CODE="{code}"
"""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Program:
    """A supervised program: how it is asked to stop, and whether a change of our code restarts it."""

    name: str
    priority: int
    signal: str = "TERM"
    patience: int = 20
    runs_our_code: bool = True


POSTGRES = Program(name="postgres", priority=1, signal="INT", patience=60, runs_our_code=False)
PROGRAMS = (
    POSTGRES,
    Program(name="host", priority=10),
    Program(name="worker", priority=20),
    Program(name="postgrest", priority=30),
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class ProgramState:
    """What the supervisor says about one program."""

    name: str
    state: str
    pid: int
    uptime_seconds: int
    description: str

    @property
    def is_running(self) -> bool:
        """Whether the program has stayed up for its first second."""
        return self.state == "RUNNING"


def programs_of(home: Home) -> tuple[Program, ...]:
    """What runs here; with DATAPUNK_DSN the server is somebody else's."""
    return tuple(program for program in PROGRAMS if home.external_dsn is None or program is not POSTGRES)


def code_fingerprint() -> str:
    """Changes whenever a file of our packages does."""
    digest = hashlib.sha256()
    for package in PACKAGES:
        spec = importlib.util.find_spec(package)
        for folder in (spec.submodule_search_locations or []) if spec else []:
            for path in sorted(Path(folder).rglob("*")):
                if path.suffix in {".py", ".sql"}:
                    found = path.stat()
                    digest.update(f"{path}\0{found.st_mtime_ns}\0{found.st_size}\n".encode())
    return digest.hexdigest()[:16]


class Supervisor:
    """Client of the supervisor of `home`."""

    def __init__(self, home: Home) -> None:
        """Connects at each call, so an instance may outlive the supervisor."""
        self.home = home
        self.configuration = home.state / "supervisord.conf"

    def write_configuration(self) -> bool:
        """Write the configuration; returns whether the supervisor itself must start anew for it."""
        home = self.home
        code = code_fingerprint()
        head = _SUPERVISOR.format(environment=self._environment_fingerprint(), id=home.id, run=_escape(home.run))
        text = head + "".join(
            _PROGRAM.format(
                name=program.name,
                signal=program.signal,
                priority=program.priority,
                patience=program.patience,
                python=_quote(home.venv / "bin" / "python"),
                logs=_escape(home.logs),
                code=code if program.runs_our_code else "",
            )
            for program in programs_of(home)
        )
        old = self.configuration.read_text(encoding="utf-8") if self.configuration.exists() else ""
        write_if_changed(self.configuration, text, account=home.account, mode=0o640)
        return not old.startswith(head)

    def _environment_fingerprint(self) -> str:
        environment = self.home.environment()
        names = ("PATH", "PYTHONPATH", "DATAPUNK_STATE", "DATAPUNK_HOST_SOCKET", "DATAPUNK_DSN", *QUIET)
        text = "\0".join(environment.get(name, "") for name in names)
        # Keys of encrypted artefacts and the Ray cluster, which workers and model host are to have.
        more = ("DATAPUNK_KEY", "DATAPUNK_RAY", "DATAPUNK_SEAL_WITH")
        text += "".join(f"\0{name}={environment[name]}" for name in sorted(environment) if name.startswith(more))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def is_running(self) -> bool:
        """Whether the supervisor answers."""
        try:
            return bool(self._call("getState")["statename"] == "RUNNING")
        except OSError:
            return False

    def start(self, timeout: float = 20.0) -> None:
        """Start the supervisor in the background, as the home's account. Error: DP002."""
        home = self.home
        python = str(home.venv / "bin" / "python")
        with self._open_log() as log:
            process = subprocess.Popen(
                [python, "-m", "datapunk.admin.programs", "supervisord"],
                cwd="/",
                env=home.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **home.account.popen_options(),
            )
        deadline = time.monotonic() + timeout
        while not self.is_running():
            if process.poll() is not None or time.monotonic() > deadline:
                raise NotReady("the supervisor did not start", hint=f"read {home.logs}/supervisor.jsonl")
            time.sleep(0.05)

    def _open_log(self) -> IO[bytes]:
        """The supervisor's own log; it says little, so an old one is put aside at a start at most."""
        path = self.home.logs / "supervisor.jsonl"
        if path.exists() and path.stat().st_size > _MAX_LOG_BYTES:
            path.rename(path.with_suffix(".jsonl.1"))
        log = path.open("ab")
        self.home.account.own(path, 0o640)
        return log

    def reload(self) -> None:
        """Take over a changed configuration: restart the programs that it changes, and no other."""
        added, changed, removed = self._call("reloadConfig")[0]
        for name in [*removed, *changed]:
            self._call("stopProcessGroup", name)
            self._call("removeProcessGroup", name)
        for name in [*added, *changed]:
            self._call("addProcessGroup", name)

    def start_program(self, name: str) -> bool:
        """Start a program unless it runs, without waiting for it; returns whether it was started."""
        state = self.states()[name]
        if state.is_running:
            return False
        if state.state == "BACKOFF":
            self._call("stopProcess", name)
        if state.state in _STOPPED or state.state == "BACKOFF":
            self._call("startProcess", name, False)
        return True

    def wait_for_program(self, name: str, timeout: float = 20.0) -> None:
        """Wait until a started program has stayed up. Error: DP002 with the end of its log."""
        deadline = time.monotonic() + timeout
        while not (state := self.states()[name]).is_running:
            if time.monotonic() > deadline or state.state == "FATAL":
                log = self.home.logs / f"{name}.jsonl"
                raise NotReady(f"{name} does not stay up", hint=f"read {log}", detail=_last_lines(log))
            time.sleep(0.05)

    def states(self) -> dict[str, ProgramState]:
        """State of every program, by name."""
        return {state.name: state for state in map(_program_state, self._call("getAllProcessInfo"))}

    def stop(self, timeout: float = 120.0) -> bool:
        """Stop every program, then the supervisor; returns whether it ran."""
        if not self.is_running():
            return False
        pid = int(self._call("getPID"))
        self._call("shutdown")
        deadline = time.monotonic() + timeout
        while Path(f"/proc/{pid}").exists():
            if time.monotonic() > deadline:
                raise NotReady("the supervisor does not stop", hint=f"read {self.home.logs}/supervisor.jsonl")
            time.sleep(0.05)
        return True

    def _call(self, method: str, *arguments: Any) -> Any:
        from supervisor.xmlrpc import SupervisorTransport

        transport = SupervisorTransport(None, None, f"unix://{self.home.supervisor_socket}")
        with contextlib.closing(transport):
            proxy = xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport)
            return getattr(proxy.supervisor, method)(*arguments)


def _program_state(info: dict[str, Any]) -> ProgramState:
    running = info["statename"] == "RUNNING"
    return ProgramState(
        name=info["name"],
        state=info["statename"],
        pid=info["pid"],
        uptime_seconds=max(0, info["now"] - info["start"]) if running else 0,
        description=info["description"],
    )


def _last_lines(log: Path, count: int = 3) -> str:
    if not log.exists():
        return ""
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-count:])


def _escape(value: object) -> str:
    return str(value).replace("%", "%%")


def _quote(value: object) -> str:
    return '"' + _escape(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def supervisord_command(home: Home) -> list[str]:
    """The supervisor's own command line, in the foreground."""
    configuration = home.state / "supervisord.conf"
    return [sys.executable, "-m", "supervisor.supervisord", "--nodaemon", "--configuration", str(configuration)]
