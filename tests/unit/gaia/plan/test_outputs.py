"""What a step gives to others, by hand-made results."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from datapunk.gaia.material import Cited
from datapunk.gaia.plan.outputs import has_found, output_of, period

BERLIN = ZoneInfo("Europe/Berlin")


def cited(at: str, item: int = 1, *, whole_day: bool = False) -> Cited:
    return Cited(
        ordinal=item, item_id=item, kind="mail", source="s", title=f"t{item}", url=None, occurred_at=at,
        whole_day=whole_day, snippet=None,
    )  # fmt: skip


def output(subroutine: str, data: dict[str, Any], *items: Cited, **given: Any) -> dict[str, Any]:
    return output_of(subroutine, given, data, items, None, BERLIN)


def test_people_are_those_that_the_figures_rank() -> None:
    found = output("people", {"rows": [{"value": "Ann", "count": 2}, {"value": "Bo", "count": 1}]}, person=["Cy"])
    assert (found["people"], found["person"]) == (["Ann", "Bo"], ["Ann"])


def test_without_a_ranking_names_are_those_of_the_input() -> None:
    assert output("count", {"count": 3}, person=["Cy"])["people"] == ["Cy"]


def test_a_date_is_a_day_of_the_owners_zone() -> None:
    found = output("when", {"date": "2024-03-09", "last_date": None})
    assert found["day"] == {"since": "2024-03-09T00:00:00+01:00", "until": "2024-03-10T00:00:00+01:00"}
    assert found["month"]["until"] == "2024-04-01T00:00:00+02:00"


def test_a_journey_ends_after_its_last_day() -> None:
    assert output("when", {"date": "2024-03-09", "last_date": "2024-03-12"})["until"] == "2024-03-13T00:00:00+01:00"


def test_what_was_not_found_has_no_time_whatever_was_asked() -> None:
    found = output("when", {"date": None}, since="2024-01-01T00:00:00+01:00", until="2025-01-01T00:00:00+01:00")
    assert (found["since"], found["found"]) == (None, False)


def test_a_time_that_was_asked_for_stays() -> None:
    since, until = "2024-01-01T00:00:00+01:00", "2025-01-01T00:00:00+01:00"
    found = output("people", {"rows": [{"value": "Ann"}]}, cited("2024-05-05T12:00:00+00:00"), since=since, until=until)
    assert (found["since"], found["until"]) == (since, until)


def test_without_one_the_time_is_that_of_what_is_cited() -> None:
    found = output(
        "people", {"rows": [{"value": "A"}]}, cited("2024-05-05T23:00:00+00:00"), cited("2024-05-01T12:00:00+00:00", 2)
    )
    assert (found["since"], found["until"]) == ("2024-05-01T00:00:00+02:00", "2024-05-07T00:00:00+02:00")


def test_the_peak_of_a_trend_is_its_time() -> None:
    rows = [{"period": "2024-02", "count": 3}, {"period": "2024-03", "count": 5}]
    found = output("trend", {"rows": rows}, since="2024-01-01T00:00:00+01:00", until="2025-01-01T00:00:00+01:00")
    assert found["since"] == "2024-03-01T00:00:00+01:00"


@pytest.mark.parametrize(("text", "first", "last"), [
    ("2024", "2024-01-01", "2024-12-31"), ("2024-Q4", "2024-10-01", "2024-12-31"), ("2024-02", "2024-02-01",
     "2024-02-29"),
    ("2024-W01", "2024-01-01", "2024-01-07"), ("2024-03-09", "2024-03-09", "2024-03-09"),
])  # fmt: skip
def test_a_period_is_read_by_its_form(text: str, first: str, last: str) -> None:
    assert [str(day) for day in period(text) or ()] == [first, last]


@pytest.mark.parametrize(("data", "found"), [
    ({"count": 0}, False), ({"count": 2}, True), ({"rows": []}, False), ({"rows": [{"count": 0}]}, False),
    ({"date": None}, False),
    ({"found": 0, "passages": []}, False), ({"euros": 30}, True), ({}, False),
])  # fmt: skip
def test_a_result_has_found_something_or_not(data: dict[str, Any], found: bool) -> None:
    assert has_found(data, [], None) is found
