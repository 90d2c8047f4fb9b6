import json
import os
from pathlib import Path
from typing import Any

import psycopg
import pytest

from harness import Database
from lake_archives import ENTRY


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that the server's account can read."""
    for parent in (tmp_path, *tmp_path.parents[:-2]):
        parent.chmod(parent.stat().st_mode | 0o055)
    (tmp_path / "in").mkdir()
    (tmp_path / "in/MyActivity.json").write_text(json.dumps([ENTRY]))
    (tmp_path / "secret.json").write_text(json.dumps([ENTRY]))
    (tmp_path / "in/link.json").symlink_to(tmp_path / "secret.json")
    return tmp_path


@pytest.fixture
def allowed(database: Database, folder: Path) -> Database:
    """A database whose administrator allows the folder `in`."""
    with database.connect("postgres") as admin:
        admin.execute(f"alter database {database.name} set datapunk.import_dirs = '{folder}/in'")
    return database


def run(connection: psycopg.Connection[Any], path: Path | str) -> Any:
    return connection.execute("select items_new from lake_import_path(%s)", (str(path),)).fetchone()[0]  # type: ignore[index]


def test_a_file_and_a_folder_below_are_imported(allowed: Database, folder: Path) -> None:
    with allowed.connect() as person:
        assert run(person, folder / "in/MyActivity.json") == 1
        assert run(person, folder / "in") == 0


@pytest.mark.parametrize("path", ["secret.json", "in/../secret.json", "in/link.json", "in/../../.."])
def test_nothing_else_is_read(allowed: Database, folder: Path, path: str) -> None:
    with allowed.connect() as person, pytest.raises(psycopg.errors.InsufficientPrivilege):
        run(person, folder / path)


def test_a_session_cannot_widen_what_is_allowed(allowed: Database, folder: Path) -> None:
    with allowed.connect() as person:
        person.execute("set datapunk.import_dirs = '/'")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="folders"):
            run(person, folder / "secret.json")


def test_a_role_cannot_widen_it_for_itself(allowed: Database, folder: Path) -> None:
    with allowed.connect("postgres") as admin:
        admin.execute(f"alter role datapunk in database {allowed.name} set datapunk.import_dirs = '/'")
    with allowed.connect() as person, pytest.raises(psycopg.errors.InsufficientPrivilege):
        run(person, folder / "secret.json")


def test_only_the_importer_may(allowed: Database, folder: Path) -> None:
    with allowed.connect() as person:
        person.execute("set role datapunk_user")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied"):
            run(person, folder / "in/MyActivity.json")
        person.execute("set role datapunk_importer")
        assert run(person, folder / "in/MyActivity.json") == 1


def test_a_missing_file_is_told(allowed: Database, folder: Path) -> None:
    with allowed.connect() as person, pytest.raises(psycopg.Error) as caught:
        run(person, folder / "in/missing")
    assert caught.value.sqlstate == "P0002"


def test_without_the_setting_nothing_is_read(database: Database, folder: Path) -> None:
    with database.connect() as person, pytest.raises(psycopg.errors.InsufficientPrivilege) as caught:
        run(person, folder / "in/MyActivity.json")
    assert "alter database" in str(caught.value.diag.message_hint)


@pytest.mark.skipif(os.geteuid() != 0, reason="the server runs as the same account as the test")
def test_a_file_below_a_folder_that_the_server_cannot_enter_is_told(allowed: Database, folder: Path) -> None:
    (folder / "in/closed").mkdir(mode=0o700)
    (folder / "in/closed/MyActivity.json").write_text("[]")
    with allowed.connect() as person, pytest.raises(psycopg.errors.InsufficientPrivilege, match="cannot read"):
        run(person, folder / "in/closed/MyActivity.json")
