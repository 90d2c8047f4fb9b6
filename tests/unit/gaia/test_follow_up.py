"""Questions that lean on the one before."""

import pytest

from datapunk.gaia.follow_up import is_bare, is_follow_up, merged, shift

BEFORE = {
    "kind": "mail", "person": ["Karin"], "direction": "received", "since": "2024-01-01T00:00:00+01:00",
    "until": "2025-01-01T00:00:00+01:00", "phrase": "in 2024", "group_by": "person",
}  # fmt: skip


@pytest.mark.parametrize(
    "question", ["And the year before?", "Only on Sundays", "How many of them were long?", "In 2023?"]
)
def test_a_follow_up_is_told_by_its_words(question: str) -> None:
    assert is_follow_up(question)


def test_a_whole_question_is_none() -> None:
    assert not is_follow_up("How many videos did I watch in 2023?")


@pytest.mark.parametrize(
    ("question", "since"),
    [
        ("and the year before?", "2023-01-01"), ("And in the following month?", "2025-01-01"),
        ("the previous week", "2023-12-25"), ("And the day after?", "2025-01-01"),
    ],
)  # fmt: skip
def test_times_are_told_from_the_time_before(question: str, since: str) -> None:
    assert merged(BEFORE, {}, shift(question))["since"].startswith(since)


def test_the_last_day_of_a_longer_month_becomes_the_last_of_a_shorter() -> None:
    before = {"since": "2024-03-31T00:00:00+00:00", "until": "2024-04-01T00:00:00+00:00"}
    assert merged(before, {}, shift("the month before"))["since"].startswith("2024-02-29")


def test_the_week_before_an_event_is_no_shift() -> None:
    assert shift("How many mails in the week before the wedding?") is None


def test_a_new_name_takes_the_place_of_the_old() -> None:
    assert merged(BEFORE, {"person": ["Tom"]}, None)["person"] == ["Tom"]


def test_what_another_kind_does_not_have_is_dropped() -> None:
    found = merged(BEFORE, {"kind": "watch"}, None)
    assert found["since"] == BEFORE["since"]
    assert not {"person", "direction", "group_by"} & found.keys()


def test_a_length_is_dropped_where_the_other_kind_has_none() -> None:
    assert "size" not in merged({"kind": "mail", "size": "long"}, {"kind": "watch"}, None)
    assert merged({"kind": "mail", "size": "long"}, {"kind": "note"}, None)["size"] == "long"


def test_a_new_time_takes_the_place_of_the_old() -> None:
    found = merged(BEFORE, {"since": "2020-01-01T00:00:00+00:00", "phrase": "since 2020"}, None)
    assert (found["phrase"], found.get("until")) == ("since 2020", None)


def test_weekdays_and_hours_go_on_in_another_time() -> None:
    often = {**BEFORE, "weekday": [7], "from_hour": 20, "to_hour": 24}
    year = {"since": "2020-01-01T00:00:00+00:00", "until": "2021-01-01T00:00:00+00:00", "phrase": "in 2020"}
    found = merged(often, year, None)
    assert (found["weekday"], found["from_hour"]) == ([7], 20)


def test_a_day_has_its_own_weekday() -> None:
    day = {"since": "2020-01-01T00:00:00+00:00", "until": "2020-01-02T00:00:00+00:00", "phrase": "on 1 January 2020"}
    assert "weekday" not in merged({**BEFORE, "weekday": [7]}, day, None)


def test_a_bare_follow_up_asks_the_same() -> None:
    assert is_bare("And in 2023?", [(4, 11)], [])
    assert not is_bare("And which channels were they?", [], [])


@pytest.mark.parametrize(
    "question",
    ["How many mails did I get this month?", "Which videos that I watched are long?", "How many mails were there?"],
)  # fmt: skip
def test_words_that_point_at_no_question_before_make_no_follow_up(question: str) -> None:
    assert not is_follow_up(question)


def test_who_was_with_somebody_is_asked_of_what_was_found_before() -> None:
    assert is_follow_up("Who was with me?")


def test_the_week_before_two_is_right_before_them() -> None:
    before = {"since": "2024-03-01T00:00:00+00:00", "until": "2024-03-15T00:00:00+00:00"}
    found = merged(before, {}, shift("and in the week before?"))
    assert (found["since"][:10], found["until"][:10]) == ("2024-02-23", "2024-03-01")
    found = merged(before, {}, shift("and in the week after?"))
    assert (found["since"][:10], found["until"][:10]) == ("2024-03-15", "2024-03-22")
