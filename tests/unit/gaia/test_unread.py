"""Words that nothing of the parameters reflects."""

import pytest

from datapunk.gaia.unread import unread


@pytest.mark.parametrize(
    ("question", "parameters", "word"),
    [
        ("How many mails without spam?", {}, "without"),
        ("How many mails without Karin?", {"not": {"person": ["Karin"]}}, None),
        ("How many mails before the flood?", {}, "before"),
        ("Which channel did I watch least?", {}, "least"),
        ("Which of these mails was the longest?", {}, "longest"),
        ("Only the longest mails", {"size": "long"}, None),
        ("The median number of mails", {}, "median"),
        ("The mean number of mails", {"measure": "average"}, None),
        ("Meetings longer than 30 minutes", {}, "longer than 30"),
        ("How many mails year after year?", {}, None),
        ("My top 3 channels", {"k": 3}, None),
    ],
)
def test_a_word_passed_over_is_found(question: str, parameters: dict[str, object], word: str | None) -> None:
    assert unread(question, dict(parameters), "count", []) == word


def test_what_a_time_covers_is_read() -> None:
    assert unread("How many mails before May?", {}, "count", [(15, 25)]) is None


def test_a_search_reads_its_words_itself() -> None:
    assert unread("What did she write before the flood?", {}, "search", []) is None
