"""`datapunk up`, `down` and `status`: everything of one installation, in the order that it needs."""

import contextlib
import dataclasses
import shutil
import time
from collections.abc import Callable, Iterator
from typing import Protocol

from datapunk.admin import probe
from datapunk.admin.cluster import Cluster, default_server
from datapunk.admin.credentials import ensure_credentials, set_passwords
from datapunk.admin.home import Home, exclusively
from datapunk.admin.ports import port_is_free
from datapunk.admin.programs import postgrest_program
from datapunk.admin.supervisor import POSTGRES, Supervisor, programs_of
from datapunk.errors import NotReady

_ANSWER_PATIENCE = 60.0


class Report(Protocol):
    """Told about each step, before and after."""

    def __call__(self, step: str, outcome: str, seconds: float) -> None:
        """Show that `step` ended with `outcome`."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class ComponentStatus:
    """State of one program: the supervisor's word, and whether it answers."""

    name: str
    state: str
    answers: bool
    pid: int | None
    uptime_seconds: int
    address: str


def up(home: Home, report: Report) -> Home:
    """Start what does not run, install or upgrade the database, and wait until everything answers.

    Errors: DP002 with what is missing; 42501 when the installation belongs to another account.
    """
    home = home.prepare()
    with exclusively(home.state):
        postgrest_program(home)
        if home.external_dsn is None:
            home = _start_cluster(home, report)
        else:
            _start_supervisor(home)
        with _step(report, "database") as step:
            step(install_database(home))
        _start_programs(home, report)
    return home


def _start_programs(home: Home, report: Report) -> None:
    supervisor = Supervisor(home)
    names = [program.name for program in programs_of(home) if program is not POSTGRES]
    started = {name: supervisor.start_program(name) for name in names}
    for name in names:
        with _step(report, name) as step:
            supervisor.wait_for_program(name)
            _wait_for_answer(home, name)
            step("started" if started[name] else "runs")


def _start_cluster(home: Home, report: Report) -> Home:
    default_server()
    with _step(report, "postgres") as step:
        supervisor = Supervisor(home)
        cluster = Cluster(home)
        if cluster.postmaster() is None and not supervisor.is_running():
            home = _with_usable_ports(home)
            cluster = Cluster(home)
        made = cluster.ensure()
        _start_supervisor(home)
        supervisor = Supervisor(home)
        started = supervisor.start_program(POSTGRES.name)
        supervisor.wait_for_program(POSTGRES.name)
        cluster.wait()
        step("made and started" if made else "started" if started else "runs")
    return home


def _with_usable_ports(home: Home) -> Home:
    """The remembered ports, or others when something else took them while we were down."""
    ports = dataclasses.asdict(home.ports).values()
    if all(port_is_free(port) for port in ports):
        return home
    moved = home.with_free_ports()
    moved.save()
    return moved


def _start_supervisor(home: Home) -> None:
    supervisor = Supervisor(home)
    must_restart = supervisor.write_configuration()
    running = supervisor.is_running()
    if running and must_restart:
        supervisor.stop()
    if running and not must_restart:
        supervisor.reload()
    else:
        supervisor.start()


def install_database(home: Home) -> str:
    """Install or upgrade the database, the default model and the generated credentials; returns what was found."""
    from datapunk.admin.default_model import install_default_model
    from datapunk.admin.install import install

    ensure_credentials(home)
    dsn = home.superuser_dsn()
    # On a server that is not ours its administrator decides what may be read.
    allowed = str(home.imports) if home.external_dsn is None else None
    report = install(dsn, create=home.external_dsn is None, host_socket=str(home.host_socket), import_dirs=allowed)
    set_passwords(home, dsn)
    model = install_default_model(dsn, home.default_model)
    change = "" if report.migrated_from == report.revision else f" (from {report.migrated_from or 'nothing'})"
    return f"tables at {report.revision}{change}, default model {model}"


def _wait_for_answer(home: Home, name: str) -> None:
    deadline = time.monotonic() + _ANSWER_PATIENCE
    while not _answers(home, name):
        if time.monotonic() > deadline:
            raise NotReady(f"{name} runs but does not answer", hint=f"read the logs in {home.logs}")
        time.sleep(0.05)


def _answers(home: Home, name: str) -> bool:
    checks: dict[str, Callable[[], bool]] = {
        "postgres": lambda: Cluster(home).is_running(),
        "host": lambda: probe.answers(home.host_socket, "/healthz"),
        "postgrest": lambda: probe.answers(f"http://127.0.0.1:{home.ports.api_admin}", "/ready"),
    }
    return checks.get(name, lambda: True)()


def down(home: Home) -> bool:
    """Stop everything, a cluster without a supervisor included; returns whether anything ran."""
    if not home.state.is_dir() or not home.run.is_dir():
        return False
    with exclusively(home.state):
        stopped = Supervisor(home).stop()
        cluster = Cluster(home)
        if home.external_dsn is None and cluster.postmaster() is not None:
            cluster.stop()
            stopped = True
    return stopped


def remove(home: Home, *, test_cluster_only: bool) -> None:
    """Stop everything and delete data, environment, logs and sockets; or the test cluster alone."""
    if home.run.is_dir():
        Cluster(home, "test").remove()
    if test_cluster_only:
        return
    down(home)
    shutil.rmtree(home.run, ignore_errors=True)
    shutil.rmtree(home.state)


def status(home: Home) -> list[ComponentStatus]:
    """State of every program of `home`."""
    supervisor = Supervisor(home)
    states = supervisor.states() if supervisor.is_running() else {}
    addresses = {
        "postgres": home.dsn(),
        "host": str(home.host_socket),
        "postgrest": home.api_url,
    }
    result = []
    for program in programs_of(home):
        state = states.get(program.name)
        running = state is not None and state.is_running
        result.append(
            ComponentStatus(
                name=program.name,
                state=state.state if state else "STOPPED",
                answers=running and _answers(home, program.name),
                pid=state.pid or None if state else None,
                uptime_seconds=state.uptime_seconds if state else 0,
                address=addresses.get(program.name, ""),
            )
        )
    return result


@contextlib.contextmanager
def _step(report: Report, name: str) -> Iterator[Callable[[str], None]]:
    begun = time.monotonic()
    outcomes: list[str] = []
    yield outcomes.append
    report(name, outcomes[-1], time.monotonic() - begun)
