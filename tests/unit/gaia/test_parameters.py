"""What a question asks about."""

import pytest

from datapunk.gaia.mentions import match_names, site_label
from datapunk.gaia.parameters import understand

CANDIDATES = [
    ("channel", "Stone Age Kitchen"), ("person", "Karin Vogel"), ("person", "Karin Lund"),
    ("person", "Museum Friends Oslo"), ("site", "www.tramtimes.example"), ("site", "play.example.com"),
    ("site", "www.youtube.com"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How many videos about coffee did I watch?", {"kind": "watch", "topic": "coffee"}),
        ("How many mails did I get?", {"kind": "mail", "direction": "received"}),
        ("How many mails did I send to the bank?", {"kind": "mail", "direction": "sent", "topic": "bank"}),
        ("Which websites did I visit most?", {"kind": "visit", "group_by": "site"}),
        ("Who sent me the most mails?", {"kind": "mail", "group_by": "person", "direction": "received"}),
        ("What did I search for most?", {"kind": "search", "group_by": "query"}),
        ("My top 3 channels", {"kind": "watch", "group_by": "channel", "k": 3}),
        ("When did I first watch a talk?", {"order": "first", "kind": "watch"}),
        ("When is my next appointment?", {"order": "next", "kind": "event"}),
        ('Mails that mention "heat pump"', {"kind": "mail", "topic": "heat pump"}),
        ("Against whom did I play the Hamburg Open?", {"kind": "mail"}),
        ("From whom came the most mails?", {"kind": "mail", "group_by": "person", "direction": "received"}),
        ("Where did I have the most meetings?", {"kind": "event", "group_by": "place"}),
        ("How many times have I been to Tokyo?", {"kind": "event"}),
        ("When do we meet again?", {"order": "next"}),
    ],
)
def test_parameters_are_read(question: str, expected: dict[str, object]) -> None:
    found = understand(question, [], []).as_json()
    assert {name: found.get(name) for name in expected} == expected


def test_a_number_inside_a_time_expression_is_no_limit() -> None:
    question = "Which channels did I watch most in the last 3 weeks?"
    span = {"start": "a", "end": "b", "text": "in the last 3 weeks", "span": [36, 55]}
    found = understand(question, [span], []).as_json()
    assert "k" not in found
    assert (found["since"], found["until"], found.get("topic")) == ("a", "b", None)


@pytest.mark.parametrize(
    ("question", "values"),
    [
        ("How many videos of stone age kitchen did I watch?", ["Stone Age Kitchen"]),
        ("What did Karin Vogel write?", ["Karin Vogel"]),
        ("What did Karin write?", ["Karin Lund", "Karin Vogel"]),
        ("how many mails from karin", ["Karin Lund", "Karin Vogel"]),
        ("how many mails from Rome mention karin", []),
        ("how many mails with a karin in them", []),
        ("What happened at Karin Meier's place?", []),
        ("How often did I visit tramtimes?", ["www.tramtimes.example"]),
        ("How often was I on tramtimes.example?", ["www.tramtimes.example"]),
        ("How often did I visit youtube?", ["www.youtube.com"]),
        ("What did I watch on youtube?", []),
        ("What did I play yesterday?", []),
        ("Did the museum write?", []),
    ],
)
def test_names_are_recognised(question: str, values: list[str]) -> None:
    assert [name.value for name in match_names(question, CANDIDATES)] == values


def test_a_name_is_no_topic() -> None:
    question = "How many mails did Karin Vogel send me about trams?"
    found = understand(question, [], match_names(question, CANDIDATES)).as_json()
    assert (found["person"], found["topic"]) == (["Karin Vogel"], "trams")


@pytest.mark.parametrize(
    ("host", "label"),
    [("www.guitarlab.example", "guitarlab"), ("news.bbc.co.uk", "bbc"), ("play.example.com", "example")],
)
def test_a_site_is_called_by_its_middle(host: str, label: str) -> None:
    assert site_label(host) == label


def test_a_time_is_worded_without_the_space_before_it() -> None:
    question = "How much does the coffee mill spring cost?"
    span = {"start": "a", "end": "b", "text": " spring", "span": [29, 36]}
    assert understand(question, [span], []).as_json()["phrase"] == "spring"


@pytest.mark.parametrize(("question", "is_whether"), [
    ("Did I ever watch a video about knives?", True), ("Has Anna ever written to me?", True),
    ("When did I ever watch it?", False), ("What was the first video I ever watched?", False),
])  # fmt: skip
def test_whether_something_ever_happened_asks_for_its_first_time(question: str, is_whether: bool) -> None:
    read = understand(question, [], [], "when").as_json()
    assert (read.get("measure") == "ever") is is_whether
    assert not is_whether or read["order"] == "first"


@pytest.mark.parametrize("question", ["How often did I see Karin Vogel?", "How often was I with Karin Vogel?"])
def test_a_person_is_met_and_not_watched(question: str) -> None:
    assert understand(question, [], match_names(question, CANDIDATES), "count").kind == "event"


def test_who_writes_may_do_so_ever() -> None:
    question = "Did Karin Vogel ever write about the boat?"
    assert understand(question, [], match_names(question, CANDIDATES), "when").direction == "received"


def test_to_whom_the_owner_wrote_is_one_side_of_mail() -> None:
    assert understand("Who did I write to in May?", [], [], "people").direction == "sent"
    assert understand("Who did I write with about tea?", [], [], "people").direction is None


def test_a_name_may_have_the_ending_of_one_that_owns_something() -> None:
    (name,) = match_names("Worum geht es in Karin Vogels Mails?", CANDIDATES, "what is in Karin Vogels mails?", "s")
    assert (name.value, name.start, name.end) == ("Karin Vogel", 17, 28)
    assert match_names("Worum geht es in Karin Vogels Mails?", CANDIDATES) == []
