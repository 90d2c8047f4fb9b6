"""Google's semantic location history of a Takeout: a file a month with stays at places and ways between them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from datapunk.lake.geo import Point, instant, number, point_e7
from datapunk.lake.names import folded
from datapunk.lake.record import Context, Found, Position, Rejected
from datapunk.lake.registry import BY_NAME, SURE
from datapunk.lake.samples import rejected
from datapunk.lake.stream import MemberStream, json_items
from datapunk.lake.timeline import Span, span, stay, way, word

NAME = "location_semantic"
VERSION = "1"

_FOLDERS = ("semantic location history", "semantischer standortverlauf", "semántico", "semantische", "sémantique")
_RAW_MAX = 1 << 53


def claims(member: str, head: bytes) -> float:
    """Claim what has the key that every month has in every language."""
    if head:
        return SURE if b'"timelineObjects"' in head[:4096] and head.lstrip()[:1] == b"{" else 0.0
    name = folded(member)
    return BY_NAME if name.endswith(".json") and any(folded(folder) in name for folder in _FOLDERS) else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("Location History*/Semantic Location History/*/*.json (and other languages)",)


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield a stay per placeVisit and one per visit within it, a way per activitySegment.

    Points of a path that have a time are positions; the others are the attribute waypoints.
    """
    for entry in json_items(stream, "timelineObjects.item"):
        if isinstance(entry, Rejected):
            yield entry
            continue
        try:
            if "placeVisit" in entry:
                yield from _visit(entry["placeVisit"])
            elif "activitySegment" in entry:
                yield from _way(entry["activitySegment"])
            else:
                yield rejected(
                    f"a timeline object of unknown kind: {sorted(map(str, entry))}", entry, "timelineObjects.item"
                )
        except (ValueError, TypeError, LookupError, AttributeError, OverflowError) as exc:
            yield rejected(f"a visit or way needs times and places: {exc!r}", entry, "timelineObjects.item")


def _span(duration: Mapping[str, Any]) -> Span:
    start = duration.get("startTimestamp", duration.get("startTimestampMs"))
    return span(start, duration.get("endTimestamp", duration.get("endTimestampMs")))


def _visit(visit: Mapping[str, Any], parent: str | None = None) -> Iterator[Found]:
    location = visit.get("location") or {}
    others = visit.get("otherCandidateLocations") or []
    # Some visits have nothing but candidates, likeliest first.
    told = location if location or not others else others[0]
    place = point_e7(told)
    if place is None and "latitudeE7" not in told:
        place = point_e7({"latE7": visit.get("centerLatE7"), "lngE7": visit.get("centerLngE7")})
    attributes = _raw(told)
    semantic = word(told.get("semanticType"))
    confidence = visit.get("visitConfidence", visit.get("placeConfidence"))
    for name, value in (
        ("address", _text(told.get("address"))),
        ("semantic_type", semantic),
        ("confidence", confidence if number(confidence) is None else number(confidence)),
        ("importance", word(visit.get("placeVisitImportance"))),
        ("device", _device(told)),
        ("within", parent),
    ):
        if value:
            attributes[name] = value
    if visit.get("editConfirmationStatus") == "CONFIRMED":
        attributes["confirmed"] = True
    if candidates := [_candidate(other) for other in others]:
        attributes["candidates"] = candidates
    when = _span(visit.get("duration") or {})
    title = _text(told.get("name")) or _text(told.get("address")) or (semantic or "").capitalize() or None
    record = stay(NAME, when, place, _text(told.get("placeId")), title, attributes)
    yield record
    yield from _timed_points(visit)
    for child in visit.get("childVisits") or ():
        if parent is None:
            yield from _visit(child, parent=record.external_id)


def _candidate(other: Mapping[str, Any]) -> dict[str, object]:
    place = point_e7(other)
    found: dict[str, object] = {
        "latitude": place.latitude if place else None,
        "longitude": place.longitude if place else None,
        **_raw(other),
    }
    for name, value in (
        ("place_id", _text(other.get("placeId"))),
        ("name", _text(other.get("name"))),
        ("address", _text(other.get("address"))),
        ("semantic_type", word(other.get("semanticType"))),
        ("confidence", number(other.get("locationConfidence"))),
    ):
        if value is not None:
            found[name] = value
    return found


def _raw(place: Mapping[str, Any]) -> dict[str, object]:
    """Return the coordinates of a place as they stand in the file, where they are out of range."""
    if point_e7(place) is not None:
        return {}
    found: dict[str, object] = {}
    for key, name in (("latitudeE7", "latitude_e7_raw"), ("longitudeE7", "longitude_e7_raw")):
        if (value := place.get(key)) is not None:
            found[name] = value if type(value) is int and abs(value) < _RAW_MAX else str(value)
    return found


def _way(segment: Mapping[str, Any]) -> Iterator[Found]:
    path = segment.get("waypointPath") or {}
    waypoints = _points(path.get("waypoints"))
    raw_path = segment.get("simplifiedRawPath") or {}
    line = waypoints or _points(raw_path.get("points"))
    start, end = segment.get("startLocation") or {}, segment.get("endLocation") or {}
    ends = (
        point_e7(start) or (line[0] if line else None),
        point_e7(end) or (line[-1] if len(line) > 1 else None),
    )
    attributes: dict[str, object] = {}
    distance = segment.get("distance", path.get("distanceMeters", raw_path.get("distanceMeters")))
    transit = segment.get("transitPath") or {}
    for name, value in (
        ("distance_m", number(distance)),
        ("confidence", word(segment.get("confidence"))),
        ("start_place_id", _text(start.get("placeId"))),
        ("end_place_id", _text(end.get("placeId"))),
        ("device", _device(start)),
        ("line", _text(transit.get("name"))),
        ("stops", [stop["name"] for stop in transit.get("transitStops") or () if _text(stop.get("name"))]),
    ):
        if value is not None and value != []:
            attributes[name] = value
    for name, where in (("start", start), ("end", end)):
        attributes |= {f"{name}_{key}": value for key, value in _raw(where).items()}
    if segment.get("editConfirmationStatus") == "CONFIRMED":
        attributes["confirmed"] = True
    likely = _activities(segment.get("activities"))
    if likely:
        attributes["candidates"] = [{"mode": mode, "probability": probability} for probability, mode in likely]
    if waypoints:
        attributes["waypoints"] = [[place.latitude, place.longitude] for place in waypoints]
    if parking := point_e7((segment.get("parkingEvent") or {}).get("location")):
        attributes["parking"] = [parking.latitude, parking.longitude]
    mode = word(segment.get("activityType")) or word(path.get("travelMode")) or (likely[0][1] if likely else None)
    yield way(NAME, _span(segment.get("duration") or {}), mode, ends, attributes)
    yield from _timed_points(segment)


def _activities(activities: Sequence[Mapping[str, Any]] | None) -> list[tuple[float, str]]:
    """Return the guesses that have any probability, likeliest first."""
    found = []
    for activity in activities or ():
        probability, mode = number(activity.get("probability")), word(activity.get("activityType"))
        if probability and mode:
            found.append((probability, mode))
    return sorted(found, key=lambda guess: -guess[0])


def _timed_points(entry: Mapping[str, Any]) -> Iterator[Found]:
    for point in (entry.get("simplifiedRawPath") or {}).get("points") or ():
        stamp = point.get("timestamp", point.get("timestampMs"))
        place = point_e7(point)
        if stamp is None:
            continue
        if place is None:
            yield replace(rejected("a point of a path: coordinates are missing or out of range", point), whole=False)
            continue
        accuracy = number(point.get("accuracyMeters"))
        yield Position(instant(stamp).at, place.latitude, place.longitude, NAME, accuracy_m=accuracy)


def _points(points: Sequence[object] | None) -> list[Point]:
    return [place for place in map(point_e7, points or ()) if place is not None]


def _device(place: Mapping[str, Any]) -> str | None:
    tag = (place.get("sourceInfo") or {}).get("deviceTag")
    return None if tag is None else str(tag)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
