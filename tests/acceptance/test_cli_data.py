"""The data commands against a database, run in this process."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from datapunk.admin.cli import app
from datapunk.errors import DatapunkError, InvalidArgument, LimitExceeded
from datapunk.sample import write
from harness import Database

SAMPLE_RECORDS = 1_500


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("sample"), records=SAMPLE_RECORDS, years=1).path


@pytest.fixture
def dsn(database: Database, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setitem(os.environ, "DATAPUNK_DSN", database.dsn("postgres"))
    return database.dsn()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), catch_exceptions=True)


def run_json(*arguments: str) -> Any:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_importing_twice_adds_nothing_the_second_time(dsn: str, archive: Path) -> None:
    first = run_json("import", str(archive))["total"]
    second = run_json("import", str(archive))["total"]
    assert first["items_new"] > 1_000
    assert (second["items_new"], second["items_seen"]) == (0, first["items_seen"])


def test_imported_items_belong_to_the_owner_that_is_named(dsn: str, archive: Path) -> None:
    run_json("import", str(archive), "--owner", "carol")
    assert run_json("search", "grinder", "--owner", "carol")
    assert run_json("search", "grinder", "--owner", "dave") == []


def test_folder_is_imported_with_what_is_not_known_left_out(dsn: str, archive: Path, tmp_path: Path) -> None:
    (tmp_path / archive.name).write_bytes(archive.read_bytes())
    (tmp_path / "notes.xyz").write_text("nothing known", encoding="utf-8")
    reports = run_json("import", str(tmp_path))["imports"]
    assert sorted(report["status"] for report in reports) == ["done", "unsupported"]


def test_question_is_answered(dsn: str, archive: Path) -> None:
    run_json("import", str(archive))
    answer = run_json("ask", "How many videos did I watch in 2025?")
    assert answer["route"] == "count"
    assert answer["citations"]


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        (("import", "/nowhere/at/all"), InvalidArgument),
        (("ask", " "), InvalidArgument),
        (("search", "x", "--mode", "guess"), InvalidArgument),
        (("train", "m", "recommender", "select 1", "--options", "{"), InvalidArgument),
    ],
)
def test_bad_argument_is_told_with_a_hint(dsn: str, arguments: tuple[str, ...], kind: type[DatapunkError]) -> None:
    error = run(*arguments).exception
    assert isinstance(error, kind)
    assert error.hint


def test_file_that_is_too_large_is_refused_before_it_is_read(dsn: str, tmp_path: Path) -> None:
    large = tmp_path / "large.zip"
    with large.open("wb") as stream:
        stream.truncate(201 * 2**20)
    assert isinstance(run("import", str(large)).exception, LimitExceeded)


def test_training_is_asked_for(dsn: str, archive: Path) -> None:
    run_json("import", str(archive))
    dataset = "select owner_id, url, occurred_at from watches where url is not null"
    assert run_json("train", "taste", "recommender", dataset, "--no-wait")["job_id"] > 0
