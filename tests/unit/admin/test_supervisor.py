import configparser
import dataclasses
import os
from pathlib import Path

import pytest

from datapunk.admin.home import Account, Home
from datapunk.admin.ports import Ports
from datapunk.admin.supervisor import Supervisor


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(
        root=tmp_path / "50% of it",
        state=tmp_path / "50% of it" / ".datapunk",
        id="0123abcd",
        run=tmp_path / "run",
        account=Account.of(os.geteuid()),
        ports=Ports(postgres=15000, api=15001, api_admin=15002),
        source_readable=True,
    )
    return home.prepare()


def _sections(home: Home) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(inline_comment_prefixes=(";",))
    parser.read(Supervisor(home).configuration)
    return parser


def test_every_program_comes_back_and_dies_with_the_supervisor(home: Home) -> None:
    Supervisor(home).write_configuration()
    sections = _sections(home)
    for name in ("postgres", "host", "worker", "postgrest"):
        assert sections[f"program:{name}"]["autorestart"] == "true"
        assert "--pdeathsig" in sections[f"program:{name}"]["command"]


def test_postgres_stops_last_and_fast(home: Home) -> None:
    Supervisor(home).write_configuration()
    sections = _sections(home)
    priorities = {name: int(sections[name]["priority"]) for name in sections.sections() if name.startswith("program:")}
    assert min(priorities, key=lambda name: priorities[name]) == "program:postgres"
    assert sections["program:postgres"]["stopsignal"] == "INT"


def test_an_unchanged_configuration_needs_no_new_supervisor(home: Home) -> None:
    assert Supervisor(home).write_configuration()
    assert not Supervisor(home).write_configuration()


def test_another_environment_needs_a_new_supervisor(home: Home) -> None:
    Supervisor(home).write_configuration()
    assert Supervisor(dataclasses.replace(home, source_readable=False)).write_configuration()


def test_an_existing_server_is_not_supervised(home: Home) -> None:
    Supervisor(dataclasses.replace(home, external_dsn="postgresql://u@db.example/x")).write_configuration()
    assert "program:postgres" not in _sections(home).sections()


def test_a_supervisor_that_does_not_run_is_told_apart(home: Home) -> None:
    assert not Supervisor(home).is_running()
    assert not Supervisor(home).stop()
