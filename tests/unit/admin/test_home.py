import dataclasses
import os
import socket
import stat
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from datapunk.admin.home import Account, Home, socket_dsn, write_if_changed
from datapunk.admin.ports import Ports, port_is_free
from datapunk.errors import NotAllowed, NotReady

LONGEST_SOCKET_PATH = 107


@pytest.fixture
def me() -> Account:
    return Account.of(os.geteuid())


@pytest.fixture
def home(tmp_path: Path, me: Account) -> Home:
    return Home(
        root=tmp_path / "checkout",
        state=tmp_path / "checkout" / ".datapunk",
        id="0123abcd",
        run=tmp_path / "run",
        account=me,
        ports=Ports(postgres=15000, api=15001, api_admin=15002),
        source_readable=True,
    )


def test_two_state_folders_share_no_socket_and_no_port(tmp_path: Path) -> None:
    homes = [Home.locate({"DATAPUNK_STATE": str(tmp_path / name)}) for name in ("one", "two")]
    assert homes[0].run != homes[1].run
    assert not set(dataclasses.astuple(homes[0].ports)) & set(dataclasses.astuple(homes[1].ports))


def test_locating_creates_nothing(tmp_path: Path) -> None:
    located = Home.locate({"DATAPUNK_STATE": str(tmp_path / "state")})
    assert not located.state.exists()
    assert not located.run.exists()


def test_sockets_stay_short_below_a_deep_folder(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 120) / ("e" * 120)
    located = Home.locate({"DATAPUNK_STATE": str(deep)})
    longest = max(len(str(path)) for path in (located.host_socket, located.supervisor_socket, located.run / "test"))
    assert longest + len("/.s.PGSQL.65535.lock") < LONGEST_SOCKET_PATH


def test_external_dsn_replaces_the_private_cluster(tmp_path: Path) -> None:
    located = Home.locate({"DATAPUNK_STATE": str(tmp_path), "DATAPUNK_DSN": "postgresql://u@db.example/x"})
    assert located.superuser_dsn() == "postgresql://u@db.example/x"
    assert conninfo_to_dict(located.dsn("datapunk_worker")) == {
        "host": "db.example",
        "dbname": "x",
        "user": "datapunk_worker",
    }


def test_prepared_layout_is_found_again(home: Home) -> None:
    prepared = home.prepare()
    assert prepared.prepare() == prepared
    assert (home.state / "layout.json").read_text().count(str(prepared.ports.postgres)) == 1


def test_layout_of_a_copied_checkout_is_not_taken_over(home: Home, tmp_path: Path) -> None:
    home.prepare()
    copy = dataclasses.replace(home, root=tmp_path / "copy", id="4567cdef", run=tmp_path / "other")
    assert '"4567cdef"' not in (home.state / "layout.json").read_text()
    copy.prepare()
    assert '"4567cdef"' in (home.state / "layout.json").read_text()


def test_ports_in_use_are_passed_over(home: Home) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert not port_is_free(taken.getsockname()[1])
    free = home.with_free_ports().ports
    assert all(port_is_free(port) for port in dataclasses.astuple(free))


def test_run_folder_is_closed_to_others(home: Home) -> None:
    home.prepare()
    assert stat.S_IMODE(home.run.stat().st_mode) == 0o700
    assert stat.S_IMODE(home.secrets.stat().st_mode) == 0o700


def test_run_folder_comes_back_after_a_reboot(home: Home) -> None:
    home.prepare()
    home.run.rmdir()
    home.prepare()
    assert home.run.is_dir()


def test_run_folder_that_is_a_link_is_refused(home: Home, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    home.run.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(NotAllowed):
        home.prepare()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs programs as another account")
def test_state_below_a_private_folder_is_refused_with_a_hint(home: Home, tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    with pytest.raises(NotReady, match="cannot reach"):
        dataclasses.replace(home, account=Account.of("nobody")).prepare()


def test_environment_keeps_no_variable_that_is_not_needed(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    environment = home.environment()
    assert not {"AWS_SECRET_ACCESS_KEY", "PYTHONDONTWRITEBYTECODE"} & set(environment)
    assert environment["PYTHONPATH"].startswith(str(home.root / "plpython"))


def test_environment_of_an_unreadable_checkout_names_no_source(home: Home) -> None:
    environment = dataclasses.replace(home, source_readable=False).environment()
    assert str(home.root / "plpython") not in environment["PYTHONPATH"]


def test_dsn_carries_a_socket_folder() -> None:
    dsn = socket_dsn(Path("/run/x y"), 15000, "datapunk", "datapunk")
    assert dsn == "postgresql://datapunk@/datapunk?host=/run/x%20y&port=15000"


def test_a_file_is_written_only_when_it_changes(tmp_path: Path) -> None:
    file = tmp_path / "f"
    assert write_if_changed(file, "a")
    assert not write_if_changed(file, "a")
    assert write_if_changed(file, "b", mode=0o600)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
