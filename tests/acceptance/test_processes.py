"""`datapunk up`, `status` and `down` on an installation of their own, with programs killed in between."""

import json
import os
import shutil
import signal
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from datapunk.admin.cluster import Cluster
from installation import Installation

PROGRAMS = ("postgres", "host", "worker", "postgrest")


@pytest.fixture(scope="module")
def installation(default_model: Path) -> Iterator[Installation]:
    state = Path(tempfile.mkdtemp(prefix="dp-processes-"))
    state.chmod(0o755)
    installation = Installation(state, default_model)
    installation.up()
    yield installation
    installation.run("down")
    shutil.rmtree(installation.home.run)
    shutil.rmtree(state)


@pytest.fixture
def running(installation: Installation) -> dict[str, dict[str, Any]]:
    """State of the programs, all of which answer."""
    if not all(part["answers"] for part in installation.status().values()):
        installation.up()
    return installation.wait_until_all_answer()


@pytest.mark.parametrize("program", PROGRAMS)
def test_no_program_runs_as_root(running: dict[str, dict[str, Any]], program: str) -> None:
    assert Path(f"/proc/{running[program]['pid']}").stat().st_uid != 0


def test_a_second_up_changes_nothing(installation: Installation, running: dict[str, dict[str, Any]]) -> None:
    installation.up()
    after = installation.status()
    assert {name: part["pid"] for name, part in after.items()} == {name: part["pid"] for name, part in running.items()}


@pytest.mark.faults
@pytest.mark.parametrize("program", PROGRAMS)
def test_a_killed_program_comes_back(
    installation: Installation, running: dict[str, dict[str, Any]], program: str
) -> None:
    os.kill(running[program]["pid"], signal.SIGKILL)
    time.sleep(0.5)
    after = installation.wait_until_all_answer()
    assert after[program]["pid"] != running[program]["pid"]


@pytest.mark.faults
def test_nothing_outlives_a_killed_supervisor(installation: Installation, running: dict[str, dict[str, Any]]) -> None:
    pids = [part["pid"] for part in running.values()]
    os.kill(int((installation.home.run / "supervisord.pid").read_text()), signal.SIGKILL)
    deadline = time.monotonic() + 30
    while any(Path(f"/proc/{pid}").exists() for pid in pids):
        assert time.monotonic() < deadline, "a program outlived its supervisor"
        time.sleep(0.1)
    installation.up()
    installation.wait_until_all_answer()


@pytest.mark.faults
def test_everything_starts_after_everything_was_killed(
    installation: Installation, running: dict[str, dict[str, Any]]
) -> None:
    supervisor = int((installation.home.run / "supervisord.pid").read_text())
    for pid in [supervisor, *(part["pid"] for part in running.values())]:
        os.kill(pid, signal.SIGKILL)
    installation.up()
    after = installation.wait_until_all_answer()
    assert {name: part["pid"] for name, part in after.items() if part["pid"] == running[name]["pid"]} == {}


def test_down_stops_everything_and_up_brings_back_the_same_data(
    installation: Installation, running: dict[str, dict[str, Any]]
) -> None:
    with psycopg.connect(installation.home.superuser_dsn()) as connection:
        before = connection.execute("select system_identifier from pg_control_system()").fetchone()
    assert installation.run("down").stdout == "stopped\n"
    assert Cluster(installation.home).postmaster() is None
    assert installation.run("status").returncode != 0
    installation.up()
    with psycopg.connect(installation.home.superuser_dsn()) as connection:
        assert connection.execute("select system_identifier from pg_control_system()").fetchone() == before


def test_every_log_line_is_json(installation: Installation, running: dict[str, dict[str, Any]]) -> None:
    files = [*installation.home.logs.glob("*.jsonl"), *installation.home.logs.glob("*.json")]
    assert {file.name.partition(".")[0] for file in files} >= {"host", "worker", "postgrest", "supervisor"}
    for file in files:
        for line in file.read_text().splitlines():
            assert isinstance(json.loads(line), dict), f"{file}: {line}"


def test_doctor_finds_nothing_to_mend(installation: Installation, running: dict[str, dict[str, Any]]) -> None:
    checks = json.loads(installation.run("doctor", "--json").stdout)
    assert [check for check in checks if check["state"] == "fail"] == []


def test_doctor_names_a_missing_model_and_its_mend(
    installation: Installation, running: dict[str, dict[str, Any]]
) -> None:
    with psycopg.connect(installation.home.superuser_dsn()) as connection:
        connection.execute("update forge.model set recipe = 'hidden' where owner_id = 'system' and recipe = 'embedder'")
        connection.commit()
        checks = {check["name"]: check for check in json.loads(installation.run("doctor", "--json").stdout)}
        connection.execute("update forge.model set recipe = 'embedder' where recipe = 'hidden'")
    assert checks["default model"]["state"] == "fail"
    assert "datapunk install" in checks["default model"]["mend"]


def test_the_token_opens_the_http_interface(installation: Installation, running: dict[str, dict[str, Any]]) -> None:
    address = f"{installation.home.api_url}/items?limit=1"
    token = installation.run("token", "--owner", "ada").stdout.strip()
    with urllib.request.urlopen(urllib.request.Request(address, headers={"Authorization": f"Bearer {token}"})) as reply:
        assert (reply.status, reply.read()) == (200, b"[]")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(address)
    with refused.value as error:
        assert error.code == 401


def test_the_import_folder_is_allowed_from_the_start(
    installation: Installation, running: dict[str, dict[str, Any]]
) -> None:
    path = installation.home.imports / "BrowserHistory.json"
    visit = {"title": "A page", "url": "https://a.example/", "time_usec": 1_700_000_000_000_000}
    path.write_text(json.dumps({"Browser History": [visit]}))
    with psycopg.connect(installation.home.dsn(), autocommit=True) as connection:
        row = connection.execute("select status, items_new from lake_import_path(%s)", (str(path),)).fetchone()
        connection.execute("select lake_forget('{\"owner_all\": true}')")
    assert row == ("done", 1)


def test_bi_tools_reach_the_database_over_tcp_with_the_generated_password(
    installation: Installation, running: dict[str, dict[str, Any]]
) -> None:
    home = installation.home
    password = (home.secrets / "datapunk.password").read_text().strip()
    with psycopg.connect(
        host="127.0.0.1", port=home.ports.postgres, user="datapunk", dbname="datapunk", password=password
    ) as connection:
        assert connection.execute("select current_user").fetchone() == ("datapunk",)
