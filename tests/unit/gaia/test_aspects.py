"""Measures, units, weekdays and what is left out."""

import pytest

from datapunk.gaia import aspects


@pytest.mark.parametrize(
    ("question", "measure"),
    [
        ("How many videos did I watch?", "count"),
        ("How many different channels did I watch?", "distinct"),
        ("On how many days did I watch a video?", "days"),
        ("How many days ago was my last video?", "count"),
        ("How many videos a week do I watch?", "average"),
        ("My average number of mails", "average"),
        ("What share of my mails is from the bank?", "share"),
        ("How many hours was I in meetings?", "duration"),
        ("How long did the meetings take?", "duration"),
        ("How long is it since my last meeting?", "count"),
        ("Did I spend more time in meetings in 2019 or in 2020?", "duration"),
    ],
)
def test_what_is_measured(question: str, measure: str) -> None:
    assert aspects.measure(question) == measure


@pytest.mark.parametrize(
    ("question", "unit"),
    [
        ("How many a day?", "day"), ("Videos per month", "month"), ("monthly mails", "month"),
        ("my daily average", "day"),
        ("from year to year", "year"), ("from one week to the next", "week"), ("How many mails?", None),
    ],
)  # fmt: skip
def test_the_unit_of_an_average_or_trend(question: str, unit: str | None) -> None:
    assert aspects.unit(question) == unit


def test_a_weekday_in_the_plural_is_a_limit_and_one_in_the_singular_a_day() -> None:
    question = "How many mails came on Mondays?"
    assert aspects.weekdays(question, []) == ([1], [])
    monday = {"start": "a", "end": "b", "text": "on Monday", "span": [20, 29]}
    assert aspects.weekdays("How many mails came on Monday?", [monday]) == ([], [monday])
    assert aspects.weekdays("How many mails came on weekends?", [])[0] == [6, 7]


@pytest.mark.parametrize(
    ("before", "after", "left_out"),
    [
        ("mails not from ", "", True), ("videos from channels other than ", "", True), ("videos without ", "", True),
        ("leaving ", " aside, how many", True), ("videos that ", " did not make", True), ("mails from ", "", False),
        ("With ", " left out, how many", True),
    ],
)  # fmt: skip
def test_names_that_are_left_out(before: str, after: str, *, left_out: bool) -> None:
    text = f"{before}Karin{after}"
    assert aspects.is_left_out(text, len(before), len(before) + 5) is left_out


def test_hours_go_over_midnight() -> None:
    assert aspects.hours("what did I watch at night") == (22, 5)


@pytest.mark.parametrize(
    ("question", "long"), [("only the long ones", "long"), ("just short mails", "short"), ("how long", None)]
)
def test_things_of_a_length(question: str, long: str | None) -> None:
    assert aspects.size(question) == long


@pytest.mark.parametrize(
    ("question", "listing"),
    [
        ("show me mails about the garage", "best"),
        ("please find all my notes on tiles", "best"),
        ("show me only the latest three mails on parking", "newest"),
        ("list pages about bonsai, oldest first", "oldest"),
        ("find the mail with the code", None),
        ("how many mails did i get?", None),
    ],
)
def test_a_list_is_asked_for_in_an_order(question: str, listing: str | None) -> None:
    assert aspects.listing(question) == listing


def test_which_things_of_a_kind_are_a_list() -> None:
    assert aspects.listing("which videos about tea did i watch?") == "best"
    assert aspects.listing("which mail mentions tea?") is None
