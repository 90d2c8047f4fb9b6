"""Questions of several parts, answered by plans."""

import json
from typing import Any

import psycopg
import pytest

ITEMS = [
    *({"kind": "watch", "occurred_at": f"2024-03-{day:02d}T10:00:00Z", "title": f"Sourdough, part {day}",
       "attributes": {"channel": "Stone Age Kitchen"}} for day in (1, 9, 30)),
    *({"kind": "search", "occurred_at": f"2024-06-{day:02d}T10:00:00Z", "title": f"query {day}",
       "attributes": {"query": f"query {day}"}} for day in (5, 7, 7, 8, 9)),
    {"kind": "event", "occurred_at": "2024-06-07T19:00:00Z", "ended_at": "2024-06-07T22:00:00Z",
     "title": "Midsummer party", "attributes": {"attendees": ["Karin Lund", "Me"], "location": "Boat house"}},
    {"kind": "event", "occurred_at": "2024-02-07T19:00:00Z", "title": "Chess with Olof",
     "attributes": {"attendees": ["Olof Berg", "Me"]}},
    *({"kind": "mail", "occurred_at": f"2024-06-{day:02d}T08:00:00Z", "title": f"Letter {day}", "body": "Hello.",
       "attributes": {"sender": sender, "recipient_names": ["Me"], "labels": ["Inbox"]}}
      for day, sender in ((1, "Karin Lund"), (10, "Karin Lund"), (12, "Karin Lund"), (13, "Olof Berg"))),
    {"kind": "mail", "occurred_at": "2024-05-02T08:00:00Z", "title": "Re", "body": "Hello.",
     "attributes": {"sender": "Me", "recipient_names": ["Karin Lund"], "labels": ["Sent"]}},
]  # fmt: skip
BOTH = "How many videos did I watch in March 2024 and how many searches did I make in June 2024?"
WITH = "Who was with me at the midsummer party and how many mails did they send me afterwards?"


@pytest.fixture
def asking(connection: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    """A connection whose owner has the items, on a fixed day."""
    connection.execute("select set_config('datapunk.now', '2024-07-01T12:00:00Z', true)")
    connection.execute("select * from api.lake_append(%s)", (json.dumps([{"source": "test", **i} for i in ITEMS]),))
    return connection


def answer(connection: psycopg.Connection[Any], question: str, **options: object) -> dict[str, Any]:
    cursor = connection.execute("select * from api.gaia_answer(%s, %s)", (question, json.dumps(options)))
    assert cursor.description
    (row,) = cursor.fetchall()
    return dict(zip([column.name for column in cursor.description], row, strict=True))


def figures(row: dict[str, Any], name: str = "count") -> list[Any]:
    return [part["data"].get(name) for part in row["data"]["parts"]]


def test_each_part_has_its_figures_and_the_text_tells_both(asking: psycopg.Connection[Any]) -> None:
    row = answer(asking, BOTH)
    assert (row["route"], figures(row)) == ("plan", [3, 5])
    assert [line[:18] for line in row["answer"].splitlines()] == ["You watched 3 vide", "You made 5 searche"]


def test_people_flow_from_one_part_to_the_next(asking: psycopg.Connection[Any]) -> None:
    row = answer(asking, WITH)
    assert row["data"]["parts"][0]["data"]["rows"] == [{"value": "Karin Lund", "count": 1}]
    assert figures(row)[1] == 2


def test_the_day_of_an_event_is_that_day(asking: psycopg.Connection[Any]) -> None:
    row = answer(asking, "When was the midsummer party and how many searches did I make that day?")
    assert figures(row)[1] == 2
    assert row["plan"]["parameters"]["since"][:10] == "2024-06-07"


def test_for_each_of_two_people_there_is_a_figure(asking: psycopg.Connection[Any]) -> None:
    row = answer(asking, "How many mails did Karin Lund and Olof Berg each send me in June 2024?")
    (part,) = row["data"]["parts"]
    assert [(entry["value"], entry["data"]["count"]) for entry in part["data"]["rows"]] == [
        (["Karin Lund"], 3), (["Olof Berg"], 1),
    ]  # fmt: skip


def test_where_a_part_finds_nothing_what_hangs_on_it_is_not_guessed(asking: psycopg.Connection[Any]) -> None:
    row = answer(asking, "Who was with me in January 2023 and how many mails did they send me afterwards?")
    assert row["data"]["parts"][1]["status"] == "skipped"
    assert "so I can't answer that part" in row["answer"]


def test_a_part_that_nothing_answers_is_told(asking: psycopg.Connection[Any]) -> None:
    row = answer(asking, "How many videos did I watch in March 2024 and what is the capital of France?")
    assert [part["status"] for part in row["data"]["parts"]] == ["done", "unread"]
    assert "I don't know how to answer “what is the capital of France?”." in row["answer"]


def test_without_who_is_meant_nothing_is_counted(asking: psycopg.Connection[Any]) -> None:
    row = answer(asking, "How many mails did I get from the friend I plutoniumed first in 2024?")
    assert "can't answer" in row["answer"]


def test_citations_are_numbered_once_through_all_parts(asking: psycopg.Connection[Any]) -> None:
    row = answer(asking, BOTH)
    assert [c["ordinal"] for c in row["citations"]] == list(range(1, len(row["citations"]) + 1))
    shown = {c["ordinal"]: c["kind"] for c in row["citations"]}
    first, second = row["answer"].splitlines()
    assert shown[int(first.rsplit("[", 1)[1].rstrip("]."))] == "watch"
    assert shown[int(second.rsplit("[", 1)[1].rstrip("]."))] == "search"


def test_fast_answers_by_one_subroutine(asking: psycopg.Connection[Any]) -> None:
    assert answer(asking, BOTH, mode="fast")["route"] == "count"


def test_deliberate_tries_another_way_where_the_first_finds_nothing(asking: psycopg.Connection[Any]) -> None:
    row = answer(asking, "When did I last watch Stone Age Kitchen?", mode="deliberate")
    assert (row["route"], row["data"]["date"]) == ("when", "2024-03-30")
    statuses = {name: result["status"] for name, result in row["plan"]["results"].items()}
    assert statuses == {"part1": "done", "part1_other1": "skipped"}


def test_every_step_is_a_span(asking: psycopg.Connection[Any]) -> None:
    row = answer(asking, WITH)
    spans = asking.execute(
        "select name, detail ->> 'step', detail ->> 'status' from api.gaia_trace(%s)", (row["answer_id"],)
    ).fetchall()
    assert spans == [("plan", None, None), ("step", "part1", "done"), ("step", "part2", "done")]


def test_the_same_question_again_is_the_same(asking: psycopg.Connection[Any]) -> None:
    row = answer(asking, WITH)
    again = asking.execute("select route, same from api.gaia_replay(%s)", (row["answer_id"],)).fetchone()
    assert again == ("plan", True)


def test_a_follow_up_leans_on_the_last_part(asking: psycopg.Connection[Any]) -> None:
    row = answer(asking, BOTH)
    following = answer(asking, "And in May 2024?", conversation_id=str(row["conversation_id"]))
    assert (following["route"], following["data"]["count"]) == ("count", 0)
    assert following["data"]["kind"] == "search"


def test_another_owners_items_are_not_counted(asking: psycopg.Connection[Any]) -> None:
    asking.execute("select set_config('datapunk.owner', 'somebody', true)")
    assert figures(answer(asking, BOTH)) == [0, 0]


@pytest.mark.parametrize("question", [
    "Who wrote to me most in June 2024 and how many mails of them came in May 2024?",
    "Which channel did I watch most in 2024 and how many videos of it in March 2024?",
])  # fmt: skip
def test_what_points_back_after_a_preposition_is_resolved(asking: psycopg.Connection[Any], question: str) -> None:
    row = answer(asking, question)
    assert [part["status"] for part in row["data"]["parts"]] == ["done", "done"]
    assert "person" in str(row["plan"]["steps"][1]["input"]) or "channel" in row["plan"]["steps"][1]["input"]


def test_what_is_not_answered_is_named(asking: psycopg.Connection[Any]) -> None:
    row = answer(asking, "How many videos did I watch in March 2024 and who wrote to me most?", mode="fast")
    assert "who wrote to me most" in row["answer"]
