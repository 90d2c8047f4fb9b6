"""DATAPUNK_DSN: everything runs against a server that is there already, with the rights of its own roles."""

import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from harness import Server
from installation import Installation


@pytest.fixture(scope="module")
def database(server: Server) -> Iterator[str]:
    name = f"datapunk_existing_{secrets.token_hex(4)}"
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as connection:
        connection.execute(f"create database {name} template template0 encoding 'UTF8'")
        yield name
        connection.execute(f"drop database {name} with (force)")


@pytest.fixture(scope="module")
def installation(server: Server, database: str, default_model: Path) -> Iterator[Installation]:
    state = Path(tempfile.mkdtemp(prefix="dp-existing-"))
    state.chmod(0o755)
    installation = Installation(state, default_model, server.dsn(database))
    installation.up()
    yield installation
    installation.run("down")
    shutil.rmtree(installation.home.run)
    shutil.rmtree(state)


def test_no_cluster_is_made(installation: Installation) -> None:
    assert "postgres" not in installation.wait_until_all_answer()
    assert not (installation.home.state / "data").exists()


def test_programs_log_in_with_their_own_roles(installation: Installation, server: Server, database: str) -> None:
    installation.wait_until_all_answer()
    with psycopg.connect(server.dsn("postgres")) as connection:
        rows = connection.execute(
            "select distinct usename from pg_stat_activity where datname = %s and usename is not null", (database,)
        ).fetchall()
    assert {row[0] for row in rows} == {"datapunk_worker", "datapunk_authenticator"}


def test_questions_are_asked_as_the_person(installation: Installation) -> None:
    installation.wait_until_all_answer()
    answer = installation.run("ask", "how many videos did I watch?")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "video" in answer.stdout


def test_down_leaves_the_server_alone(installation: Installation, server: Server) -> None:
    assert installation.run("down").returncode == 0
    with psycopg.connect(server.dsn("postgres")) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
