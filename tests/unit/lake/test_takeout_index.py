"""The index of a Takeout: folders of products as a map, files as what has to arrive."""

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from datapunk.lake import registry
from datapunk.lake.adapters.takeout_index import index as read_index
from datapunk.lake.classifying import classify
from datapunk.lake.containers import open_stream
from datapunk.lake.frames import Frame
from datapunk.lake.reading import Reader
from datapunk.lake.request import Limits, Reading
from datapunk.lake.stream import MemberStream
from datapunk.lake.takeout import archive_time, is_index, product_path
from takeout_parts import archive, index, name

_KEEP = ("KEEP", "Notizen & Listen")


def frames(content: bytes, filename: str) -> Iterator[Frame]:
    container = open_stream(io.BytesIO(content), filename, len(content), Limits())
    return Reader(Reading(path="", filename=filename)).frames(container)


def files(content: bytes, filename: str = "takeout-20260105T120000Z-001.zip") -> dict[str, dict[str, Any]]:
    return {frame.texts[0]: dict(frame.fields) for frame in frames(content, filename) if frame.kind == "file"}


def test_folders_products_files_and_time_are_read() -> None:
    page = index({_KEEP: ["a.json", "b &amp; c.html"], ("DRIVE", "Drive"): ["x.txt"]}, failed=["x.txt"])
    found = read_index(MemberStream(io.BytesIO(page)))
    assert found.exported_at == datetime(2026, 1, 5, 9, 15, tzinfo=UTC)
    keep, drive = found.folders
    assert (keep.product, keep.folder, keep.files) == ("KEEP", "Notizen & Listen", ("a.json", "b & c.html"))
    assert (drive.folder, drive.files, drive.failed) == ("Drive", (), ("x.txt",))


def test_folder_without_tile_is_named_by_its_heading() -> None:
    page = (
        b'<div id="service-details-PHOTOS" class="service-detail"><div class="service-header"><h1>Google Photos</h1>'
        b'</div><div class="extracted-folder-name">2020</div><div class="file-leaf"><div class="extracted-file-name">'
        b"a.jpg</div></div></div>"
    )
    (found,) = read_index(MemberStream(io.BytesIO(page))).folders
    assert (found.product, found.folder, found.files) == ("PHOTOS", "Google Photos", ("a.jpg",))


def test_page_that_is_empty_or_broken_gives_nothing() -> None:
    for page in (b"", b"<html>", b"\x00\x00", b"<div id='service-details-X'>"):
        assert read_index(MemberStream(io.BytesIO(page))).folders == []


@pytest.mark.parametrize("file", ["archive_browser.html", "Archivübersicht.html", "arşiv_tarayıcısı.html"])
def test_index_is_known_by_what_it_holds_in_any_language(file: str) -> None:
    adapter = registry.classify(f"Takeout/{file}", index({_KEEP: ["a.json"]}))
    assert adapter is not None
    assert adapter.NAME == "takeout_index"


def test_ordinary_page_at_the_root_is_no_index() -> None:
    adapter = registry.classify("Takeout/page.html", b"<html><body><p>Hello there, this is a text.</p></body></html>")
    assert adapter is None or adapter.NAME != "takeout_index"


def test_folder_in_an_unknown_language_is_read_by_its_product() -> None:
    member = "Takeout/Keepin muistiinpanot/uusi.json"
    head = b'{"listContent": [], "title": ""}'
    # The content names no source, and the folder none that is in the table of paths.
    before = classify(member, head, {})
    assert before is None or before.NAME != "keep"
    head = b"{}"
    found = classify(member, head, {"keepin muistiinpanot": "KEEP"})
    assert found is not None
    assert found.NAME == "keep"


def test_content_comes_before_the_index() -> None:
    head = json.dumps([{"header": "Search", "title": "Searched for tea", "time": "2025-01-01T10:00:00Z"}]).encode()
    found = classify("Takeout/Muistiinpanot/a.json", head, {"muistiinpanot": "KEEP"})
    assert found is not None
    assert found.NAME == "my_activity"


def test_index_is_read_first_wherever_it_lies() -> None:
    content = archive({"Muistiinpanot/a.json": {}, "selain.html": index({("KEEP", "Muistiinpanot"): ["a.json"]})})
    found = files(content)
    assert list(found) == ["Takeout/selain.html", "Takeout/Muistiinpanot/a.json"]
    assert found["Takeout/selain.html"]["source"] == "takeout_index"
    assert found["Takeout/Muistiinpanot/a.json"]["source"] == "keep"


def test_archive_without_a_time_in_its_name_has_the_one_of_its_index() -> None:
    content = archive({"Keep/a.json": {}, "archive_browser.html": index({("KEEP", "Keep"): ["a.json"]})})
    assert files(content, "download.zip")["Takeout/Keep/a.json"]["exported_at"] == "2026-01-05T09:15:00+00:00"
    assert files(content, name("2026-02-01"))["Takeout/Keep/a.json"]["exported_at"] == "2026-02-01T12:00:00+00:00"


def test_paths_below_the_root() -> None:
    assert product_path("x.zip/Takeout/Keep/a.json") == ["Keep", "a.json"]
    assert product_path("Keep/a.json") == product_path("Takeout") == []
    assert is_index("Takeout/archive_browser.html")
    assert not is_index("Takeout/Drive/page.html")
    assert archive_time("takeout-20260105T120000Z-3-002.zip/Takeout/a") == datetime(2026, 1, 5, 12, tzinfo=UTC)
    assert archive_time("Takeout/Keep/20260105T120000Z.json") is None
