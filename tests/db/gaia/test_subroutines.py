"""Each subroutine on a few items whose figures are counted by hand."""

import json
from typing import Any

import psycopg
import pytest

WATCHED = [
    ("2024-03-04", "Rye", "Stone Age Kitchen"), ("2024-03-11", "Spelt", "Stone Age Kitchen"),
    ("2024-03-12", "Slate", "Rock Talks"), ("2024-04-01", "Rye", "Stone Age Kitchen"),
]  # fmt: skip
ITEMS = [
    *({"kind": "watch", "occurred_at": f"{day}T10:00:00Z", "title": title, "attributes": {"channel": channel}}
      for day, title, channel in WATCHED),
    {"kind": "mail", "occurred_at": "2024-03-05T08:00:00Z", "title": "The boat",
     "body": "The boat lies in the harbour.",
     "attributes": {"sender": "Karin Lund", "recipient_names": ["Me"], "labels": ["Inbox"]}},
    {"kind": "mail", "occurred_at": "2024-03-06T08:00:00Z", "title": "Re: The boat",
     "body": "I will think of the boat.",
     "attributes": {"sender": "Me", "recipient_names": ["Karin Lund"], "labels": ["Sent"]}},
    {"kind": "event", "occurred_at": "2024-03-11T00:00:00Z", "ended_at": "2024-03-13T00:00:00Z", "title": "Oslo trip",
     "attributes": {"location": "Oslo", "all_day": True}},
    {"kind": "event", "occurred_at": "2024-03-12T18:00:00Z", "ended_at": "2024-03-12T19:30:00Z", "title": "Dinner",
     "attributes": {"location": "Harbour Inn", "attendees": ["Tom Berg", "Me"]}},
    {"kind": "event", "occurred_at": "2024-07-07T18:00:00Z", "title": "Midsummer party", "attributes": {}},
]  # fmt: skip
NOW = "2024-07-01T12:00:00Z"


@pytest.fixture
def asking(connection: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    connection.execute(
        "select set_config('datapunk.now', %s, true), set_config('datapunk.timezone', 'UTC', true)", (NOW,)
    )
    connection.execute("select * from api.lake_append(%s)", (json.dumps([{"source": "test", **i} for i in ITEMS]),))
    return connection


def data(connection: psycopg.Connection[Any], question: str, **options: object) -> dict[str, Any]:
    row = connection.execute("select data from api.gaia_answer(%s, %s)", (question, json.dumps(options))).fetchone()
    assert row
    return dict(row[0])


def test_a_share_is_of_all_of_its_kind(asking: psycopg.Connection[Any]) -> None:
    found = data(asking, "What share of my videos was from Rock Talks?", subroutine="count")
    assert (found["count"], found["of"], found["percent"]) == (1, 4, 25.0)


def test_different_things_are_counted_once(asking: psycopg.Connection[Any]) -> None:
    assert data(asking, "How many different channels did I watch?", subroutine="count")["count"] == 2


def test_days_are_counted(asking: psycopg.Connection[Any]) -> None:
    assert data(asking, "On how many days did I watch a video in March 2024?", subroutine="count")["count"] == 3


def test_an_average_is_over_the_whole_time(asking: psycopg.Connection[Any]) -> None:
    found = data(asking, "How many videos per week on average did I watch in March 2024?", subroutine="count")
    assert (found["average"], found["unit"]) == (pytest.approx(3 / (31 / 7), abs=0.01), "week")


def test_a_duration_leaves_whole_days_out(asking: psycopg.Connection[Any]) -> None:
    assert data(asking, "How many hours of events did I have in March 2024?", subroutine="count")["seconds"] == 5400


def test_what_is_left_out_is_not_counted(asking: psycopg.Connection[Any]) -> None:
    assert data(asking, "How many videos did I watch, without Stone Age Kitchen?", subroutine="count")["count"] == 1


def test_weekdays_limit(asking: psycopg.Connection[Any]) -> None:
    assert data(asking, "How many videos did I watch on Mondays?", subroutine="count")["count"] == 3


@pytest.mark.parametrize(
    ("question", "count"),
    [
        ("How many videos did I watch during the Oslo trip?", 2),
        ("How many videos did I watch in the week before the Oslo trip?", 1),
        ("How many videos did I watch since the Oslo trip?", 3),
        ("How many videos did I watch after the Oslo trip?", 1),
    ],
)
def test_times_hang_on_events(asking: psycopg.Connection[Any], question: str, count: int) -> None:
    assert data(asking, question, subroutine="count")["count"] == count


def test_an_event_that_is_not_there_is_said(asking: psycopg.Connection[Any]) -> None:
    row = asking.execute(
        "select answer, data from api.gaia_answer('How many videos did I watch in the week before the Rome trip?', %s)",
        (json.dumps({"subroutine": "count"}),),
    ).fetchone()
    assert row
    assert row[0].startswith("I don't find in your calendar when that was")
    assert row[1] == {}


def test_a_misspelled_name_is_understood(asking: psycopg.Connection[Any]) -> None:
    assert data(asking, "How many mails did Karni Lund send me?", subroutine="count")["count"] == 1


def test_a_comparison_has_a_figure_for_each_side(asking: psycopg.Connection[Any]) -> None:
    found = data(asking, "Did I watch more Rock Talks or Stone Age Kitchen?", subroutine="compare")
    assert {r["label"]: r["count"] for r in found["rows"]} == {"Rock Talks": 1, "Stone Age Kitchen": 3}
    found = data(asking, "More videos in March 2024 or in April 2024?", subroutine="compare")
    assert [r["count"] for r in found["rows"]] == [3, 1]


def test_a_trend_has_its_empty_months(asking: psycopg.Connection[Any]) -> None:
    found = data(asking, "Show my videos per month in 2024.", subroutine="trend")
    assert [r["count"] for r in found["rows"]] == [0, 0, 3, 1, 0, 0, 0]
    assert found["rows"][2]["period"] == "2024-03"


def test_a_day_is_told_in_its_order(asking: psycopg.Connection[Any]) -> None:
    found = data(asking, "What did I do on 12 March 2024?", subroutine="timeline")
    assert [r["title"] for r in found["rows"]] == ["Slate", "Dinner"]


def test_people_are_those_who_write_or_those_who_are_there(asking: psycopg.Connection[Any]) -> None:
    found = data(asking, "Who did I write with about the boat?", subroutine="people")
    assert found["rows"] == [{"value": "Karin Lund", "count": 2}]
    found = data(asking, "Who was with me on the Oslo trip?", subroutine="people")
    assert [r["value"] for r in found["rows"]] == ["Tom Berg"]


def test_places_are_ranked(asking: psycopg.Connection[Any]) -> None:
    found = data(asking, "Which places did I go to most?", subroutine="places")
    assert {r["value"] for r in found["rows"]} == {"Harbour Inn", "Oslo"}


def test_what_comes_next_is_after_now(asking: psycopg.Connection[Any]) -> None:
    assert data(asking, "What is next?", subroutine="next")["title"] == "Midsummer party"


def test_a_summary_is_of_the_texts_asked_for(asking: psycopg.Connection[Any]) -> None:
    found = data(asking, "Summarize the mails from Karin Lund.", subroutine="summarize")
    assert found["count"] == 1
    assert found["sentences"][0]["text"] == "The boat lies in the harbour."


def test_a_note_is_kept_once_and_forgotten(asking: psycopg.Connection[Any]) -> None:
    for _ in range(2):
        assert data(asking, "Remember that the key is under the mat.")["note"] == "the key is under the mat"
    assert asking.execute("select count(*) from api.notes_to_gaia").fetchone() == (1,)
    assert data(asking, "Forget what I told you about the car.", subroutine="forget")["forgotten"] == 0
    assert data(asking, "Forget what I told you about the key.", subroutine="forget")["forgotten"] == 1


def test_a_profile_counts_everything(asking: psycopg.Connection[Any]) -> None:
    assert data(asking, "Who am I?", subroutine="profile")["by_kind"] == {"watch": 4, "mail": 2, "event": 3}


def test_an_answer_is_explained(asking: psycopg.Connection[Any]) -> None:
    data(asking, "How many videos did I watch?", subroutine="count")
    assert data(asking, "Why?", subroutine="explain")["question"] == "How many videos did I watch?"


@pytest.mark.parametrize("subroutine", ["forecast", "anomalies", "sentiment", "entities", "predict"])
def test_without_a_model_it_says_what_to_train(asking: psycopg.Connection[Any], subroutine: str) -> None:
    row = asking.execute(
        "select answer, data -> 'model' from api.gaia_answer('What about it?', %s)",
        (json.dumps({"subroutine": subroutine}),),
    ).fetchone()
    assert row
    assert "forge_train" in row[0]
    assert row[1] is None


def test_a_follow_up_takes_over_what_it_leaves_out(asking: psycopg.Connection[Any]) -> None:
    row = asking.execute(
        "select conversation_id::text, data -> 'count'"
        " from api.gaia_answer('How many videos did I watch in March 2024?')"
    ).fetchone()
    assert row
    assert row[1] == 3
    assert data(asking, "And in the month after?", conversation_id=row[0])["count"] == 1
    assert data(asking, "And mails?", conversation_id=row[0])["kind"] == "mail"


def test_a_word_passed_over_is_said(asking: psycopg.Connection[Any]) -> None:
    row = asking.execute(
        "select answer from api.gaia_answer('Which channel did I watch least?', '{\"subroutine\": \"top\"}')"
    ).fetchone()
    assert row
    assert "“least”" in row[0]


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://www.guitarlab.example/chords?x=1", "www.guitarlab.example"), ("http://localhost:8000/", "localhost"),
        ("https://shop.example?q=a/b", "shop.example"), ("https://shop.example#top", "shop.example"),
        ("ftp://files.example/a", "files.example"), ("https:///nothing", None), ("chrome-extension://abc/x", None),
        ("mailto:me@home.example", None),
    ],
)  # fmt: skip
def test_a_site_is_the_host_of_an_address(connection: psycopg.Connection[Any], url: str, site: str | None) -> None:
    assert connection.execute("select gaia.site_of(%s)", (url,)).fetchone() == (site,)


def test_who_was_met_in_a_place_are_those_of_the_days_there(asking: psycopg.Connection[Any]) -> None:
    items = [
        {
            "occurred_at": "2024-02-05",
            "ended_at": "2024-02-08",
            "title": "Trondheim trip",
            "attributes": {"location": "Trondheim"},
        },
        {"occurred_at": "2024-02-06T18:00:00Z", "title": "Supper", "attributes": {"attendees": ["Ola Vik", "Me"]}},
    ]
    given = json.dumps([{"source": "test", "kind": "event", **item} for item in items])
    asking.execute("select * from api.lake_append(%s)", (given,))
    asking.execute("update lake.item set precision = 'day' where title = 'Trondheim trip'")

    def answer(**options: object) -> str:
        asked = ("Who did I meet in Trondheim?", json.dumps(options))
        row = asking.execute("select answer from api.gaia_answer(%s, %s)", asked).fetchone()
        assert row
        return str(row[0])

    assert answer().startswith("With you was Ola Vik in Trondheim (5 to 7 February 2024).")
    assert "Ola Vik" not in answer(mode="fast")


def test_the_last_ones_of_a_timeline_are_the_newest(asking: psycopg.Connection[Any]) -> None:
    rows = data(asking, "Show me the last 2 videos", subroutine="timeline")["rows"]
    assert [row["title"] for row in rows] == ["Slate", "Rye"]
