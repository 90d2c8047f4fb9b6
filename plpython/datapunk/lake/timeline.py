"""Stays at places and ways between them as records, alike for Takeout's semantic history and the phones' exports."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

from datapunk.lake.geo import Instant, Point, coordinates, identity, instant, milliseconds, number
from datapunk.lake.record import Found, Position, Record
from datapunk.lake.samples import rejected

# What the exports' ways of travelling and kinds of places say beyond the word itself.
_PREFIXES = ("in_", "type_")
_UNKNOWN = frozenset({"", "unknown", "unknown_activity_type", "unknown_semantic_type"})
_TRAVEL_MODES = {"walk": "walking", "drive": "driving", "bicycle": "cycling", "run": "running"}


class Span(NamedTuple):
    """When a stay or a way began and ended."""

    start: Instant
    end: Instant | None


def span(start: object, end: object) -> Span:
    """Return the span of two spelled times. Raises ValueError without a start; an end before it counts as unknown."""
    first = instant(start)
    last = None if end is None else instant(end)
    return Span(first, None if last is None or last.at < first.at else last)


def word(value: object) -> str | None:
    """Return a kind as one word in lower case: "in passenger vehicle" and IN_PASSENGER_VEHICLE as passenger_vehicle."""
    if not isinstance(value, str):
        return None
    text = value.strip().lower().replace(" ", "_")
    for prefix in _PREFIXES:
        text = text.removeprefix(prefix)
    return None if text in _UNKNOWN else _TRAVEL_MODES.get(text, text)


def stay(
    source: str, when: Span, place: Point | None, place_id: str | None, title: str | None, attributes: dict[str, object]
) -> Record:
    """Return the record of a stay, identified by its start and its place."""
    if place is not None:
        attributes = {"latitude": place.latitude, "longitude": place.longitude, **attributes}
    if place_id:
        attributes["place_id"] = place_id
    return Record(
        kind="place_visit",
        source=source,
        occurred_at=when.start.at,
        ended_at=when.end.at if when.end else None,
        title=title,
        external_id=f"{milliseconds(when.start.at)}/{place_id or identity(place)}",
        precision=when.start.precision,
        zone_source=when.start.zone_source,
        attributes=attributes,
    )


def way(
    source: str, when: Span, mode: str | None, ends: tuple[Point | None, Point | None], attributes: dict[str, object]
) -> Record:
    """Return the record of a way, identified by its start and its end."""
    told: dict[str, object] = {}
    for name, place in zip(("start", "end"), ends, strict=True):
        if place is not None:
            told[f"{name}_latitude"] = place.latitude
            told[f"{name}_longitude"] = place.longitude
    if mode:
        told["mode"] = mode
    return Record(
        kind="movement",
        source=source,
        occurred_at=when.start.at,
        ended_at=when.end.at if when.end else None,
        title=mode.replace("_", " ").capitalize() if mode else None,
        external_id=f"{milliseconds(when.start.at)}-{milliseconds(when.end.at) if when.end else ''}",
        precision=when.start.precision,
        zone_source=when.start.zone_source,
        attributes={**told, **attributes},
    )


def segment(source: str, entry: Mapping[str, object]) -> list[Found]:
    """Return what a segment of a phone's own export holds: a stay, a way, points of a path or a trip.

    Android and iOS write it alike but for the spelling of places, identifiers and a path's times.
    Raises ValueError, TypeError, LookupError or AttributeError where it is none.
    """
    when = span(entry["startTime"], entry.get("endTime"))
    if "visit" in entry:
        return [_visit(source, when, _mapping(entry["visit"]))]
    if "activity" in entry:
        return [_activity(source, when, _mapping(entry["activity"]))]
    if "timelinePath" in entry:
        return _path(source, when, entry["timelinePath"])
    if "timelineMemory" in entry:
        return [_trip(source, when, _mapping(entry["timelineMemory"]))]
    return [
        rejected(
            f"a segment of unknown kind: {sorted(map(str, entry))}",
            entry,
            "semanticSegments.item" if source == "timeline_android" else "item",
        )
    ]


def place_of(value: object) -> Point | None:
    """Return the point of a place, which is a text or an object with the key latLng or LatLng."""
    if isinstance(value, Mapping):
        value = value.get("latLng", value.get("LatLng"))
    return coordinates(value)


def _mapping(value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise TypeError(f"an object expected, not {type(value).__name__}")
    return value


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _visit(source: str, when: Span, visit: Mapping[str, object]) -> Record:
    candidate = _mapping(visit.get("topCandidate") or {})
    semantic = word(candidate.get("semanticType"))
    attributes: dict[str, object] = {}
    if semantic:
        attributes["semantic_type"] = semantic
    if (probability := number(candidate.get("probability", visit.get("probability")))) is not None:
        attributes["confidence"] = probability
    if level := number(visit.get("hierarchyLevel")):
        attributes["hierarchy_level"] = int(level)
    place_id = _text(candidate.get("placeId")) or _text(candidate.get("placeID"))
    place, spelled = place_of(candidate.get("placeLocation")), candidate.get("placeLocation")
    if place is None and spelled:
        attributes["place_raw"] = repr(spelled)
    title = semantic.replace("_", " ").capitalize() if semantic else None
    return stay(source, when, place, place_id, title, attributes)


def _activity(source: str, when: Span, activity: Mapping[str, object]) -> Record:
    candidate = _mapping(activity.get("topCandidate") or {})
    attributes: dict[str, object] = {}
    if (distance := number(activity.get("distanceMeters"))) is not None:
        attributes["distance_m"] = distance
    if (probability := number(candidate.get("probability", activity.get("probability")))) is not None:
        attributes["confidence"] = probability
    if parking := place_of(_mapping(activity.get("parking") or {}).get("location")):
        attributes["parking"] = [parking.latitude, parking.longitude]
    ends = (place_of(activity.get("start")), place_of(activity.get("end")))
    return way(source, when, word(candidate.get("type")), ends, attributes)


def _path(source: str, when: Span, path: object) -> list[Found]:
    if not isinstance(path, Sequence) or isinstance(path, str):
        raise TypeError(f"a list of points expected, not {type(path).__name__}")
    found: list[Found] = []
    for item in path:
        try:
            found.append(_step(source, when, _mapping(item)))
        except (ValueError, TypeError, LookupError, OverflowError) as exc:
            found.append(replace(rejected(f"a point of a path: {exc}", item), whole=False))
    return found


def _step(source: str, when: Span, step: Mapping[str, object]) -> Position:
    place = place_of(step.get("point"))
    if place is None:
        raise ValueError("coordinates are missing or out of range")
    if "time" in step:
        at = instant(step["time"]).at
    else:
        minutes = number(step["durationMinutesOffsetFromStartTime"])
        if minutes is None:
            raise ValueError("no time")
        at = when.start.at + timedelta(minutes=minutes)
    return Position(at, place.latitude, place.longitude, source, altitude_m=place.altitude_m)


def _trip(source: str, when: Span, memory: Mapping[str, object]) -> Record:
    """Return the record of a remembered trip: a document, so that days away do not count as a way between places."""
    trip = _mapping(memory.get("trip") or memory)
    kilometres = number(trip.get("distanceFromOriginKms"))
    destinations = []
    for destination in trip.get("destinations") or ():  # type: ignore[attr-defined]
        identifier = _mapping(destination).get("identifier")
        if isinstance(identifier, Mapping):
            identifier = identifier.get("placeId", identifier.get("placeID"))
        if isinstance(identifier, str):
            destinations.append(identifier)
    attributes: dict[str, object] = {"type": "trip", "destinations": destinations}
    if kilometres is not None:
        attributes["distance_from_home_m"] = kilometres * 1000
    return Record(
        kind="document",
        source=source,
        occurred_at=when.start.at,
        ended_at=when.end.at if when.end else None,
        title=f"Trip, {kilometres:g} km from home" if kilometres else "Trip",
        external_id=f"trip/{milliseconds(when.start.at)}",
        precision=when.start.precision,
        zone_source=when.start.zone_source,
        attributes=attributes,
    )
