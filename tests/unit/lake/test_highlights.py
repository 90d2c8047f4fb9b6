import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapunk.lake import tabular
from datapunk.lake.identity import Occurrences, content_hash
from datapunk.lake.record import Context, Record, Rejected
from datapunk.lake.registry import by_name, classify
from datapunk.lake.stream import MemberStream


def clipping(about: str, text: str, work: str = "Book (Author)") -> str:
    return f"\ufeff{work}\r\n- {about}\r\n\r\n{text}\r\n==========\r\n"


def clippings(*entries: str) -> bytes:
    return "".join(entries).encode()


WHEN = "Added on Monday, March 4, 2024 10:22:13 PM"


def marked(text: str, location: str = "180-182") -> str:
    return clipping(f"Your Highlight on page 12 | Location {location} | {WHEN}", text)


@pytest.mark.parametrize(
    "about",
    [
        "Your Highlight on page 12 | Location 180-182 | Added on Monday, March 4, 2024 10:22:13 PM",
        "Your Highlight on page 12 | Location 180-182 | Added on Monday, 4 March 2024 22:22:13",
        "Highlight on Page 12 | Loc. 180-82 | Added on Monday, March 4, 2024 10:22:13 PM",
        "Ihre Markierung auf Seite 12 | bei Position 180-182 | Hinzugefügt am Montag, 4. März 2024 22:22:13",
        "La subrayado en la página 12 | posición 180-182 | Añadido el lunes, 4 de marzo de 2024 22:22:13",
        "Votre surlignement sur la page 12 | emplacement 180-182 | Ajouté le lundi 4 mars 2024 22:22:13",
    ],
)
def test_kindle_speaks_four_languages(found: Any, about: str) -> None:
    (record,) = found(clippings(clipping(about, "Passage.")), timezone="Europe/Berlin")
    assert (record.kind, record.title, record.body) == ("highlight", "Book", "Passage.")
    assert record.occurred_at == datetime(2024, 3, 4, 22, 22, 13, tzinfo=ZoneInfo("Europe/Berlin"))
    assert record.zone_source == "floating"
    assert record.attributes == {"author": "Author", "page": "12", "location": "180-182"}


def test_a_note_joins_the_passage_that_it_is_on(found: Any) -> None:
    note = clipping(f"Your Note on page 12 | Location 182 | {WHEN}", "Remark.")
    other = marked("Elsewhere.", "300-310")
    first, second = found(clippings(note, marked("Passage."), other))
    assert (first.body, first.attributes["note"]) == ("Passage.", "Remark.")
    assert "note" not in second.attributes


def test_a_note_on_no_passage_is_a_note(found: Any) -> None:
    note, highlight = found(
        clippings(marked("Passage."), clipping(f"Your Note on page 90 | Location 900 | {WHEN}", "Alone."))
    )
    assert (note.kind, note.title, note.body) == ("note", "Book", "Alone.")
    assert highlight.kind == "highlight"


@pytest.mark.parametrize(
    "about", ["Your Bookmark on page 3", "Ihr Lesezeichen auf Seite 3", "Votre signet sur la page 3", "El marcador 3"]
)
def test_a_bookmark_is_no_highlight(found: Any, about: str) -> None:
    assert len(found(clippings(marked("Passage."), clipping(f"{about} | Location 5 | {WHEN}", "")))) == 1


def test_a_repeated_highlight_is_one(found: Any) -> None:
    assert len(found(clippings(marked("Passage."), marked("Passage.")))) == 1


def test_an_extended_highlight_takes_the_place_of_the_older(found: Any) -> None:
    entries = found(clippings(marked("Passage."), marked("Passage. And more.", "180-185"), marked("Other.", "400-401")))
    assert [one.body for one in entries] == ["Passage. And more.", "Other."]


def test_the_same_words_at_another_place_are_another_highlight(found: Any) -> None:
    assert len(found(clippings(marked("Yes.", "1-2"), marked("Yes.", "30-31")))) == 2


def test_an_author_may_have_brackets(found: Any) -> None:
    work = "Book (Series 1) (Author, A. (Ed.))"
    (record,) = found(clippings(clipping(f"Your Highlight at location 1-2 | {WHEN}", "P", work)))
    assert (record.title, record.attributes["author"]) == ("Book (Series 1)", "Author, A. (Ed.)")


def test_an_entry_that_is_none_is_rejected_at_its_place(found: Any) -> None:
    first = marked("Passage.")
    rejected, record = found(clippings(first, "junk\r\n==========\r\n"))
    assert isinstance(rejected, Rejected)
    assert rejected.byte_offset == len(first.encode())
    assert record.body == "Passage."


def test_the_last_entry_of_a_cut_file_is_kept(found: Any) -> None:
    content = clippings(marked("One."), marked("Two.", "300-301"))
    assert [one.body for one in found(content[: content.rindex(b"==")])] == ["One.", "Two."]


READWISE = (
    b"Highlight,Book Title,Book Author,Amazon Book ID,Note,Color,Tags,Location Type,Location,Highlighted at,"
    b"Document tags\n"
    b'"Line one\nline two",B,A,B00,,yellow,"x,y",page,3,2024-05-01 12:00:00+02:00,z\n'
    b"P,B,A,,,,,,,yesterday,\n"
    b"Q,B,A,,,,,,,,\n"
)


def test_readwise_keeps_all_columns(found: Any) -> None:
    first, rejected, last = found(READWISE)
    assert (first.body, first.title) == ("Line one\nline two", "B")
    assert first.occurred_at == datetime(2024, 5, 1, 10, tzinfo=UTC)
    assert first.attributes == {
        "author": "A", "color": "yellow", "location": "page 3", "labels": ["x", "y", "z"], "asin": "B00",
    }  # fmt: skip
    assert isinstance(rejected, Rejected)
    assert (last.body, last.occurred_at) == ("Q", None)


def test_readwise_highlights_of_one_second_keep_their_identity_in_any_order(found: Any) -> None:
    head, *lines = READWISE.replace(b"yesterday", b"").split(b"\n", 1)
    one = {content_hash(r, Occurrences()) for r in found(head + b"\nP,B,A,,,,,,,,\nQ,B,A,,,,,,,,\n")}
    other = {content_hash(r, Occurrences()) for r in found(head + b"\nQ,B,A,,,,,,,,\nP,B,A,,,,,,,,\n")}
    assert one == other
    assert len(one) == 2
    assert lines


ANNOTATION = {
    "id": "abc", "created": "2024-01-01T00:00:00.123456+00:00", "updated": "2024-01-02T00:00:00+00:00",
    "uri": "https://a.example/", "text": "Remark", "tags": ["t"], "group": "__world__",
    "document": {"title": ["Page"]},
    "target": [{"source": "https://a.example/", "selector": [{"type": "TextQuoteSelector", "exact": "Passage"}]}],
}  # fmt: skip


@pytest.mark.parametrize("around", ["%s", '{"total": 1, "rows": %s}', '{"annotations": %s}'])
def test_hypothesis_is_read_in_each_form(found: Any, around: str) -> None:
    (record,) = found((around % json.dumps([ANNOTATION])).encode())
    assert (record.kind, record.title, record.body, record.url) == (
        "highlight", "Page", "Passage", "https://a.example/",
    )  # fmt: skip
    assert record.occurred_at == datetime(2024, 1, 1, 0, 0, 0, 123456, tzinfo=UTC)
    assert record.external_id == "abc"
    assert record.attributes == {"note": "Remark", "labels": ["t"], "edited": "2024-01-02T00:00:00+00:00"}


def test_a_remark_on_a_whole_page_is_a_note(found: Any) -> None:
    page = ANNOTATION | {"target": [{"source": "https://a.example/"}], "id": "d"}
    assert [one.kind for one in found(json.dumps([ANNOTATION, page]).encode())] == ["highlight", "note"]


def test_an_annotation_without_a_time_is_rejected_alone(found: Any) -> None:
    results = found(json.dumps([ANNOTATION, {"uri": "x"}, ANNOTATION]).encode())
    assert [type(one) for one in results] == [Record, Rejected, Record]


def test_pocket_pages_have_their_section_as_status(found: Any) -> None:
    page = (
        b"<!DOCTYPE html><html><head><title>Pocket Export</title></head><body><h1>Unread</h1><ul>"
        b'<li><a href="https://a.example/" time_added="1600000000" tags="x,y">A</a></li></ul>'
        b'<h1>Read Archive</h1><ul><li><a href="https://b.example/" time_added="1600000001" tags="">B</a></li>'
    )
    first, second = found(page, "ril_export.html")
    assert first.attributes == {"type": "bookmark", "status": "unread", "labels": ["x", "y"]}
    assert first.occurred_at == datetime(2020, 9, 13, 12, 26, 40, tzinfo=UTC)
    assert (second.title, second.attributes["archived"]) == ("B", True)


def test_captures_drop_addresses_that_are_scripts(found: Any) -> None:
    lines = [
        {"url": "javascript:alert(1)", "title": "A", "selection": "One", "text": "x", "at": "2024-01-01T00:00:00Z"},
        {"url": "https://b.example/", "title": "", "text": "Two", "at": 1704067200000, "note": "n", "tags": ["t"]},
    ]
    first, second = found("\n".join(map(json.dumps, lines)).encode())
    assert (first.kind, first.body, first.url) == ("highlight", "One", None)
    assert (second.title, second.body, second.url) == ("https://b.example/", "Two", "https://b.example/")
    assert second.occurred_at == datetime(2024, 1, 1, tzinfo=UTC)
    assert second.attributes == {"note": "n", "labels": ["t"]}


def test_a_bad_capture_is_rejected_alone_and_a_cut_one_too(found: Any) -> None:
    good = json.dumps({"url": "https://b.example/", "title": "", "text": "Two", "at": 1704067200000}).encode()
    results = found(good + b'\n{"url": 1}\nbad\n' + good + b"\n" + good[:30])
    assert [type(one) for one in results] == [Record, Rejected, Rejected, Record, Rejected]


SAMPLES = {
    "kindle": clippings(marked("Passage."), clipping(f"Your Note on page 12 | Location 182 | {WHEN}", "Remark.")),
    "readwise": READWISE,
    "hypothesis": json.dumps([ANNOTATION]).encode(),
    "pocket": b"title,url,time_added,tags,status\nA,https://a.example/,1600000000,x|y,unread\n",
    "page_capture": b'{"url": "https://a.example/", "title": "A", "selection": "P", "at": "2024-01-01T00:00:00Z"}\n',
}


@settings(max_examples=60, deadline=None)
@given(source=st.sampled_from(sorted(SAMPLES)), at=st.integers(0, 600), bytes_=st.binary(min_size=1, max_size=6))
def test_changed_bytes_never_raise(source: str, at: int, bytes_: bytes) -> None:
    content = bytearray(SAMPLES[source])
    at %= len(content)
    content[at : at + len(bytes_)] = bytes_
    for one in by_name(source).parse(MemberStream(io.BytesIO(content)), Context(member="m")):
        assert isinstance(one, Record | Rejected)


@pytest.mark.parametrize("source", sorted(SAMPLES))
def test_each_form_is_known_by_its_content(source: str) -> None:
    adapter = classify("file", SAMPLES[source])
    assert adapter is not None
    assert source == adapter.NAME


def test_kindle_finds_out_an_encoding_once_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []
    known = tabular.encoding_of

    def noted(raw: bytes) -> str:
        asked.append(raw)
        return known(raw)

    monkeypatch.setattr(tabular, "encoding_of", noted)
    entries = [marked(f"Über größere Städte führt kein Weg {n}", f"{n}0-{n}5") for n in range(1, 300)]
    stream = MemberStream(io.BytesIO("".join(entries).replace("\ufeff", "").encode("cp1252")))
    records = list(by_name("kindle").parse(stream, Context(member="My Clippings.txt")))
    assert (len(records), len(asked)) == (299, 1)


def test_peer_kindle(found: Any, peers: Path) -> None:
    meditations, letters = found(peers / "highlights/My Clippings.txt")
    assert (meditations.title, meditations.attributes["author"]) == ("Meditations", "Marcus Aurelius")
    assert meditations.attributes["note"] == "Read this again in the morning."
    assert meditations.body == "You have power over your mind, not outside events."
    assert meditations.occurred_at == datetime(2024, 3, 4, 22, 22, 13, tzinfo=UTC)
    assert (letters.title, letters.attributes["location"]) == ("Letters from a Stoic", "99-100")


def test_peer_readwise(found: Any, peers: Path) -> None:
    (record,) = found(peers / "highlights/readwise.csv")
    assert record.occurred_at == datetime(2024, 5, 1, 10, tzinfo=UTC)
    assert record.attributes["note"] == "Use at work"


def test_peer_pocket(found: Any, peers: Path) -> None:
    hello, done, rejected = found(peers / "highlights/pocket.csv")
    assert (hello.title, hello.attributes["labels"]) == ("Hello, world", ["a", "b"])
    assert (hello.attributes["type"], hello.attributes["status"]) == ("bookmark", "unread")
    assert (done.title, done.attributes["archived"]) == ("Done", True)
    assert isinstance(rejected, Rejected)
