"""Columns of the typed views that reports group by, and what the views of people cost."""

import json
from typing import Any

import pytest

from people_records import Connection, add, mail, message, resolve, visit


def test_a_visit_lasts_as_long_as_its_browser_says(connection: Connection, one: Any) -> None:
    add(
        connection,
        {"kind": "visit", "title": "a", "url": "https://a.example/", "attributes": {"duration_seconds": 90}},
        {"kind": "visit", "title": "b", "url": "https://a.example/b", "attributes": {"duration_seconds": "long"}},
        {
            "kind": "visit", "title": "c", "url": "https://a.example/c", "occurred_at": "2025-01-01T10:00:00Z",
            "ended_at": "2025-01-01T10:00:30Z",
        },
    )  # fmt: skip
    row = one("select domain, count(*) as visits, avg(duration_seconds) as seconds from visits group by domain")
    assert row == {"domain": "a.example", "visits": 3, "seconds": 60}


def test_a_call_has_a_length_and_a_text_none(connection: Connection, one: Any) -> None:
    call = {**message("1", sender="Ann"), "ended_at": "2025-03-02T10:05:00Z"}
    add(connection, call, message("2", sender="Ann"))
    assert one("select sum(duration_seconds) as s, count(duration_seconds) as n from messages") == {"s": 300, "n": 1}


def test_a_chat_without_a_name_is_known_by_its_identifier(connection: Connection, one: Any) -> None:
    add(connection, message("1", "google_chat", sender="Ann", conversation_id="DM 1", thread_id="topic"))
    assert one("select conversation from messages") == {"conversation": "DM 1"}


def test_documents_and_mails_have_their_domains(connection: Connection, one: Any) -> None:
    add(
        connection, mail("1", "ann@mail.example", "Ann"),
        {"kind": "document", "title": "d", "url": "https://www.read.example:81/x"},
    )  # fmt: skip
    assert one("select domain from documents") == {"domain": "read.example"}
    assert one("select sender_domain from mails") == {"sender_domain": "mail.example"}


def test_positions_and_measurements_have_hour_and_weekday(connection: Connection, one: Any) -> None:
    connection.execute("set local datapunk.timezone = 'Asia/Tokyo'")
    add(
        connection,
        {"kind": "position", "occurred_at": "2025-01-04T16:30:00Z", "latitude": 1, "longitude": 2},
        {
            "kind": "measurement", "metric": "steps", "starts_at": "2025-01-04T16:30:00Z",
            "ends_at": "2025-01-04T16:45:00Z", "value": 7,
        },
    )  # fmt: skip
    sunday = {"day": "2025-01-05", "local_hour": 1, "local_weekday": 7}
    assert one("select local_date::text as day, local_hour, local_weekday from positions") == sunday
    row = one("select local_date::text as day, local_hour, local_weekday, duration_seconds from measurements")
    assert row == {**sunday, "duration_seconds": 900}


@pytest.mark.parametrize(
    ("query", "counted"),
    [
        ("select name from persons", "person_item"),
        ("select name from known_places", "place_item"),
        ("select title from threads", "conversation_item"),
    ],
)
def test_what_a_query_does_not_ask_for_is_not_counted(connection: Connection, query: str, counted: str) -> None:
    row = connection.execute(f"explain (format json) {query}").fetchone()  # type: ignore[call-overload]
    assert counted not in json.dumps(row)


def test_places_count_their_visits(connection: Connection, one: Any) -> None:
    resolve(connection, visit("1", "2025-01-01T10:00:00Z", "2025-01-01T11:00:00Z", "Home", place_id="p"))
    row = one(
        "select k.name, k.visits, k.duration_seconds from place_items join known_places as k using (known_place_id)"
    )
    assert row == {"name": "Home", "visits": 1, "duration_seconds": 3600}
