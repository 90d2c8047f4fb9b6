import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapunk.lake.identity import Occurrences, content_hash
from datapunk.lake.record import Context, Record, Rejected
from datapunk.lake.registry import by_name, classify
from datapunk.lake.stream import MemberStream

BOOKMARKS = """<!DOCTYPE NETSCAPE-Bookmark-file-1>
<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=UTF-8">
<TITLE>Bookmarks</TITLE>
<H1>Bookmarks</H1>
<DL><p>
    <DT><H3 ADD_DATE="1600000000" PERSONAL_TOOLBAR_FOLDER="true">Bar</H3>
    <DL><p>
        <DT><A HREF="https://a.example/?x=1&amp;y=2" ADD_DATE="1600000000" ICON="data:x">Tea &amp; käse</A>
        <DD>Worth reading
        <DT><H3 ADD_DATE="1600000000">Deep</H3>
        <DL><p>
            <DT><A HREF="https://b.example/" ADD_DATE="1600000001" TAGS="p,q" LAST_MODIFIED="1600000009">B</A>
        </DL><p>
        <DT><A HREF="https://c.example/" ADD_DATE="0">C</A>
    </DL><p>
    <DT><A HREF="https://d.example/">D</A>
</DL><p>
""".encode()


def test_bookmarks_have_folders_times_and_notes(found: Any) -> None:
    a, b, c, d = found(BOOKMARKS, "Chrome/Bookmarks.html")
    assert (a.kind, a.title, a.url, a.body) == (
        "document", "Tea & käse", "https://a.example/?x=1&y=2", "Worth reading",
    )  # fmt: skip
    assert a.occurred_at == datetime(2020, 9, 13, 12, 26, 40, tzinfo=UTC)
    assert a.attributes == {"type": "bookmark", "folder": "Bar"}
    assert b.attributes == {
        "type": "bookmark", "folder": "Bar/Deep", "labels": ["p", "q"], "changed": "2020-09-13T12:26:49+00:00",
    }  # fmt: skip
    assert (c.occurred_at, c.attributes["folder"]) == (None, "Bar")
    assert (d.title, d.attributes) == ("D", {"type": "bookmark"})


def test_reading_lists_count_microseconds(found: Any) -> None:
    content = BOOKMARKS.replace(b'"1600000001"', b'"1600000001123456"')
    record = found(content, "Takeout/Chrome/Leseliste.html")[1]
    assert record.occurred_at == datetime(2020, 9, 13, 12, 26, 41, 123456, tzinfo=UTC)
    assert (record.precision, record.attributes["type"]) == ("us", "reading_list")


def test_a_bookmark_with_a_wrong_time_is_rejected_alone(found: Any) -> None:
    content = BOOKMARKS.replace(b'"1600000001"', b'"today"')
    assert [type(one) for one in found(content)] == [Record, Rejected, Record, Record]


def test_a_cut_file_keeps_its_good_head(found: Any) -> None:
    cut = BOOKMARKS[: BOOKMARKS.index(b'ADD_DATE="0"')]
    assert [one.title for one in found(cut)][:2] == ["Tea & käse", "B"]


def test_folders_without_end_do_not_fill_the_memory(found: Any) -> None:
    """Found by fuzzing: each link told of thousands of folders."""
    content = BOOKMARKS + b'<DT><H3>F</H3><DL><p><DT><A HREF="https://e.example/">E</A>' * 500
    assert max(len(one.attributes.get("folder", "").split("/")) for one in found(content)) == 32


@pytest.mark.parametrize("member", ["Chrome/Bookmarks.html", "Chrome/Lesezeichen.html", "Chrome/ReadingList.html"])
def test_bookmarks_are_known_by_name(member: str) -> None:
    adapter = classify(member, b"")
    assert adapter is not None
    assert adapter.NAME == "bookmarks"


OMNIBOX = {
    "Typed Url": [
        {"url": "https://a.example/", "title": "A", "visits": [13255337775902496, "13255337776902496"]},
        {"url": "https://b.example/", "title": "", "visits": []},
        {"title": "no address", "visits": [13255337775902496]},
        {"url": "https://c.example/", "title": "C", "visits": [13255337777902496]},
    ]
}


def test_typed_addresses_are_visits_at_each_of_their_times(found: Any) -> None:
    first, second, rejected, last = found(json.dumps(OMNIBOX).encode(), "Chrome/Omnibox.json")
    assert (first.kind, first.title, first.url) == ("visit", "A", "https://a.example/")
    assert first.occurred_at == datetime(2021, 1, 17, 6, 16, 15, 902496, tzinfo=UTC)
    assert second.occurred_at == datetime(2021, 1, 17, 6, 16, 16, 902496, tzinfo=UTC)
    assert isinstance(rejected, Rejected)
    assert last.url == "https://c.example/"


def test_a_typed_visit_is_the_visit_of_the_history(found: Any) -> None:
    entry = {"title": "A", "url": "https://a.example/", "time_usec": 1610864175902496}
    history = found(json.dumps({"Browser History": [entry]}).encode())
    typed = found(json.dumps(OMNIBOX).encode(), "Chrome/Omnibox.json")
    assert content_hash(history[0], Occurrences()) == content_hash(typed[0], Occurrences())


def test_typed_addresses_are_known_by_content_and_by_name() -> None:
    for member, head in (("x", json.dumps(OMNIBOX).encode()), ("Takeout/Chrome/Omnibox.json", b"")):
        adapter = classify(member, head)
        assert adapter is not None
        assert adapter.NAME == "chrome_omnibox"


@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, len(BOOKMARKS) - 1), bytes_=st.binary(min_size=1, max_size=6), cut=st.integers(0, 900))
def test_changed_bytes_never_raise(at: int, bytes_: bytes, cut: int) -> None:
    content = BOOKMARKS[:at] + bytes_ + BOOKMARKS[at + len(bytes_) : len(BOOKMARKS) - cut]
    for one in by_name("bookmarks").parse(MemberStream(io.BytesIO(content)), Context(member="m")):
        assert isinstance(one, Record | Rejected)
