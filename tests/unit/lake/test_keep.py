import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapunk.lake.record import Context, Record, Rejected
from datapunk.lake.registry import by_name, classify
from datapunk.lake.stream import MemberStream

NOTE = {
    "color": "DEFAULT", "isTrashed": False, "isPinned": False, "isArchived": False, "textContent": "One\nTwo",
    "title": "T", "userEditedTimestampUsec": 1_600_000_001_000_002, "createdTimestampUsec": 1_600_000_000_000_001,
}  # fmt: skip


def note(**changes: Any) -> bytes:
    return json.dumps({key: value for key, value in (NOTE | changes).items() if value is not ...}).encode()


def test_a_note_is_placed_at_its_creation_and_known_by_it(found: Any) -> None:
    (record,) = found(note())
    assert (record.kind, record.title, record.body) == ("note", "T", "One\nTwo")
    assert record.occurred_at == datetime(2020, 9, 13, 12, 26, 40, 1, tzinfo=UTC)
    assert (record.precision, record.external_id) == ("us", "1600000000000001")
    assert record.edited_at == datetime(2020, 9, 13, 12, 26, 41, 2, tzinfo=UTC)
    assert record.attributes == {}


def test_a_list_is_told_with_its_ticks(found: Any) -> None:
    items = [{"text": "milk", "isChecked": True}, {"text": "tea", "isChecked": False}]
    (record,) = found(note(textContent=..., listContent=items))
    assert record.body == "[x] milk\n[ ] tea"


def test_an_empty_title_is_the_first_line(found: Any) -> None:
    assert found(note(title=""))[0].title == "One"


def test_a_note_of_nothing_has_the_name_of_its_file(found: Any) -> None:
    assert found(note(title="", textContent=""), "Keep/Name.json")[0].title == "Name"


def test_a_note_without_creation_is_known_by_file_and_title(found: Any) -> None:
    (record,) = found(note(createdTimestampUsec=...), "Keep/Name.json")
    assert record.external_id == "Name/T"
    assert record.occurred_at == datetime(2020, 9, 13, 12, 26, 41, 2, tzinfo=UTC)


def test_all_that_a_note_has_is_kept(found: Any) -> None:
    (record,) = found(
        note(
            isTrashed=True, isPinned=True, isArchived=True, color="RED", labels=[{"name": "a b"}],
            attachments=[{"filePath": "1.png", "mimetype": "image/png"}],
            annotations=[{"url": "https://a.example/?token=x", "title": "A", "source": "WEBLINK"}],
            sharees=[{"email": "a@x.example"}, {"email": "b@x.example"}],
        )
    )  # fmt: skip
    assert record.attributes == {
        "labels": ["a b"], "color": "RED", "pinned": True, "archived": True, "trashed": True, "attachments": ["1.png"],
        "links": [{"url": "https://a.example/", "title": "A"}], "people": ["a@x.example", "b@x.example"],
    }  # fmt: skip


@pytest.mark.parametrize("time", ["x", 10**30, [1]])
def test_a_note_with_a_wrong_time_is_rejected(found: Any, time: Any) -> None:
    (rejected,) = found(note(createdTimestampUsec=time))
    assert isinstance(rejected, Rejected)


def test_a_cut_note_is_rejected_at_its_end(found: Any) -> None:
    content = note()[:-10]
    (rejected,) = found(content)
    assert isinstance(rejected, Rejected)
    assert rejected.byte_offset is not None
    assert rejected.byte_offset >= len(content) - 40


def test_the_place_of_an_error_counts_bytes(found: Any) -> None:
    content = json.dumps(NOTE | {"title": "äöü"}, ensure_ascii=False).encode().replace(b'"userEdited', b'!"userEdited')
    (rejected,) = found(content)
    assert rejected.byte_offset == content.index(b'!"userEdited')


def test_a_page_beside_a_note_is_left_alone() -> None:
    html = b'<html><head><title>T</title></head><body><div class="note DEFAULT"><div class="heading">'
    assert classify("Takeout/Keep/T.html", html) is None


def test_other_json_of_the_folder_is_no_note() -> None:
    adapter = classify("Takeout/Keep/Labels.json", b'{"labels": []}')
    assert adapter is None or adapter.NAME != "keep"


@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, 200), byte=st.integers(0, 255))
def test_a_changed_byte_never_raises(at: int, byte: int) -> None:
    content = bytearray(note(listContent=[{"text": "a"}], labels=[{"name": "b"}]))
    content[at % len(content)] = byte
    found = list(by_name("keep").parse(MemberStream(io.BytesIO(content)), Context(member="Keep/a.json")))
    assert all(isinstance(one, Record | Rejected) for one in found)
    assert len(found) == 1


def test_peer_notes(found: Any, peers: Path) -> None:
    folder = peers / "takeout/Keep_obsidian"
    notes = {path.stem: found(path) for path in sorted(folder.glob("*.json"))}
    assert len(notes) == 9
    records = {name: one[0] for name, one in notes.items()}
    assert all(len(one) == 1 and one[0].kind == "note" for one in notes.values())
    archived = records["Archived note"]
    assert archived.occurred_at == datetime(2023, 7, 28, 3, 27, 38, 197000, tzinfo=UTC)
    assert archived.edited_at == datetime(2023, 8, 1, 5, 5, 17, 287_000, tzinfo=UTC)
    assert archived.attributes == {"archived": True}
    assert records["Pinned text note"].attributes["pinned"] is True
    assert records["Background colour note"].attributes["color"] == "RED"
    assert records["Multiline title note_Second line"].title == "Multiline title note\nSecond line"
    assert records["2023-08-01T14_29_43.842+10_00"].title == "This note has a drawing but no title"
    assert len(records["Hashtags _ labels note"].attributes["labels"]) == 8


def test_peer_broken_note(found: Any, peers: Path) -> None:
    (rejected,) = found(peers / "takeout/Keep_obsidian/broken/broken-json-note.json")
    assert isinstance(rejected, Rejected)
    assert rejected.byte_offset == 361
    assert b'"title": "_Text note"' in rejected.sample


def test_peer_files_are_known_by_content(peers: Path) -> None:
    for path in (peers / "takeout/Keep_obsidian").rglob("*.json"):
        adapter = classify(path.name, path.read_bytes())
        assert adapter is not None
        assert adapter.NAME == "keep"


def test_an_object_with_nothing_in_it_is_no_note(read: Any) -> None:
    records, (rejected,) = read("keep", b"{}")
    assert records == []
    assert "nothing in it" in rejected.reason
