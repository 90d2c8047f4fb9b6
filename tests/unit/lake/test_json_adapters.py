import io
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from datapunk.lake.batch import encode_attributes
from datapunk.lake.registry import classify
from datapunk.lake.stream import MemberStream, json_items

ENTRIES = [
    {"header": "Search", "title": f"Searched for tea {n}", "time": f"2025-01-01T10:00:{n:02}Z", "products": ["Search"]}
    for n in range(10)
]


def test_a_byte_order_mark_is_left_out(read: Any) -> None:
    records, rejects = read("my_activity", b"\xef\xbb\xbf" + json.dumps(ENTRIES).encode())
    assert (len(records), rejects) == (10, [])


def test_a_cut_file_yields_what_is_whole_and_one_reject_at_its_end(read: Any) -> None:
    content = json.dumps(ENTRIES).encode()[:-50]
    records, rejects = read("my_activity", content)
    assert len(records) == 9
    assert [r.byte_offset for r in rejects] == [len(content)]


def test_a_broken_spot_is_told_by_its_byte_offset(read: Any) -> None:
    content = json.dumps(ENTRIES).encode()
    spot = content.index(b'"Searched for tea 7"')
    records, rejects = read("my_activity", content[:spot] + b"NaN" + content[spot + 20 :])
    assert len(records) == 9
    assert len(rejects) == 1
    assert abs(rejects[0].byte_offset - spot) <= 2


def test_an_entry_without_a_time_is_rejected_alone(read: Any) -> None:
    records, rejects = read("my_activity", json.dumps([*ENTRIES[:2], {"title": "x"}, "text", *ENTRIES[2:]]).encode())
    assert (len(records), len(rejects)) == (10, 2)


def test_memory_stays_small_for_a_long_file() -> None:
    class Endless(io.RawIOBase):
        sent = 0

        def read(self, size: int = -1, /) -> bytes:
            self.sent += 1
            if self.sent > 2_000:
                return b"]" if self.sent == 2_001 else b""
            return (b"[" if self.sent == 1 else b",") + b",".join([b'{"a":"%s"}' % (b"x" * 90)] * 100)

    import tracemalloc

    stream = MemberStream(Endless())
    tracemalloc.start()
    count = sum(1 for _ in json_items(stream, "item"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 200_000
    assert peak < 8 << 20


@pytest.mark.parametrize(
    "number", ["1617404690131E999999999", "1E400", "9" * 400, '"x"', '"1E999999999"', "true", "null"]
)
def test_a_number_beyond_all_bounds_costs_its_record_alone(read: Any, number: str) -> None:
    entry = '{"title": "T", "url": "https://a.example/", "time_usec": %s}'
    records, rejects = read("chrome", f'{{"Browser History": [{entry % number}, {entry % 1617404690134513}]}}'.encode())
    assert (len(records), len(rejects)) == (1, 1) if number != "true" else (2, 0)


def test_a_number_that_no_float_holds_is_kept_as_it_is_written() -> None:
    given = {name: Decimal(name) for name in ("1E+400", "-1E+999999999", "NaN", "1.5", "7")}
    assert json.loads(encode_attributes(given)) == {name: name for name in given} | {"1.5": 1.5, "7": 7}


def test_chrome_reads_microseconds(read: Any) -> None:
    entry = {"title": "T", "url": "https://a.example/", "time_usec": 1617404690134513, "page_transition": "TYPED"}
    records, _ = read("chrome", json.dumps({"Browser History": [entry]}).encode())
    assert records[0].occurred_at == datetime(2021, 4, 2, 23, 4, 50, 134513, tzinfo=UTC)
    assert records[0].attributes == {"transition": "typed"}


@pytest.mark.parametrize("bad", [{"url": "https://a.example/"}, {"url": "u", "time_usec": "x"}, {"time_usec": 1}, 7])
def test_chrome_rejects_what_is_no_visit(read: Any, bad: Any) -> None:
    good = {"title": "T", "url": "https://a.example/", "time_usec": 1617404690134513}
    records, rejects = read("chrome", json.dumps({"Browser History": [bad, good]}).encode())
    assert (len(records), len(rejects)) == (1, 1)


def test_youtube_reads_entries_of_before_2018(read: Any) -> None:
    entry = {
        "snippet": {"publishedAt": "2016-03-07T21:11:49.000Z", "title": "A film", "channelTitle": "C"},
        "contentDetails": {"videoId": "abc123"},
    }
    records, _ = read("youtube", json.dumps([entry]).encode())
    assert (records[0].kind, records[0].attributes["video_id"]) == ("watch", "abc123")


@pytest.mark.parametrize(
    ("member", "source"),
    [
        ("Takeout/My Activity/Search/MyActivity.json", "my_activity"),
        ("Takeout/Meine Aktivitäten/Google Suche/MeineAktivitäten.json", "my_activity"),
        ("Takeout/YouTube und YouTube Music/Verlauf/Wiedergabeverlauf.json", "youtube"),
        ("Takeout/YouTube y YouTube Music/historial/historial-de-búsqueda.json", "youtube"),
        ("Takeout/Chrome/Verlauf.json", "chrome"),
        ("Gmail/Alle E-Mails einschließlich Spam-Nachrichten und E.mbox", "gmail"),
        ("Takeout/Kalender/EMAIL.ics", "calendar"),
        ("Takeout/Google Photos/a.jpg", None),
    ],
)
def test_names_in_several_languages_are_known(member: str, source: str | None) -> None:
    adapter = classify(member, b"")
    assert (adapter.NAME if adapter else None) == source


def test_content_decides_over_the_name() -> None:
    adapter = classify("anything.json", b'{"Browser History": [{"time_usec": 1}]}')
    assert adapter is not None
    assert adapter.NAME == "chrome"
    assert classify("Chrome/History.json", b'{"Session": {}}') is None


def test_peer_chrome(read: Any, peers: Path) -> None:
    records, rejects = read("chrome", peers / "takeout/Chrome/BrowserHistory.json")
    assert [(r.url, r.occurred_at) for r in records] == [
        ("https://purarue.xyz", datetime(2021, 4, 2, 23, 4, 50, 134513, tzinfo=UTC))
    ]
    assert rejects == []


def test_peer_discover(read: Any, peers: Path) -> None:
    records, _ = read("my_activity", peers / "takeout/My Activity/Discover/MyActivity.json")
    assert len(records) == 1
    assert records[0].title == "7 cards in your feed"
    assert records[0].occurred_at == datetime(2021, 12, 13, 3, 4, 5, 7000, tzinfo=UTC)
    assert records[0].body == "Computer programming\nComputer Science\nPostgreSQL\nTechnology"


def test_peer_dogsheep(read: Any, peers: Path) -> None:
    folder = peers / "takeout_dogsheep/My Activity"
    times = []
    for product in ("Maps", "Search"):
        records, rejects = read("my_activity", folder / product / "My Activity.json")
        assert (len(records), rejects) == (2, [])
        times += [r.occurred_at.strftime("%H:%M:%S.%f")[:-3] for r in records]
    assert sorted(times) == ["05:16:57.708", "05:17:16.626", "15:37:14.947", "15:37:18.828"]


def test_peer_path_listings_are_classified(peers: Path) -> None:
    lines = []
    for name in ("paths_en_recent.txt", "paths_de_2024.txt"):
        lines += (peers / "takeout/path_listings" / name).read_text().splitlines()
    sources = {line: adapter.NAME for line in lines if (adapter := classify(line, b""))}
    assert sum(1 for s in sources.values() if s == "my_activity") == 26
    assert sources["Chrome/BrowserHistory.json"] == sources["Chrome/Verlauf.json"] == "chrome"
    assert sum(1 for s in sources.values() if s == "youtube") == 2
    assert sources["Kalender/EMAIL.ics"] == "calendar"
