"""Archives that were cut or damaged: what is left of them is read, and what is missing is told."""

import bz2
import gzip
import io
import random
import tarfile
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapunk.errors import LimitExceeded, UnsupportedFile
from datapunk.lake.containers import Folder, open_stream
from datapunk.lake.members import Container
from datapunk.lake.record import DamagedData
from datapunk.lake.request import Limits

CHANCE = random.Random(3)
FILES = {
    f"Takeout/{name}/{number}.txt": CHANCE.randbytes(150).hex().encode() * (1 + number % 3)
    for name in ("A", "B") for number in range(4)
}  # fmt: skip


class _Unseekable(io.BytesIO):
    """Whoever writes a zip to it has to put sizes behind the data, as exports do that are made while they are sent."""

    def seekable(self) -> bool:
        return False

    def tell(self) -> int:
        raise io.UnsupportedOperation

    def seek(self, *_: int) -> int:
        raise io.UnsupportedOperation


def zipped(files: dict[str, bytes], *, sent: bool = False, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = _Unseekable() if sent else io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def tarred(files: dict[str, bytes], pack: Callable[[bytes], bytes] = bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return pack(buffer.getvalue())


ARCHIVES = {
    "plain.zip": zipped(FILES), "sent.zip": zipped(FILES, sent=True),
    "stored.zip": zipped(FILES, method=zipfile.ZIP_STORED),
    "stored-sent.zip": zipped(FILES, sent=True, method=zipfile.ZIP_STORED),
    "plain.tar": tarred(FILES), "packed.tgz": tarred(FILES, gzip.compress),
    "packed.tar.bz2": tarred(FILES, bz2.compress),
}  # fmt: skip


def opened(content: bytes, name: str, limits: Limits | None = None) -> Container:
    return open_stream(io.BytesIO(content), name, len(content), limits or Limits())


def read(container: Container) -> tuple[dict[str, bytes], dict[str, str]]:
    """Return what could be read of each member, and what is wrong with which; "" stands for the archive."""
    found: dict[str, bytes] = {}
    wrong: dict[str, str] = {}
    for member in container.members():
        if member.stream is None:
            assert member.failed
            wrong[member.name] = member.ignored
            continue
        parts = []
        try:
            while part := member.stream.read(7):
                parts.append(part)
        except DamagedData as exc:
            wrong[member.name] = str(exc)
        found[member.name] = b"".join(parts)
    return found, wrong


@pytest.mark.parametrize("name", ARCHIVES)
def test_whole_archives_have_nothing_wrong(name: str) -> None:
    assert read(opened(ARCHIVES[name], name)) == (FILES, {})


@pytest.mark.parametrize("name", ["plain.zip", "sent.zip", "stored.zip", "stored-sent.zip", "packed.tgz", "plain.tar"])
@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_a_cut_archive_gives_what_it_holds_and_tells_that_it_is_cut(name: str, data: st.DataObject) -> None:
    content = ARCHIVES[name]
    # Behind the first files, before what ends the archive: zeros, or the last of its directory or packed data.
    end = len(content.rstrip(b"\x00")) if name.endswith("tar") else len(content) - 22
    cut = data.draw(st.integers(len(content) // 5, end - 1))
    found, wrong = read(opened(content[:cut], name))
    names = list(FILES)
    # The order is that of the archive; of the last one there may be the beginning.
    assert list(found) == names[: len(found)]
    last = names[len(found) - 1]
    for member, text in found.items():
        if text != FILES[member]:
            assert member == last
            assert member in wrong
            # What stands behind the data may be the beginning of what would tell their end.
            assert FILES[member].startswith(text[: len(FILES[member])])
            assert len(text) < len(FILES[member]) + 16
    # Nothing that is there is given up: as much as was cut off is missing, and what packing keeps back.
    share = sum(map(len, found.values())) / sum(map(len, FILES.values()))
    assert share > cut / len(content) - 0.35
    assert "incomplete" in wrong[""] or "directory" in wrong[""]


@pytest.mark.parametrize("sent", [False, True])
def test_every_member_of_a_zip_without_its_directory_is_read(sent: bool) -> None:
    content = zipped(FILES, sent=sent)
    found, wrong = read(opened(content[: content.index(b"PK\x01\x02")], "t.zip"))
    assert found == FILES
    assert list(wrong) == [""]
    assert f"their own headers: {len(FILES)}" in wrong[""]


@pytest.mark.parametrize("sent", [False, True])
def test_a_damaged_member_costs_itself_alone(sent: bool) -> None:
    content = bytearray(zipped(FILES, sent=sent))
    second = content.index(b"PK\x03\x04", 4)
    content[second + 80 : second + 84] = b"\xff\xff\xff\xff"
    for end in (len(content), content.index(b"PK\x01\x02")):
        found, wrong = read(opened(bytes(content[:end]), "t.zip"))
        bad = list(FILES)[1]
        assert {name: text for name, text in found.items() if name != bad} == {
            name: text for name, text in FILES.items() if name != bad
        }
        assert bad in wrong
        assert ("" in wrong) == (end < len(content))


def test_a_header_of_a_zip_that_is_gone_is_told_with_its_place() -> None:
    content = bytearray(zipped(FILES))
    second = content.index(b"PK\x03\x04", 4)
    content[second : second + 30] = bytes(30)
    found, wrong = read(opened(bytes(content[: content.index(b"PK\x01\x02")]), "t.zip"))
    assert list(found) == [name for number, name in enumerate(FILES) if number != 1]
    assert f"1 places, first at byte {second}" in wrong[""]


def test_a_damaged_directory_is_told_and_every_member_read() -> None:
    content = bytearray(zipped(FILES))
    content[content.index(b"PK\x01\x02") + 1] = 0
    found, wrong = read(opened(bytes(content), "t.zip"))
    assert found == FILES
    assert list(wrong) == [""]


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_damaged_header_of_a_tar_costs_its_file_alone(pack: Callable[[bytes], bytes]) -> None:
    content = bytearray(tarred(FILES))
    names = list(FILES)
    at = content.index(names[2].encode())
    content[at : at + 4] = b"\xff\xff\xff\xff"
    found, wrong = read(opened(pack(bytes(content)), "t.tgz"))
    assert list(found) == [*names[:2], *names[3:]]
    assert "header of a file is none, at 1 places" in wrong[""]
    assert "incomplete" not in wrong[""]


def test_a_long_name_that_nothing_follows_costs_its_file_alone() -> None:
    files = {"a.txt": b"x", "b" * 150 + ".txt": b"y", "c.txt": b"z"}
    content = bytearray(tarred(files))
    # Behind the name comes its file's own header.
    at = content.index(b"b" * 150, content.index(b"././@")) if b"././@" in content else content.index(b"b" * 150)
    header = (at // 512 + 1) * 512
    content[header : header + 512] = b"\xff" * 512
    found, wrong = read(opened(bytes(content), "t.tar"))
    assert {"a.txt", "c.txt"} <= set(found)
    assert "header" in wrong[""]


def test_a_tar_that_was_cut_between_two_files_is_told() -> None:
    content = tarred(FILES)
    cut = content.index(list(FILES)[3].encode())
    found, wrong = read(opened(content[:cut], "t.tar"))
    assert found == dict(list(FILES.items())[:3])
    assert "its end is missing" in wrong[""]


def test_two_tars_one_behind_the_other_are_one() -> None:
    assert read(opened(tarred({"a": b"x"}) + tarred({"b": b"y"}), "t.tar")) == ({"a": b"x", "b": b"y"}, {})


def test_an_archive_that_ends_with_one_inside_it_is_not_taken_for_that(tmp_path: Path) -> None:
    """The directory of the inner one is the last of the file; its members are the inner one's still."""
    content = zipped({**FILES, "inner.zip": zipped({"deep.txt": b"deep"})}, method=zipfile.ZIP_STORED)
    end = content.rindex(b"PK\x05\x06", 0, content.rindex(b"PK\x05\x06")) + 22
    found, wrong = read(opened(content[:end], "t.zip"))
    assert found == {**FILES, "inner.zip/deep.txt": b"deep"}
    assert list(wrong) == [""]


@pytest.mark.parametrize("outer", ["t.zip", "t.tgz"])
def test_a_cut_archive_inside_an_archive_gives_what_it_holds(outer: str) -> None:
    inner = ARCHIVES["plain.zip"][:-500]
    files = {"a.zip": inner, "b.txt": b"x"}
    content = zipped(files) if outer == "t.zip" else tarred(files, gzip.compress)
    found, wrong = read(opened(content, outer))
    assert len(found) > len(FILES) // 2
    assert found["b.txt"] == b"x"
    assert list(wrong) == ["a.zip"]


def test_a_cut_part_of_a_set_gives_what_it_holds(tmp_path: Path) -> None:
    (tmp_path / "takeout-20250921T101500Z-001.zip").write_bytes(ARCHIVES["plain.zip"][:-600])
    (tmp_path / "takeout-20250921T101500Z-002.zip").write_bytes(zipped({"z.txt": b"z"}))
    found, wrong = read(Folder(tmp_path, Limits()))
    assert found["takeout-20250921T101500Z-002.zip/z.txt"] == b"z"
    assert len(found) > 2
    assert "incomplete" in wrong["takeout-20250921T101500Z-001.zip"]


def test_a_cut_document_is_no_archive() -> None:
    content = zipped({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<y/>"})
    with pytest.raises(UnsupportedFile, match="damaged"):
        opened(content[:-30], "letter.docx")


@pytest.mark.parametrize("sent", [False, True])
def test_limits_hold_without_a_directory(sent: bool) -> None:
    def cut(files: dict[str, bytes]) -> bytes:
        content = zipped(files, sent=sent)
        return content[: content.index(b"PK\x01\x02")]

    bomb = cut({"small": b"x", "zeros": bytes(64 << 20)})
    with pytest.raises(LimitExceeded, match="'zeros'") as caught:
        opened(bomb, "t.zip")
    assert caught.value.sqlstate == "DP011"
    few = cut({f"f{number}": b"x" * 10 for number in range(5)})
    with pytest.raises(LimitExceeded, match="'f3'"):
        opened(few, "t.zip", Limits(max_members=3))
    with pytest.raises(LimitExceeded, match="'f2'"):
        opened(few, "t.zip", Limits(max_bytes=25))
    with pytest.raises(LimitExceeded, match="unsafe path"):
        opened(cut({"../up": b"x"}), "t.zip")


def test_encrypted_members_are_refused_without_a_directory() -> None:
    content = bytearray(zipped({"secret": b"x"}))
    content[6] |= 1
    with pytest.raises(LimitExceeded, match="encrypted member: 'secret'"):
        opened(bytes(content[: content.index(b"PK\x01\x02")]), "t.zip")


def test_headers_made_to_be_unpacked_again_and_again_are_refused() -> None:
    """Each of many headers claims all that follows, which never ends: looked through once each, that would be hours."""
    data = zipped({"a": CHANCE.randbytes(30_000) + bytes(4 << 20)}, sent=True)
    header = data[: 30 + len("a")]
    body = data[len(header) : data.index(b"PK\x07\x08")][:-100]
    with pytest.raises(LimitExceeded):
        opened((header + body) * 100, "t.zip", Limits(max_ratio=20))


@settings(max_examples=150, deadline=None)
@given(
    name=st.sampled_from(["sent.zip", "plain.zip", "packed.tgz", "plain.tar"]),
    changes=st.lists(st.tuples(st.integers(0, 1 << 16), st.binary(min_size=1, max_size=40)), min_size=1, max_size=6),
    cut=st.integers(0, 1 << 16),
)
def test_no_damage_raises_anything_else(name: str, changes: list[tuple[int, bytes]], cut: int) -> None:
    content = bytearray(ARCHIVES[name])
    for at, data in changes:
        content[at % len(content) : at % len(content) + len(data)] = data
    with suppress(LimitExceeded, UnsupportedFile):
        read(opened(bytes(content[: cut % len(content) or None]), name))
