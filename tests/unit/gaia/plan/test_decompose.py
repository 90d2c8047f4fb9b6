"""Questions taken apart: where clauses are joined, and where they only seem to be."""

import pytest

from datapunk.gaia.plan.anaphora import links, spelled_out, without
from datapunk.gaia.plan.decompose import decompose
from datapunk.gaia.plan.verbs import base_clause


@pytest.mark.parametrize(("question", "parts"), [
    ("Who did I meet in Rome and what did we mail about afterwards?",
     ["Who did I meet in Rome?", "what did we mail about afterwards?"]),
    ("How many videos did I watch in 2023? And how many searches did I make then?",
     ["How many videos did I watch in 2023?", "how many searches did I make then?"]),
    ("Tell me who I met in Rome and which sites I visited there.",
     ["who did I meet in Rome?", "which sites did I visit there?"]),
    ("How many videos did I watch in 2023, and in 2024?", ["How many videos did I watch in 2023?", "in 2024?"]),
    ("How many videos and searches did I make in May?",
     ["How many videos did I make in May?", "How many searches did I make in May?"]),
    ("Where was I when I bought the grinder?", ["When did I buy the grinder?", "Where was I that day?"]),
    ("When I bought the grinder, where was I?", ["When did I buy the grinder?", "where was I that day?"]),
    ("How many mails did I get from the person I met most in 2024?",
     ["Who did I meet most in 2024?", "How many mails did I get from them?"]),
    ("How often did I meet the person who wrote to me most in 2024?",
     ["Who wrote to me most in 2024?", "How often did I meet them?"]),
    ("How often did the channel I watched most in 2024 come up in 2025?",
     ["Which channel did I watch most in 2024?", "How often did that channel come up in 2025?"]),
    ("How many searches did I make on the day I watched the most videos in May?",
     ["Day by day, how many videos did I watch in May?", "How many searches did I make that day?"]),
    ("Which channel did I watch most in 2024 and how many videos of it in 2023?",
     ["Which channel did I watch most in 2024?", "how many videos of it in 2023?"]),
    ("Which site did I visit most, and how many pages of it did I open in May?",
     ["Which site did I visit most?", "how many pages of it did I open in May?"]),
    ("Who wrote to me most in 2024 and what about?", ["Who wrote to me most in 2024?", "about what?"]),
    ("Whom did I meet in Rome? Later on, how many mails did we exchange?",
     ["Whom did I meet in Rome?", "Later on, how many mails did we exchange?"]),
    ("I'd like to know how many videos I watched in May and how many pages I visited.",
     ["how many videos did I watch in May?", "how many pages did I visit?"]),
    ("Tell me where I was the day I adopted the cat.", ["When did I adopt the cat?", "where was I that day?"]),
    ("What was the number of searches in 2023, and what was it in 2024?",
     ["What was the number of searches in 2023?", "in 2024?"]),
    ("Which month in 2024 had most mails and how many searches did I make in it?",
     ["Month by month, how many mails in 2024?", "how many searches did I make in it?"]),
    ("In May, on which day did I watch the most videos and how many searches did I make on it?",
     ["Day by day, how many videos did I watch in May?", "how many searches did I make on it?"]),
    ("What's the site I visited most, and when did I first visit it?",
     ["Which site did I visit most?", "when did I first visit it?"]),
    ("How often did I watch the channel in 2023 that I watched most in 2024?",
     ["Which channel did I watch most in 2024?", "How often did I watch that channel, in 2023?"]),
    ("For every person I met in Rome, how many mails did they send me?",
     ["Who did I meet in Rome?", "how many mails did they send me each?"]),
    ("How many meetings did I have with Rui in 2025, and when is the next one?",
     ["How many meetings did I have with Rui in 2025?", "When was the next?"]),
    ("Number of videos, searches and page visits in May?",
     ["Number of videos in May?", "Number of searches in May?", "Number of page visits in May?"]),
])  # fmt: skip
def test_each_part_is_a_question(question: str, parts: list[str]) -> None:
    assert [part.text for part in decompose(question)] == parts


@pytest.mark.parametrize("question", [
    "How many videos did I watch in March and April 2024?",
    "What did Anna say about what I should bring and when we leave?",
    "Compare the mails from Anna and from Tom in 2023.",
    "How many mails did I get between March and May?",
    "When did I last watch Rock Talks, how many days ago?",
    "Was there a day in May when I made a search, and how many such days?",
    "How many days have passed since I last watched Rock Talks?",
    "What date was it when I first watched Rock Talks?",
    "On how many days was I there when I made a search?",
    'Search my mails for "who came and when did they leave"',
    "Remember that Anna and Tom like tea.",
])  # fmt: skip
def test_one_question_stays_one(question: str) -> None:
    assert [part.text for part in decompose(question)] == [question]


def test_what_a_part_hangs_on_is_answered_before_it_and_is_support() -> None:
    support, main = decompose("Where was I when I bought the grinder?")
    assert (support.is_support, support.wanted, main.is_support) == (True, "when", False)


@pytest.mark.parametrize(("text", "kind", "relation", "number", "unit"), [
    ("what did I search that day?", "time", "at", 0, "day"),
    ("how many mails did I write afterwards?", "time", "after", 0, ""),
    ("how many mails came in the two weeks after?", "time", "after", 2, "week"),
    ("what did I search the day before?", "time", "before", 1, "day"),
    ("which sites did I visit there?", "place", "at", 0, ""),
    ("how often did I meet them?", "people", "at", 0, ""),
    ("how many did I send him?", "person", "at", 0, ""),
    ("how many videos of that channel did I watch?", "channel", "at", 0, ""),
    ("when did I first watch it?", "title", "at", 0, ""),
])  # fmt: skip
def test_a_word_that_points_back_has_a_type(text: str, kind: str, relation: str, number: int, unit: str) -> None:
    (link,) = links(text)
    assert (link.kind, link.relation, link.number, link.unit) == (kind, relation, number, unit)


@pytest.mark.parametrize(
    "text", ["how many mails were there in May?", "there was a party", "what did I then buy on it"]
)
def test_what_points_at_nothing_in_particular_is_not_firm(text: str) -> None:
    assert [link for link in links(text) if link.is_firm] == []


def test_each_other_asks_the_same_of_nobody_apart() -> None:
    assert [link.is_distributive for link in links("how many mails have we written each other?")] == [False, False]


def test_words_that_point_back_are_blanked_and_the_others_stay_at_their_place() -> None:
    text = "what did we mail about afterwards?"
    assert without(text, links(text)) == "what did I  mail about           ?"


def test_the_router_reads_names_in_place_of_pronouns() -> None:
    text = "how many mails did I get from them that year?"
    assert spelled_out(text, links(text)) == "how many mails did I get from Anna in 2024?"


@pytest.mark.parametrize(("past", "base"), [
    ("I moved to Lisbon", "I move to Lisbon"), ("I adopted the cat", "I adopt the cat"),
    ("I stopped smoking", "I stop smoking"), ("I studied law", "I study law"), ("I baked bread", "I bake bread"),
    ("I first met Rui", "I first meet Rui"),
])  # fmt: skip
def test_a_clause_in_the_past_is_asked_in_its_base_form(past: str, base: str) -> None:
    assert base_clause(past) == base
