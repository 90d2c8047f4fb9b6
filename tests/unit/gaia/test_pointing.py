"""What words that point back mean."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from datapunk.gaia.pointing import event_time, pointed

LISBON = ZoneInfo("Europe/Lisbon")
PEOPLE = {"group_by": "person", "rows": [{"value": "Karin", "count": 3}, {"value": "Tom", "count": 1}]}
SITES = {"group_by": "site", "rows": [{"value": "a.example", "count": 3}, {"value": "b.example", "count": 1}]}
TRIP = {"date": "2024-02-10", "last_date": "2024-02-16", "kind": "event", "title": "Tokyo trip"}


def points(question: str, route: str, data: dict[str, Any], **before: Any) -> Any:
    return pointed(question, route, before, data, LISBON, "in that time")


@pytest.mark.parametrize(
    ("question", "route", "data", "parameters"),
    [
        ("How often did I meet her in 2023?", "top", PEOPLE, {"person": ["Karin"]}),
        ("What did they write?", "people", PEOPLE, {"person": ["Karin", "Tom"]}),
        ("How many mails did I get from each of them?", "top", PEOPLE, {"person": ["Karin", "Tom"]}),
        ("How often did I visit the second one?", "top", SITES, {"site": ["b.example"]}),
        ("When did I last visit it?", "top", SITES, {"site": ["a.example"]}),
        ("How many pages of that site?", "top", SITES, {"site": ["a.example"]}),
        ("How many of them were long?", "count", {"count": 3}, {}),
    ],
)
def test_what_was_found_is_pointed_at(
    question: str, route: str, data: dict[str, Any], parameters: dict[str, Any]
) -> None:
    found = points(question, route, data)
    assert (found.parameters, found.missing) == (parameters, "")


@pytest.mark.parametrize(
    ("question", "route", "data", "word"),
    [
        ("When did I last see him?", "count", {"count": 3}, "him"),
        ("What did she write?", "people", PEOPLE, "she"),
        ("How often did I visit the third one?", "top", SITES, "the third one"),
        ("When did I last watch it?", "count", {"count": 3}, "watch it"),
        ("How many videos did I watch then?", "count", {"count": 3}, "then"),
    ],
)
def test_what_points_at_nothing_is_missing(question: str, route: str, data: dict[str, Any], word: str) -> None:
    assert points(question, route, data).missing == word


def test_what_the_question_before_names_stays() -> None:
    assert points("How often did I meet her?", "count", PEOPLE, person=["Anna"]).parameters == {}
    assert points("How many did I watch then?", "count", {}, since="2024-01-01T00:00:00+00:00").missing == ""


def test_then_is_the_time_of_an_event_that_was_found() -> None:
    found = points("How many videos did I watch then?", "when", TRIP)
    assert (found.time["since"], found.time["until"]) == ("2024-02-10T00:00:00+00:00", "2024-02-17T00:00:00+00:00")


def test_a_mail_has_no_time_of_its_own() -> None:
    assert event_time({**TRIP, "kind": "mail"}, LISBON, "in that time") == {}
