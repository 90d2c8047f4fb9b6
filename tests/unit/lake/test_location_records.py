import io
import json
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapunk.lake.adapters import location_edits, location_records
from datapunk.lake.geo import coordinates, degrees_e7, instant, point
from datapunk.lake.record import Context, Position, Record, Rejected
from datapunk.lake.registry import classify
from datapunk.lake.stream import MemberStream


def location(**more: Any) -> dict[str, Any]:
    given = {"latitudeE7": 525200000, "longitudeE7": 134050000, "timestamp": "2024-06-15T10:30:00.250Z"}
    return {**given, **more}


def document(*entries: Any) -> bytes:
    return json.dumps({"locations": list(entries)}).encode()


def split(everything: list[Any]) -> tuple[list[Position], list[Rejected]]:
    return (
        [item for item in everything if isinstance(item, Position)],
        [item for item in everything if isinstance(item, Rejected)],
    )


def test_a_location_keeps_its_milliseconds_its_device_and_its_metres(found: Any) -> None:
    entry = location(accuracy=12, altitude=-3, deviceTag=-8024144696862913506)
    assert found(document(entry)) == [
        Position(
            datetime(2024, 6, 15, 10, 30, 0, 250000, tzinfo=UTC),
            52.52, 13.405, "location_history", "-8024144696862913506", 12, -3,
        )
    ]  # fmt: skip


def test_both_generations_of_one_fact_are_equal(found: Any) -> None:
    old = {"latitudeE7": 525200000, "longitudeE7": 134050000, "timestampMs": "1718447400250"}
    (first,), (second,) = found(document(old)), found(document(location()))
    assert first[:3] == second[:3]


@pytest.mark.parametrize(
    "wrong", [{"latitudeE7": 910000000}, {"longitudeE7": -1800000001}, {"latitudeE7": None}, {"longitudeE7": "x"}]
)
def test_coordinates_out_of_range_are_rejected_with_the_raw_record(found: Any, wrong: dict[str, Any]) -> None:
    positions, rejects = split(found(document(location(**wrong), location())))
    assert len(positions) == 1
    assert [r.reason for r in rejects] == ["coordinates are missing or out of range"]
    assert json.dumps(next(iter(wrong.values()))).encode() in rejects[0].sample


@pytest.mark.parametrize("stamp", [None, "soon", 10**30, "9999-12-31T23:59:59-10:00", True, [], {"a": 1}])
def test_a_location_without_a_time_is_rejected_alone(found: Any, stamp: Any) -> None:
    positions, rejects = split(found(document(location(), location(timestamp=stamp))))
    assert (len(positions), len(rejects)) == (1, 1)


def test_what_is_no_location_is_rejected_alone(found: Any) -> None:
    positions, rejects = split(found(document(location(), 7, "text", None, [])))
    assert (len(positions), len(rejects)) == (1, 4)


def test_rare_spellings_are_read(found: Any) -> None:
    wrapped = location(latitudeE7=4_294_967_296 - 525_200_000)
    offset = location(timestamp="2024-06-15T12:30:00.250+02:00")
    fraction = location(accuracy=12.5, altitude=1e400)
    positions, rejects = split(found(document(wrapped, offset, fraction).replace(b"Infinity", b"1e400")))
    assert rejects == []
    assert positions[0].latitude == -52.52
    assert positions[1].occurred_at == datetime(2024, 6, 15, 10, 30, 0, 250000, tzinfo=UTC)
    assert (positions[2].accuracy_m, positions[2].altitude_m) == (12.5, None)


def test_an_exponent_of_billions_is_no_time(found: Any) -> None:
    content = b'{"locations": [{"latitudeE7": 1, "longitudeE7": 2, "timestampMs": 1e999999999}]}'
    assert [type(item) for item in found(content)] == [Rejected]


def test_a_cut_file_keeps_its_good_head(found: Any) -> None:
    content = document(*[location(accuracy=n) for n in range(50)])[:-40]
    positions, rejects = split(found(content))
    assert (len(positions), len(rejects)) == (49, 1)


def test_a_damaged_spot_costs_one_location(found: Any) -> None:
    content = document(*[location(accuracy=n) for n in range(100, 150)])
    spot = content.index(b'"accuracy": 120')
    positions, rejects = split(found(content[:spot] + b"@" + content[spot + 1 :]))
    assert (len(positions), len(rejects)) == (49, 1)


def test_an_empty_list_gives_nothing(found: Any) -> None:
    assert found(b'{"locations": []}', member="Takeout/Location History/Records.json") == []


def test_memory_stays_small_for_a_long_file() -> None:
    class Endless(io.RawIOBase):
        sent = 0

        def read(self, size: int = -1, /) -> bytes:
            self.sent += 1
            if self.sent > 150:
                return b"]}" if self.sent == 151 else b""
            entries = ",".join(json.dumps(location(accuracy=n)) for n in range(100)).encode()
            return (b'{"locations": [' if self.sent == 1 else b",") + entries

    stream = MemberStream(Endless())
    tracemalloc.start()
    count = sum(1 for _ in location_records.parse(stream, Context(member="m")))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 15_000
    assert peak < 2 << 20


def test_edits_give_positions_and_count_millimetres(found: Any) -> None:
    position = {"point": {"latE7": 525200000, "lngE7": 134050000}, "accuracyMm": 1500,
                "timestamp": "2024-06-15T10:30:00Z"}  # fmt: skip
    edits = [
        {"deviceId": "7", "rawSignal": {"signal": {"position": position}}},
        {"deviceId": "7", "rawSignal": {"signal": {"wifiScan": {}}}},
        {"deviceId": "7", "placeAggregates": {}},
        {"deviceId": "7", "rawSignal": {"signal": {"position": {"point": {"latE7": 910000000, "lngE7": 0}}}}},
        {"unknown": 1},
    ]
    positions, rejects = split(found(json.dumps({"timelineEdits": edits}).encode()))
    assert positions == [
        Position(datetime(2024, 6, 15, 10, 30, tzinfo=UTC), 52.52, 13.405, "location_edits", "7", 1.5, None)
    ]
    assert len(rejects) == 2


def test_devices_of_the_settings_are_security_events(found: Any) -> None:
    device = {"deviceTag": 5, "devicePrettyName": "My phone", "deviceCreationTime": "2020-01-02T03:04:05.678Z"}
    content = json.dumps({"createdTime": "2018-04-13T21:30:16.606Z", "deviceSettings": [device, {"deviceTag": 6}]})
    first, second = found(content.encode())
    assert (first.kind, first.title, first.attributes["type"]) == ("security_event", "My phone", "device")
    assert first.occurred_at == datetime(2020, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
    assert (second.title, second.occurred_at, second.external_id) == ("6", None, "device/6")


def test_encrypted_backups_tell_how_to_get_the_data(found: Any) -> None:
    content = b"You have encrypted Timeline backups stored on Google servers."
    (rejected,) = found(content, member="Takeout/Timeline/Encrypted Backups.txt")
    assert "encrypted on the phone" in rejected.reason
    assert "Export Timeline data" in rejected.reason


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12.3°, -4.5°", (12.3, -4.5)),
        ("12.3, -4.5", (12.3, -4.5)),
        ("geo:12.3,-4.5", (12.3, -4.5)),
        ("12.3\u00a0°,\u202f-4.5\u00a0°", (12.3, -4.5)),
        ("geo:12.3,-4.5,600", (12.3, -4.5)),
        ("91.0°, 0.0°", None),
        ("north", None),
        (None, None),
        (12.3, None),
    ],
)
def test_coordinates_are_read_in_each_spelling(text: object, expected: tuple[float, float] | None) -> None:
    found = coordinates(text)
    assert (found and found[:2]) == expected


@pytest.mark.parametrize(
    ("value", "expected", "precision", "zone_source"),
    [
        ("1742844232", "2025-03-24T19:23:52+00:00", "s", "utc"),
        (1742844302585, "2025-03-24T19:25:02.585000+00:00", "ms", "utc"),
        ("1742844302585123456", "2025-03-24T19:25:02.585123+00:00", "us", "utc"),
        ("2025-03-24 20:25:02 +0100", "2025-03-24T19:25:02+00:00", "s", "offset"),
        ("2025-03-24T20:25:02.5+01:00", "2025-03-24T19:25:02.500000+00:00", "ms", "offset"),
        ("2025-03-24 20:25:02 UTC", "2025-03-24T20:25:02+00:00", "s", "utc"),
        ("2025-03-24T20:25:02", "2025-03-24T20:25:02+00:00", "s", "assumed"),
        ("2025-03-24", "2025-03-24T00:00:00+00:00", "day", "assumed"),
        ("-86400", "1969-12-31T00:00:00+00:00", "s", "utc"),
    ],
)
def test_instants_are_read_in_each_spelling(value: Any, expected: str, precision: str, zone_source: str) -> None:
    found = instant(value)
    assert (found.at.isoformat(), found.precision, found.zone_source) == (expected, precision, zone_source)


def test_numbers_that_are_none_are_no_places() -> None:
    assert point(float("nan"), 1) is None
    assert point(True, 1) is None
    assert degrees_e7(10**400, 90) is None


def test_peer_takeout_files_of_one_fact_are_one_position(found: Any, peers: Path) -> None:
    old = found(peers / "takeout/Location History/Location History.json")
    new = found(peers / "takeout/Location History (Timeline)/Records.json")
    expected = (datetime(2017, 12, 10, 23, 14, 58, 30000, tzinfo=UTC), 35.1324213, -112.2434441)
    assert [item[:3] for item in old] == [item[:3] for item in new] == [expected]
    assert (old[0].accuracy_m, old[0].device, new[0].device) == (10, "", "-8024144696862913506")


def test_peer_dogsheep(found: Any, peers: Path) -> None:
    positions = found(peers / "takeout_dogsheep/Location History/Location History.json")
    assert [(p.occurred_at, p.latitude, p.longitude, p.accuracy_m) for p in positions] == [
        (datetime(2015, 7, 18, 23, 57, 26, 12000, tzinfo=UTC), 37.6955289, -121.9287261, 45),
        (datetime(2015, 7, 18, 23, 58, 25, 529000, tzinfo=UTC), 37.6955454, -121.9287454, 43),
    ]


def test_peer_records(found: Any, peers: Path) -> None:
    positions = found(peers / "location/dawarich/records.json")
    assert [p.occurred_at.isoformat(timespec="milliseconds") for p in positions] == [
        "2012-12-15T14:21:29.460+00:00", "2013-01-04T10:22:43.225+00:00", "2013-03-01T05:17:39.849+00:00",
    ]  # fmt: skip
    assert positions[0][1:3] == (53.3690550, 83.6950010)
    assert (positions[0].accuracy_m, positions[2].device) == (150, "1184882232")


def test_peer_edits_and_settings(found: Any, peers: Path) -> None:
    (position,) = found(peers / "location/dawarich/edge_cases/timeline_edits.json")
    assert position == Position(
        datetime(2025, 8, 15, 14, 32, 18, tzinfo=UTC), 35.5831402, -119.3393903, "location_edits", "-1613859921", 12.0
    )
    (device,) = found(peers / "location/dawarich/edge_cases/device_settings.json")
    assert isinstance(device, Record)
    assert (device.title, device.attributes["device"]) == ("Google Pixel 7", "-1234567890")


@pytest.mark.parametrize(
    ("member", "source"),
    [
        ("Takeout/Location History (Timeline)/Records.json", "location_history"),
        ("Takeout/Standortverlauf/Standortverlauf.json", "location_history"),
        ("Takeout/Location History (Timeline)/Timeline Edits.json", "location_edits"),
        ("Takeout/Location History/Settings.json", "location_edits"),
        ("Takeout/Timeline/Encrypted Backups.txt", "location_edits"),
    ],
)
def test_names_are_known(member: str, source: str) -> None:
    adapter = classify(member, b"")
    assert (adapter.NAME if adapter else None) == source


def test_other_lists_of_locations_are_not_claimed() -> None:
    assert location_records.claims("a.json", b'{"locations": [{"type": "Feature"}]}') == 0
    assert location_edits.claims("Settings.json", b'{"deviceSettings": {}}') == 0


VALID = document(*[location(accuracy=n, deviceTag=n) for n in range(5)])
EDITS = json.dumps(
    {
        "deviceSettings": [{"deviceTag": 1, "deviceSpec": {"model": "x"}}],
        "timelineEdits": [{"rawSignal": {"signal": {"position": {"point": {"latE7": 1, "lngE7": 2}}}}}],
    }
).encode()


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damaged_bytes_raise_nothing(data: st.DataObject) -> None:
    adapter, valid = data.draw(st.sampled_from([(location_records, VALID), (location_edits, EDITS)]))
    content = bytearray(valid)
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=6))
    content = content[: data.draw(st.integers(0, len(content)))] or bytearray(data.draw(st.binary()))
    for item in adapter.parse(MemberStream(io.BytesIO(bytes(content))), Context(member="m")):
        assert isinstance(item, Record | Position | Rejected)
