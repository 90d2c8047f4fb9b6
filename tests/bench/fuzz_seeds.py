"""What the fuzzer starts from: public fixtures beside the checkout, the project's own sample, and a small file for each
adapter that neither has one for."""

import json
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from datapunk import sample
from datapunk.lake.registry import classify
from outlook_message import message

# Larger ones would leave too few inputs a second.
_SEED_BYTES = 200_000
_HEAD = 65_536
_SEEDS_EACH = 40
_AT = "2024-06-15T10:30:00Z"
_NANOS = 1_718_447_400_000_000_000

_PERSON = {"id": {"gaia_id": "101", "chat_id": "101"}, "fallback_name": "Ann Lee"}
_ABOUT = {
    "conversation_id": {"id": "Ugx1"},
    "conversation": {
        "id": {"id": "Ugx1"}, "type": "GROUP", "self_conversation_state": {}, "participant_data": [_PERSON],
    },
}  # fmt: skip
_CHAT = {
    "conversation_id": {"id": "Ugx1"}, "sender_id": _PERSON["id"], "timestamp": "1416207420834566", "event_id": "7-H0",
    "event_type": "REGULAR_CHAT_MESSAGE",
    "chat_message": {
        "message_content": {
            "segment": [
                {"type": "TEXT", "text": "see "},
                {"type": "LINK", "text": "a.example", "link_data": {"link_target": "https://a.example/"}},
            ],
            "attachment": [{"embed_item": {"type": ["PLUS_PHOTO"], "plus_photo": {"url": "https://p.example/1.jpg"}}}],
        }
    },
}  # fmt: skip
_CALL = {
    "conversation_id": {"id": "Ugx1"}, "sender_id": _PERSON["id"], "timestamp": "1416207421834566", "event_id": "7-H1",
    "event_type": "HANGOUT_EVENT", "hangout_event": {"event_type": "END_HANGOUT", "hangout_duration_secs": "90"},
}  # fmt: skip
_PLACE = {
    "geometry": {"coordinates": [13.5, 52.5], "type": "Point"}, "type": "Feature",
    "properties": {
        "date": _AT, "google_maps_url": "http://maps.google.com/?cid=123456789", "five_star_rating_published": 4,
        "location": {"address": "1 Street", "country_code": "DE", "name": "Café"}, "review_text_published": "Good tea",
        "questions": [{"question": "Food", "rating": 5}, {"question": "Price", "selected_option": "€10"}],
    },
}  # fmt: skip
_POINT = {
    "startTimeNanos": _NANOS, "endTimeNanos": _NANOS + 60_000_000_000, "modifiedTimeMillis": 1, "rawTimestampNanos": 0,
}  # fmt: skip
_TASK = {
    "kind": "tasks#task", "id": "a", "title": "Paint", "notes": "Blue", "status": "needsAction", "created": _AT,
    "updated": _AT, "due": "2024-07-01T00:00:00Z", "parent": "b", "completed": _AT,
}  # fmt: skip
_MESSAGE = {
    "type": "message", "user": "U1", "text": "hi <@U2> &amp; <https://a.example|a>", "ts": "1452837318.000002",
    "reactions": [{"name": "tea", "count": 2, "users": ["U1", "U2"]}],
    "files": [{"name": "x.png", "mimetype": "image/png"}],
    "attachments": [{"title": "T", "text": "body", "fallback": "f"}],
    "blocks": [
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]}]}
    ],
}  # fmt: skip
_WARC_PAGE = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=iso-8859-1\r\n\r\n"
    b"<html lang=de><head><title>T</title></head><body><p>Gr\xfc\xdfe</p></body></html>"
)
_OWN: dict[str, Any] = {
    "Chrome/Bookmarks.html": """<!DOCTYPE NETSCAPE-Bookmark-file-1>
<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=UTF-8"><TITLE>Bookmarks</TITLE><H1>Bookmarks</H1>
<DL><p><DT><H3 ADD_DATE="1600000000" PERSONAL_TOOLBAR_FOLDER="true">Bar</H3>
<DL><p><DT><A HREF="https://a.example/?x=1&amp;y=2" ADD_DATE="1600000000" TAGS="p,q">Tea &amp; käse</A><DD>Worth reading
</DL><p><DT><A HREF="https://d.example/">D</A></DL><p>""",
    "Chrome/Omnibox.json": {
        "Typed Url": [
            {"url": "https://a.example/", "title": "A", "visits": [13255337775902496, "13255337776902496"]},
            {"url": "https://b.example/", "title": "", "visits": []},
        ]
    },
    "Fit/All Data/derived_com.google.step_count.delta.json": {
        "Data Source": "derived:com.google.step_count.delta:com.google.android.gms:merge_step_deltas",
        "Data Points": [
            _POINT | {"dataTypeName": "com.google.step_count.delta", "fitValue": [{"value": {"intVal": 12}}]},
            _POINT | {"dataTypeName": "com.google.weight", "fitValue": [{"value": {"fpVal": 71.5}}]},
            _POINT
            | {
                "dataTypeName": "com.google.location.sample",
                "fitValue": [{"value": {"fpVal": number}} for number in (52.5, 13.5, 9.0, 34.0)],
            },
            _POINT | {"dataTypeName": "com.google.sleep.segment", "fitValue": [{"value": {"intVal": 4}}]},
        ],
    },
    "Fit/All Sessions/2024-06-15T10_30_00Z_WALKING.json": {
        "fitnessActivity": "walking", "startTime": _AT, "endTime": "2024-06-15T11:00:00Z", "duration": "1800s",
        "aggregate": [{"metricName": "com.google.step_count.delta", "intValue": 1200}],
        "segment": [{"fitnessActivity": "walking", "startTime": _AT, "endTime": "2024-06-15T11:00:00Z"}],
    },
    "Fit/Daily activity metrics/2026-09-01.csv": (
        "Start time,End time,Calories (kcal),Distance (m),Step count\n"
        "10:00:00.000+02:00,10:15:00.000+02:00,20.5,100.25,130\n10:15:00.000+02:00,10:30:00.000+02:00,,0,\n"
        "23:45:00.000+02:00,00:00:00.000+02:00,18,,\n"
    ),
    "Google Account/ada.SubscriberInfo.html": (
        "<html><body><h2>GOOGLE SUBSCRIBER INFORMATION</h2><ul><li>Google Account ID: 123</li>"
        "<li>Name: Ada Lovelace</li><li>e-Mail: ada@example.com</li><li>Created on: 2010-04-05 12:00:00 Z</li>"
        "<li>Recovery SMS: +431234567 [AT]</li>"
        "</ul><h2>IP ACTIVITY</h2><table><tr><th>Timestamp</th><th>IP Address</th><th>Activity Type</th>"
        "<th>Raw User Agents</th></tr><tr><td>2024-02-25 04:34:32 Z</td><td>192.0.2.1</td><td>Login</td><td>Chrome</td>"
        "</tr></table></body></html>"
    ),
    "Profile/Profile.json": {
        "name": {"givenName": "Ada", "formattedName": "Ada L."}, "displayName": "Ada Lovelace",
        "emails": [{"value": "ada@example.com"}], "birthday": "1815-12-10", "gender": {"type": "female"},
    },
    "Google Pay/Google transactions/transactions_123.csv": (
        "Time,Transaction ID,Description,Product,Payment method,Status,Amount\n"
        '"Nov 23, 2025, 3:13\u202fPM",YTR.ABCD,YouTube Premium,YouTube,Amex •••• 1,Complete,USD\u00a015.87\n'
        '"Nov 24, 2025, 3:13 PM",YTR.ABCE,Film,Play,Visa,Cancelled,"€ 3,99"\n'
    ),
    "Hangouts/Hangouts.json": {"conversations": [{"conversation": _ABOUT, "events": [_CHAT, _CALL]}]},
    "hypothesis.json": [
        {
            "id": "abc", "created": "2024-01-01T00:00:00.123456+00:00", "updated": "2024-01-02T00:00:00+00:00",
            "uri": "https://a.example/", "text": "Remark", "tags": ["t"], "group": "__world__",
            "document": {"title": ["Page"]},
            "target": [
                {"source": "https://a.example/", "selector": [{"type": "TextQuoteSelector", "exact": "Passage"}]}
            ],
        }
    ],
    "letter.eml": (
        "Message-ID: <1@a.example>\r\nDate: Sat, 15 Jun 2024 12:30:00 +0200\r\n"
        "From: =?utf-8?q?J=C3=BCrgen?= <j@a.example>\r\n"
        'To: Ann <ann@b.example>, "Lee, Bo" <bo@b.example>\r\nSubject: =?utf-8?b?VGVl?=\r\nMIME-Version: 1.0\r\n'
        'Content-Type: multipart/mixed; boundary="0000000000001234567"\r\n\r\n--0000000000001234567\r\n'
        "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        "<p>Gr=C3=BC=C3=9Fe</p>\r\n--0000000000001234567\r\nContent-Type: text/plain; charset=\"utf-8\"\r\n"
        "Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename*=utf-8''n%C3%BC.txt\r\n\r\n"
        "R3LDvMOfZQ==\r\n--0000000000001234567--\r\n"
    ),
    "News/followed_topics.txt": "Tea\nBerlin\n\nSökord: kaffe\nhttps://news.google.com/topics/CAAqBwgKMJ\n",
    "mine.jsonl": "\n".join(
        json.dumps(line)
        for line in (
            {
                "kind": "note", "title": "T", "source": "pad", "identity": "00" * 32, "occurred_at": _AT,
                "precision": "s", "zone_source": "utc", "attributes": {"tags": ["t"], "n": 1.5}, "body": "Text",
            },
            {"kind": "position", "source": "gps", "latitude": 52.5, "longitude": 13, "occurred_at": _AT, "device": ""},
            {"kind": "measurement", "metric": "steps", "value": 7, "unit": "", "source": "fit", "starts_at": _AT},
        )
    ),
    "Takeout/Discover/Follows.csv": 'Followed Entity\nTea\n"Die Zeit, Hamburg"\nhttps://a.example/?token=1\n',
    "Takeout/Google Shopping/Product Reviews.csv": (
        f'creation_time,title,comment,rating\n{_AT},Kettle,"Boils\nfast",5\n2024-02-30,x,,9\n'
    ),
    "Maps (your places)/Reviews.json": {"type": "FeatureCollection", "features": [_PLACE, _PLACE]},
    "Saved/Want to go.csv": (
        'Title,Note,URL,Tags,Comment\n,,,,\nCafé,"Ask for\nthe window",'
        'https://www.google.com/maps/place/Caf%C3%A9/data=!4m2!3m1!1s0x47a8:0x1122334455667788,"tea, cosy",Nice\n'
        'Hill,,"https://www.google.com/maps/search/52.25,13.75",,\n'
    ),
    "captures.jsonl": "\n".join(
        json.dumps(line)
        for line in (
            {"url": "https://a.example/", "title": "A", "selection": "One", "text": "x", "at": _AT, "tags": ["t"]},
            {"url": "https://b.example/", "title": "", "text": "Two", "at": 1_704_067_200_000, "note": "n"},
        )
    ),
    "letter.msg": message(
        {0x0037: "Tee", 0x1000: "Grüße", 0x0C1A: "Jürgen", 0x5D01: "j@a.example"},
        sent=datetime(2024, 6, 15, 10, 30, tzinfo=UTC), recipients=[("Ann", "ann@b.example")], attachments=["ü.txt"],
    ),
    "Search Contributions/Reviews.json": [
        {
            "Search Query": "Tea house", "Review Star Rating": 4, "Review Comment": "Good", "Published": _AT,
            "Updated": _AT,
        },
        {"Search Query": "A film", "Thumbs Rating": "Thumbs Up", "Published": "Jun 15, 2024, 10:30:00 AM UTC"},
    ],
    "slack/general/2016-01-14.json": [_MESSAGE, _MESSAGE | {"subtype": "bot_message", "bot_id": "B1"}],
    "slack/users.json": [
        {"id": "U1", "team_id": "T1", "name": "ann", "real_name": "Ann", "profile": {"email": "ann@a.example"}}
    ],
    "Tasks/Tasks.json": {
        "kind": "tasks#taskLists",
        "items": [{"kind": "tasks#tasks", "id": "L1", "title": "Home", "updated": _AT, "items": [_TASK, _TASK]}],
    },
    "Fit/Activities/ride.tcx": f"""<?xml version="1.0"?>
<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"><Activities>
<Activity Sport="Biking"><Id>{_AT}</Id><Lap StartTime="{_AT}"><TotalTimeSeconds>60.5</TotalTimeSeconds>
<DistanceMeters>500.5</DistanceMeters><Calories>10</Calories><Track><Trackpoint><Time>{_AT}</Time><Position>
<LatitudeDegrees>52.5</LatitudeDegrees><LongitudeDegrees>13.5</LongitudeDegrees></Position>
<AltitudeMeters>34.5</AltitudeMeters><HeartRateBpm><Value>90</Value></HeartRateBpm></Trackpoint></Track></Lap>
<Notes>To work</Notes></Activity></Activities></TrainingCenterDatabase>""",
    "pages.warc": (
        b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:1>\r\nWARC-Target-URI: https://a.example/\r\n"
        b"WARC-Date: 2024-01-01T00:00:00Z\r\nContent-Type: application/http; msgtype=response\r\n"
        b"Content-Length: %d\r\n\r\n%s\r\n\r\n"
        b"WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Record-ID: <urn:uuid:2>\r\nWARC-Date: 2024-02-01T00:00:00Z\r\n"
        b"WARC-Target-URI: https://a.example/t\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nZeile\r\n\r\n"
        % (len(_WARC_PAGE), _WARC_PAGE)
    ),
    "enwiki-20240201-pages-articles.xml": """<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="1">
<siteinfo><sitename>Wikipedia</sitename><dbname>enwiki</dbname><base>https://en.wikipedia.org/wiki/Main_Page</base>
<namespaces><namespace key="0" /></namespaces></siteinfo><page><title>Tea cup</title><ns>0</ns><id>5</id>
<revision><id>2</id><timestamp>2024-02-01T00:00:00Z</timestamp><contributor><username>A</username><id>1</id></contributor>
<text xml:space="preserve">{{Box|{{in}}}}'''Tea''' of a [[plant|bush]].&lt;ref&gt;n&lt;/ref&gt;</text></revision></page>
<page><title>Cha</title><ns>0</ns><id>6</id><redirect title="Tea cup" /><revision><id>3</id>
<timestamp>2024-02-01T00:00:00Z</timestamp><text>#REDIRECT [[Tea cup]]</text></revision></page></mediawiki>""",
}  # fmt: skip


def seeds(fixtures: Path) -> dict[str, list[tuple[str, bytes]]]:
    """Return files (path and bytes) by the adapter that takes them."""
    found: dict[str, list[tuple[str, bytes]]] = defaultdict(list)
    for path, content in (*_fixtures(fixtures), *_sample(), *_own()):
        adapter = classify(path, content[:_HEAD])
        if adapter is not None and len(found[adapter.NAME]) < _SEEDS_EACH:
            found[adapter.NAME].append((path, content[:_SEED_BYTES]))
    return found


def _own() -> Iterator[tuple[str, bytes]]:
    for path, content in _OWN.items():
        text = content if isinstance(content, str | bytes) else json.dumps(content, ensure_ascii=False)
        yield path, text if isinstance(text, bytes) else text.encode()


def _fixtures(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".zip":
            yield from _members(path)
        elif path.is_file():
            yield path.relative_to(folder).as_posix(), path.read_bytes()


def _sample() -> Iterator[tuple[str, bytes]]:
    with tempfile.TemporaryDirectory(prefix="dp-fuzz-") as folder:
        yield from _members(sample.write(Path(folder), seed=7, years=1, records=1_000).path)


def _members(path: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            if not info.is_dir():
                yield info.filename, archive.read(info)
