"""Which words of a question are its topic by their place, and what those in doubt are to it."""

import pytest

from datapunk.gaia.doubts import Weight, unplaced, weight, without


@pytest.mark.parametrize(
    ("question", "topic", "words"),
    [
        ("How many searches about ribollita did I make?", "ribollita", []),
        ("How many coffee videos did I watch?", "coffee", []),
        ("How many videos of Zanthar Hour did I watch?", "Zanthar Hour", []),
        ("How often did I search for espresso?", "espresso", []),
        ("How many mails landed in my inbox?", "landed", ["landed"]),
        ("Name the sites that I visited most.", "Name", ["Name"]),
        ("Who have I been writing with about the tent?", "writing tent", ["writing"]),
        ("How often did I visit guitar-lab.example?", "guitar-lab.example", []),
    ],
)
def test_a_topic_is_told_by_its_place(question: str, topic: str, words: list[str]) -> None:
    assert unplaced(question, topic) == words


def test_words_are_taken_away_once() -> None:
    assert without("side by side by videos", ["side"]) == "by side by videos"


@pytest.mark.parametrize(
    ("similarity", "beside", "found"),
    [(0.97, False, Weight.NOTHING), (0.92, False, Weight.UNKNOWN), (0.92, True, Weight.NOTHING),
     (0.6, False, Weight.TOPIC), (0.6, True, Weight.UNKNOWN)],
)  # fmt: skip
def test_the_meaning_decides_of_the_others(similarity: float, beside: bool, found: Weight) -> None:
    assert weight(similarity, beside_topic=beside) is found
