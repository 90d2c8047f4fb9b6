"""Questions that bound the hours of the day or how many times, on items counted by hand."""

import json
from typing import Any

import psycopg
import pytest

# Night Radio four times, of which three after ten at night in Lisbon's winter; Slow Trains once.
WATCHED = [
    ("2024-01-10T22:30:00Z", "Night Radio", "One"), ("2024-01-11T23:15:00Z", "Night Radio", "Two"),
    ("2024-01-12T22:05:00Z", "Night Radio", "One"), ("2024-01-12T08:20:00Z", "Night Radio", "Three"),
    ("2024-01-13T21:59:00Z", "Slow Trains", "Four"),
]  # fmt: skip
Connection = psycopg.Connection[Any]


@pytest.fixture
def asking(connection: Connection) -> Connection:
    connection.execute(
        "select set_config('datapunk.now', '2024-07-01T12:00:00Z', true),"
        " set_config('datapunk.timezone', 'Europe/Lisbon', true)"
    )
    items = [
        *({"kind": "watch", "source": "test", "occurred_at": at, "title": title, "attributes": {"channel": channel}}
          for at, channel, title in WATCHED),
        {"kind": "event", "source": "test", "occurred_at": "2024-01-12T00:00:00Z", "precision": "day",
         "title": "Day off", "attributes": {}},
        {"kind": "contact", "source": "test", "occurred_at": "2024-01-01T00:00:00Z", "title": "Anna Lind",
         "attributes": {"birthday": "1990-03-05"}},
        {"kind": "contact", "source": "test", "occurred_at": "2024-01-01T00:00:00Z", "title": "Tom Berg",
         "attributes": {"birthday": "--0229"}},
    ]  # fmt: skip
    connection.execute("select * from api.lake_append(%s)", (json.dumps(items),))
    return connection


def ask(connection: Connection, question: str, **options: object) -> dict[str, Any]:
    row = connection.execute(
        "select answer, data, citations from api.gaia_answer(%s, %s)", (question, json.dumps(options))
    ).fetchone()
    assert row
    return {"answer": row[0], "data": row[1], "cited": [c["title"] for c in row[2]]}


@pytest.mark.parametrize(
    "question",
    ["How many videos did I watch after 10 pm?", "Wie viele Videos habe ich nach 22 Uhr geschaut?",
     "Combien de vidéos ai-je regardées après 22 h ?", "¿Cuántos vídeos vi después de las 10 de la noche?"],
)  # fmt: skip
def test_hours_of_the_day_are_the_owner_s(asking: Connection, question: str) -> None:
    assert ask(asking, question, subroutine="count")["data"]["count"] == 3
    asking.execute("select set_config('datapunk.timezone', 'Europe/Berlin', true)")
    assert ask(asking, question, subroutine="count")["data"]["count"] == 3


def test_a_whole_day_has_no_hour(asking: Connection) -> None:
    assert ask(asking, "How many events did I have before 9 in the morning?", subroutine="count")["data"]["count"] == 0


@pytest.mark.parametrize(
    ("question", "rows"),
    [
        ("Which channels did I watch less than 3 times?", [["Slow Trains", 1]]),
        ("Which channels did I watch more than 3 times?", [["Night Radio", 4]]),
        ("Which channels did I watch only once?", [["Slow Trains", 1]]),
        ("Welche Kanäle habe ich mindestens viermal geschaut?", [["Night Radio", 4]]),
        ("Quelles chaînes ai-je regardées moins de trois fois ?", [["Slow Trains", 1]]),
        ("¿Qué canales vi una sola vez?", [["Slow Trains", 1]]),
    ],
)
def test_only_what_comes_up_so_many_times_is_ranked(asking: Connection, question: str, rows: list[Any]) -> None:
    found = ask(asking, question, subroutine="top")
    assert [[row["value"], row["count"]] for row in found["data"]["rows"]] == rows
    assert found["data"]["distinct"] == 1


def test_where_nothing_comes_up_so_many_times_that_is_said(asking: Connection) -> None:
    said = ask(asking, "Which channels did I watch more than 10 times?", subroutine="top")["answer"]
    assert said == "I find no channels (at least 11 times each)."


@pytest.mark.parametrize(
    ("question", "count", "items"),
    [
        ("How many channels did I watch more than once?", 1, 4),
        ("How many videos did I watch more than once?", 1, 2),
        ("On how many days did I watch at least two videos?", 1, 2),
    ],
)
def test_what_comes_up_so_many_times_is_counted(asking: Connection, question: str, count: int, items: int) -> None:
    found = ask(asking, question, subroutine="count")["data"]
    assert (found["count"], found["items"]) == (count, items)


def test_a_bound_that_cannot_be_kept_is_declined(asking: Connection) -> None:
    found = ask(asking, "How many times did I watch Night Radio more than twice?", subroutine="count")
    assert "more than twice" in found["answer"]


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (
            "When is Anna's birthday?",
            "Anna Lind was born on 5 March 1990 [1]; the next birthday is on Wednesday, 5 March",
        ),
        ("Wann ist Annas Geburtstag?", "Anna Lind ist am 5. März 1990 geboren [1]"),
        (
            "When is the birthday of Tom Berg?",
            "The birthday of Tom Berg is on 29 February [1]; the next one is on Friday",
        ),
        ("¿Cuándo cumple años Anna?", "Anna Lind nació el 5 de marzo de 1990 [1]"),
    ],
)
def test_a_birthday_stands_with_the_contact(asking: Connection, question: str, said: str) -> None:
    assert ask(asking, question, subroutine="when")["answer"].startswith(said)


def test_a_birthday_that_nothing_tells_is_not_found(asking: Connection) -> None:
    assert ask(asking, "When is my birthday?", subroutine="when")["answer"].startswith("I don't find that")
