import io
import itertools
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapunk.lake.adapters import timeline_android, timeline_ios
from datapunk.lake.record import Context, Measurement, Position, Record, Rejected
from datapunk.lake.registry import classify
from datapunk.lake.stream import MemberStream

TIMES = {"startTime": "2024-06-15T09:00:00.000+02:00", "endTime": "2024-06-15T10:00:00.000+02:00"}
VISIT = {**TIMES, "visit": {"hierarchyLevel": 1, "topCandidate": {
    "placeId": "P1", "semanticType": "INFERRED_HOME", "probability": 0.5,
    "placeLocation": {"latLng": "48.8566\u00b0, 2.3522\u00b0"}}}}  # fmt: skip
ACTIVITY = {**TIMES, "activity": {
    "start": {"latLng": "1.5\u00b0, 2.5\u00b0"}, "end": {"latLng": "3.5\u00b0, 4.5\u00b0"}, "distanceMeters": 1200.5,
    "topCandidate": {"type": "CYCLING", "probability": 0.9}}}  # fmt: skip
PATH = {**TIMES, "timelinePath": [
    {"point": "1.5\u00b0, 2.5\u00b0", "time": "2024-06-15T09:05:00.000+02:00"},
    {"point": "1.5\u00b0, 2.5\u00b0", "durationMinutesOffsetFromStartTime": "7"}]}  # fmt: skip
SIGNAL = {"position": {
    "LatLng": "1.5\u00b0, 2.5\u00b0", "accuracyMeters": 9, "altitudeMeters": 35.5,
    "timestamp": "2024-06-15T09:05:00.000Z"}}  # fmt: skip
WIFI = {"wifiScan": {"deliveryTime": "2024-06-15T09:05:00.000Z", "devicesRecords": [{"mac": 1}]}}
SECTIONS = {
    "semanticSegments": [VISIT, ACTIVITY, PATH],
    "rawSignals": [SIGNAL, WIFI],
    "userLocationProfile": {
        "frequentPlaces": [{"placeId": "P1", "placeLocation": "48.8566\u00b0, 2.3522\u00b0", "label": "HOME"}],
        "persona": {"travelModeAffinities": [{"mode": "WALKING", "affinity": 0.5}]},
    },
}


def android(**sections: Any) -> bytes:
    return json.dumps(sections).encode()


def points(everything: list[Any]) -> set[tuple[datetime, float, float]]:
    """What the peer counts as points: stays, ends of ways, and samples."""
    found: set[tuple[datetime, float, float]] = set()
    for item in everything:
        if isinstance(item, Position):
            found.add(item[:3])
        elif isinstance(item, Record) and item.occurred_at is not None and "latitude" in item.attributes:
            found.add((item.occurred_at, item.attributes["latitude"], item.attributes["longitude"]))  # type: ignore[arg-type]
    return found


def test_a_visit_is_a_stay(found: Any) -> None:
    (record,) = found(android(semanticSegments=[VISIT]))
    assert (record.kind, record.source, record.title) == ("place_visit", "timeline_android", "Inferred home")
    assert record.occurred_at == datetime(2024, 6, 15, 7, 0, tzinfo=UTC)
    assert record.external_id == "1718434800000/P1"
    assert record.attributes == {
        "latitude": 48.8566, "longitude": 2.3522, "semantic_type": "inferred_home", "confidence": 0.5,
        "hierarchy_level": 1, "place_id": "P1",
    }  # fmt: skip


def test_a_place_out_of_range_is_kept_as_written(found: Any) -> None:
    visit = {**TIMES, "visit": {"topCandidate": {"placeLocation": {"latLng": "91.5°, 2.0°"}}}}
    (record,) = found(android(semanticSegments=[visit]))
    assert "latitude" not in record.attributes
    assert "91.5" in record.attributes["place_raw"]


def test_an_activity_is_a_way(found: Any) -> None:
    (record,) = found(android(semanticSegments=[ACTIVITY]))
    assert (record.kind, record.external_id) == ("movement", "1718434800000-1718438400000")
    assert record.attributes == {
        "start_latitude": 1.5, "start_longitude": 2.5, "end_latitude": 3.5, "end_longitude": 4.5,
        "mode": "cycling", "distance_m": 1200.5, "confidence": 0.9,
    }  # fmt: skip


def test_points_of_a_path_are_positions(found: Any) -> None:
    first, second = found(android(semanticSegments=[PATH]))
    assert first == Position(datetime(2024, 6, 15, 7, 5, tzinfo=UTC), 1.5, 2.5, "timeline_android")
    assert second.occurred_at == datetime(2024, 6, 15, 7, 7, tzinfo=UTC)


def test_a_point_without_place_or_time_is_rejected_alone(found: Any) -> None:
    path = {**TIMES, "timelinePath": [{"point": "x"}, {"point": "1.5, 2.5"}, *PATH["timelinePath"], 7]}  # type: ignore[misc]
    assert [type(item) for item in found(android(semanticSegments=[path]))] == [
        Rejected, Rejected, Position, Position, Rejected,
    ]  # fmt: skip


@pytest.mark.parametrize("order", list(itertools.permutations(SECTIONS)))
def test_the_sections_may_come_in_any_order(found: Any, order: tuple[str, ...]) -> None:
    everything = found(android(**{name: SECTIONS[name] for name in order}))
    assert sorted(type(item).__name__ for item in everything) == ["Position"] * 3 + ["Record"] * 3
    assert {item.kind for item in everything if isinstance(item, Record)} == {"place_visit", "movement", "document"}


def test_a_raw_position_has_its_metres_and_a_scan_of_stations_gives_nothing(found: Any) -> None:
    assert found(android(rawSignals=[SIGNAL, WIFI])) == [
        Position(datetime(2024, 6, 15, 9, 5, tzinfo=UTC), 1.5, 2.5, "timeline_android", "", 9, 35.5)
    ]


def test_a_trip_is_a_document(found: Any) -> None:
    trip = {"distanceFromOriginKms": 340, "destinations": [{"identifier": {"placeId": "P1"}}]}
    (record,) = found(android(semanticSegments=[{**TIMES, "timelineMemory": {"trip": trip}}]))
    assert (record.kind, record.title) == ("document", "Trip, 340 km from home")
    assert record.attributes == {"type": "trip", "destinations": ["P1"], "distance_from_home_m": 340000}


@pytest.mark.parametrize(
    "bad", [7, None, "startTime", {"startTime": "x", "visit": {}}, {**TIMES, "new": {}}, {**TIMES, "visit": 7},
            {**TIMES, "timelinePath": "x"}, {**TIMES, "timelineMemory": {"destinations": 7}}]
)  # fmt: skip
def test_what_is_no_segment_is_rejected_alone(found: Any, bad: Any) -> None:
    everything = found(android(semanticSegments=[VISIT, bad, ACTIVITY]))
    assert [type(item) for item in everything] == [Record, Rejected, Record]


def test_a_cut_file_keeps_its_good_head(found: Any) -> None:
    content = android(semanticSegments=[VISIT] * 20, rawSignals=[SIGNAL] * 20)[:-30]
    everything = found(content)
    assert [type(item) for item in everything] == [Record] * 20 + [Position] * 19 + [Rejected]


def test_a_broken_segment_costs_itself_alone(found: Any) -> None:
    content = android(semanticSegments=[VISIT] * 20, rawSignals=[SIGNAL] * 20)
    spot = content.index(b'"visit"', 2000)
    everything = found(content[:spot] + b"@" + content[spot + 1 :])
    kinds = [type(item).__name__ for item in everything]
    assert (kinds.count("Record"), kinds.count("Position"), kinds.count("Rejected")) == (19, 20, 1)


def test_an_iphone_writes_numbers_as_texts(found: Any) -> None:
    visit = {
        **TIMES,
        "visit": {
            "hierarchyLevel": "0",
            "topCandidate": {
                "probability": "0.785",
                "semanticType": "Unknown",
                "placeID": "P1",
                "placeLocation": "geo:27.7,-97.3",
            },
        },
    }
    activity = {**TIMES, "activity": {
        "start": "geo:1.5,2.5", "end": "geo:3.5,4.5", "distanceMeters": "1200.5",
        "topCandidate": {"type": "in passenger vehicle", "probability": "0.0"}}}  # fmt: skip
    stay, way = found(json.dumps([visit, activity]).encode())
    assert (stay.source, stay.title, stay.attributes["confidence"]) == ("timeline_ios", None, 0.785)
    assert (stay.attributes["latitude"], stay.attributes["place_id"]) == (27.7, "P1")
    assert (way.attributes["mode"], way.attributes["distance_m"]) == ("passenger_vehicle", 1200.5)


def test_a_cut_iphone_file_keeps_its_good_head(found: Any) -> None:
    everything = found(json.dumps([VISIT] * 10).encode()[:-30])
    assert [type(item) for item in everything] == [Record] * 9 + [Rejected]


def test_peer_iphone(found: Any, peers: Path) -> None:
    everything = found(peers / "location/dawarich/location-history.json")
    in_order = sorted(points(everything))
    assert len(in_order) == 8
    assert in_order[6] == (datetime(2023, 8, 27, 23, 49, tzinfo=UTC), 27.696576, -97.376949)
    assert in_order[7] == (datetime(2023, 8, 27, 23, 52, tzinfo=UTC), 27.709617, -97.375988)
    (trip,) = [item for item in everything if isinstance(item, Record) and item.kind == "document"]
    assert (trip.attributes["type"], len(trip.attributes["destinations"])) == ("trip", 4)
    assert not [item for item in everything if isinstance(item, Rejected)]


def test_peer_android(found: Any, peers: Path) -> None:
    stay, way, first, second, raw, home, work = found(peers / "location/dawarich/timeline_new_format.json")
    assert (stay.occurred_at, stay.attributes["latitude"], stay.attributes["longitude"]) == (
        datetime(2024, 6, 15, 7, 0, tzinfo=UTC), 48.8566, 2.3522,
    )  # fmt: skip
    assert (way.occurred_at, way.ended_at) == (
        datetime(2024, 6, 15, 8, 0, tzinfo=UTC), datetime(2024, 6, 15, 8, 30, tzinfo=UTC),
    )  # fmt: skip
    assert way.attributes["mode"] == "passenger_vehicle"
    assert (way.attributes["start_latitude"], way.attributes["start_longitude"]) == (48.8566, 2.3522)
    assert (way.attributes["end_latitude"], way.attributes["end_longitude"]) == (48.8606, 2.3376)
    assert first[:3] == (datetime(2024, 6, 15, 8, 35, tzinfo=UTC), 48.8606, 2.3376)
    assert second[:3] == (datetime(2024, 6, 15, 8, 40, tzinfo=UTC), 48.862, 2.335)
    assert raw[:3] == (datetime(2024, 6, 15, 9, 5, tzinfo=UTC), 48.8566, 2.3522)
    assert [(p.title, p.attributes["type"]) for p in (home, work)] == [
        ("Home", "saved_place"), ("Work", "saved_place"),
    ]  # fmt: skip


def test_peer_android_with_an_activity_record(found: Any, peers: Path) -> None:
    position, activity = found(peers / "location/dawarich/phone_takeout_w_activity_record.json")
    assert position[:3] == (datetime(2024, 6, 15, 9, 5, tzinfo=UTC), 48.8566, 2.3522)
    assert activity == Measurement(
        "activity_still", datetime(2024, 6, 15, 9, 5, 5, tzinfo=UTC), None, 0.95, "probability", "timeline_android"
    )


@pytest.mark.parametrize(
    ("member", "source"),
    [
        ("Timeline.json", "timeline_android"),
        ("Zeitachse.json", "timeline_android"),
        ("phone/Cronología.json", "timeline_android"),
        ("location-history.json", "timeline_ios"),
    ],
)
def test_names_are_known(member: str, source: str) -> None:
    adapter = classify(member, b"")
    assert (adapter.NAME if adapter else None) == source


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damaged_bytes_raise_nothing(data: st.DataObject) -> None:
    adapter, valid = data.draw(
        st.sampled_from(
            [
                (timeline_android, android(**SECTIONS)),
                (timeline_ios, json.dumps([VISIT, ACTIVITY, PATH]).encode()),
            ]
        )
    )
    content = bytearray(valid)
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=6))
    content = content[: data.draw(st.integers(0, len(content)))] or bytearray(data.draw(st.binary()))
    for item in adapter.parse(MemberStream(io.BytesIO(bytes(content))), Context(member="m")):
        assert isinstance(item, Record | Position | Measurement | Rejected)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
KEYS = st.sampled_from(
    ["topCandidate", "placeLocation", "start", "parking", "hierarchyLevel", "trip", "destinations", "identifier"]
)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["visit", "activity", "timelinePath", "timelineMemory"]),
    st.dictionaries(KEYS, values | st.dictionaries(KEYS, values, max_size=3), max_size=4),
)
def test_values_of_any_type_raise_nothing(kind: str, told: dict[str, Any]) -> None:
    content = json.dumps([{**TIMES, kind: told}]).encode()
    for item in timeline_ios.parse(MemberStream(io.BytesIO(content)), Context(member="m")):
        assert isinstance(item, Record | Position | Rejected)
