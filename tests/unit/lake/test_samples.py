"""The sample of a reject is a file: its adapter meets the same record in it, and nothing else."""

import io
import json
import re
from typing import Any

import pytest

from datapunk.lake.containers import open_stream
from datapunk.lake.reading import Reader
from datapunk.lake.record import SAMPLE_BYTES, Context, Found, Rejected
from datapunk.lake.registry import by_name
from datapunk.lake.request import Reading
from datapunk.lake.samples import is_kept, rejected, rejected_row
from datapunk.lake.stream import MemberStream

_CARD = (
    '<div class="outer-cell"><div class="header-cell"><p class="mdl-typography--title">Search<br></p></div>'
    '<div class="content-cell mdl-cell mdl-typography--body-1">Searched for\xa0<a href="https://x.org/?q=1&amp;b=2">'
    'tea &amp; <i>scones</i></a><br>at some time or other<br></div><div class="content-cell mdl-typography--caption">'
    "<b>Products:</b><br>&emsp;Search<br></div></div>"
)

#: Adapter, name of the file, and a file in which one record cannot be read.
BAD: list[tuple[str, str, object]] = [
    ("my_activity", "MyActivity.json", [{"header": "Search", "title": "Searched for tea"}]),
    ("my_activity_html", "MyActivity.html", f"<html><body>{_CARD}</body></html>"),
    ("youtube", "watch-history.json", [{"header": "YouTube", "titleUrl": "https://x.org"}]),
    ("youtube_library", "likes.json", [{"kind": "youtube#playlistItem", "snippet": {}}]),
    ("youtube_library", "playlists/a.csv", "Video ID,Time Added\nabc,\n"),
    ("youtube_comments", "comments.csv", "Comment ID,Comment Create Timestamp,Comment Text\nx,never,hello\n"),
    ("chrome", "History.json", {"Browser History": [{"title": "no address", "time_usec": 1}]}),
    ("chrome_omnibox", "Omnibox.json", {"Typed Url": [{"url": "https://x.org"}]}),
    ("browser", "dump.json", [{"url": "https://x.org", "metadata": None}]),
    ("location_history", "Records.json", {"locations": [{"latitudeE7": 10**9, "timestamp": "2024-01-01T00:00:00Z"}]}),
    ("location_semantic", "2024_MAY.json", {"timelineObjects": [{"placeVisit": {"location": {}}}]}),
    ("location_semantic", "2024_MAY.json", {"timelineObjects": [{"somethingElse": 1.5}]}),
    ("timeline_android", "Timeline.json", {"semanticSegments": [{"startTime": "2024-01-01T00:00:00Z"}]}),
    ("timeline_android", "Timeline.json", {"rawSignals": [{"position": {"LatLng": "north", "timestamp": "x"}}]}),
    ("timeline_ios", "location-history.json", [{"startTime": "2024-01-01T00:00:00Z", "odd": 1}]),
    ("location_edits", "Timeline Edits.json", {"timelineEdits": [{"odd": {"a": 1}}]}),
    ("play_store", "Installs.json", [{"install": {"doc": {}}}]),
    ("keep", "note.json", {"title": "no time", "textContent": 7, "createdTimestampUsec": "x"}),
    ("tasks", "Tasks.json", {"items": [{"title": "Home", "items": ["no task"]}]}),
    ("google_photos", "a.jpg.json", {"photoTakenTime": {"timestamp": "x"}, "title": "a.jpg"}),
    ("google_maps", "Reviews.json", {"features": [{"geometry": {}, "properties": {}}]}),
    ("google_fit_data", "derived.json", {"Data Source": "s", "Data Points": [{"fitValue": [], "endTimeNanos": "x"}]}),
    ("google_fit", "Daily Summaries.csv", "Date,Step count\nsomeday,5\n"),
    ("google_pay", "transactions_1.csv", "Time,ID,Description,Amount\nnever,1,Tea,$2.00\n"),
    ("google_account", "a.ChangeHistory.html", "<table><tr><th>Timestamp</th><th>IP</th></tr><tr><td>never</td>"
     "<td>::1</td></tr></table>"),
    ("google_chat", "group_info.json", {"name": "Tea", "members": [{"user_type": "Human"}]}),
    ("hangouts", "Hangouts.json", {"conversations": [{"conversation": {"conversation_id": {"id": "c"}}, "events": [
        {"event_type": "REGULAR_CHAT_MESSAGE"}]}]}),
    ("telegram", "result.json", {"name": "Ann", "type": "personal_chat", "id": 5, "messages": [{"id": 1}]}),
    ("meta_chat", "message_1.json", {"participants": [{"name": "Ann"}], "messages": [{"content": "hi"}], "title": "A"}),
    ("discord", "export.json", {"guild": {"id": "1"}, "channel": {"id": "2"}, "messages": [{"content": "no id"}]}),
    ("activitywatch", "aw-buckets-export.json", {"buckets": {"w": {"type": "currentwindow", "client": "c",
     "hostname": "h", "events": [{"timestamp": "never", "duration": 1, "data": {"app": "x"}}]}}}),
    ("search_contributions", "Thumbs.json", [{"Published": "x", "Search Query": "tea"}]),
    ("hypothesis", "hypothesis.json", [{"uri": "https://x.org", "text": "no time"}]),
    ("page_capture", "captures.jsonl", '{"url": "https://x.org"}\n'),
    ("readwise", "readwise-data.csv", "Highlight,Book Title,Highlighted at\nwords,A book,never\n"),
    ("gps_tracks", "a.csv", "latitude,longitude,time\n99,1,2024-01-01T00:00:00Z\n"),
    ("gps_tracks", "a.gpx", '<gpx xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg><trkpt lat="x" lon="1">'
     "<time>2024-01-01T00:00:00Z</time></trkpt></trkseg></trk></gpx>"),
    ("gps_tracks", "a.geojson", {"features": [{"properties": {"time": "2024-01-01T00:00:00Z"}, "geometry": {
        "type": "Point", "coordinates": [1]}}]}),
    ("access_log", "Activities - A list.csv", "Gaia ID,Activity Timestamp,IP Address,Product Name\n1,never,::1,Mail\n"),
    ("contacts", "a.vcf", "BEGIN:VCARD\nVERSION:3.0\nEND:VCARD\n"),
    ("signal", "Ann/chat.md", "[2024-01-01, 12:00] Ann: hi\n[2024-13-41, 99:99] Ann: later\n"),
    ("feed", "feed.xml", "<rss><channel><item><guid>1</guid></item></channel></rss>"),
    ("json", "a.json", [["no object"]]),
]  # fmt: skip


def _bytes(content: object) -> bytes:
    return content.encode() if isinstance(content, str) else json.dumps(content).encode()


def _parsed(source: str, member: str, content: bytes) -> list[Found]:
    return list(by_name(source).parse(MemberStream(io.BytesIO(content)), Context(member=member)))


def _reasons(found: list[Found]) -> list[str]:
    return [re.sub(r"^row \d+", "row", one.reason) for one in found if isinstance(one, Rejected)]


@pytest.mark.parametrize(("source", "member", "content"), BAD, ids=[f"{b[0]}-{n}" for n, b in enumerate(BAD)])
def test_sample_of_a_reject_is_met_again_for_the_same_reason(source: str, member: str, content: object) -> None:
    found = _parsed(source, member, _bytes(content))
    reject = next(one for one in found if isinstance(one, Rejected))
    assert is_kept(reject), reject
    again = _parsed(source, member, reject.sample)
    assert _reasons(again) == _reasons([reject])
    assert all(isinstance(one, Rejected) for one in again)


def test_card_comes_back_from_its_sample_with_all_that_it_says() -> None:
    (reject,) = _parsed("my_activity_html", "MyActivity.html", f"<html>{_CARD}</html>".encode())
    assert isinstance(reject, Rejected)
    mended = reject.sample.replace(b"at some time or other", b"Jan 31, 2024, 10:54:50 PM UTC")
    (record,) = _parsed("my_activity_html", "MyActivity.html", mended)
    (direct,) = _parsed(
        "my_activity_html", "MyActivity.html", _CARD.replace("at some time or other", "Jan 31, 2024, 10:54:50 PM UTC")
        .encode(),
    )  # fmt: skip
    assert record == direct


def test_value_is_wrapped_as_its_source_holds_it() -> None:
    sample = rejected("why", {"a": 1}, "items.item.items.item", {"title": "Home"}).sample
    assert json.loads(sample) == {"items": [{"title": "Home", "items": [{"a": 1}]}]}


def test_row_is_written_with_its_header_and_what_lies_beyond_it() -> None:
    sample = rejected_row("why", {"a": "1", "b": 'x, "y"', "": "3"}).sample
    assert sample == b'"a","b"\n"1","x, ""y""","3"\n'


def test_more_than_is_kept_cannot_be_read_again() -> None:
    assert is_kept(Rejected(reason="why", sample=b"x" * SAMPLE_BYTES, whole=True))
    assert not is_kept(Rejected(reason="why", sample=b"x" * (SAMPLE_BYTES + 1), whole=True))


def test_number_that_json_cannot_say_does_not_end_the_import() -> None:
    from decimal import Decimal

    assert json.loads(rejected("why", {"a": Decimal("1E+999999999")}).sample) == [{"a": "1E+999999999"}]


def test_row_of_a_table_is_placed_where_it_begins(read: Any) -> None:
    rows = ["Start Date,Step count\n", "2024-06-15,5\n", "Grüße,5\n", "no day,5\n"]
    content = "".join(rows).encode()
    _, rejects = read("google_fit", content)
    assert [content[found.byte_offset :].split(b"\n")[0].decode() for found in rejects] == ["Grüße,5", "no day,5"]


def test_row_with_a_cell_without_end_is_placed_and_keeps_its_beginning(read: Any) -> None:
    content = b'date,title\n2025-01-01,a\n2025-01-02,"' + b"x" * (17 << 20) + b'"\n2025-01-03,c\n'
    records, (found,) = read("table", content)
    assert [record.title for record in records] == ["a", "c"]
    assert found.byte_offset == content.index(b"2025-01-02")
    assert found.sample == content[found.byte_offset :][:65_536]


def test_reject_that_tells_no_place_has_that_of_the_piece_that_was_read_last() -> None:
    entry = {"header": "Search", "title": "Searched for tea", "time": "2025-01-01T10:00:00Z"}
    content = json.dumps([entry] * 1_000 + [{"header": "Search", "title": "without a time"}] + [entry] * 1_000).encode()
    reading = Reading(path="", filename="MyActivity.json")
    container = open_stream(io.BytesIO(content), reading.filename, len(content), reading.limits)
    (rejects,) = [frame for frame in Reader(reading).frames(container) if frame.kind == "rejects"]
    offset = int(rejects.texts[2])
    assert offset <= content.index(b"without a time") < offset + 8_192
