import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapunk.lake.adapters import photos_sidecar
from datapunk.lake.adapters.photos_sidecar import media_name
from datapunk.lake.identity import Occurrences, content_hash
from datapunk.lake.record import Context, Record, Rejected
from datapunk.lake.registry import classify
from datapunk.lake.stream import MemberStream

SIDECAR: dict[str, Any] = {
    "title": "IMG_1.jpg",
    "description": "At the lake",
    "imageViews": "3",
    "creationTime": {"timestamp": "1718448000", "formatted": "15 juin 2024, 12:00:00 UTC"},
    "photoTakenTime": {"timestamp": "1718447400", "formatted": "nonsense"},
    "geoData": {"latitude": 48.5, "longitude": 11.5, "altitude": 30.5, "latitudeSpan": 0.0},
    "geoDataExif": {"latitude": 1.0, "longitude": 2.0, "altitude": 0.0},
    "people": [{"name": "Ada"}, {"name": ""}, {"name": "Grace"}],
    "url": "https://photos.google.com/photo/AF1Qip",
    "favorited": True,
    "googlePhotosOrigin": {
        "mobileUpload": {"deviceFolder": {"localFolderName": "Camera"}, "deviceType": "ANDROID_PHONE"}
    },
    "appSource": {"androidPackageName": "com.example.camera"},
}


def sidecar(**more: Any) -> bytes:
    return json.dumps({**SIDECAR, **more}).encode()


def test_a_photo_is_placed_at_the_epoch_of_its_taking(found: Any) -> None:
    (record,) = found(sidecar())
    assert (record.kind, record.source, record.title) == ("photo", "google_photos", "IMG_1.jpg")
    assert record.occurred_at == datetime(2024, 6, 15, 10, 30, tzinfo=UTC)
    assert (record.body, record.url) == ("At the lake", "https://photos.google.com/photo/AF1Qip")
    assert record.attributes == {
        "people": ["Ada", "Grace"], "latitude": 48.5, "longitude": 11.5, "altitude_m": 30.5, "favorite": True,
        "origin": "mobileUpload", "device_type": "android_phone", "folder": "Camera", "app": "com.example.camera",
        "views": 3, "uploaded_at": "2024-06-15T10:40:00+00:00",
    }  # fmt: skip


def test_the_place_of_the_picture_stands_in_where_google_has_none(found: Any) -> None:
    (record,) = found(sidecar(geoData={"latitude": 0.0, "longitude": 0.0}))
    assert (record.attributes["latitude"], record.attributes["longitude"]) == (1, 2)


def test_zero_zero_is_no_place(found: Any) -> None:
    nowhere = {"latitude": 0.0, "longitude": 0.0, "altitude": 0.0}
    (record,) = found(sidecar(geoData=nowhere, geoDataExif=nowhere))
    assert "latitude" not in record.attributes


def test_a_photo_of_before_1970_keeps_its_time(found: Any) -> None:
    (record,) = found(sidecar(photoTakenTime={"timestamp": "-86400"}))
    assert record.occurred_at == datetime(1969, 12, 31, tzinfo=UTC)


def test_the_sidecars_name_stands_in_for_a_title(found: Any) -> None:
    (record,) = found(sidecar(title=""), member="Google Photos/2024/IMG_1.jpg(2).json")
    assert record.title == "IMG_1(2).jpg"


def test_a_photo_in_an_album_and_in_its_year_is_one_item(found: Any) -> None:
    for more in ({}, {"url": ""}):
        (first,) = found(sidecar(**more), member="Google Photos/Photos from 2024/IMG_1.jpg.json")
        (second,) = found(sidecar(**more), member="Google Photos/Lake/IMG_1.jpg.supplemental-metadata.json")
        assert content_hash(first, Occurrences()) == content_hash(second, Occurrences())


@pytest.mark.parametrize(
    ("sidecar_name", "name"),
    [
        ("a.jpg.json", "a.jpg"),
        ("a.jpg(1).json", "a(1).jpg"),
        ("a.jpg.supplemental-metadata.json", "a.jpg"),
        ("a.jpg.supplemental-metadata(2).json", "a(2).jpg"),
        ("a.jpg.supplemental-me.json", "a.jpg"),
        ("a.jpg.s.json", "a.jpg"),
        ("a.json", "a"),
        ("2024.01.02.heic.supp.json", "2024.01.02.heic"),
    ],
)
def test_the_name_of_the_media_file_is_worked_out(sidecar_name: str, name: str) -> None:
    assert media_name("Google Photos/x/" + sidecar_name) == name


@pytest.mark.parametrize(
    "album",
    [
        {"title": "Lake", "description": "d", "access": "protected", "date": {"timestamp": "1718447400"}},
        {"albumData": {"title": "Lake", "description": "d", "access": "protected",
                       "date": {"timestamp": "1718447400"}, "geoData": {"latitude": 0.0, "longitude": 0.0}}},
    ],
)  # fmt: skip
def test_an_album_is_a_document(found: Any, album: dict[str, Any]) -> None:
    (record,) = found(json.dumps(album).encode(), member="Google Photos/Lake/métadonnées.json")
    assert (record.kind, record.title, record.body) == ("document", "Lake", "d")
    assert record.occurred_at == datetime(2024, 6, 15, 10, 30, tzinfo=UTC)
    assert record.attributes == {"type": "album", "access": "protected"}


def test_an_album_of_today_has_nothing_but_a_title(found: Any) -> None:
    (record,) = found(b'{"title": "Lake"}', member="Google Photos/Lake/metadata.json")
    assert (record.title, record.occurred_at) == ("Lake", None)


def test_other_metadata_is_not_claimed() -> None:
    assert photos_sidecar.claims("x/metadata.json", b'{"title": "x", "version": 3}') == 0
    assert photos_sidecar.claims("x/print-subscriptions.json", b'{"subscriptions": []}') == 0


@pytest.mark.parametrize("taken", [{"timestamp": "x"}, {}, 7, None, {"timestamp": "9" * 30}])
def test_a_photo_without_a_time_is_rejected(found: Any, taken: Any) -> None:
    (rejected,) = found(sidecar(photoTakenTime=taken))
    assert isinstance(rejected, Rejected)
    assert b"IMG_1.jpg" in rejected.sample


def test_a_cut_sidecar_is_rejected_with_its_place(found: Any) -> None:
    (rejected,) = found(sidecar()[:-10])
    assert isinstance(rejected, Rejected)
    assert rejected.byte_offset is not None


@pytest.mark.parametrize(
    "member",
    [
        "Takeout/Google Photos/Photos from 2024/a.jpg.json",
        "Takeout/Google Fotos/Fotos von 2024/a.HEIC.supplemental-metad.json",
        "Takeout/Google Photos/x/a.mp4.supplemental-metadata(1).json",
        "Takeout/Google Photos/x/metadata.json",
    ],
)
def test_names_are_known(member: str) -> None:
    adapter = classify(member, b"")
    assert adapter is not None
    assert adapter.NAME == "google_photos"


def test_peer_photo(found: Any, peers: Path) -> None:
    (record,) = found(peers / "takeout/Google Photos/Photos from 2024/anonymized-photo.jpg.json")
    assert record.occurred_at == datetime(2024, 6, 15, 10, 30, tzinfo=UTC)
    assert record.title == "anonymized-photo.jpg"
    assert (record.attributes["latitude"], record.attributes["longitude"], record.attributes["altitude_m"]) == (
        48.12345, 11.54321, 34.5,
    )  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damaged_bytes_raise_nothing(data: st.DataObject) -> None:
    content = bytearray(sidecar())
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=6))
    content = content[: data.draw(st.integers(0, len(content)))] or bytearray(data.draw(st.binary()))
    for item in photos_sidecar.parse(MemberStream(io.BytesIO(bytes(content))), Context(member="m")):
        assert isinstance(item, Record | Rejected)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(SIDECAR)), values))
def test_values_of_any_type_raise_nothing(told: dict[str, Any]) -> None:
    for item in photos_sidecar.parse(MemberStream(io.BytesIO(sidecar(**told))), Context(member="m")):
        assert isinstance(item, Record | Rejected)
