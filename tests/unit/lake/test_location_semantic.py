import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapunk.lake.adapters import location_semantic
from datapunk.lake.record import Context, Position, Record, Rejected
from datapunk.lake.registry import classify
from datapunk.lake.stream import MemberStream

DURATION = {"startTimestamp": "2024-06-15T10:00:00.500Z", "endTimestamp": "2024-06-15T11:00:00.500Z"}
PLACE = {"latitudeE7": 525200000, "longitudeE7": 134050000, "placeId": "P1", "name": "Café", "address": "1 Street"}


def visit(**more: Any) -> dict[str, Any]:
    return {"placeVisit": {"location": PLACE, "duration": DURATION, **more}}


def segment(**more: Any) -> dict[str, Any]:
    return {"activitySegment": {"duration": DURATION, **more}}


def document(*objects: Any) -> bytes:
    return json.dumps({"timelineObjects": list(objects)}).encode()


def test_a_visit_has_its_place_and_its_span(found: Any) -> None:
    (record,) = found(document(visit(visitConfidence=80)))
    assert (record.kind, record.source, record.title) == ("place_visit", "location_semantic", "Café")
    assert record.occurred_at == datetime(2024, 6, 15, 10, 0, 0, 500000, tzinfo=UTC)
    assert record.ended_at == datetime(2024, 6, 15, 11, 0, 0, 500000, tzinfo=UTC)
    assert (record.precision, record.external_id) == ("ms", "1718445600500/P1")
    assert record.attributes == {
        "latitude": 52.52, "longitude": 13.405, "address": "1 Street", "confidence": 80, "place_id": "P1",
    }  # fmt: skip


def test_without_a_place_identifier_the_coordinates_identify_a_visit(found: Any) -> None:
    place = {key: value for key, value in PLACE.items() if key != "placeId"}
    (record,) = found(document(visit(location=place)))
    assert record.external_id == "1718445600500/52.52000,13.40500"


def test_a_visit_with_nothing_but_candidates_takes_the_first(found: Any) -> None:
    other = {**PLACE, "placeId": "P2", "name": "Bar", "locationConfidence": 30}
    (record,) = found(document(visit(location={}, otherCandidateLocations=[other])))
    assert (record.title, record.attributes["place_id"]) == ("Bar", "P2")
    assert record.attributes["candidates"] == [
        {"latitude": 52.52, "longitude": 13.405, "place_id": "P2", "name": "Bar", "address": "1 Street",
         "confidence": 30}
    ]  # fmt: skip


def test_a_latitude_out_of_range_is_kept_raw(found: Any) -> None:
    (record,) = found(document(visit(location={**PLACE, "latitudeE7": 910000000}, centerLatE7=1, centerLngE7=1)))
    assert "latitude" not in record.attributes
    assert record.attributes["latitude_e7_raw"] == 910000000


def test_visits_within_a_visit_are_records_of_their_own(found: Any) -> None:
    child = {"location": {**PLACE, "placeId": "P2"}, "duration": DURATION}
    parent, inner = found(document(visit(childVisits=[child])))
    assert inner.attributes["within"] == parent.external_id


def test_a_way_has_its_ends_its_mode_and_its_length(found: Any) -> None:
    (record,) = found(
        document(
            segment(
                startLocation={"latitudeE7": 10000000, "longitudeE7": 20000000},
                endLocation={"latitudeE7": 30000000, "longitudeE7": 40000000, "placeId": "P9"},
                activityType="IN_PASSENGER_VEHICLE",
                distance=1234,
                confidence="HIGH",
                activities=[
                    {"activityType": "WALKING", "probability": 5.5},
                    {"activityType": "IN_PASSENGER_VEHICLE", "probability": 90},
                    {"activityType": "CYCLING", "probability": 0},
                ],
            )
        )
    )
    assert (record.kind, record.title) == ("movement", "Passenger vehicle")
    assert record.external_id == "1718445600500-1718449200500"
    assert record.attributes == {
        "start_latitude": 1.0, "start_longitude": 2.0, "end_latitude": 3.0, "end_longitude": 4.0,
        "mode": "passenger_vehicle", "distance_m": 1234, "confidence": "high", "end_place_id": "P9",
        "candidates": [{"mode": "passenger_vehicle", "probability": 90}, {"mode": "walking", "probability": 5.5}],
    }  # fmt: skip


def test_points_of_a_path_are_positions_only_where_they_have_a_time(found: Any) -> None:
    timed = {"latE7": 10000000, "lngE7": 20000000, "accuracyMeters": 9, "timestampMs": "1718445600500"}
    untimed = {"latE7": 10000000, "lngE7": 20000000}
    record, position = found(document(segment(simplifiedRawPath={"points": [timed, untimed]})))
    assert isinstance(record, Record)
    assert position == Position(record.occurred_at, 1.0, 2.0, "location_semantic", "", 9, None)


def test_an_end_before_the_start_counts_as_unknown(found: Any) -> None:
    (record,) = found(document(visit(duration={"startTimestampMs": "1718445600500", "endTimestampMs": "1"})))
    assert record.ended_at is None


@pytest.mark.parametrize("bad", [{}, 7, None, "text", {"placeVisit": []}, visit(duration={}), {"placeVisit": {"a": 1}}])
def test_what_is_no_visit_is_rejected_alone(found: Any, bad: Any) -> None:
    first, second, third = found(document(visit(), bad, visit(visitConfidence=1)))
    assert isinstance(second, Rejected)
    assert isinstance(first, Record)
    assert isinstance(third, Record)


def test_a_cut_file_keeps_its_good_head(found: Any) -> None:
    everything = found(document(*[visit(visitConfidence=n) for n in range(10)])[:-30])
    assert [type(item) for item in everything] == [Record] * 9 + [Rejected]


@pytest.mark.parametrize(
    ("name", "latitude", "instant"),
    [
        ("with_activitySegment_with_startLocation.json", 12.3422222, "2025-03-24T19:07:24+00:00"),
        ("with_activitySegment_with_startLocation_timestampMs.json", 12.3466666, "2025-03-24T19:25:02.585000+00:00"),
        ("with_activitySegment_without_startLocation.json", 12.3411111, "2025-03-24T19:07:24+00:00"),
        ("with_activitySegment_without_startLocation_without_waypointPath.json", None, "2025-03-24T19:07:24+00:00"),
        ("with_placeVisit_with_location_with_coordinates.json", 12.3477777, "2025-03-24T19:23:52+00:00"),
        ("with_placeVisit_with_location_with_coordinates_with_iso_timestamp.json", 12.3488888,
         "2025-03-24T19:25:02+00:00"),
        ("with_placeVisit_without_location_with_coordinates.json", None, "2025-03-24T19:25:02+00:00"),
    ],
)  # fmt: skip
def test_peer_location_history(found: Any, peers: Path, name: str, latitude: float | None, instant: str) -> None:
    (record,) = found(peers / "location/dawarich/location-history" / name)
    key = "latitude" if record.kind == "place_visit" else "start_latitude"
    assert record.attributes.get(key) == latitude
    assert record.occurred_at.isoformat() == instant


def test_peer_segments_with_nothing_but_waypoints(found: Any, peers: Path) -> None:
    records = found(peers / "location/dawarich/semantic_history.json")
    assert [r.kind for r in records] == ["movement"] * 3
    assert records[0].occurred_at == datetime(2013, 12, 1, 7, 5, 14, 222000, tzinfo=UTC)
    assert records[2].ended_at == datetime(2013, 12, 1, 9, 11, 45, 637000, tzinfo=UTC)
    assert [r.attributes["mode"] for r in records] == ["walking", "driving", "walking"]
    assert records[1].attributes["distance_m"] == 3853
    assert (records[0].attributes["start_latitude"], records[0].attributes["end_longitude"]) == (53.340744, 83.705101)


def test_peer_file_with_a_byte_order_mark(found: Any, peers: Path) -> None:
    (record,) = found(peers / "location/dawarich/edge_cases/semantic_history_with_bom.json")
    assert record.occurred_at == datetime(2024, 1, 1, 10, 0, tzinfo=UTC)
    assert record.ended_at == datetime(2024, 1, 1, 10, 30, tzinfo=UTC)
    assert record.attributes == {
        "start_latitude": 60.4518, "start_longitude": 22.2666, "end_latitude": 60.4519, "end_longitude": 22.2667,
    }  # fmt: skip


def test_peer_takeout_month(found: Any, peers: Path) -> None:
    folder = peers / "takeout/Location History/Semantic Location History/2017"
    (record,) = found(folder / "2017_DECEMBER.json")
    assert (record.attributes["latitude"], record.attributes["longitude"]) == (55.5555555, -106.6666666)
    assert record.attributes["place_id"] == "JK4E4P"
    assert record.occurred_at == datetime(2017, 12, 10, 23, 29, 25, 26000, tzinfo=UTC)
    assert record.ended_at == datetime(2017, 12, 11, 1, 20, 6, 106000, tzinfo=UTC)
    candidates = record.attributes["candidates"]
    assert len(candidates) == 2
    assert (candidates[1]["latitude"], candidates[1]["latitude_e7_raw"]) == (None, 910000000)


def test_names_are_known() -> None:
    for member in (
        "Location History (Timeline)/Semantic Location History/2022/2022_DECEMBER.json",
        "Takeout/Historial de ubicaciones/Historial de ubicaciones semántico/2022/2022_DICIEMBRE.json",
    ):
        adapter = classify(member, b"")
        assert adapter is not None
        assert adapter.NAME == "location_semantic"


PATH = {"points": [{"latE7": 1, "lngE7": 2, "timestampMs": "5"}]}
VALID = document(visit(otherCandidateLocations=[PLACE]), segment(simplifiedRawPath=PATH, activities=[{}]))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damaged_bytes_raise_nothing(data: st.DataObject) -> None:
    content = bytearray(VALID)
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=6))
    content = content[: data.draw(st.integers(0, len(content)))] or bytearray(data.draw(st.binary()))
    for item in location_semantic.parse(MemberStream(io.BytesIO(bytes(content))), Context(member="m")):
        assert isinstance(item, Record | Position | Rejected)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
KEYS = (
    "location", "duration", "otherCandidateLocations", "childVisits", "simplifiedRawPath", "waypointPath",
    "transitPath", "activities", "startLocation", "parkingEvent",
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["placeVisit", "activitySegment"]), st.dictionaries(st.sampled_from(KEYS), values))
def test_values_of_any_type_raise_nothing(kind: str, told: dict[str, Any]) -> None:
    content = document({kind: {"duration": DURATION, **told}})
    for item in location_semantic.parse(MemberStream(io.BytesIO(content)), Context(member="m")):
        assert isinstance(item, Record | Position | Rejected)
