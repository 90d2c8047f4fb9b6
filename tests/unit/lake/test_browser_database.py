import gzip
import io
import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapunk.lake.adapters import browser_database
from datapunk.lake.compressed import opened
from datapunk.lake.identity import Occurrences, content_hash
from datapunk.lake.record import Context, Record, Rejected
from datapunk.lake.registry import by_name, classify
from datapunk.lake.request import Limits
from datapunk.lake.stream import MemberStream

CHROME = (
    "create table urls (id integer primary key, url text, title text)",
    "create table visits (id integer primary key, url integer, visit_time integer, visit_duration integer)",
    "create table keyword_search_terms (keyword_id integer)",
)


def database(path: Path, *statements: str) -> bytes:
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()
    return path.read_bytes()


@pytest.fixture
def chrome(tmp_path: Path) -> bytes:
    return database(
        tmp_path / "History",
        *CHROME,
        "insert into urls values (1, 'https://a.example/%2F?q=%26', 'A'), (2, null, 'B')",
        "insert into visits values (1, 1, 13255337775902496, 16603249), (2, 2, 13255337776000000, 0),"
        " (3, 1, 'never', 0), (4, 1, 13255337777000001, 0)",
    )


def test_visits_are_exact_and_bad_rows_are_rejected_alone(found: Any, chrome: bytes) -> None:
    first, no_address, no_time, last = found(chrome)
    assert (first.kind, first.source, first.title) == ("visit", "browser", "A")
    assert first.url == "https://a.example/%2F?q=%26"
    assert first.occurred_at == datetime(2021, 1, 17, 6, 16, 15, 902496, tzinfo=UTC)
    assert first.attributes == {"duration_seconds": 16}
    assert isinstance(no_address, Rejected)
    assert isinstance(no_time, Rejected)
    assert last.occurred_at.microsecond == 1


def test_a_visit_is_the_one_of_the_takeout(found: Any, chrome: bytes) -> None:
    entry = {"title": "A", "url": "https://a.example/%2F?q=%26", "time_usec": 1610864175902496}
    (takeout,) = found(json.dumps({"Browser History": [entry]}).encode())
    assert content_hash(takeout, Occurrences()) == content_hash(found(chrome)[0], Occurrences())


def test_firefox_on_a_telephone_counts_milliseconds(found: Any, tmp_path: Path) -> None:
    content = database(
        tmp_path / "places.sqlite",
        "create table moz_places (id integer primary key, url text, title text, description text,"
        " preview_image_url text)",
        "create table moz_historyvisits (id integer primary key, place_id integer, visit_date integer)",
        "insert into moz_places values (1, 'https://a.example/', 'A', null, null)",
        "insert into moz_historyvisits values (1, 1, 1593250194513)",
    )
    assert found(content)[0].occurred_at == datetime(2020, 6, 27, 9, 29, 54, 513000, tzinfo=UTC)


def test_no_file_stays_behind(found: Any, chrome: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    records = by_name("browser").parse(MemberStream(io.BytesIO(chrome)), Context(member="History"))
    next(records)
    assert len(list(folder.iterdir())) == 1
    records.close()  # type: ignore[attr-defined]
    assert list(folder.iterdir()) == []


def test_a_cut_database_keeps_its_good_head(found: Any, tmp_path: Path) -> None:
    rows = ",".join(f"({n}, 1, {13255337775902496 + n}, 0)" for n in range(1, 3_000))
    content = database(
        tmp_path / "History", *CHROME, "insert into urls values (1, 'https://a.example/', 'A')",
        f"insert into visits values {rows}",
    )  # fmt: skip
    results = found(content[: len(content) // 2])
    assert sum(isinstance(one, Record) for one in results) > 100
    assert isinstance(results[-1], Rejected)


def test_another_database_is_refused(found: Any, tmp_path: Path) -> None:
    content = database(tmp_path / "x", "create table notes (id integer)")
    assert classify("notes.sqlite", content) is None
    (rejected,) = found(content, "History")
    assert "no browser" in rejected.reason


def test_a_dump_with_a_bad_line_goes_on(found: Any) -> None:
    good = '{"url": "https://a.example/", "dt": 1600133363.72, "metadata": {"title": "A", "duration": 10}}\n'
    results = found((good + "{bad\n" + '{"url": 1, "dt": 2, "metadata": null}\n' + good).encode())
    assert [type(one) for one in results] == [Record, Rejected, Rejected, Record]
    assert results[1].byte_offset == len(good) + 1


def test_a_cut_packed_dump_keeps_its_good_head(found: Any) -> None:
    entries = [{"url": f"https://a.example/{n * 7919}", "dt": n, "metadata": None} for n in range(1, 2_000)]
    packed = gzip.compress(json.dumps(entries).encode())
    results = found(packed[: len(packed) // 2])
    assert sum(isinstance(one, Record) for one in results) > 100
    assert "packed data" in results[-1].reason


@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, 20_000), bytes_=st.binary(min_size=1, max_size=8))
def test_changed_bytes_never_raise(at: int, bytes_: bytes, chrome_once: bytes) -> None:
    content = bytearray(chrome_once)
    at %= len(content)
    content[at : at + len(bytes_)] = bytes_
    for one in by_name("browser").parse(MemberStream(io.BytesIO(content)), Context(member="History")):
        assert isinstance(one, Record | Rejected)


@pytest.fixture(scope="module")
def chrome_once(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return database(
        tmp_path_factory.mktemp("chrome") / "History",
        *CHROME,
        "insert into urls values (1, 'https://a.example/', 'A')",
        "insert into visits values (1, 1, 13255337775902496, 16603249), (2, 1, 13255337776000000, 0)",
    )


def near(text: str) -> tuple[datetime, datetime]:
    """Return the microseconds around a time that browserexport gives: it goes through a float."""
    at = datetime.fromisoformat(text)
    return at - timedelta(microseconds=1), at + timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("name", "visits", "first", "last"),
    [
        ("chrome.sqlite", 6, "2021-01-17T06:16:15.902496Z", "2021-04-01T06:59:07.057571Z"),
        ("chromium.sqlite", 1, "2021-04-17T19:22:02.251822Z", "2021-04-17T19:22:02.251822Z"),
        ("vivaldi.sqlite", 3, "", "2021-04-19T02:26:08.029825Z"),
        ("firefox.sqlite", 4, "2020-06-27T09:29:54.513750Z", ""),
        ("firefox_mobile_legacy.sqlite", 3, "", ""),
        ("safari.sqlite", 3, "", "2021-04-18T01:03:45.293084Z"),
        ("merged_dump.json", 1, "2020-09-15T01:29:23.720Z", ""),
        ("merged_dump.json.gz", 1, "2020-09-15T01:29:23.720Z", ""),
        ("merged_dump.jsonl", 3, "2020-09-15T01:29:23.720Z", ""),
    ],
)
def test_peer_histories(found: Any, peers: Path, name: str, visits: int, first: str, last: str) -> None:
    records = sorted(found(peers / "browser" / name), key=lambda r: r.occurred_at)
    assert [(r.kind, r.source) for r in records] == [("visit", "browser")] * visits
    for record, expected in ((records[0], first), (records[-1], last)):
        if expected:
            earliest, latest = near(expected)
            assert earliest <= record.occurred_at <= latest


def test_peer_times_are_those_of_the_database(found: Any, peers: Path) -> None:
    vivaldi = found(peers / "browser/vivaldi.sqlite")
    assert max(r.occurred_at for r in vivaldi) == datetime(2021, 4, 19, 2, 26, 8, 29826, tzinfo=UTC)
    (chromium,) = found(peers / "browser/chromium.sqlite")
    assert chromium.occurred_at == datetime(2021, 4, 17, 19, 22, 2, 251821, tzinfo=UTC)


def test_peer_pages(found: Any, peers: Path) -> None:
    chrome = sorted(found(peers / "browser/chrome.sqlite"), key=lambda r: r.occurred_at)
    assert (chrome[0].url, chrome[0].title) == ("http://localhost:9999/", "Development Server")
    assert chrome[-1].attributes["duration_seconds"] == 16
    firefox = sorted(found(peers / "browser/firefox.sqlite"), key=lambda r: r.occurred_at)
    assert firefox[0].url == "https://www.mozilla.org/privacy/firefox/"
    vivaldi = sorted(found(peers / "browser/vivaldi.sqlite"), key=lambda r: r.occurred_at)
    assert vivaldi[-1].url == "https://github.com/purarue/browserexport"
    for name in ("merged_dump.json", "merged_dump.json.gz"):
        assert found(peers / "browser" / name)[0].url == "https://github.com/junegunn/fzf"


def test_peer_files_are_claimed(peers: Path) -> None:
    for path in (peers / "browser").iterdir():
        adapter = classify(path.name, opened(io.BytesIO(path.read_bytes()), path.name, Limits()).head)
        assert adapter is not None
        assert adapter.NAME == "browser"


def test_blanks_are_no_dump() -> None:
    """Found by fuzzing: what was looked for in them took time that grew with the square of their number."""
    assert browser_database._DUMP.match(b" " * 8_000_000) is None
