"""What the owner says of the columns of a table."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from datapunk.errors import InvalidArgument
from datapunk.lake.mapping import checked
from datapunk.lake.options import import_options
from datapunk.lake.record import Found, Record, Rejected

Parse = Callable[..., list[Found]]
BANK = b"No.;Booked;Payee;Memo;Value\n17;03.02.2026;Tea House;Two pots;-9,50\n18;04.02.2026;Baker;;-3\n"
MAPPING: dict[str, str | bool] = {
    "kind": "purchase", "source": "bank", "occurred_at": "Booked", "title": "Payee", "body": "Memo",
    "external_id": "No.",
}  # fmt: skip


def test_columns_are_what_the_owner_says(found: Parse) -> None:
    first, second = found(BANK, "export.csv", mapping=MAPPING)
    assert first == Record(
        kind="purchase", source="bank", occurred_at=datetime(2026, 2, 3, tzinfo=UTC), title="Tea House",
        body="Two pots", external_id="17", precision="day", zone_source="date", key=first.key,
        attributes={"Value": "-9,50"},
    )  # fmt: skip
    assert (second.external_id, second.body) == ("18", None)


def test_keys_of_objects_are_too(found: Parse) -> None:
    lines = b'{"a": {"when": 1704189600}, "b": "x", "c": 5}\n{"b": "y"}\n'
    mapping = {"kind": "note", "occurred_at": "a.when", "body": "b"}
    first, second = found(lines, "x.jsonl", mapping=mapping)
    assert (first.kind, first.body, first.title, first.occurred_at) == (
        "note", "x", None, datetime(2024, 1, 2, 10, tzinfo=UTC),
    )  # fmt: skip
    assert (second.body, second.occurred_at) == ("y", None)


def test_what_is_not_said_is_inferred(found: Parse) -> None:
    (record,) = found(b"name,created,url,x\nTea,2024-01-02,https://a.example/,y\n", "x.csv", mapping={"title": "x"})
    assert (record.title, record.url, record.occurred_at) == (
        "y", "https://a.example/", datetime(2024, 1, 2, tzinfo=UTC),
    )  # fmt: skip


@pytest.mark.parametrize(("day_first", "month"), [(True, 2), (False, 3)])
def test_the_order_of_day_and_month_can_be_said(found: Parse, day_first: bool, month: int) -> None:
    mapping: dict[str, Any] = {"occurred_at": "d", "day_first": day_first}
    (record,) = found(b"d,name\n03/02/2026,x\n", "x.csv", mapping=mapping)
    assert record.occurred_at.month == month


def test_a_time_that_cannot_be_read_rejects_its_row_alone(found: Parse) -> None:
    first, second = found(b"d,name\n03/02/2026,x\n2026-02-03,y\n", "x.csv", mapping={"occurred_at": "d"})
    assert isinstance(first, Rejected)
    assert "no sure time in 'd'" in first.reason
    assert isinstance(second, Record)


def test_a_column_that_is_not_there_is_told_with_those_that_are(found: Parse) -> None:
    with pytest.raises(InvalidArgument) as raised:
        found(BANK, "export.csv", mapping={"title": "Empfänger"})
    assert "Empfänger" in raised.value.message
    assert "No., Booked, Payee, Memo, Value" in raised.value.hint


def test_secrets_stay_out_whatever_they_are_called(found: Parse) -> None:
    (record,) = found(b"name,api_key\nx,abc\n", "x.csv", mapping={"body": "api_key"})
    assert (record.body, record.attributes) == (None, {})


@pytest.mark.parametrize(
    "given", [{}, [], "x", {"titel": "x"}, {"title": 5}, {"title": " "}, {"kind": "thing"}, {"day_first": "yes"}]
)
def test_a_mapping_that_is_none_is_refused_with_a_hint(given: Any) -> None:
    with pytest.raises(InvalidArgument) as raised:
        checked(given)
    assert raised.value.hint


def test_it_is_for_tables_and_json_alone() -> None:
    assert import_options('{"mapping": {"title": "x"}, "source": "table"}', "UTC").mapping == {"title": "x"}
    with pytest.raises(InvalidArgument):
        import_options('{"mapping": {"title": "x"}, "source": "keep"}', "UTC")
