"""Names longer than an index holds, and numbers that no float holds, cost at most their own record."""

import json
import random
import string
from typing import Any

import psycopg
import pytest

from lake_archives import ENTRY

_CHANCE = random.Random(7)
#: Letters at random, which no compression makes fit.
LONG = "".join(_CHANCE.choices(string.ascii_letters + string.digits, k=9_000))
# Each becomes 18 letters when it is normalised.
EXPANDING = "\ufdfa" * 300
AT = "2025-01-01T10:00:00Z"

MAIL = (
    f"From: {LONG}@a.example\r\nTo: {LONG} <{LONG}@b.example>\r\nSubject: {LONG}\r\nMessage-ID: <{LONG}@x>\r\n"
    "Date: Sat, 15 Jun 2024 12:30:00 +0200\r\n\r\nbody"
)
EVENT = (
    f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:{LONG}\r\nDTSTART:20240101T100000Z\r\nSUMMARY:w\r\n"
    f"ATTENDEE;CN={LONG}:mailto:{LONG}@x.example\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
CARD = (
    f"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{LONG}\r\nFN:{LONG}\r\nEMAIL:{LONG}@x.example\r\nTEL:{'1' * 9_000}\r\n"
    "END:VCARD\r\n"
)
CHAT = {
    "name": LONG, "type": "personal_chat", "id": 1,
    "messages": [
        {"id": 1, "type": "message", "date": "2024-01-01T10:00:00", "from": LONG, "from_id": LONG, "text": "hi"}
    ],
}  # fmt: skip
POSITION = {
    "locations": [{"timestamp": AT, "latitudeE7": 1, "longitudeE7": 1, "deviceTag": LONG, "source": LONG + "\0"}]
}
VISIT = {
    "timelineObjects": [
        {
            "placeVisit": {
                "location": {"latitudeE7": 1, "longitudeE7": 1, "placeId": LONG, "name": LONG},
                "duration": {"startTimestamp": AT, "endTimestamp": "2025-01-01T11:00:00Z"},
            }
        }
    ]
}
FIGURE = {
    "Data Source": f"derived:com.google.{LONG}",
    "Data Points": [
        {
            "fitValue": [{"value": {"intVal": 12}}], "startTimeNanos": 1718447400000000000,
            "endTimeNanos": 1718447460000000000, "dataTypeName": f"com.{LONG}",
        }
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("filename", "content"),
    [
        ("x.eml", MAIL), ("x.ics", EVENT), ("x.vcf", CARD), ("result.json", CHAT), ("Records.json", POSITION),
        ("2025_JANUARY.json", VISIT), ("derived_com.json", FIGURE),
        ("x.vcf", CARD.replace(f"FN:{LONG}", f"FN:{EXPANDING}")),
    ],
)  # fmt: skip
def test_a_name_longer_than_an_index_holds_is_imported(import_file: Any, filename: str, content: Any) -> None:
    text = content if isinstance(content, str) else json.dumps(content)
    assert import_file(text.encode(), filename)["items_new"] == 1
    # What it told of people and places would have to be looked up again.
    assert import_file(json.dumps([ENTRY]).encode(), "MyActivity.json")["items_new"] == 1


@pytest.mark.parametrize(
    "record",
    [
        {"kind": "message", "external_id": LONG, "attributes": {
            "sender": LONG, "sender_address": LONG, "sender_id": LONG, "conversation": LONG, "conversation_id": LONG,
        }},
        {"kind": "place_visit", "title": "Home", "attributes": {"latitude": 10**400, "longitude": 2}},
        {"kind": "place_visit", "title": LONG, "attributes": {"place_id": LONG}},
        {"kind": "movement", "title": "Way", "attributes": {"distance_m": [10**400], "deep": {"n": -(10**400)}}},
        {"kind": "photo", "title": "A", "attributes": {"latitude": 10**308, "longitude": [1]}},
    ],
)  # fmt: skip
def test_a_live_record_stops_neither_imports_nor_views(
    connection: psycopg.Connection[Any], import_file: Any, one: Any, record: dict[str, Any]
) -> None:
    given = json.dumps([record | {"occurred_at": AT}])
    assert one("select items_new from lake_append(%s::jsonb)", given)["items_new"] == 1
    assert import_file(json.dumps([ENTRY]).encode(), "MyActivity.json")["items_new"] == 1
    for view in ("places", "movements", "photos", "messages", "persons", "known_places", "threads"):
        connection.execute(f"select * from {view}").fetchall()


@pytest.mark.parametrize(
    ("record", "name"),
    [
        ({"kind": "note", "title": "T", "source": LONG}, "source"),
        ({"kind": "measurement", "metric": LONG, "value": 1, "starts_at": AT}, "metric"),
        ({"kind": "position", "occurred_at": AT, "latitude": 1, "longitude": 2, "device": LONG}, "device"),
    ],
)
def test_a_live_record_with_a_name_that_is_none_is_rejected(one: Any, record: dict[str, Any], name: str) -> None:
    good = {"kind": "note", "title": "good"}
    assert one("select items_new, rejects from lake_append(%s::jsonb)", json.dumps([record, good])) == {
        "items_new": 1, "rejects": 1,
    }  # fmt: skip
    assert one("select reason from rejects")["reason"] == f"{name} has more than 200 characters"


def test_long_names_that_begin_alike_are_told_apart(connection: psycopg.Connection[Any], one: Any) -> None:
    records = [
        {
            "kind": "message",
            "source": "chat",
            "external_id": end,
            "body": "x",
            "attributes": {"conversation_id": LONG + end},
        }
        for end in ("a", "b")
    ]
    connection.execute("select lake_append(%s::jsonb)", (json.dumps(records),))
    connection.execute("select lake_resolve()")
    assert one("select count(*) as count from threads")["count"] == 2
