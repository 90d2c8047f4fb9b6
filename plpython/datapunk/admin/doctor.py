"""`datapunk doctor`: every part that can be missing or wrong, with what mends it."""

import dataclasses
import http.client
import json
import shutil
from collections.abc import Callable, Iterator
from typing import Any, Literal

import psycopg

from datapunk.admin import probe
from datapunk.admin.cluster import SUPPORTED_MAJORS, Cluster, default_server
from datapunk.admin.home import OUTSIDE, Home
from datapunk.admin.programs import postgrest_program
from datapunk.admin.supervisor import Supervisor, programs_of
from datapunk.errors import DatapunkError

State = Literal["ok", "warn", "fail"]
_LEAST_DISK_BYTES = 2 * 2**30
_UP = "run `datapunk up`"
_PROVISION = "run `make up`"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Check:
    """One finding; `mend` says what to do about it and is empty when there is nothing to do."""

    name: str
    state: State
    detail: str
    mend: str = ""


def examine(home: Home) -> list[Check]:
    """Check everything that can be checked, in the order in which things depend on each other."""
    return [*_check_system(home), *_check_programs(home), *_check_database(home)]


def _check_system(home: Home) -> Iterator[Check]:
    yield _attempt("server", lambda: f"PostgreSQL {default_server().major} with plpython3u and pgvector", _PROVISION)
    yield _attempt("PostgREST", lambda: str(postgrest_program(home)), _PROVISION)
    yield _state_folder(home)
    readable = home.account.can_read(home.venv / "bin" / "python") and home.account.can_read(home.site_packages)
    if readable:
        yield Check(name="environment", state="ok", detail=f"{home.venv}, read by the account {home.account.name}")
    else:
        yield Check(
            name="environment",
            state="fail",
            detail=f"the account {home.account.name} cannot read {home.venv}",
            mend=_PROVISION,
        )
    free = shutil.disk_usage(home.state if home.state.exists() else home.root).free
    enough = free >= _LEAST_DISK_BYTES
    yield Check(
        name="disk",
        state="ok" if enough else "warn",
        detail=f"{free / 2**30:.0f} GB free",
        mend="" if enough else f"free some space on the disk of {home.state}",
    )


def _state_folder(home: Home) -> Check:
    if home.state.is_relative_to(OUTSIDE):
        detail = f"{home.state}: the account {home.account.name} cannot read {home.root}, so data and a copy lie there"
    else:
        detail = str(home.state)
    return Check(name="state folder", state="ok", detail=detail)


def _check_programs(home: Home) -> Iterator[Check]:
    supervisor = Supervisor(home)
    if not supervisor.is_running():
        yield Check(name="supervisor", state="fail", detail="does not run", mend=_UP)
        return
    yield Check(name="supervisor", state="ok", detail=str(home.supervisor_socket))
    states = supervisor.states()
    answers: dict[str, Callable[[], bool]] = {
        "host": lambda: probe.answers(home.host_socket, "/healthz"),
        "postgrest": lambda: probe.answers(f"http://127.0.0.1:{home.ports.api_admin}", "/ready"),
    }
    for program in programs_of(home):
        state = states.get(program.name)
        if state is None or not state.is_running:
            word = state.state.lower() if state else "unknown to the supervisor"
            yield Check(name=program.name, state="fail", detail=word, mend=f"{_UP}; the logs are in {home.logs}")
        elif not answers.get(program.name, lambda: True)():
            mend = f"wait a few seconds; the logs are in {home.logs}"
            yield Check(name=program.name, state="fail", detail="runs but does not answer", mend=mend)
        else:
            yield Check(name=program.name, state="ok", detail=f"process {state.pid}, {state.description}")
    if home.external_dsn is None and Cluster(home).postmaster() is None:
        yield Check(name="cluster", state="fail", detail=f"no postmaster on {home.data}", mend=_UP)


def _check_database(home: Home) -> Iterator[Check]:
    try:
        connection = psycopg.connect(home.superuser_dsn(), connect_timeout=3, autocommit=True)
    except psycopg.OperationalError as error:
        yield Check(name="database", state="fail", detail=str(error).strip().splitlines()[-1], mend=_UP)
        return
    with connection:
        major = connection.info.server_version // 10000
        known = major in SUPPORTED_MAJORS
        yield Check(
            name="server version",
            state="ok" if known else "fail",
            detail=str(connection.info.parameter_status("server_version")),
            mend="" if known else "use PostgreSQL 15 to 18",
        )
        yield _extension(connection, "vector", _UP)
        yield _extension(connection, "plpython3u", _UP)
        yield _backend_package(connection)
        yield _schema_version(connection)
        yield _default_model(connection)
        yield _host_socket_setting(connection, home)
        yield _import_folders(connection)


def _attempt(name: str, check: Callable[[], str], mend: str) -> Check:
    try:
        return Check(name=name, state="ok", detail=check())
    except DatapunkError as error:
        return Check(name=name, state="fail", detail=error.message, mend=error.hint or mend)


def _extension(connection: psycopg.Connection[Any], name: str, mend: str) -> Check:
    row = connection.execute("select extversion from pg_catalog.pg_extension where extname = %s", (name,)).fetchone()
    if row is None:
        return Check(name=name, state="fail", detail="the extension is not in the database", mend=mend)
    return Check(name=name, state="ok", detail=f"version {row[0]}")


def _backend_package(connection: psycopg.Connection[Any]) -> Check:
    """Whether the server's own Python finds the package and what it needs."""
    name = "backend's Python"
    try:
        connection.execute("do language plpython3u $$ import datapunk, numpy, onnxruntime, pgvector, tokenizers $$")
    except psycopg.Error as error:
        mend = "run `datapunk down`, then `datapunk up`, so that the server gets PYTHONPATH in its environment"
        return Check(name=name, state="fail", detail=str(error).strip().splitlines()[0], mend=mend)
    return Check(name=name, state="ok", detail="imports datapunk and its libraries")


def _schema_version(connection: psycopg.Connection[Any]) -> Check:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    from datapunk.admin.resources import resource_root

    configuration = Config()
    configuration.set_main_option("script_location", str(resource_root() / "sql" / "migrations"))
    wanted = ScriptDirectory.from_config(configuration).get_current_head()
    try:
        row = connection.execute("select version_num from ops.schema_version").fetchone()
    except psycopg.Error:
        row = None
    found = row[0] if row else "none"
    if found == wanted:
        return Check(name="tables", state="ok", detail=f"at {found}, as the code wants")
    mend = "run `datapunk install`" if found == "none" or str(found) < str(wanted) else "update the checkout"
    return Check(name="tables", state="fail", detail=f"at {found}, the code wants {wanted}", mend=mend)


def _default_model(connection: psycopg.Connection[Any]) -> Check:
    name = "default model"
    try:
        row = connection.execute(
            "select m.name, v.version from forge.model as m"
            " join forge.version as v on v.owner_id = m.owner_id and v.model_id = m.id"
            " where m.owner_id = 'system' and m.recipe = 'embedder' order by v.version desc limit 1"
        ).fetchone()
    except psycopg.Error:
        row = None
    if row is None:
        return Check(name=name, state="fail", detail="is not in the database", mend="run `datapunk install`")
    return Check(name=name, state="ok", detail=f"{row[0]}, version {row[1]}")


def _import_folders(connection: psycopg.Connection[Any]) -> Check:
    row = connection.execute("select lake.import_dirs()").fetchone()
    folders = str(row[0]) if row and row[0] else ""
    detail = folders or "none: lake_import_path reads nothing (alter database ... set datapunk.import_dirs)"
    return Check(name="import folders", state="ok", detail=detail)


def _host_socket_setting(connection: psycopg.Connection[Any], home: Home) -> Check:
    name = "backend to host"
    row = connection.execute("select current_setting('datapunk.host_socket', true)").fetchone()
    if not row or row[0] != str(home.host_socket):
        detail = f"datapunk.host_socket is {row[0] if row else None!r}, the model host listens on {home.host_socket}"
        return Check(name=name, state="fail", detail=detail, mend=_UP)
    try:
        status, body = probe.get(home.host_socket, "/healthz")
    except (OSError, http.client.HTTPException) as error:
        detail = f"{error}; questions are answered in the backend itself, more slowly"
        return Check(name=name, state="warn", detail=detail, mend=_UP)
    answer = json.loads(body) if status == http.client.OK else {}
    return Check(name=name, state="ok", detail=f"{home.host_socket} {answer.get('status', status)}")
