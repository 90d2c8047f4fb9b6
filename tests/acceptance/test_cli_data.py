"""The data commands against a database, run in this process."""

import json
import os
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from typer.testing import CliRunner, Result

from datapunk.admin.cli import app
from datapunk.admin.screen import ImportBar
from datapunk.errors import DatapunkError, InvalidArgument, NoSuchModel
from datapunk.lake.importing import Progress
from datapunk.sample import write
from harness import Database
from lake_archives import zipped

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


def test_folder_is_imported_with_what_is_not_known_told(dsn: str, archive: Path, tmp_path: Path) -> None:
    (tmp_path / archive.name).write_bytes(archive.read_bytes())
    (tmp_path / "notes.xyz").write_text("nothing known", encoding="utf-8")
    (report,) = run_json("import", str(tmp_path))["imports"]
    assert report["status"] == "done"
    with psycopg.connect(dsn) as connection:
        ignored = connection.execute("select reason from ignored where member = 'notes.xyz'").fetchone()
    assert ignored == ("no adapter knows this file",)


def test_what_was_not_read_is_shown_with_the_reason_and_alarms_first(dsn: str, tmp_path: Path) -> None:
    for name in ("a.xyz", "b.xyz"):
        (tmp_path / name).write_text("nothing known", encoding="utf-8")
    (tmp_path / "Tasks.json").write_text('{"kind": "tasks#taskLists", "items": []}', encoding="utf-8")
    shown = run("import", str(tmp_path)).stdout
    assert "a.xyz and 1 more" in shown
    assert shown.index("alarm: recognised as tasks") < shown.index("no adapter knows this file")


def test_a_part_of_a_set_that_never_came_is_told(dsn: str, tmp_path: Path) -> None:
    parts = [tmp_path / f"takeout-20250921T101500Z-3-{number:03}.zip" for number in range(1, 5)]
    for number, part in enumerate(parts):
        part.write_bytes(zipped({f"Takeout/{number}.md": b"# Tea"}))
    odd = run_json("import", str(parts[3]), str(parts[0]))["odd"]
    assert {row["files"] for row in odd} == {parts[1].name, parts[2].name}
    run_json("import", str(parts[1]))
    (row,) = run_json("import", str(parts[3]))["odd"]
    assert row == {"files": parts[2].name, "reason": "alarm: this part of the set is missing"}


def test_a_table_is_imported_as_its_owner_says(dsn: str, tmp_path: Path) -> None:
    (tmp_path / "till.csv").write_text("Day;Shop\n2026-01-02;Tea House\n", encoding="utf-8")
    mapping = '{"kind": "purchase", "source": "till", "title": "Shop", "occurred_at": "Day"}'
    report = run_json("import", str(tmp_path / "till.csv"), "--mapping", mapping)
    assert report["total"]["by_kind"] == {"purchase": 1}
    refused = run("import", str(tmp_path / "till.csv"), "--mapping", '{"titel": "Shop"}')
    assert isinstance(refused.exception, InvalidArgument)


def test_of_several_files_the_unknown_one_is_told_and_the_others_are_imported(
    dsn: str, archive: Path, tmp_path: Path
) -> None:
    (tmp_path / "notes.xyz").write_bytes(b"\x00\x01nothing known")
    reports = run_json("import", str(tmp_path / "notes.xyz"), str(archive))["imports"]
    assert [report["status"] for report in reports] == ["unsupported", "done"]


def test_an_interrupted_import_goes_on_where_it_ended(dsn: str, archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def interrupt(_: object, come: Progress) -> None:
        seen.append(come.members)
        if come.members:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(ImportBar, "show", interrupt)
        stopped = run("import", str(archive))
    assert stopped.exit_code == 130
    assert "goes on from there" in stopped.output
    with psycopg.connect(dsn) as connection:
        (status, done, new) = connection.execute("select status, members_done, items_new from imports").fetchone()
    assert status == "cancelled"
    assert 0 < done == seen[-1]
    assert new > 0
    total = run_json("import", str(archive))["total"]
    fresh = write(archive.parent / "again", records=SAMPLE_RECORDS, years=1).facts["items"]["total"]
    assert total["items_new"] == fresh
    with psycopg.connect(dsn) as connection:
        rows = connection.execute("select status, items_new from imports").fetchall()
        members = connection.execute("select count(*), count(distinct member) from lake.import_file").fetchone()
    assert rows == [("done", fresh)]
    assert members is not None
    assert members[0] == members[1]


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
        (("ask", "How many?", "--mode", "slow"), InvalidArgument),
        (("ask", "How many?", "--model", "nobody"), NoSuchModel),
        (("search", "x", "--mode", "guess"), InvalidArgument),
        (("train", "m", "recommender", "select 1", "--options", "{"), InvalidArgument),
    ],
)
def test_bad_argument_is_told_with_a_hint(dsn: str, arguments: tuple[str, ...], kind: type[DatapunkError]) -> None:
    error = run(*arguments).exception
    assert isinstance(error, kind)
    assert error.hint


def test_training_is_asked_for(dsn: str, archive: Path) -> None:
    run_json("import", str(archive))
    dataset = "select owner_id, url, occurred_at from watches where url is not null"
    assert run_json("train", "taste", "recommender", dataset, "--no-wait")["job_id"] > 0


def test_a_dry_run_reads_all_and_keeps_nothing(dsn: str, tmp_path: Path) -> None:
    (tmp_path / "tea.md").write_text("# Tee\n\nWasser kochen.\n", encoding="utf-8")
    (report,) = run_json("import", str(tmp_path / "tea.md"), "--dry-run")["imports"]
    assert (report["status"], report["items_new"], report["import_id"]) == ("dry_run", 1, None)
    with psycopg.connect(dsn) as connection:
        assert connection.execute("select (select count(*) from items), (select count(*) from imports)").fetchone() == (
            0, 0,
        )  # fmt: skip


def test_texts_are_of_the_language_that_is_given(dsn: str, tmp_path: Path) -> None:
    (tmp_path / "tea.md").write_text("# Tee\n\nWasser kochen.\n", encoding="utf-8")
    run_json("import", str(tmp_path / "tea.md"), "--language", "de")
    with psycopg.connect(dsn) as connection:
        assert connection.execute("select language from items").fetchone() == ("de",)


def test_hours_that_will_be_told_in_another_zone_than_that_of_the_files_are_spoken_of(
    database: Database, dsn: str, tmp_path: Path
) -> None:
    (tmp_path / "tea.csv").write_text("Time;Name\n2026-01-02 20:30;Tea\n", encoding="utf-8")
    given = ("import", str(tmp_path / "tea.csv"), "--timezone", "Europe/Berlin")
    said = run(*given).stdout
    assert "told in UTC" in said
    assert f"alter database {database.name} set datapunk.timezone = 'Europe/Berlin'" in said
    with database.connect("postgres") as superuser:
        superuser.execute(
            sql.SQL("alter database {} set datapunk.timezone = 'Europe/Berlin'").format(sql.Identifier(database.name))
        )
    assert "told in" not in run(*given).stdout
    with psycopg.connect(dsn) as connection:
        assert connection.execute("select local_hour from items").fetchone() == (20,)


def test_the_limits_of_the_database_hold_for_the_command(database: Database, dsn: str, archive: Path) -> None:
    with database.connect("postgres") as superuser:
        superuser.execute(
            sql.SQL("alter database {} set datapunk.import_max_members = 1").format(sql.Identifier(database.name))
        )
    result = run("import", str(archive))
    assert isinstance(result.exception, DatapunkError)
    assert result.exception.sqlstate == "DP011"
    assert "import_max_members" in (result.exception.hint or "")
