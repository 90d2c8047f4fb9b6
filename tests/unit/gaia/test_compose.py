"""Sentences from figures."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from datapunk.gaia.compose import compose, not_understood, sources
from datapunk.gaia.material import Cited, Material
from datapunk.gaia.speech import Speech

ZONE = ZoneInfo("Europe/Berlin")
ITEM = Cited(
    ordinal=1, item_id=7, kind="watch", source="youtube", title="Sharp  chisels", url="https://v.example/1",
    occurred_at="2023-03-03T23:30:00+00:00", whole_day=False, snippet=None,
)  # fmt: skip


def said(route: str, parameters: dict[str, object], data: dict[str, object]) -> str:
    return compose(route, Material(parameters=parameters, data=data, cited=[ITEM], zone=ZONE))


@pytest.mark.parametrize(("count", "words"), [(1, "1 video about"), (1234, "1,234 videos")])
def test_a_count_takes_the_right_number(count: int, words: str) -> None:
    data = {"count": count, "kind": "watch", "first": None, "last": None}
    assert words in said("count", {"topic": "knives"}, data)


def test_none_of_a_time_is_a_count_and_none_on_a_topic_is_not_found() -> None:
    data = {"count": 0, "kind": "watch", "first": None, "last": None}
    assert said("count", {}, data) == "You watched no videos."
    assert said("count", {"kind": "watch", "topic": "knives"}, data).startswith("I don't find that in your data")


def test_a_relative_time_is_spelled_out() -> None:
    parameters = {
        "phrase": "last spring", "since": "2025-03-01T00:00:00+01:00", "until": "2025-06-01T00:00:00+02:00"
    }  # fmt: skip
    text = said("count", parameters, {"count": 3, "kind": "watch"})
    assert text == "You watched 3 videos last spring (March to May 2025)."


def test_a_date_is_the_one_in_the_owner_s_zone() -> None:
    data = {"date": "2023-03-04", "at": ITEM.occurred_at, "kind": "watch", "title": "x", "times": 1, "order": "last"}
    assert "Saturday, 4 March 2023 at 0:30" in said("when", {}, data)


def test_nothing_found_says_what_was_looked_for() -> None:
    assert said("when", {"kind": "mail", "person": ["Karin"]}, {"date": None}) == (
        "I don't find that in your data; I looked for mails with Karin."
    )


def test_a_missing_recommender_says_how_to_get_one() -> None:
    assert "forge_train" in said("recommend", {}, {"model": None, "rows": []})


def test_a_recommendation_names_its_reasons() -> None:
    row = {
        "value": "https://v.example/1",
        "title": "Sharp chisels",
        "item_id": 7,
        "because": ["Planes", "Saws", "Files"],
    }
    text = said("recommend", {}, {"model": "taste", "rows": [row]})
    assert text.endswith("1. Sharp chisels [1], because of “Planes” and “Saws”")


def test_sources_are_one_line_each() -> None:
    assert sources([ITEM], ZONE, Speech.of("en")) == "[1] Sharp chisels, 4 March 2023, https://v.example/1"


def test_what_a_search_left_out_is_said() -> None:
    data = {"passages": [{"item_id": 7}], "quote": {"item_id": 7, "text": "It was blue."}, "relaxed": ["time"]}
    assert said("search", {"phrase": "in May"}, data).startswith(
        "I don't find that in May, but this: “It was blue.” [1]"
    )


@pytest.mark.parametrize(
    ("route", "data", "text"),
    [
        ("count", {"measure": "share", "kind": "watch", "count": 5, "of": 20, "percent": 25.0},
         "25 % of your videos are: 5 of 20 [1]."),
        ("count", {"measure": "duration", "kind": "event", "count": 2, "seconds": 5400},
         "1 hour 30 minutes in 2 calendar"),
        ("count", {"measure": "duration", "kind": "watch", "count": 2, "seconds": None},
         "Your data does not say how long that took; I know only the number: 2 videos."),
        (
            "compare",
            {"kind": "event", "measure": "duration", "rows": [
                {"label": "2023", "count": 4, "seconds": 3600}, {"label": "2024", "count": 3, "seconds": 7200}]},
            "2024 has more time in calendar entries than 2023: 2 hours",
        ),
        (
            "compare",
            {"kind": "watch", "measure": "duration", "rows": [
                {"label": "2023", "count": 4}, {"label": "2024", "count": 9}]},
            "Your data does not say how long that took; I know only the number: 13 videos.",
        ),
        ("count", {"measure": "days", "kind": "watch", "count": 3, "items": 9}, "On 3 days, with 9 videos."),
        (
            "count",
            {"measure": "average", "kind": "watch", "count": 9, "average": 4.5, "unit": "week", "units": 2},
            "You watched 4.5 videos a week on average (9 in 2 weeks).",
        ),
        (
            "compare",
            {"kind": "watch", "rows": [{"label": "2023", "count": 4}, {"label": "2024", "count": 9}]},
            "2024 has more videos than 2023: 9 videos against 4 videos [1].",
        ),
        (
            "trend",
            {"kind": "mail", "unit": "year", "total": 3, "direction": "up",
             "rows": [{"period": "2023", "count": 1}, {"period": "2024", "count": 2}]},
            "The number of mails a year rises; the most: 2 (2024).",
        ),
        ("people", {"present": True, "distinct": 1, "rows": [{"value": "Karin", "count": 2}]}, "With you was Karin."),
        ("forget", {"forgotten": 0, "notes": []}, "lake_forget"),
        ("remember", {"note": "tea"}, "I keep in mind: “tea”."),
        ("forecast", {"model": None, "recipe": "forecaster", "rows": []}, "forge_train"),
        (
            "forecast",
            {"model": "steps", "recipe": "forecaster",
             "rows": [{"series": "", "at": "2026-01-05T12:00:00+00:00", "value": 6.4723, "lower": 0, "upper": 14.463}]},
            "By the model steps:\n5 January 2026, ",
        ),
        (
            "anomalies",
            {"model": "odd", "recipe": "anomaly_detector", "rows": [{"key": "11370", "value": 0.67078}]},
            "By the model odd:\n11370: 0.67",
        ),
    ],
)  # fmt: skip
def test_each_subroutine_has_its_sentence(route: str, data: dict[str, object], text: str) -> None:
    assert text in said(route, {}, data)


def test_a_word_that_nothing_reflects_is_named() -> None:
    assert "“without”" in not_understood({"unread": "without"}, Speech.of("en"))
    assert "“since the war”" in not_understood({"lost": ["since the war"]}, Speech.of("en"))


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        ((2023, 3, 1), (2023, 4, 1), "March 2023"),
        ((2023, 1, 1), (2024, 1, 1), "2023"),
        ((2023, 3, 3), (2023, 3, 10), "3 to 9 March 2023"),
        ((2023, 12, 30), (2024, 1, 2), "30 December 2023 to 1 January 2024"),
        ((2023, 12, 1), (2024, 3, 1), "December 2023 to February 2024"),
    ],
)
def test_ranges_read_naturally(start: tuple[int, int, int], end: tuple[int, int, int], text: str) -> None:
    assert Speech.of("en").days(datetime(*start, tzinfo=ZONE), datetime(*end, tzinfo=ZONE)) == text


def test_a_list_that_is_asked_for_names_each_thing() -> None:
    data = {"passages": [{"item_id": 7}], "quote": {"item_id": 7, "text": "It was blue."}, "relaxed": []}
    listed = said("search", {"kind": "watch", "topic": "chisels", "listing": "best"}, data)
    assert listed == "I find these videos about “chisels”:\n1. 4 March 2023, 0:30: Sharp chisels [1]"


def test_unusual_things_are_named_and_cited() -> None:
    row = {"key": "7", "value": 0.71, "item_id": 7, "title": "Sharp chisels", "at": "2023-03-04T00:00:00+00:00"}
    data = {"model": "odd", "recipe": "anomaly_detector", "dated": True, "rows": [row]}
    told = said("anomalies", {"phrase": "in 2023"}, data)
    assert told == "The most unusual in 2023, by the model odd:\n4 March 2023, 1:00: Sharp chisels [1] (0.71)"


def test_the_length_that_an_answer_is_limited_to_is_said() -> None:
    given = {"direction": "received", "size": "long"}
    assert said("count", given, {"kind": "mail", "count": 3}) == "You got 3 mails of 1,500 characters or more."
    assert (
        said("count", {"size": "long"}, {"kind": "event", "count": 3})
        == "You had 3 calendar entries of an hour or more."
    )


def test_whether_something_ever_happened_is_yes_with_the_first_time_or_not_found() -> None:
    data = {"date": "2023-03-04", "at": "2023-03-03T23:30:00+00:00", "kind": "watch", "times": 3, "order": "first",
            "title": "Sharp chisels"}  # fmt: skip
    text = said("when", {"measure": "ever", "topic": "knives", "kind": "watch"}, data)
    assert text.startswith("Yes. The first video of 3 about “knives” was on Saturday, 4 March 2023")
    nearest = said("when", {"measure": "ever", "topic": "knives"}, {**data, "order": "nearest"})
    assert nearest.startswith("The nearest that I find")
    assert said("when", {"measure": "ever", "topic": "knives", "kind": "watch"}, {"date": None}).startswith(
        "I don't find"
    )
