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
        ("How many unread mails?", {}, "unread"),
        ("How many mails with attachments?", {}, "attachments"),
        ("How many mails about drafts?", {}, None),
        ("Which channels did I stop watching?", {}, "stop watching"),
        ("How many searches for bus stop?", {}, None),
        ("How much money did I spend?", {}, "How much money"),
        ("Which sites did I visit twice a week?", {}, "twice"),
    ],
)
def test_a_word_passed_over_is_found(question: str, parameters: dict[str, object], word: str | None) -> None:
    assert unread(question, dict(parameters), "count", []) == word


def test_what_a_time_covers_is_read() -> None:
    assert unread("How many mails before May?", {}, "count", [(15, 25)]) is None


def test_a_search_reads_its_words_itself() -> None:
    assert unread("What did she write before the flood?", {}, "search", []) is None


def test_a_ranking_is_not_one_for_each_month() -> None:
    assert unread("Which channel did I watch most in each month?", {}, "top", []) == "in each month"
    assert unread("How many videos in each month?", {}, "trend", []) is None


def test_a_search_knows_nothing_of_what_was_done_before() -> None:
    question = "What did I search for before I bought the boat?"
    assert unread(question, {"kind": "search"}, "search", []) == "before"
    assert unread("What did she write before the flood?", {"kind": "mail"}, "search", []) is None
