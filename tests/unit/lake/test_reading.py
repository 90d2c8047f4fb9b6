"""What becomes of members that are packed by themselves, damaged or unsafe, as an import sees it."""

import bz2
import gzip
import io
import json
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest

from bench import lake_files
from datapunk.errors import LimitExceeded, UnsupportedFile
from datapunk.lake.containers import open_stream
from datapunk.lake.frames import Frame
from datapunk.lake.reading import Reader
from datapunk.lake.request import Reading
from lake_archives import ENTRY, zipped

MAIL = b"From 1@xxx Thu Jan 02 10:00:00 +0000 2025\nMessage-ID: <%d@a>\nSubject: Tea\nFrom: a@a.example\n\nHello %d\n\n"
FILES = {
    "MyActivity.json": (json.dumps([ENTRY | {"title": f"Searched for tea {n}"} for n in range(40)]), "my_activity", 40),
    "pages.jsonl": ('{"kind": "note", "title": "Tea", "body": "x"}\n' * 3, "json", 3),
    "bank.csv": ("Date,Payee,Amount\n2025-01-02,Tea House,3\n2025-01-03,Tea House,4\n", "table", 2),
    "all.mbox": (b"".join(MAIL % (n, n) for n in range(5)), "gmail", 5),
}  # fmt: skip


class File(NamedTuple):
    status: str
    source: str | None
    seen: int
    rejects: int
    reason: str


def read(content: bytes, name: str, source: str | None = None) -> tuple[dict[str, File], list[Frame]]:
    reading = Reading(path="", filename=name, source=source)
    frames = list(Reader(reading).frames(open_stream(io.BytesIO(content), name, len(content), reading.limits)))
    files = {
        f.texts[0]: File(
            f.fields["status"], f.fields["source"], f.fields["seen"], f.fields["rejects"], f.texts[1]
        )
        for f in frames if f.kind == "file"
    }  # fmt: skip
    return files, frames


def records(frames: list[Frame], kind: str) -> set[tuple[str, ...]]:
    """Return what would be written, a tuple a record."""
    found = set()
    for frame in frames:
        if frame.kind == kind:
            columns = [text.split(frame.fields["separator"]) for text in frame.texts]
            longest = max(map(len, columns))
            # A column of nothing but NULL is one of them.
            found |= set(zip(*(c if len(c) == longest else c * longest for c in columns), strict=True))
    return found


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress])
@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("within", [False, True])
def test_a_packed_file_is_read_as_what_it_holds(name: str, pack: Callable[[bytes], bytes], within: bool) -> None:
    text, source, count = FILES[name]
    content = text.encode() if isinstance(text, str) else text
    packed_name = f"{name}.{'gz' if pack is gzip.compress else 'bz2'}"
    plain, plain_frames = read(content, name)
    archive = zipped({packed_name: pack(content)}) if within else pack(content)
    found, frames = read(archive, "t.zip" if within else packed_name)
    assert plain[name][:4] == ("done", source, count, 0)
    assert found[packed_name] == plain[name]
    assert records(frames, "items") == records(plain_frames, "items")


def test_a_packed_file_of_a_named_source_is_unpacked_for_it() -> None:
    text, source, count = FILES["MyActivity.json"]
    found, _ = read(gzip.compress(str(text).encode()), "x", source)
    assert found["x"][:3] == ("done", source, count)


def test_a_packed_file_under_another_name_is_known_by_what_it_holds() -> None:
    found, _ = read(gzip.compress(str(FILES["MyActivity.json"][0]).encode()), "backup")
    assert found["backup"].source == "my_activity"


def test_a_packed_file_of_no_known_kind_is_told() -> None:
    found, _ = read(zipped({"a.gz": gzip.compress(b"\x00\x01")}), "t.zip")
    assert found["a.gz"] == ("ignored", None, 0, 0, "no adapter knows this file")


def test_an_archive_under_another_name_is_told_as_one() -> None:
    inner = zipped({"a.txt": b"Tea"})
    office = zipped({"[Content_Types].xml": b"<Types/>", "ppt/slide1.xml": b"<s/>"})
    found, _ = read(zipped({"inner.bin": inner, "talk.pptx": office}), "t.zip")
    assert found["inner.bin"][:2] == ("ignored", None)
    assert found["inner.bin"].reason == "an archive that is not named as one: import it by itself"
    assert found["talk.pptx"].reason == "no adapter knows this file"


def test_a_text_under_the_name_of_a_picture_is_known_by_what_it_holds() -> None:
    text, source, count = FILES["MyActivity.json"]
    picture = b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"\x01" * 600
    drawing = '<svg xmlns="http://www.w3.org/2000/svg"><circle r="1"/></svg>'
    members = {"a.jpg": str(text).encode(), "b.jpg": picture, "c.svg": drawing.encode(), "d.png": b""}
    found, _ = read(zipped(members), "t.zip")
    assert found["a.jpg"][:3] == ("done", source, count)
    assert {found[name][:2] for name in ("b.jpg", "c.svg", "d.png")} == {("ignored", None)}
    assert {found[name].reason for name in ("b.jpg", "c.svg", "d.png")} == {"a picture, sound or film"}


LISTS = (
    "YouTube und YouTube Music/Verlauf/Suchverlauf.json", "Chrome/Tarih.json", "نشاطي/بحث/نشاطي.json",
    "YouTube 和 YouTube Music/历史记录/观看记录.json", "Mon activité/Recherche/MonActivité.json", "Tasks/Tasks.json",
)  # fmt: skip
EMPTY = (
    *((name, content) for name in LISTS for content in (b"", b" \n", b"[]", b"{}\n")),
    *((name, b"") for name in ("Kalender/leer.ics", "Google Kontakte/Alle Kontakte.vcf", "Gmail/alle.mbox")),
)


@pytest.mark.parametrize(("name", "content"), EMPTY)
def test_a_recognised_file_that_gives_nothing_raises_an_alarm_however_small_it_is(name: str, content: bytes) -> None:
    found, _ = read(zipped({f"Takeout/{name}": content}), "takeout.zip")
    (file,) = found.values()
    assert (file.status, file.source is None, file.seen) == ("done", False, 0)
    assert "alarm: " in file.reason


CARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ida {0}\r\nEMAIL:ida{0}@a.example\r\nEND:VCARD\r\n"
EVENT = "BEGIN:VEVENT\r\nUID:{0}@a\r\nDTSTART:20250102T100000Z\r\nSUMMARY:Tea {0}\r\nEND:VEVENT\r\n"


def _history(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("create table urls (id integer primary key, url text, title text)")
        database.execute(
            "create table visits (id integer primary key, url integer, visit_time integer, visit_duration integer)"
        )
        database.execute("create table keyword_search_terms (keyword_id integer)")
        database.execute("insert into urls values (1, 'https://a.example/', 'A')")
        many = ((n, 1, 13255337775902496 + n * 1_000_000, 0) for n in range(1, 3_000))
        database.executemany("insert into visits values (?, ?, ?, ?)", many)
        database.commit()


LARGER: dict[str, Callable[[Path], object]] = {
    "My Activity.html": lambda path: lake_files.activity_html(path, "2026", records=600),
    "all.mbox": lambda path: lake_files.mbox(path, 400_000),
    "Records.json": lambda path: lake_files.records_json(path, records=2_000),
    "MyActivity.json": lambda path: path.write_text(
        json.dumps([ENTRY | {"title": f"Searched for tea {n * 7919 % 1_000_003}"} for n in range(2_000)])
    ),
    "contacts.vcf": lambda path: path.write_text("".join(CARD.format(n * 7919) for n in range(1_000))),
    "all.ics": lambda path: path.write_text(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" + "".join(EVENT.format(n * 7919) for n in range(300)) + "END:VCALENDAR\r\n"
    ),
    "bank.csv": lambda path: path.write_text(
        "Date,Payee,Amount\n" + "".join(f"2025-01-02,Tea House,{n * 7919}\n" for n in range(2_000))
    ),
    "History": _history,
}  # fmt: skip


@pytest.mark.parametrize("name", LARGER)
def test_a_cut_packed_file_keeps_what_comes_before_the_cut(name: str, tmp_path: Path) -> None:
    LARGER[name](tmp_path / name)
    content = gzip.compress((tmp_path / name).read_bytes())
    whole, all_frames = read(content, f"{name}.gz")
    found, frames = read(content[: len(content) * 3 // 4], f"{name}.gz")
    assert whole[f"{name}.gz"].status == "done"
    assert found[f"{name}.gz"].status == "failed"
    assert found[f"{name}.gz"].rejects >= 1
    assert found[f"{name}.gz"].reason == "damaged: the packed data end too early"
    kind = "positions" if name == "Records.json" else "items"
    kept, there = records(frames, kind), records(all_frames, kind)
    # A record that was there in part is none: it would not be known again.
    assert kept <= there
    assert len(kept) > len(there) * 0.6


def test_a_packed_file_that_is_broken_before_it_is_cut_keeps_what_is_whole() -> None:
    entries = [ENTRY | {"title": f"Searched for tea {n * 7919 % 1_000_003}"} for n in range(2_000)]
    text = json.dumps(entries).replace('"header"', '"hea', 1)
    content = gzip.compress(text.encode())
    found, _ = read(content[: len(content) * 3 // 4], "MyActivity.json.gz")
    file = found["MyActivity.json.gz"]
    # The break, the entry at the cut, and the cut.
    assert (file.status, file.rejects) == ("failed", 3)
    assert file.seen > 1_200


def test_a_packed_file_of_which_nothing_is_left_is_refused() -> None:
    with pytest.raises(UnsupportedFile, match="damaged") as caught:
        read(gzip.compress(b"x")[:8], "a.json.gz")
    assert caught.value.sqlstate == "DP010"


def cut(content: bytes) -> bytes:
    return content[: content.rindex(b"PK\x03\x04") + 250]


def test_a_cut_archive_is_imported_and_told_twice_over() -> None:
    files = {f"{n}/MyActivity.json": str(FILES["MyActivity.json"][0]).encode() for n in range(3)}
    found, _ = read(cut(zipped(files)), "takeout.zip")
    assert [found[name][:4] for name in files] == [
        ("done", "my_activity", 40, 0), ("done", "my_activity", 40, 0), found["2/MyActivity.json"][:4],
    ]  # fmt: skip
    assert found["2/MyActivity.json"].status == "failed"
    assert found["2/MyActivity.json"].rejects == 1
    assert 0 < found["2/MyActivity.json"].seen < 40
    status, source, seen, rejects, reason = found["takeout.zip"]
    assert (status, source, seen, rejects) == ("failed", None, 0, 1)
    assert "it is incomplete" in reason


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", "<Types/>")
        packed.writestr("word/document.xml", bytes(17 << 20))
    return out.getvalue()


def test_a_document_that_is_a_bomb_is_one_bad_record_of_its_archive() -> None:
    found, _ = read(zipped({"a/bomb.docx": bomb(), "b/MyActivity.json": [ENTRY]}), "t.zip")
    assert found["b/MyActivity.json"][:3] == ("done", "my_activity", 1)
    status, source, seen, rejects, reason = found["a/bomb.docx"]
    assert (status, source, seen, rejects) == ("failed", "document_docx", 0, 1)
    assert reason.startswith("DP011: member 'a/bomb.docx/word/document.xml' unpacks to more than 200 times")


def test_a_document_that_is_a_bomb_is_refused_by_itself() -> None:
    with pytest.raises(LimitExceeded, match=r"'word/document.xml'") as caught:
        read(bomb(), "bomb.docx")
    assert caught.value.sqlstate == "DP011"
