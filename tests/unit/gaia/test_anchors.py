"""Parts of questions that hang on an event."""

import pytest

from datapunk.gaia.anchors import find_anchors


@pytest.mark.parametrize(
    ("question", "words", "relation", "number", "unit"),
    [
        ("How many videos did I watch during the Oslo trip?", ("oslo", "trip"), "during", 1, ""),
        ("On the Oslo trip, how many pages did I visit?", ("oslo", "trip"), "during", 1, ""),
        ("How many mails in the week before the wedding?", ("wedding",), "before", 1, "week"),
        ("How many mails in the two weeks after the Oslo trip?", ("oslo", "trip"), "after", 2, "week"),
        ("How many videos since I moved to Oslo?", ("moved", "oslo"), "since", 1, ""),
        ("The Oslo trip: how many mails?", ("oslo", "trip"), "during", 1, ""),
    ],
)
def test_anchors_are_found(question: str, words: tuple[str, ...], relation: str, number: int, unit: str) -> None:
    (anchor,) = find_anchors(question, [])
    assert (anchor.words, anchor.relation, anchor.number, anchor.unit) == (words, relation, number, unit)


@pytest.mark.parametrize(
    "question", ["How many videos about the Oslo trip?", "Mails month after month", "How many mails?"]
)
def test_other_words_are_no_anchors(question: str) -> None:
    assert find_anchors(question, []) == []


def test_a_date_is_no_anchor() -> None:
    question = "How many mails since the first of May?"
    assert find_anchors(question, [(15, 37)]) == []
