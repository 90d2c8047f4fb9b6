"""Hours of the day and how many times, as questions bound them."""

import re

import pytest

from datapunk.gaia.bounds import bounds


@pytest.mark.parametrize(
    ("words", "hours"),
    [
        ("before 9 in the morning", (0, 9)), ("before noon", (0, 12)), ("until 11 pm", (0, 23)),
        ("before 9 o'clock", (0, 9)), ("after 10 pm", (22, 24)), ("after 22:00", (22, 24)),
        ("after midnight", (0, 5)), ("after 2 at night", (2, 5)), ("between 8 and 10 pm", (20, 22)),
        ("between 11 and 1 pm", (11, 13)), ("from 20:00 to 22:00", (20, 22)), ("from 10 pm until 5 am", (22, 5)),
    ],
)  # fmt: skip
def test_hours_of_the_day_are_read(words: str, hours: tuple[int, int]) -> None:
    found = bounds(f"How many videos did I watch {words} in 2024?")
    assert found.hours == hours
    assert found.text.split() == ["How", "many", "videos", "did", "I", "watch", "in", "2024?"]


@pytest.mark.parametrize(
    "words",
    ["between 2020 and 2022", "between 5 and 10 May", "before 9", "after 9:30 am", "at 9 pm", "before midnight",
     "after 13 am"],
)  # fmt: skip
def test_what_is_no_whole_hour_of_a_day_is_left(words: str) -> None:
    assert bounds(words).hours is None
    assert bounds(words).text == words


@pytest.mark.parametrize(
    ("words", "times"),
    [
        ("more than 30 times", (31, None)), ("more than once", (2, None)), ("over 20 videos", (21, None)),
        ("at least ten mails", (10, None)), ("3 times or more", (3, None)), ("10 or more times", (10, None)),
        ("less than five times", (None, 4)), ("fewer than 3 meetings", (None, 2)), ("at most twice", (None, 2)),
        ("no more than 3 times", (None, 3)), ("only once", (1, 1)), ("exactly four times", (4, 4)),
    ],
)  # fmt: skip
def test_how_many_times_is_read(words: str, times: tuple[int | None, int | None]) -> None:
    found = bounds(f"Which channels did I watch {words} in 2024?")
    assert found.times == times
    left = re.sub(r" (?:videos|mails|meetings)\b", "", found.text)
    assert left.split() == ["Which", "channels", "did", "I", "watch", "in", "2024?"]


def test_what_there_are_so_many_of_stays() -> None:
    assert bounds("Which days had more than 12 videos?").text.split() == ["Which", "days", "had", "videos?"]


@pytest.mark.parametrize(
    "words",
    ["just once a week", "more videos than in 2023", "more than 30", "just 3 channels", "at most five channels",
     "fewer than 1 times", "exactly two videos"],
)  # fmt: skip
def test_what_bounds_something_else_is_left(words: str) -> None:
    assert bounds(words).times is None


def test_both_may_be_said() -> None:
    found = bounds("Which channels did I watch more than 3 times after 8 pm?")
    assert (found.hours, found.times, found.text.split()) == (
        (20, 24),
        (4, None),
        ["Which", "channels", "did", "I", "watch", "?"],
    )


def test_the_places_of_words_stay() -> None:
    question = "Which channels did I watch more than 3 times in 2024?"
    assert bounds(question).text.index("in 2024") == question.index("in 2024")
