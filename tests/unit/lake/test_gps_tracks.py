import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapunk.lake.adapters import gps_tracks
from datapunk.lake.record import Context, Position, Record, Rejected
from datapunk.lake.registry import classify
from datapunk.lake.stream import MemberStream
from datapunk.lake.xml_stream import elements

AT = datetime(2024, 6, 15, 10, 30, tzinfo=UTC)
GPX = """<?xml version="1.0"?><gpx xmlns="http://www.topografix.com/GPX/1/1">
<wpt lat="52.25" lon="13.25"><name>Hut</name><desc>Open in summer</desc></wpt>
<trk><trkseg>
<trkpt lat="52.5" lon="13.5"><ele>34.5</ele><time>2024-06-15T10:30:00Z</time></trkpt>
<trkpt lat="95" lon="13.5"><time>2024-06-15T10:31:00Z</time></trkpt>
<trkpt lat="52.5" lon="13.5"><time>soon</time></trkpt>
<trkpt lat="52.75" lon="13.5"><time>2024-06-15T10:32:00Z</time></trkpt>
</trkseg></trk>
<rte><rtept lat="52.5" lon="13.5"/><rtept lat="52.5" lon="13.5"/></rte></gpx>"""
KML = """<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2">
<Document><Placemark><gx:Track>
<when>2024-06-15T10:30:00Z</when><when>2024-06-15T10:31:00Z</when>
<gx:coord>13.5 52.5 34.5</gx:coord><gx:coord>13.75 52.75 0</gx:coord></gx:Track></Placemark>
<Placemark><name>Hut</name><Point><coordinates>13.25,52.25,0</coordinates></Point></Placemark>
<Placemark><TimeSpan><begin>2024-06-15T10:32:00Z</begin></TimeSpan>
<Point><coordinates>13.5,52.5</coordinates></Point></Placemark>
<Placemark><LineString><coordinates>1,2 3,4 5,6</coordinates></LineString></Placemark>
</Document></kml>"""


def feature(**more: Any) -> dict[str, Any]:
    properties = {"timestamp": "2024-06-15T10:30:00Z", "accuracy": 9, "device_id": "phone"}
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [13.5, 52.5, 34.5]},
        "properties": properties,
        **more,
    }


def collection(*features: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features)}).encode()


def test_a_table_without_zone_is_read_in_the_zone_of_the_import(found: Any) -> None:
    (position,) = found(b"Time,Lat,Lon\n2024-06-15 12:30:00,52.5,13.5\n", timezone="Europe/Berlin")
    assert position == Position(AT, 52.5, 13.5, "gps_tracks")


def test_date_and_time_may_be_two_columns(found: Any) -> None:
    (position,) = found(b"date,time,latitude,longitude\n2024-06-15,10:30:00,52.5,13.5\n")
    assert position.occurred_at == AT


@pytest.mark.parametrize("stamp", ["1718447400", "1718447400000", "1718447400000000", "2024-06-15T12:30:00+02:00"])
def test_times_are_read_in_each_unit(found: Any, stamp: str) -> None:
    (position,) = found(f"timestamp,lat,lng\n{stamp},52.5,13.5\n".encode())
    assert position.occurred_at == AT


@pytest.mark.parametrize("row", ["2024-06-15T10:30:00Z,95,13.5", "soon,52.5,13.5", "2024-06-15T10:30:00Z,,", "x"])
def test_a_row_that_is_no_point_is_rejected_alone(found: Any, row: str) -> None:
    good = "2024-06-15T10:30:00Z,52.5,13.5"
    everything = found(f"time,lat,lon\n{good}\n{row}\n{good}\n".encode())
    assert [type(item) for item in everything] == [Position, Rejected, Position]


def test_a_track_gives_positions_a_named_point_a_document_and_a_route_nothing(found: Any) -> None:
    hut, first, no_place, no_time, second, plan = found(GPX.encode())
    assert (hut.kind, hut.title, hut.body) == ("document", "Hut", "Open in summer")
    assert hut.attributes == {"type": "saved_place", "latitude": 52.25, "longitude": 13.25}
    assert first == Position(AT, 52.5, 13.5, "gps_tracks", "", None, 34.5)
    assert second == Position(AT + timedelta(minutes=2), 52.75, 13.5, "gps_tracks")
    assert (type(no_place), type(no_time)) == (Rejected, Rejected)
    assert plan.reason.startswith("2 points have no time")


def test_a_cut_track_keeps_its_good_head(found: Any) -> None:
    everything = found(GPX.encode()[: GPX.index('<trkpt lat="95"')])
    assert [type(item) for item in everything] == [Record, Position, Rejected]


def test_kml_has_tracks_places_and_lines(found: Any) -> None:
    first, second, hut, spot, plan = found(KML.encode())
    assert first == Position(AT, 52.5, 13.5, "gps_tracks", "", None, 34.5)
    assert second[:3] == (AT + timedelta(minutes=1), 52.75, 13.75)
    assert (hut.kind, hut.title) == ("document", "Hut")
    assert spot[:3] == (AT + timedelta(minutes=2), 52.5, 13.5)
    assert plan.reason.startswith("3 points have no time")


def test_geojson_points_with_a_time_are_positions(found: Any) -> None:
    line = feature(geometry={"type": "LineString", "coordinates": [[1, 2], [3, 4]]})
    everything = found(collection(feature(), feature(geometry=None), 7, line))
    assert everything[0] == Position(AT, 52.5, 13.5, "gps_tracks", "phone", 9, 34.5)
    assert [type(item) for item in everything[1:]] == [Rejected] * 3
    assert everything[3].reason.startswith("1 points have no time")


def test_points_leave_memory_when_they_were_read() -> None:
    class Long(io.RawIOBase):
        sent = 0

        def read(self, size: int = -1, /) -> bytes:
            self.sent += 1
            if self.sent == 1:
                return b"<gpx><trk><trkseg>"
            if self.sent > 300:
                return b"</trkseg></trk></gpx>" if self.sent == 301 else b""
            return b'<trkpt lat="52.5" lon="13.5"><time>2024-06-15T10:30:00Z</time></trkpt>' * 100

    held = [len(point.getparent()) for point in elements(MemberStream(Long()), "trkpt")]
    assert len(held) == 29_900
    # The parser runs ahead by a chunk.
    assert max(held) < 2_000


def test_peer_quoted_headers(found: Any, peers: Path) -> None:
    first, second = found(peers / "csv/dawarich/quoted_headers.csv")
    assert first[:3] == (datetime(2024, 12, 2, 19, 0, tzinfo=UTC), 32.8954383, -117.1930364)
    assert second[:3] == (datetime(2024, 12, 2, 19, 2, 12, tzinfo=UTC), 32.8955442, -117.1929882)


def test_peer_decimal_commas(found: Any, peers: Path) -> None:
    positions = found(peers / "csv/dawarich/semicolon_eu.csv")
    assert len(positions) == 3
    assert positions[0] == Position(AT, 52.52, 13.405, "gps_tracks", "", 8, 34)


def test_peer_unix_timestamps(found: Any, peers: Path) -> None:
    positions = found(peers / "csv/dawarich/unix_timestamps.csv")
    assert len(positions) == 3
    assert positions[0][:3] == (datetime(2024, 6, 15, 9, 36, 40, tzinfo=UTC), 52.52, 13.405)
    assert positions[0].device == "phone1"


def test_peer_gpslogger(found: Any, peers: Path) -> None:
    positions = found(peers / "csv/dawarich/gpslogger.csv")
    assert [(p.occurred_at - AT).total_seconds() for p in positions] == [0, 60, 120]
    assert positions[2][1:3] == (52.522, 13.407)


@pytest.mark.parametrize("member", ["ride.gpx", "ride.KML", "ride.geojson"])
def test_names_are_known(member: str) -> None:
    adapter = classify(member, b"")
    assert adapter is not None
    assert adapter.NAME == "gps_tracks"


@pytest.mark.parametrize(
    "head", [b"<html><body></body></html>", b"Date,From,To\n", b"name,lat,lon\n", b'{"features": []}', b"\x00\x01"]
)
def test_other_files_are_not_claimed(head: bytes) -> None:
    assert gps_tracks.claims("x", head) == 0


TABLE = b"time;lat;lon;accuracy\n2024-06-15T10:30:00Z;52,5200;13,4050;8\n2024-06-15T10:30:00Z;52,5200;13,4050;8\n"


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damaged_bytes_raise_nothing(data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from([GPX.encode(), KML.encode(), collection(feature()), TABLE])))
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=6))
    content = content[: data.draw(st.integers(0, len(content)))] or bytearray(data.draw(st.binary()))
    for item in gps_tracks.parse(MemberStream(io.BytesIO(bytes(content))), Context(member="m")):
        assert isinstance(item, Record | Position | Rejected)


def test_a_long_first_line_is_no_header() -> None:
    """Found by fuzzing: 64 KiB of brackets took half a minute, and these would take hours."""
    assert gps_tracks._columns(("(" * 2_000_000,)) == {}
