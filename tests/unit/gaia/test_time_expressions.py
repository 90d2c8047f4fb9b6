"""Time expressions, seen from Wednesday, 18 June 2025."""

from datetime import UTC, datetime

import pytest

from datapunk.gaia.time_expressions import _parsed, _whole_date, resolve, resolve_by_grammar

NOW = datetime(2025, 6, 18, 12, tzinfo=UTC)


def days(text: str) -> list[tuple[str | None, str | None]]:
    return [
        (span["start"] and span["start"][:10], span["end"] and span["end"][:10])
        for span in resolve(text, NOW, "Europe/Berlin", "en")
    ]


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("how many videos in March 2023?", "2023-03-01", "2023-04-01"),
        ("which channels did I watch most last spring?", "2025-03-01", "2025-06-01"),
        ("in spring 2024", "2024-03-01", "2024-06-01"),
        ("in winter 2024", "2023-12-01", "2024-03-01"),
        ("in 2022", "2022-01-01", "2023-01-01"),
        ("yesterday", "2025-06-17", "2025-06-18"),
        ("last week", "2025-06-09", "2025-06-16"),
        ("last month", "2025-05-01", "2025-06-01"),
        ("last year", "2024-01-01", "2025-01-01"),
        ("this year", "2025-01-01", "2026-01-01"),
        ("in the last 3 weeks", "2025-05-29", "2025-06-19"),
        ("over the past two months", "2025-04-19", "2025-06-19"),
        ("two years ago", "2023-01-01", "2024-01-01"),
        ("on Friday", "2025-06-13", "2025-06-14"),
        ("next Monday", "2025-06-23", "2025-06-24"),
        ("last weekend", "2025-06-14", "2025-06-16"),
        ("on 5 May 2023", "2023-05-05", "2023-05-06"),
        ("on the 5th of May, 2023", "2023-05-05", "2023-05-06"),
        ("on Feb. 29th, 2024", "2024-02-29", "2024-03-01"),
        ("on May 5th", "2025-05-05", "2025-05-06"),
        ("on 18.05.2023", "2023-05-18", "2023-05-19"),
        ("on 2023-05-18", "2023-05-18", "2023-05-19"),
        ("between May and July 2024", "2024-05-01", "2024-08-01"),
        ("between November and February", "2024-11-01", "2025-03-01"),
        ("from 3 March 2023 to 10 April 2023", "2023-03-03", "2023-04-11"),
        ("in the second quarter of 2024", "2024-04-01", "2024-07-01"),
        ("in Q3 2023", "2023-07-01", "2023-10-01"),
        ("in the first half of 2024", "2024-01-01", "2024-07-01"),
        ("since 2023", "2023-01-01", None),
        ("since last summer", "2024-06-01", None),
        ("before March", None, "2025-03-01"),
        ("until March 2024", None, "2024-04-01"),
        ("after 5 May 2023", "2023-05-06", None),
        ("in the week before Christmas 2024", "2024-12-17", "2024-12-24"),
        ("the two weeks after Christmas 2024", "2024-12-27", "2025-01-10"),
        ("three months before Easter 2024", "2023-12-31", "2024-03-31"),
        ("in the week following 3 June 2024", "2024-06-04", "2024-06-11"),
        ("how many days after 5 May 2023", "2023-05-06", None),
    ],
)
def test_an_expression_becomes_a_range_of_days(text: str, start: str | None, end: str | None) -> None:
    assert days(text) == [(start, end)]


@pytest.mark.parametrize("text", [
    "how many videos in March 2023?", "the two weeks after Christmas 2024", "between 1 May 2023 and 3rd June 2024",
    "on May 5th, 2023", "on 29 February 2024", "since last summer", "what may I watch?",
])  # fmt: skip
def test_the_grammar_alone_reads_the_same(text: str) -> None:
    assert resolve_by_grammar(text, NOW, "Europe/Berlin") == resolve(text, NOW, "Europe/Berlin", "en")


@pytest.mark.parametrize("text", [
    "on May 5th", "two weeks ago", "on 05/06/2023", "on 30 February 2024", "between March and 3 June",
])  # fmt: skip
def test_the_grammar_alone_does_not_guess_a_date(text: str) -> None:
    assert resolve_by_grammar(text, NOW, "Europe/Berlin") is None


@pytest.mark.parametrize("form", ["{day} {month} 2023", "{day}th of {month} 2023", "{month} {day} 2023"])
def test_a_whole_date_is_the_one_that_dateparser_reads(form: str) -> None:
    for month in ("january", "sept", "dec.", "may"):
        for day in (1, 9, 28, 30):
            phrase = form.format(day=day, month=month)
            assert _whole_date(phrase, NOW.date()) == _parsed(phrase, NOW.date(), "en") is not None


@pytest.mark.parametrize("text", ["what may I watch?", "may I ask something", "how do I march in step", "in room 1204"])
def test_words_that_only_look_like_dates_are_left_alone(text: str) -> None:
    assert days(text) == []


def test_days_begin_in_the_owner_s_time_zone() -> None:
    late = datetime(2025, 6, 18, 23, tzinfo=UTC)
    assert resolve("today", late, "Europe/Berlin", "en")[0]["start"] == "2025-06-19T00:00:00+02:00"


def test_a_span_names_its_characters() -> None:
    text = "what did I do in March 2023, and why?"
    (span,) = resolve(text, NOW, "UTC", "en")
    assert text[slice(*span["span"])] == span["text"] == "in March 2023"


def test_summer_time_changes_the_offset_of_the_bounds() -> None:
    (span,) = resolve("in March 2025", NOW, "Europe/Berlin", "en")
    assert (span["start"], span["end"]) == ("2025-03-01T00:00:00+01:00", "2025-04-01T00:00:00+02:00")


@pytest.mark.parametrize(("text", "is_time"), [
    ("when did I order the coffee mill spring?", False), ("how many videos about spring cleaning did I watch?", False),
    ("a clutch return spring", False), ("how many videos did I watch in spring?", True), ("over the summer", True),
    ("Spring, and the mails", True), ("videos of winter 2024", True),
])  # fmt: skip
def test_a_season_behind_a_word_that_leads_to_no_time_is_a_thing(text: str, is_time: bool) -> None:
    assert bool(resolve(text, NOW, "Europe/Berlin", "en")) is is_time
