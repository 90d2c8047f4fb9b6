import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapunk.lake.adapters import maps_places
from datapunk.lake.identity import Occurrences, content_hash
from datapunk.lake.record import Context, Record, Rejected
from datapunk.lake.registry import classify
from datapunk.lake.stream import MemberStream

CID = 1234567890123456789
OLD = {
    "geometry": {"coordinates": [13.5, 52.5], "type": "Point"},
    "properties": {
        "Google Maps URL": f"http://maps.google.com/?cid={CID}",
        "Location": {
            "Address": "1 Street", "Business Name": "Café", "Country Code": "DE",
            "Geo Coordinates": {"Latitude": "52.5", "Longitude": "13.5"},
        },
        "Published": "2020-01-02T03:04:05Z", "Title": "Café", "Updated": "2020-01-02T03:04:05Z",
    },
    "type": "Feature",
}  # fmt: skip
NEW = {
    "geometry": {"coordinates": [13.5, 52.5], "type": "Point"},
    "properties": {
        "date": "2020-01-02T03:04:05Z",
        "google_maps_url": f"http://maps.google.com/?cid={CID}",
        "location": {"address": "1 Street", "country_code": "DE", "name": "Café"},
    },
    "type": "Feature",
}
REVIEW = {
    **NEW,
    "properties": {
        **NEW["properties"],  # type: ignore[dict-item]
        "five_star_rating_published": 4,
        "review_text_published": "Good tea",
        "questions": [{"question": "Food", "rating": 5}, {"question": "Price", "selected_option": "€10"}],
    },
}
TABLE = (
    "Title,Note,URL,Tags,Comment\n"
    ",,,,\n"
    'Café,"Ask for\nthe window",'
    f'https://www.google.com/maps/place/Caf%C3%A9/data=!4m2!3m1!1s0x47a8:{CID:#x},"tea, cosy",Nice\n'
    "Hill,,\"https://www.google.com/maps/search/52.25,13.75\",,\n"
    "A page,,https://example.org/,,\n"
)  # fmt: skip


def collection(*features: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features)}).encode()


def test_a_saved_place_is_a_document(found: Any) -> None:
    (record,) = found(collection(NEW))
    assert (record.kind, record.source, record.title) == ("document", "google_maps", "Café")
    assert record.occurred_at == datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert record.url == f"http://maps.google.com/?cid={CID}"
    assert record.attributes == {
        "type": "saved_place", "latitude": 52.5, "longitude": 13.5, "address": "1 Street", "country": "DE",
        "place_id": str(CID),
    }  # fmt: skip


def test_keys_of_before_2022_give_the_same_record(found: Any) -> None:
    assert found(collection(OLD)) == found(collection(NEW))


def test_a_place_of_the_geojson_and_of_a_table_is_one_item(found: Any) -> None:
    (record,) = found(collection(NEW))
    row = found(TABLE.encode())[0]
    assert content_hash(record, Occurrences()) == content_hash(row, Occurrences())


def test_a_review_has_its_stars_its_text_and_its_answers(found: Any) -> None:
    (record,) = found(collection(REVIEW))
    assert (record.attributes["type"], record.attributes["rating"], record.body) == ("review", 4, "Good tea")
    assert record.attributes["answers"] == [
        {"question": "Food", "answer": 5}, {"question": "Price", "answer": "€10"},
    ]  # fmt: skip
    assert record.external_id == f"review/{CID}"


def test_a_review_of_before_2022_is_read(found: Any) -> None:
    old = {**OLD, "properties": {**OLD["properties"], "Star Rating": 5, "Review Comment": "Good tea"}}  # type: ignore[dict-item]
    (record,) = found(collection(old))
    assert (record.attributes["type"], record.attributes["rating"], record.body) == ("review", 5, "Good tea")


def test_stars_may_be_written_as_a_word(found: Any) -> None:
    starred = {**NEW, "properties": {**NEW["properties"], "five_star_rating_published": "FOUR"}}  # type: ignore[dict-item]
    (record,) = found(collection(starred))
    assert record.attributes["rating"] == 4


def test_zero_zero_is_no_place(found: Any) -> None:
    (record,) = found(collection({**NEW, "geometry": {"coordinates": [0, 0], "type": "Point"}}))
    assert "latitude" not in record.attributes


def test_a_labelled_place_has_its_label_for_a_name(found: Any) -> None:
    place = {"geometry": {"coordinates": [13.5, 52.5]}, "properties": {"address": "1 Street", "name": "Home"}}
    (record,) = found(collection(place), member="Maps/My labeled places/Labeled places.json")
    assert (record.title, record.attributes["address"]) == ("Home", "1 Street")


@pytest.mark.parametrize("bad", [7, {}, {"properties": None}, {"properties": {}}, {"properties": {"date": "x"}}])
def test_what_is_no_place_is_rejected_alone(found: Any, bad: Any) -> None:
    assert [type(item) for item in found(collection(NEW, bad, OLD))] == [Record, Rejected, Record]


def test_a_cut_file_keeps_its_good_head(found: Any) -> None:
    assert [type(item) for item in found(collection(*[NEW] * 10)[:-40])] == [Record] * 9 + [Rejected]


def test_rows_of_a_list_are_documents(found: Any) -> None:
    cafe, hill, page = found(TABLE.encode(), member="Takeout/Saved/Want to go.csv")
    assert (cafe.title, cafe.body, cafe.occurred_at) == ("Café", "Ask for\nthe window\nNice", None)
    assert cafe.attributes == {
        "type": "saved_place", "list": "Want to go", "labels": ["tea", "cosy"], "place_id": str(CID),
    }  # fmt: skip
    assert (hill.attributes["latitude"], hill.attributes["longitude"]) == (52.25, 13.75)
    assert page.attributes["type"] == "bookmark"


def test_the_description_of_a_list_stands_above_its_header(found: Any) -> None:
    about = 'Places for "one day",\nsome day\n\n'
    first, *others = found((about + TABLE).encode(), member="Saved/Dreams.csv")
    assert first.attributes["list_description"] == about.strip()
    assert len(others) == 2


def test_a_german_list_is_read(found: Any) -> None:
    table = TABLE.replace("Title,Note,URL,Tags,Comment", "Titel,Notiz,URL,Tags,Kommentar")
    assert [r.title for r in found(table.encode())] == ["Café", "Hill", "A page"]


def test_a_cut_list_keeps_its_good_head(found: Any) -> None:
    assert [r.title for r in found(TABLE.encode()[:-20])] == ["Café", "Hill", "A page"]


@pytest.mark.parametrize(
    "head",
    [
        b"id,title,note,excerpt,url,folder,tags,created\n",
        b"Title,URL,Tags\nx,https://example.org/,y\n",
        b"title,url,time_added,tags,status\n",
        b'{"type": "FeatureCollection", "features": [{"properties": {"name": "x"}}]}',
    ],
)
def test_other_files_are_not_claimed(head: bytes) -> None:
    assert maps_places.claims("x", head) == 0


@pytest.mark.parametrize(
    "member",
    [
        "Takeout/Maps (your places)/Saved Places.json",
        "Takeout/Maps (your places)/Reviews.json",
        "Maps (Meine Orte)/Gespeicherte Orte.json",
        "Maps (Meine Orte)/Bewertungen.json",
        "Maps/Meine Orte mit Beschriftungen/Orte mit Beschriftungen.json",
        "Takeout/Saved/Favorites.csv",
        "Gespeichert/Reiseziele.csv",
    ],
)
def test_names_are_known(member: str) -> None:
    adapter = classify(member, b"")
    assert adapter is not None
    assert adapter.NAME == "google_maps"


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damaged_bytes_raise_nothing(data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from([collection(OLD, NEW, REVIEW), TABLE.encode()])))
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=6))
    content = content[: data.draw(st.integers(0, len(content)))] or bytearray(data.draw(st.binary()))
    for item in maps_places.parse(MemberStream(io.BytesIO(bytes(content))), Context(member="m")):
        assert isinstance(item, Record | Rejected)
