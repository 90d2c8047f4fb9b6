import errno
import gzip
import io
import os
import shutil
import tarfile
import unittest.mock
import zipfile
from pathlib import Path
from typing import Any

import pytest

from datapunk.errors import LimitExceeded, UnsupportedFile
from datapunk.lake.containers import Folder, SingleFile, open_stream
from datapunk.lake.members import Container
from datapunk.lake.request import Limits


def open_bytes(content: bytes, name: str, limits: Limits) -> Container:
    return open_stream(io.BytesIO(content), name, len(content), limits)


def contents(container: Container) -> dict[str, bytes | None]:
    return {m.name: m.stream.read(1 << 20) if m.stream else None for m in container.members()}


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def tarred(*infos: tuple[tarfile.TarInfo, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for info, content in infos:
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def test_zip_tgz_folder_and_file_hold_the_same(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/b.txt").write_bytes(b"x")
    expected = {"a/b.txt": b"x"}
    assert contents(open_bytes(zipped(expected), "t.zip", Limits())) == expected
    assert contents(open_bytes(tarred((tarfile.TarInfo("a/b.txt"), b"x")), "t.tgz", Limits())) == expected
    assert contents(Folder(tmp_path, Limits())) == expected
    assert contents(open_bytes(b"x", "b.txt", Limits())) == {"b.txt": b"x"}


def test_archives_in_a_folder_are_opened(tmp_path: Path) -> None:
    (tmp_path / "takeout-001.zip").write_bytes(zipped({"a.txt": b"x"}))
    (tmp_path / "takeout-002.zip").write_bytes(zipped({"b.txt": b"y"}))
    assert contents(Folder(tmp_path, Limits())) == {"takeout-001.zip/a.txt": b"x", "takeout-002.zip/b.txt": b"y"}


@pytest.mark.parametrize("outer", ["t.zip", "t.tgz"])
def test_an_archive_inside_an_archive_is_read_one_level_deep(outer: str) -> None:
    inner = zipped({"b.txt": b"x", "deeper.zip": zipped({"c.txt": b"y"})})
    content = zipped({"a.zip": inner}) if outer == "t.zip" else tarred((tarfile.TarInfo("a.zip"), inner))
    members = [
        (m.name, m.stream.read(9) if m.stream else m.ignored) for m in open_bytes(content, outer, Limits()).members()
    ]
    assert members[0] == ("a.zip/b.txt", b"x")
    assert members[1][0] == "a.zip/deeper.zip"
    assert "import it by itself" in str(members[1][1])


def test_a_damaged_archive_inside_an_archive_is_told_and_the_rest_is_read() -> None:
    members = list(open_bytes(zipped({"a.zip": b"PK\x03\x04 nonsense", "b.txt": b"x"}), "t.zip", Limits()).members())
    assert [(m.name, bool(m.ignored)) for m in members] == [("a.zip", True), ("b.txt", False)]


def test_a_bomb_inside_an_archive_is_refused() -> None:
    bomb = zipped({"zeros": bytes(64 << 20)})
    with pytest.raises(LimitExceeded, match="'zeros'"):
        contents(open_bytes(zipped({"a.zip": bomb}), "t.zip", Limits()))


def test_a_document_that_is_a_zip_is_one_file() -> None:
    document = zipped({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<y/>"})
    assert isinstance(open_bytes(document, "letter.docx", Limits()), SingleFile)


def test_a_packed_file_that_is_no_tar_is_one_file() -> None:
    container = open_bytes(gzip.compress(b"text " * 999), "dump.json.gz", Limits())
    assert isinstance(container, SingleFile)


def test_directories_of_people_come_first(tmp_path: Path) -> None:
    files = {
        "general/2024-01-01.json": b"[]",
        "users.json": b"[]",
        "Groups/x/messages.json": b"",
        "Users/y/user_info.json": b"",
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    for container in (Folder(tmp_path, Limits()), open_bytes(zipped(files), "t.zip", Limits())):
        names = [m.name for m in container.members()]
        assert set(names[:2]) == {"users.json", "Users/y/user_info.json"}
        assert len(names) == 4


def test_a_missing_part_of_a_set_is_told(tmp_path: Path) -> None:
    for number in ("001", "003"):
        (tmp_path / f"takeout-20250921T101500Z-3-{number}.zip").write_bytes(zipped({f"{number}.txt": b"x"}))
    told = [(m.name, m.ignored) for m in Folder(tmp_path, Limits()).members() if m.stream is None]
    assert told == [("takeout-20250921T101500Z-3-002.zip", "alarm: this part of the set is missing")]


def test_a_damaged_part_of_a_set_keeps_the_others(tmp_path: Path) -> None:
    (tmp_path / "takeout-20250921T101500Z-001.zip").write_bytes(b"nonsense")
    (tmp_path / "takeout-20250921T101500Z-002.zip").write_bytes(zipped({"a.txt": b"x"}))
    found = {m.name: m.ignored for m in Folder(tmp_path, Limits()).members()}
    assert found["takeout-20250921T101500Z-002.zip/a.txt"] == ""
    assert "not a zip" in found["takeout-20250921T101500Z-001.zip"]


@pytest.mark.parametrize("name", ["/etc/passwd", "../up", "a/../../up", "C:\\x", "..\\up"])
def test_unsafe_paths_are_refused_by_name(name: str) -> None:
    with pytest.raises(LimitExceeded, match="unsafe path"):
        open_bytes(zipped({name: b"x"}), "t.zip", Limits())


def test_unsafe_paths_are_refused_in_a_tar_too() -> None:
    with pytest.raises(LimitExceeded, match=r"\.\./up"):
        contents(open_bytes(tarred((tarfile.TarInfo("../up"), b"x")), "t.tgz", Limits()))


def test_links_are_refused() -> None:
    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(LimitExceeded, match="a link: 'link'"):
        open_bytes(buffer.getvalue(), "t.zip", Limits())
    info = tarfile.TarInfo("link")
    info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
    with pytest.raises(LimitExceeded, match="a link: 'link'"):
        contents(open_bytes(tarred((info, b"")), "t.tgz", Limits()))


def test_encrypted_members_are_refused() -> None:
    content = bytearray(zipped({"secret": b"x"}))
    at = content.index(b"PK\x01\x02")
    content[at + 8] |= 1
    with pytest.raises(LimitExceeded, match="encrypted member: 'secret'"):
        open_bytes(bytes(content), "t.zip", Limits())


def test_bombs_are_refused_before_they_unpack() -> None:
    bomb = zipped({"small": b"x", "zeros": bytes(64 << 20)})
    with pytest.raises(LimitExceeded, match="'zeros'") as caught:
        open_bytes(bomb, "t.zip", Limits())
    assert caught.value.sqlstate == "DP011"
    with pytest.raises(LimitExceeded, match="'zeros'"):
        contents(open_bytes(tarred((tarfile.TarInfo("zeros"), bytes(64 << 20))), "t.tgz", Limits()))


def test_limits_hold() -> None:
    files = {f"f{n}": b"xxxxxxxxxx" for n in range(5)}
    with pytest.raises(LimitExceeded, match="'f3'"):
        open_bytes(zipped(files), "t.zip", Limits(max_members=3))
    with pytest.raises(LimitExceeded, match="'f2'"):
        open_bytes(zipped(files), "t.zip", Limits(max_bytes=25))


@pytest.mark.parametrize("name", ["t.zip", "t.tgz", "t.tar", "t.tar.bz2"])
def test_archives_of_which_nothing_is_left_are_refused(name: str) -> None:
    begin = zipped({"a": b"x" * 999})[:20] if name == "t.zip" else tarred((tarfile.TarInfo("a"), b"x" * 999))[:20]
    for content in (begin, b"nonsense", bytes(range(256)) * 99, b""):
        with pytest.raises(UnsupportedFile) as caught:
            contents(open_bytes(content, name, Limits()))
        assert caught.value.sqlstate == "DP010"


def test_links_in_a_folder_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "out.txt").write_bytes(b"x")
    (tmp_path / "in/link.txt").symlink_to(tmp_path / "out.txt")
    assert contents(Folder(tmp_path / "in", Limits())) == {"link.txt": None}


def test_peer_zip_in_a_zip(shared_data: Path) -> None:
    content = (shared_data / "fixtures/zip/timelinize/zip-in-archive.zip").read_bytes()
    assert any(".zip/" in name for name in contents(open_bytes(content, "outer.zip", Limits())))


def test_names_with_a_colon_are_no_drives() -> None:
    assert contents(open_bytes(zipped({"a:b.json": b"x"}), "t.zip", Limits())) == {"a:b.json": b"x"}


def test_what_is_no_file_in_a_tar_is_told() -> None:
    pipe = tarfile.TarInfo("pipe")
    pipe.type = tarfile.FIFOTYPE
    found = {
        m.name: m.ignored
        for m in open_bytes(tarred((pipe, b""), (tarfile.TarInfo("a"), b"x")), "t.tgz", Limits()).members()
    }
    assert found == {"pipe": "a link or device: not followed", "a": ""}


def test_a_folder_that_is_a_link_is_told_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out/a.txt").write_bytes(b"x")
    (tmp_path / "in/link").symlink_to(tmp_path / "out")
    assert [(m.name, m.ignored) for m in Folder(tmp_path / "in", Limits()).members()] == [
        ("link", "a link or device: not followed")
    ]


def test_what_is_gone_while_a_folder_is_read_is_told(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "f.txt").write_bytes(b"x")
    members = Folder(tmp_path, Limits()).members()
    found = [next(members)]
    shutil.rmtree(tmp_path / "b")
    found += members
    assert [(m.name, m.ignored) for m in found] == [
        ("a/f.txt", ""), ("b/f.txt", "alarm: it cannot be read: No such file or directory"), ("c/f.txt", ""),
    ]  # fmt: skip


def test_a_folder_that_cannot_be_listed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shut").mkdir()
    (tmp_path / "a.txt").write_bytes(b"x")

    def scandir(path: str | Path, scan: Any = os.scandir) -> Any:
        if str(path).endswith("shut"):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert [(m.name, m.ignored) for m in Folder(tmp_path, Limits()).members()] == [
        ("a.txt", ""), ("shut", "alarm: it cannot be read: Permission denied"),
    ]  # fmt: skip


def test_a_file_that_became_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "secret").write_bytes(b"x")
    (tmp_path / "in/a.txt").write_bytes(b"y")
    with unittest.mock.patch.object(Path, "lstat", return_value=(tmp_path / "secret").stat()):
        (tmp_path / "in/a.txt").unlink()
        (tmp_path / "in/a.txt").symlink_to(tmp_path / "secret")
        (member,) = Folder(tmp_path / "in", Limits()).members()
    assert member.stream is None
