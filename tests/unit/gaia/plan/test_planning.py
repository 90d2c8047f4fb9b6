"""Plans of questions: words that point back become references to outputs of their type."""

from collections.abc import Sequence
from typing import Any

import pytest

from datapunk.gaia.plan.decompose import decompose
from datapunk.gaia.plan.draft import Planned, Side
from datapunk.gaia.plan.planning import plan_question

MARCH = {"since": "2024-03-01T00:00:00+00:00", "until": "2024-04-01T00:00:00+00:00", "phrase": "in March"}


class Reader:
    """Reads texts by their first words, as a router that is sure of everything."""

    def __init__(self, *read: tuple[str, str, dict[str, Any]], sides: Sequence[Side] = ()) -> None:
        self._read, self._sides = read, list(sides)

    def routes(self, text: str) -> list[tuple[str, float]]:
        return [(route, 0.9) for start, route, _ in self._read if text.startswith(start)]

    def parameters(self, text: str, subroutine: str) -> dict[str, Any]:
        return next((dict(given) for start, _, given in self._read if text.startswith(start)), {})

    def sides(self, text: str) -> list[Side]:
        return self._sides


def planned(question: str, *read: tuple[str, str, dict[str, Any]], sides: Sequence[Side] = ()) -> Planned | None:
    return plan_question(decompose(question), Reader(*read, sides=sides))


def inputs(made: Planned | None) -> dict[str, dict[str, Any]]:
    assert made
    return {step["id"]: step["input"] for step in made.spec["steps"]}


def test_people_of_one_part_are_those_of_the_next() -> None:
    made = planned(
        "Who was at the party and how many mails did they send me?",
        ("Who", "people", {"topic": "party"}), ("how many", "count", {"kind": "mail"}),
    )  # fmt: skip
    assert inputs(made)["part2"] == {"kind": "mail", "person": {"from": "part1.people"}, "direction": "received"}


def test_of_a_ranking_the_first_is_meant() -> None:
    made = planned(
        "Who did I meet most in March and how many mails did I get from them?",
        ("Who", "top", {"kind": "event", "group_by": "person"}), ("how many", "count", {"kind": "mail"}),
    )  # fmt: skip
    assert inputs(made)["part2"]["person"] == {"from": "part1.person"}


def test_a_time_that_the_question_says_is_taken_as_said() -> None:
    made = planned(
        "Who did I meet in March and how many videos did I watch then?",
        ("Who", "people", {**MARCH}), ("how many", "count", {"kind": "watch"}),
    )  # fmt: skip
    assert inputs(made)["part2"] == {"kind": "watch", **MARCH}


def test_the_week_after_begins_where_what_is_meant_ends() -> None:
    made = planned(
        "When was the party and how many mails did I get the week after?",
        ("When", "when", {"topic": "party", "kind": "event", "order": "last"}), ("how many", "count", {"kind": "mail"}),
    )  # fmt: skip
    end = {"from": "part1.until"}
    assert inputs(made)["part2"]["since"] == end
    assert inputs(made)["part2"]["until"] == {**end, "shift": {"weeks": 1}}


def test_a_moment_that_may_be_several_is_checked_before_anything_hangs_on_it() -> None:
    made = planned("Where was I when I bought bread?", ("When", "when", {"topic": "bread"}), ("Where", "places", {}))
    assert made
    assert made.spec["steps"][1]["when"] == {"compare": [{"from": "part1.data.times", "default": 1}, "<=", 1]}


def test_for_each_of_those_meant_there_is_a_call() -> None:
    made = planned(
        "Who was at the party and how many mails did each of them send me?",
        ("Who", "people", {"topic": "party"}), ("how many", "count", {"kind": "mail"}),
    )  # fmt: skip
    assert made
    step = made.spec["steps"][1]
    assert (step["foreach"]["in"], step["input"]["person"]) == ({"from": "part1.people"}, [{"from": "each"}])


def test_for_each_of_two_names_there_is_a_call() -> None:
    question = "How many mails did Ann and Bob each send me?"
    sides = [Side(start=i, end=i + 3, kind="person", values=[n]) for n, i in (("Ann", 19), ("Bob", 27))]
    made = planned(question, ("How many mails did Ann send", "count", {"kind": "mail", "person": ["Ann"]}), sides=sides)
    assert made
    (step,) = made.spec["steps"]
    assert (step["foreach"]["in"], step["input"]["person"]) == ([["Ann"], ["Bob"]], {"from": "each"})


def test_a_bare_part_takes_over_what_it_leaves_out() -> None:
    made = planned(
        "How many videos did I watch in 2023 and how many in March?",
        ("How many", "count", {"kind": "watch", "since": "a", "until": "b", "phrase": "in 2023"}), ("how many",
         "count", MARCH),
    )  # fmt: skip
    assert inputs(made)["part2"] == {"kind": "watch", **MARCH}


def test_a_time_at_the_end_holds_for_what_is_asked_alike_before_it() -> None:
    made = planned(
        "How many videos did I watch and how many searches did I make in March?",
        ("How many", "count", {"kind": "watch"}), ("how many", "count", {"kind": "search", **MARCH}),
    )  # fmt: skip
    assert inputs(made)["part1"] == {"kind": "watch", **MARCH}


@pytest.mark.parametrize("question", [
    "How many videos did I watch and how many mails did I get from him?",
    "How many videos did I watch and how many searches did I make that day?",
])  # fmt: skip
def test_a_word_that_points_at_nothing_is_left_unread(question: str) -> None:
    made = planned(question, ("How many", "count", {"kind": "watch"}), ("how many", "count", {"kind": "mail"}))
    assert made
    assert [asked.is_read for asked in made.asked] == [True, "that day" in question]


def test_where_nothing_can_be_read_there_is_no_plan() -> None:
    assert planned("Who painted it and when did she die?", ("x", "count", {})) is None


def test_the_least_sure_part_tells_the_confidence_of_a_plan() -> None:
    made = planned(
        "How many videos did I watch and where was I?", ("How", "count", {"kind": "watch"}), ("where", "places", {})
    )
    assert made
    assert made.confidence == 0.9


TOP = ("Which", "top", {"kind": "watch", "group_by": "channel", "since": "a", "until": "b"})


@pytest.mark.parametrize("said", [
    "how many videos of it in 2023?", "how many of them did I watch in 2023?", "how many of its videos did I watch?",
    "how often?", "how many videos of the first one?",
])  # fmt: skip
def test_of_it_means_the_channel_that_a_ranking_puts_first(said: str) -> None:
    made = planned(f"Which channel did I watch most in May and {said}", TOP, ("how", "count", {"kind": "watch"}))
    assert inputs(made)["part2"]["channel"] == {"from": "part1.channel"}


def test_a_ranking_goes_on_for_another_time() -> None:
    made = planned(
        "Which channels did I watch most in 2024 and which in 2025?",
        ("Which", "top", {"kind": "watch", "group_by": "channel", "since": "2024", "until": "2025"}),
        ("which", "top", {"since": "2025", "until": "2026"}),
    )  # fmt: skip
    assert inputs(made)["part2"] == {"kind": "watch", "group_by": "channel", "since": "2025", "until": "2026"}


def test_what_follows_a_moment_begins_where_the_part_before_it_ends() -> None:
    made = planned(
        "How many videos were there until March and how many after?",
        ("How many", "count", {"kind": "watch", "until": "2024-03-01"}), ("how many", "count", {}),
    )  # fmt: skip
    assert inputs(made)["part2"] == {"kind": "watch", "since": "2024-03-01", "phrase": "after"}


def test_a_part_that_leaves_out_its_noun_keeps_the_time() -> None:
    made = planned(
        "How many mails did I get from Anna in March, and how many did I send her?",
        ("How many", "count", {"kind": "mail", "person": ["Anna"], **MARCH}), ("how many", "count", {"kind": "mail"}),
    )  # fmt: skip
    assert inputs(made)["part2"] | MARCH == inputs(made)["part2"]
