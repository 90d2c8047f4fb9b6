"""`datapunk export` against a database, run in this process."""

import errno
import json
import os
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from datapunk.admin import exporting
from datapunk.admin.cli import app
from datapunk.admin.session import session
from datapunk.errors import InvalidArgument
from harness import Database

RECORDS = [
    *({"kind": "note", "source": "pad", "title": f"Note {n}", "occurred_at": f"2025-01-{n:02d}T10:00:00.25Z",
       "attributes": {"labels": ["ü"]}} for n in range(1, 10)),
    {"kind": "security_event", "source": "log", "title": "Sign-in"},
    {"kind": "position", "occurred_at": "2025-04-01T10:00:00Z", "latitude": 52.5, "longitude": 13.4, "source": "gps"},
    {"kind": "measurement", "metric": "steps", "starts_at": "2025-05-01T00:00:00Z", "value": 9000, "source": "fit"},
]  # fmt: skip


@pytest.fixture
def full(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setitem(os.environ, "DATAPUNK_DSN", database.dsn("postgres"))
    with database.connect() as person:
        person.execute("select lake_append(%s)", (json.dumps(RECORDS),))
    return database


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["export", *arguments], catch_exceptions=True)


def run_json(*arguments: str) -> dict[str, Any]:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    report: dict[str, Any] = json.loads(result.stdout)
    return report


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_everything_becomes_lines_of_json(full: Database, tmp_path: Path) -> None:
    path = tmp_path / "all.jsonl"
    report = run_json(str(path))
    assert report["by_kind"] == {"measurement": 1, "note": 9, "position": 1, "security_event": 1}
    assert (report["rows"], report["bytes"]) == (12, path.stat().st_size)
    assert sorted(row["kind"] for row in lines(path)) == sorted(str(r["kind"]) for r in RECORDS)


def test_the_file_is_the_owners_alone(full: Database, tmp_path: Path) -> None:
    run_json(str(tmp_path / "all.jsonl"))
    assert (tmp_path / "all.jsonl").stat().st_mode & 0o077 == 0


def test_options_narrow_it(full: Database, tmp_path: Path) -> None:
    report = run_json(
        str(tmp_path / "some.jsonl"), "--kind", "note", "--kind", "position", "--since", "2025-01-08T00:00:00Z",
        "--until", "2025-04-01T00:00:00Z",
    )  # fmt: skip
    assert report["by_kind"] == {"note": 2}
    assert run_json(str(tmp_path / "none.jsonl"), "--sensitivity", "personal")["rows"] == 0
    assert run_json(str(tmp_path / "fit.jsonl"), "--source", "fit")["by_kind"] == {"measurement": 1}
    assert run_json(str(tmp_path / "bob.jsonl"), "--owner", "bob")["rows"] == 0


def test_the_file_is_imported_again_for_another_owner(full: Database, tmp_path: Path) -> None:
    run_json(str(tmp_path / "all.jsonl"))
    result = CliRunner().invoke(app, ["import", str(tmp_path / "all.jsonl"), "--owner", "bob", "--json"])
    assert json.loads(result.stdout)["total"]["items_new"] == 12
    run_json(str(tmp_path / "bob.jsonl"), "--owner", "bob")
    keys = lambda row: json.dumps(row, sort_keys=True)  # noqa: E731
    assert sorted(lines(tmp_path / "bob.jsonl"), key=keys) == sorted(lines(tmp_path / "all.jsonl"), key=keys)


def test_parquet_has_a_file_a_table(full: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "_GROUP_ROWS", 4)
    report = run_json(str(tmp_path / "out"), "--format", "parquet")
    assert report["rows"] == 12
    items = pq.ParquetFile(tmp_path / "out" / "items.parquet")
    assert [items.metadata.row_group(n).num_rows for n in range(items.num_row_groups)] == [4, 4, 2]
    row = items.read().to_pylist()[0]
    assert (row["title"], row["occurred_at"].isoformat()) == ("Note 1", "2025-01-01T10:00:00.250000+00:00")
    assert json.loads(row["attributes"]) == {"labels": ["ü"]}
    (position,) = pq.read_table(tmp_path / "out" / "positions.parquet").to_pylist()
    assert (position["latitude"], position["altitude_m"]) == (52.5, None)
    (measurement,) = pq.read_table(tmp_path / "out" / "measurements.parquet").to_pylist()
    assert (measurement["metric"], measurement["value"]) == ("steps", 9000.0)


def test_parquet_of_nothing_has_its_columns(full: Database, tmp_path: Path) -> None:
    run_json(str(tmp_path / "out"), "--format", "parquet", "--owner", "bob")
    assert pq.read_schema(tmp_path / "out" / "measurements.parquet").names == [
        "metric", "starts_at", "ends_at", "value", "unit", "source",
    ]  # fmt: skip


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_nothing_is_left_where_an_export_fails(
    full: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(exporting, "_ROWS_PER_FETCH", 5)
    with pytest.raises(InvalidArgument, match="no space"), session(full.dsn()) as connection:
        exporting.export(connection, tmp_path / "out", form, {}, fail)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", [("--format", "xml"), ("--kind", "nothing"), ("--since", "soon")])
def test_bad_argument_is_told_with_a_hint(full: Database, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    error = run(str(tmp_path / "out"), *arguments).exception
    assert isinstance(error, InvalidArgument)
    assert error.hint
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_already_stays(full: Database, tmp_path: Path) -> None:
    (tmp_path / "all.jsonl").write_text("precious", encoding="utf-8")
    assert isinstance(run(str(tmp_path / "all.jsonl")).exception, InvalidArgument)
    assert (tmp_path / "all.jsonl").read_text(encoding="utf-8") == "precious"


def test_a_folder_that_is_not_there_is_told(full: Database, tmp_path: Path) -> None:
    assert isinstance(run(str(tmp_path / "no" / "all.jsonl")).exception, InvalidArgument)
