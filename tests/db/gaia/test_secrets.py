"""Answers leave out what is secret unless the question names its kind."""

import json
from typing import Any

import psycopg
import pytest

ITEMS = [
    {"kind": "security_event", "occurred_at": "2024-05-01T10:00:00Z", "title": "Sign-in from Reykjavik",
     "attributes": {"ip": "192.0.2.7"}},
    {"kind": "note", "occurred_at": "2024-05-02T10:00:00Z", "title": "Reykjavik", "body": "The pool opens at seven."},
    {"kind": "event", "occurred_at": "2024-06-07T19:00:00Z", "title": "Midsummer party"},
]  # fmt: skip


@pytest.fixture
def asking(connection: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    connection.execute("select set_config('datapunk.now', '2024-07-01T12:00:00Z', true)")
    connection.execute("select * from api.lake_append(%s)", (json.dumps([{"source": "test", **i} for i in ITEMS]),))
    return connection


def answer(connection: psycopg.Connection[Any], question: str, **options: object) -> tuple[str, dict[str, Any]]:
    row = connection.execute(
        "select answer, data from api.gaia_answer(%s, %s)", (question, json.dumps(options))
    ).fetchone()
    assert row is not None
    return row[0], row[1]


def test_a_count_of_everything_leaves_secrets_out(asking: psycopg.Connection[Any]) -> None:
    _, data = answer(asking, "How many items are there?", subroutine="count")
    assert data["by_kind"] == {"note": 1, "event": 1}


def test_a_count_of_the_named_kind_counts_secrets(asking: psycopg.Connection[Any]) -> None:
    _, data = answer(asking, "How many are there?", subroutine="count", kind="security_event")
    assert data["count"] == 1


def test_a_timeline_of_everything_leaves_secrets_out(asking: psycopg.Connection[Any]) -> None:
    row = asking.execute("select gaia.timeline('{}') -> 'data' -> 'by_kind'").fetchone()
    assert row == ({"note": 1, "event": 1},)


@pytest.mark.parametrize(
    "counted",
    [
        "gaia.trend('{}') #> '{data,total}'",
        """gaia.top('{"group_by": "title"}') #> '{data,total}'""",
        "gaia.share('{}') #> '{data,of}'",
    ],
)
def test_without_a_kind_nothing_is_counted(asking: psycopg.Connection[Any], counted: str) -> None:
    assert asking.execute(f"select {counted}").fetchone() == (0,)


def test_a_search_quotes_no_secret(asking: psycopg.Connection[Any]) -> None:
    text, data = answer(asking, "What about Reykjavik?", subroutine="search")
    assert data["found"] == 1
    assert "Sign-in" not in text


def test_a_search_of_the_named_kind_quotes_secrets(asking: psycopg.Connection[Any]) -> None:
    text, _ = answer(asking, "What about Reykjavik?", subroutine="search", kind="security_event")
    assert "Sign-in from Reykjavik" in text


def test_a_date_is_not_from_a_secret_calendar(asking: psycopg.Connection[Any]) -> None:
    question = "When was the midsummer party?"
    assert answer(asking, question, subroutine="when")[1]["date"] == "2024-06-07"
    asking.execute("select lake_classify('event', 'secret')")
    assert answer(asking, question, subroutine="when")[1]["date"] is None
    assert answer(asking, question, subroutine="when", kind="event")[1]["date"] == "2024-06-07"


def test_what_is_written_secretly_is_not_searched_unasked(asking: psycopg.Connection[Any]) -> None:
    asking.execute("select lake_classify('note', 'secret')")
    assert answer(asking, "What about Reykjavik?", subroutine="search")[1]["found"] == 0
    assert answer(asking, "What did my note say about Reykjavik?", subroutine="search")[1]["found"] == 1


def test_an_unknown_kind_is_refused_with_a_hint(asking: psycopg.Connection[Any]) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue) as caught:
        answer(asking, "How many are there?", kind="nothing")
    assert "security_event" in str(caught.value.diag.message_hint)
