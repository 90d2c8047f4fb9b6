"""What a question asks beside what is answered is found, and nothing else is taken for it."""

import pytest

from datapunk.gaia.plan.leftover import leftover, may_ask_more


@pytest.mark.parametrize(("question", "parts"), [
    ("Anna's birthday and how many mails did I get in 2024?", ["how many mails did I get in 2024"]),
    ("How many videos in 2024? And who wrote to me most?", ["who wrote to me most"]),
])  # fmt: skip
def test_a_second_question_is_left_over(question: str, parts: list[str]) -> None:
    assert leftover(question) == parts


@pytest.mark.parametrize("question", [
    "What did Anna say about what I should bring and when we leave?",
    "Did I watch more videos in 2024 or 2025, and by how much?",
    "In 2024, how many videos did I watch?",
    "When did I last watch Rock Talks, how many days ago?",
    "Did I have meetings in May, and which?",
    'Search for "who came and when did they leave"',
    "Where was I when I bought the grinder?",
])  # fmt: skip
def test_of_one_question_nothing_is_left_over(question: str) -> None:
    assert leftover(question) == []


@pytest.mark.parametrize(("question", "may"), [
    ("Favourite channel of 2025, date of my first video there", True),
    ("Busiest site of 2024; its visits on Sundays", True),
    ("In March 2024, how many videos did I watch?", False),
    ("Which sites did I visit most, and least?", False),
])  # fmt: skip
def test_things_named_between_pauses_may_ask_for_more(question: str, may: bool) -> None:
    assert may_ask_more(question) is may
