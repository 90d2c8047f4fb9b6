import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapunk.lake.adapters import generic_json
from datapunk.lake.containers import open_stream
from datapunk.lake.identity import Occurrences, content_hash
from datapunk.lake.reading import Reader
from datapunk.lake.record import Context, Record, Rejected
from datapunk.lake.registry import by_name, classify
from datapunk.lake.request import Reading
from datapunk.lake.stream import MemberStream

BERLIN = ZoneInfo("Europe/Berlin")


def source_of(member: str, head: bytes) -> str | None:
    adapter = classify(member, head)
    return adapter.NAME if adapter else None


def test_columns_mean_what_their_names_say(found: Any) -> None:
    (record,) = found(
        b"Amount;Created at;Link;Name;Description;Empty\n1,50;2024-01-02T10:00:00;https://a.example/;Tea;Green;\n",
        "x.csv", timezone="Europe/Berlin",
    )  # fmt: skip
    assert (record.kind, record.title, record.body, record.url) == ("document", "Tea", "Green", "https://a.example/")
    assert record.occurred_at == datetime(2024, 1, 2, 10, tzinfo=BERLIN)
    assert (record.zone_source, record.attributes) == ("floating", {"Amount": "1,50"})


@pytest.mark.parametrize(
    ("cell", "at", "precision", "zone_source"),
    [
        ("2024-01-02", datetime(2024, 1, 2, tzinfo=BERLIN), "day", "date"),
        ("2024-01-02 10:00", datetime(2024, 1, 2, 10, tzinfo=BERLIN), "s", "floating"),
        ("2024-01-02T10:00:00.250Z", datetime(2024, 1, 2, 10, 0, 0, 250000, tzinfo=UTC), "ms", "utc"),
        ("2024-01-02T10:00:00+05:00", datetime(2024, 1, 2, 5, tzinfo=UTC), "s", "offset"),
        ("1704189600", datetime(2024, 1, 2, 10, tzinfo=UTC), "s", "utc"),
        ("1704189600123", datetime(2024, 1, 2, 10, 0, 0, 123000, tzinfo=UTC), "ms", "utc"),
        ("1704189600123456", datetime(2024, 1, 2, 10, 0, 0, 123456, tzinfo=UTC), "us", "utc"),
        ("13.02.2024 10:00", datetime(2024, 2, 13, 10, tzinfo=BERLIN), "min", "floating"),
    ],
)
def test_times_are_read_in_each_form(found: Any, cell: str, at: datetime, precision: str, zone_source: str) -> None:
    (record,) = found(f"timestamp,name\n{cell},A\n".encode(), "x.csv", timezone="Europe/Berlin")
    assert (record.occurred_at, record.precision, record.zone_source) == (at, precision, zone_source)


@pytest.mark.parametrize("cell", ["soon", "01/02/2024", "12", "99999999999999999999999"])
def test_what_is_no_sure_time_stays_as_it_is(found: Any, cell: str) -> None:
    (record,) = found(f"name,date\nA,{cell}\n".encode(), "x.csv")
    assert (record.occurred_at, record.attributes) == (None, {"date": cell})


def test_a_time_is_found_by_its_form_where_no_name_tells(found: Any) -> None:
    (record,) = found(b"a,b,c\nText,7,2024-01-02T10:00:00Z\n", "x.csv")
    assert (record.title, record.occurred_at) == ("Text", datetime(2024, 1, 2, 10, tzinfo=UTC))


def test_the_time_of_an_act_comes_before_those_of_its_keeping(found: Any) -> None:
    star = {
        "created_at": "2001-01-01T00:00:00Z",
        "updated_at": "2002-01-01T00:00:00Z",
        "starred_at": "2003-01-01T00:00:00Z",
    }
    assert found(json.dumps([star]).encode(), "x.json")[0].occurred_at.year == 2003
    del star["starred_at"]
    assert found(json.dumps([star]).encode(), "x.json")[0].occurred_at.year == 2001


def test_rows_alike_in_time_and_title_keep_their_identity_in_any_order(found: Any) -> None:
    head, one, two = b"date,name,sum\n", b"2024-01-02,Shop,5\n", b"2024-01-02,Shop,7\n"

    def hashes(content: bytes) -> set[bytes]:
        occurrences = Occurrences()
        return {content_hash(record, occurrences) for record in found(content, "x.csv")}

    assert hashes(head + one + two) == hashes(head + two + one)
    assert len(hashes(head + one + one)) == 2


def test_inner_objects_are_joined_by_dots_and_lists_stay(found: Any) -> None:
    (record,) = found(b'[{"name": "A", "user": {"id": 1, "at": {"x": [1, {"y": 2}]}}}]', "x.json")
    assert record.attributes == {"user.id": 1, "user.at.x": [1, {"y": 2}]}


def test_lines_of_objects_are_read_and_bad_ones_rejected(found: Any) -> None:
    results = found(b'{"name": "A"}\n{bad\n[1]\n{}\n{"name": "B"}\n{"na', "x.jsonl")
    assert [type(one) for one in results] == [Record, Rejected, Rejected, Rejected, Record, Rejected]
    assert results[1].byte_offset == len(b'{"name": "A"}\n') + 1


def test_a_cut_list_keeps_its_good_head(found: Any) -> None:
    assert [type(one) for one in found(b'[{"name": "A"}, {"name": "B"}, {"na', "x.json")] == [Record, Record, Rejected]


def test_a_cut_table_keeps_its_good_head(found: Any) -> None:
    assert [one.title for one in found(b'name,text\nA,one\nB,"tw', "x.csv")] == ["A", "B"]


def test_nothing_secret_is_kept(found: Any) -> None:
    (record,) = found(
        b'[{"name": "A", "access_token": "s", "user": {"apiKey": "s"}, "list": [{"secret": "s", "n": 1}],'
        b' "tokens": 7, "pages": ["https://a.example/?token=s"]}]',
        "x.json",
    )
    assert record.attributes == {"list": [{"n": 1}], "tokens": 7, "pages": ["https://a.example/"]}


def test_a_table_of_passwords_is_not_claimed() -> None:
    assert source_of("Passwords.csv", b"name,url,username,password\na,b,c,d\n") is None


@pytest.mark.parametrize(
    ("member", "head", "source"),
    [
        ("x.csv", b"a,b\n1,2\n", "table"),
        ("x.csv", b"words\nword\n", None),
        ("x.txt", b"a,b\n1,2\n", "document_text"),
        ("x.json", b"[]", "json"),
        ("x.json", b'{"a": 1}', "json"),
        ("x.json", b'{"a": {"b": 1}}', None),
        ("Takeout/Chrome/Settings.json", b'{"a": 1}', None),
        ("Takeout/Chrome/x.json", b'{"Browser History": []}', "chrome"),
        ("x.json", b"", None),
        ("highlights.csv", b"Highlight,Book Title,Book Author,Highlighted at\n", "readwise"),
    ],
)
def test_only_what_nobody_knows_is_claimed(member: str, head: bytes, source: str | None) -> None:
    assert source_of(member, head) == source


@settings(max_examples=60, deadline=None)
@given(content=st.binary(max_size=400))
def test_any_bytes_never_raise(content: bytes) -> None:
    for source, member in (("table", "x.csv"), ("json", "x.json"), ("json", "x.jsonl")):
        for prefix in (b"", b"date,name\n", b"[{"):
            stream = MemberStream(io.BytesIO(prefix + content))
            for one in by_name(source).parse(stream, Context(member=member)):
                assert isinstance(one, Record | Rejected)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)


@settings(max_examples=60, deadline=None)
@given(
    entries=st.lists(
        st.dictionaries(st.sampled_from(["date", "at", "title", "url", "x"]) | st.text(max_size=8), VALUES), max_size=4
    )
)
def test_each_object_is_a_record_or_rejected(entries: list[dict[str, Any]]) -> None:
    content = json.dumps(entries).encode()
    found = list(by_name("json").parse(MemberStream(io.BytesIO(content)), Context(member="x.json")))
    assert len(found) == len(entries)


def test_peer_obsidian_table(found: Any, peers: Path) -> None:
    records = found(peers / "csv/obsidian/sample.csv")
    assert len(records) == 5
    assert records[3].body == "Multi-line\ncontent goes\nhere."
    assert records[0].attributes == {"Category": "Work", "Tags": "project planning", "Completed": "true"}
    assert [record.occurred_at.date().isoformat() for record in records] == [f"2024-01-{day}" for day in range(15, 20)]


def test_peer_japanese_table(found: Any, peers: Path) -> None:
    records = found(peers / "docs/markitdown/test_mskanji.csv")
    assert [record.title for record in records] == ["佐藤太郎", "三木英子", "髙橋淳"]
    assert records[0].attributes == {"年齢": "30", "住所": "東京"}


def test_peer_json_is_imported(found: Any, peers: Path) -> None:
    (record,) = found(peers / "docs/markitdown/test.json")
    assert record.attributes["key2"] == 1234


def test_peer_stars(found: Any, peers: Path) -> None:
    folder = peers / "json/timelinize_github"
    (star,) = found(folder / "ghstars.json")
    assert star.occurred_at == datetime(2008, 5, 21, 7, 53, 58, tzinfo=UTC)
    assert (star.title, star.url) == ("grit", "https://github.com/mojombo/grit")
    (rejected,) = found(folder / "ghstars-malformed.json")
    assert isinstance(rejected, Rejected)
    assert found(folder / "ghstars-empty.json") == []


def test_numbers_that_are_none_are_kept_as_texts() -> None:
    lines = b'{"title": "a", "x": NaN, "y": [Infinity]}\n{"title": "b", "x": 1e400, "y": 1' + b"0" * 400 + b"}\n"
    reading = Reading(path="", filename="x.jsonl")
    frames = Reader(reading).frames(open_stream(io.BytesIO(lines), "x.jsonl", len(lines), reading.limits))
    (items,) = [frame for frame in frames if frame.kind == "items"]
    first, second = (json.loads(text) for text in items.texts[11].split(items.fields["separator"]))
    assert (first["x"], first["y"]) == ("nan", ["inf"])
    assert all(isinstance(value, str) for value in (second["x"], second["y"]))


def test_a_record_that_cannot_be_told_as_a_row_is_rejected_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    times = [datetime(2024, 1, day, tzinfo=UTC) for day in (1, 2, 3)]
    found = [Record("note", "json", at, title="x", attributes={"a": deep} if at.day == 2 else {}) for at in times]
    monkeypatch.setattr(generic_json, "parse", lambda stream, context: iter(found))
    reading = Reading(path="", filename="x.json", source="json")
    frames = Reader(reading).frames(open_stream(io.BytesIO(b"[{}]"), "x.json", 4, reading.limits))
    (file,) = [frame for frame in frames if frame.kind == "file"]
    assert (file.fields["seen"], file.fields["rejects"], file.fields["status"]) == (2, 1, "done")
