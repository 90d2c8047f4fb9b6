import pytest

from datapunk.errors import DatasetUnusable, InvalidArgument
from datapunk.forge.dataset import Column, check_columns, checked_query, is_name


@pytest.mark.parametrize(
    "text",
    ["select 1", " SELECT 1 ;", "-- why\nselect 1", "/* a */ with a as (select 1) table a", "(select 1)", "values (1)"],
)
def test_a_statement_that_reads_is_taken(text: str) -> None:
    assert not checked_query(text).endswith(";")


@pytest.mark.parametrize("text", ["", ";", "delete from lake.item", "drop table x", "copy x to stdout", "selectx 1"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidArgument):
        checked_query(text)


@pytest.mark.parametrize(("text", "expected"), [
    ("watches", True), ("api.watches", True), ('"My view"', True), ("select 1", False), ("a.b.c", False), ("", False),
])  # fmt: skip
def test_a_name_is_told_from_a_statement(text: str, expected: bool) -> None:
    assert is_name(text) is expected


def columns(*names: str) -> list[Column]:
    return [Column(name=name, type="text") for name in names]


def test_a_column_that_an_option_names_must_be_there() -> None:
    with pytest.raises(DatasetUnusable, match="'day'") as caught:
        check_columns("recommender", columns("who", "what"), {"time": "day"})
    assert "who, what" in (caught.value.hint or "")


def test_a_recommender_needs_two_columns() -> None:
    with pytest.raises(DatasetUnusable):
        check_columns("recommender", columns("who"), {})


def test_columns_need_different_names() -> None:
    with pytest.raises(DatasetUnusable, match="same name"):
        check_columns("recommender", columns("a", "a"), {})
