"""A package's queries, in one file or several."""

from pathlib import Path

import pytest

from datapunk.db.queries import load_queries, parse_queries


def package(folder: Path, name: str, files: dict[str, str]) -> None:
    for path, text in {"__init__.py": "", **files}.items():
        target = folder / name / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


@pytest.fixture(autouse=True)
def importable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))


def test_types_are_those_of_the_parameters_in_order() -> None:
    assert parse_queries("p", "-- name: one (text, numeric(4, 2))\nselect $1;\n")["one"].types == (
        "text",
        "numeric(4, 2)",
    )


def test_queries_of_one_file_are_attributes(tmp_path: Path) -> None:
    package(tmp_path, "in_one_file", {"queries.sql": "-- name: one ()\nselect 1;\n"})
    assert load_queries("in_one_file").one.sql == "select 1"


def test_queries_of_several_files_are_attributes_alike(tmp_path: Path) -> None:
    files = {"queries/a.sql": "-- name: one ()\nselect 1;\n", "queries/b.sql": "-- name: two ()\nselect 2;\n"}
    package(tmp_path, "in_two_files", files)
    assert dir(load_queries("in_two_files")) == ["one", "two"]


def test_a_name_in_two_files_is_refused(tmp_path: Path) -> None:
    package(
        tmp_path,
        "twice",
        {"queries/a.sql": "-- name: one ()\nselect 1;\n", "queries/b.sql": "-- name: one ()\nselect 2;\n"},
    )
    with pytest.raises(ValueError, match="'one' twice"):
        load_queries("twice")


def test_an_unknown_name_tells_the_package(tmp_path: Path) -> None:
    package(tmp_path, "without_it", {"queries.sql": "-- name: one ()\nselect 1;\n"})
    with pytest.raises(AttributeError, match="'two' in without_it"):
        _ = load_queries("without_it").two
