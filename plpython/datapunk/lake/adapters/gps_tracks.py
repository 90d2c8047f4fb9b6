"""Tracks of GPS loggers and apps: GPX, KML, GeoJSON points, and tables with coordinates and a time."""

import re
from collections import deque
from collections.abc import Iterator, Mapping
from datetime import tzinfo
from typing import Any

from datapunk.clock import zone
from datapunk.lake.geo import Point, instant, known_point, number, point
from datapunk.lake.names import folded
from datapunk.lake.record import Context, Found, Position, Record, Rejected
from datapunk.lake.registry import BY_NAME, SURE
from datapunk.lake.samples import rejected, rejected_element, rejected_row
from datapunk.lake.stream import MemberStream, json_items
from datapunk.lake.tabular import header_of, rows
from datapunk.lake.xml_stream import elements, local, text

NAME = "gps_tracks"
VERSION = "1"

# Other sources have tables and points of places too, and know more of them.
_TABLE_OF_PLACES = BY_NAME + 0.1
_COLUMNS = {
    "latitude": ("latitude", "lat", "breitengrad", "breite", "latitud"),
    "longitude": ("longitude", "lon", "lng", "long", "längengrad", "länge", "longitud"),
    "time": ("time", "timestamp", "datetime", "date time", "start time", "starttime", "time utc", "utc time", "utc",
             "recorded at", "created at", "tst", "zeit", "zeitstempel"),
    "date": ("date", "datum", "fecha"),
    "accuracy": ("accuracy", "horizontal accuracy", "acc", "genauigkeit"),
    "altitude": ("altitude", "elevation", "ele", "alt", "höhe"),
    "device": ("device", "deviceid", "device id", "device name", "tid"),
}  # fmt: skip
_UNIT = re.compile(r"\s*[(\[][^)\]]*[)\]]$|\s+(?:m|deg)$")
# What is longer is no column's name; on a long one _UNIT would take minutes.
_NAME_CHARACTERS = 100
_XML = re.compile(rb"<(?:\w+:)?(gpx|kml)[\s>]", re.IGNORECASE)
_TIME_OF_DAY = re.compile(r"\d\d:\d\d")
_GEOJSON_TIME = re.compile(rb'"(?:time|timestamp|datetime|recorded_at|start_time)"\s*:')


def claims(member: str, head: bytes) -> float:
    """Claim GPX and KML, and points or rows that have coordinates and a time."""
    if not head:
        return BY_NAME if member.casefold().endswith((".gpx", ".kml", ".geojson")) else 0.0
    begin = head[:8192].lstrip()
    if begin[:1] == b"<":
        return SURE if _XML.search(begin) else 0.0
    if begin[:1] == b"{":
        points = b'"features"' in head and b'"Point"' in head and _GEOJSON_TIME.search(head)
        return _TABLE_OF_PLACES if points else 0.0
    columns = _columns(header_of(head))
    return _TABLE_OF_PLACES if columns.keys() >= {"latitude", "longitude"} and _timed(columns) else 0.0


def _timed(columns: Mapping[str, str]) -> bool:
    return "time" in columns or "date" in columns


def _columns(header: tuple[str, ...]) -> dict[str, str]:
    """Return the columns of a table by what they hold."""
    words = {_UNIT.sub("", folded(column)): column for column in header if len(column) <= _NAME_CHARACTERS}
    return {
        role: words[spelling]
        for role, spellings in _COLUMNS.items()
        if (spelling := next((spelling for spelling in spellings if spelling in words), None)) is not None
    }


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("*.gpx", "*.kml", "*.geojson", "*.csv (with columns for latitude, longitude and time)")


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield a position per point that has a time; named points without one are documents of type saved_place.

    Other points without a time are a plan, not where someone was: one Rejected counts them.
    """
    begin = stream.head[:8192].lstrip()
    if begin[:1] == b"{":
        yield from _geojson(stream, zone(context.timezone))
    elif begin[:1] != b"<":
        yield from _table(stream, zone(context.timezone))
    elif re.search(rb"<(?:\w+:)?kml[\s>]", begin, re.IGNORECASE):
        yield from _kml(stream)
    else:
        yield from _gpx(stream)


def _table(stream: MemberStream, local_zone: tzinfo) -> Iterator[Found]:
    columns: dict[str, str] = {}
    for row in rows(stream):
        if isinstance(row, Rejected):
            yield row
            continue
        columns = columns or _columns(tuple(row.cells))
        told = {role: row.cells[column].strip() for role, column in columns.items()}
        stamp = told.get("time") or told.get("date") or ""
        if _TIME_OF_DAY.match(stamp):
            stamp = f"{told.get('date', '')} {stamp}"
        try:
            place = point(_decimal(told.get("latitude")), _decimal(told.get("longitude")))
            if place is None:
                raise ValueError("coordinates are missing or out of range")  # noqa: TRY301
            yield Position(
                instant(stamp, local_zone).at, place.latitude, place.longitude, NAME, told.get("device", ""),
                number(_decimal(told.get("accuracy"))), number(_decimal(told.get("altitude"))),
            )  # fmt: skip
        except ValueError as exc:
            yield rejected_row(f"row {row.number}: {exc}", row.cells, row.offset)


def _decimal(cell: str | None) -> str | None:
    """Return a number's text with a decimal point where it had a comma."""
    return cell.replace(",", ".") if cell and "." not in cell else cell


def _gpx(stream: MemberStream) -> Iterator[Found]:
    untimed = 0
    for element in elements(stream, "trkpt", "rtept", "wpt"):
        if isinstance(element, Rejected):
            yield element
            continue
        place = point(element.get("lat"), element.get("lon"), text(element, "ele"))
        stamp, name = text(element, "time"), text(element, "name")
        try:
            if place is None:
                raise ValueError("coordinates are missing or out of range")  # noqa: TRY301
            if local(element) == "wpt" and name:
                yield _named_point(name, text(element, "desc"), place, stamp)
            elif stamp is None:
                untimed += 1
            else:
                yield _position(stamp, place)
        except ValueError as exc:
            yield rejected_element(f"a {local(element)}: {exc}", element, stream.position, "gpx")
    yield from _untimed(untimed)


def _kml(stream: MemberStream) -> Iterator[Found]:
    untimed = 0
    times: deque[str] = deque()
    for element in elements(stream, "when", "begin", "coord", "Placemark"):
        if isinstance(element, Rejected):
            yield element
            continue
        kind = local(element)
        try:
            if kind in ("when", "begin"):
                times.append((element.text or "").strip())
            elif kind == "coord":
                # A track lists all its times, then all its places, or both in turn.
                place = _lon_lat((element.text or "").split())
                if times:
                    yield _position(times.popleft(), place)
                else:
                    untimed += 1
            else:
                found, plan = _placemark(element, times[0] if times else None)
                times.clear()
                untimed += plan
                if found is not None:
                    yield found
        except ValueError as exc:
            yield Rejected(reason=f"a {kind}: {exc}", byte_offset=stream.position)
    yield from _untimed(untimed)


def _placemark(element: Any, stamp: str | None) -> tuple[Found | None, int]:
    """Return the point of a placemark, and how many of its points have no time."""
    name, spot = text(element, "name"), text(element, "Point", "coordinates")
    if spot is None:
        return None, len((text(element, "LineString", "coordinates") or "").split())
    place = _lon_lat(spot.split(","))
    if stamp:
        return _position(stamp, place), 0
    if name:
        return _named_point(name, text(element, "description"), place, None), 0
    return None, 1


def _geojson(stream: MemberStream, local_zone: tzinfo) -> Iterator[Found]:
    untimed = 0
    for feature in json_items(stream, "features.item"):
        if isinstance(feature, Rejected):
            yield feature
            continue
        try:
            told: Mapping[str, Any] = feature["properties"] or {}
            names = ("time", "timestamp", "datetime", "recorded_at", "start_time")
            stamp = next((told[name] for name in names if told.get(name) is not None), None)
            if feature["geometry"]["type"] != "Point" or stamp is None:
                untimed += 1
                continue
            place = _lon_lat(feature["geometry"]["coordinates"])
            yield Position(
                instant(stamp, local_zone).at, place.latitude, place.longitude, NAME,
                str(told.get("device_id") or told.get("device") or ""),
                number(told.get("accuracy", told.get("horizontal_accuracy"))),
                place.altitude_m if place.altitude_m is not None else number(told.get("altitude")),
            )  # fmt: skip
        except (ValueError, TypeError, LookupError, AttributeError) as exc:
            yield rejected(f"a point needs coordinates and a time: {exc!r}", feature, "features.item")
    yield from _untimed(untimed)


def _lon_lat(numbers: list[Any]) -> Point:
    place = point(numbers[1], numbers[0], numbers[2] if len(numbers) > 2 else None) if len(numbers) > 1 else None
    if place is None:
        raise ValueError("coordinates are missing or out of range")
    return place


def _position(stamp: str, place: Point) -> Position:
    return Position(instant(stamp).at, place.latitude, place.longitude, NAME, altitude_m=place.altitude_m)


def _named_point(name: str, about: str | None, place: Point, stamp: str | None) -> Record:
    if known_point(place.latitude, place.longitude) is None:
        raise ValueError("coordinates are missing")
    at = instant(stamp) if stamp else None
    return Record(
        kind="document",
        source=NAME,
        occurred_at=at.at if at else None,
        title=name,
        body=about,
        key=f"{name}/{place.latitude:.5f},{place.longitude:.5f}",
        attributes={"type": "saved_place", "latitude": place.latitude, "longitude": place.longitude},
    )


def _untimed(count: int) -> Iterator[Rejected]:
    if count:
        yield Rejected(reason=f"{count} points have no time, so they tell of a plan and not of where someone was")
