"""The timeline that Android exports on the phone: Timeline.json, named by language, its sections in any order."""

import re
from collections.abc import Iterator, Mapping

from datapunk.lake.fitness import slug
from datapunk.lake.geo import identity, instant, number
from datapunk.lake.json_lists import listed
from datapunk.lake.names import last_part, named
from datapunk.lake.record import Context, Found, Measurement, Position, Record, Rejected
from datapunk.lake.registry import BY_NAME, SURE
from datapunk.lake.samples import rejected
from datapunk.lake.stream import MemberStream
from datapunk.lake.timeline import place_of, segment, word

NAME = "timeline_android"
VERSION = "1"

_NAMES = named(
    "Timeline.json", "Zeitachse.json", "Cronología.json", "Tijdlijn.json", "Vos trajets.json", "Zaman çizelgesi.json",
    "Spostamenti.json", "المخطط الزمني.json", "时间轴.json",
)  # fmt: skip
_SECTION = re.compile(rb'"(?:(?:semanticSegments|rawSignals)"\s*:\s*\[|userLocationProfile"\s*:\s*\{)')
_SEGMENTS, _SIGNALS, _PLACES = "semanticSegments", "rawSignals", "userLocationProfile.frequentPlaces"
_MARKS = {
    _SEGMENTS: ("startTime",),
    _SIGNALS: ("position", "activityRecord", "wifiScan"),
    _PLACES: ("placeLocation",),
}


def claims(member: str, head: bytes) -> float:
    """Claim an object that has one of the three sections."""
    if not head:
        return BY_NAME if last_part(member) in _NAMES else 0.0
    return SURE if head.lstrip()[:1] == b"{" and _SECTION.search(head) else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("Timeline.json", "Zeitachse.json (and other languages)")


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield stays, ways, points of paths and raw positions, trips and frequent places as documents.

    A raw activityRecord becomes a measurement: the probability of the likeliest activity at that instant. A wifiScan
    gives nothing: it lists the radio stations around the phone and no place.
    """
    for item in listed(stream, (_SEGMENTS, _SIGNALS, _PLACES), (), _MARKS):
        if isinstance(item, Rejected):
            yield item
            continue
        entry = item.value
        try:
            if item.path == _SEGMENTS:
                yield from segment(NAME, entry)
            elif item.path == _PLACES:
                yield _frequent_place(entry)
            else:
                yield from _signal(entry)
        except (ValueError, TypeError, LookupError, AttributeError, OverflowError) as exc:
            yield rejected(f"an entry of {item.path}: {exc!r}", entry, f"{item.path}.item")


def _signal(entry: Mapping[str, Mapping[str, object]]) -> Iterator[Found]:
    if "position" in entry:
        position = entry["position"]
        place = place_of(position)
        if place is None:
            raise ValueError("coordinates are missing or out of range")
        yield Position(
            instant(position["timestamp"]).at,
            place.latitude,
            place.longitude,
            NAME,
            accuracy_m=number(position.get("accuracyMeters")),
            altitude_m=number(position.get("altitudeMeters")),
        )
    elif "activityRecord" in entry:
        yield from _activity_record(entry["activityRecord"])
    elif "wifiScan" not in entry:
        raise ValueError(f"a signal of unknown kind: {sorted(map(str, entry))}")


def _activity_record(record: Mapping[str, object]) -> Iterator[Measurement]:
    at = instant(record["timestamp"]).at
    likely: tuple[float, str] | None = None
    for activity in record.get("probableActivities") or ():  # type: ignore[attr-defined]
        confidence, kind = number(activity.get("confidence")), word(activity.get("type"))
        if confidence is not None and kind and (likely is None or confidence > likely[0]):
            likely = (confidence, kind)
    if likely is not None:
        yield Measurement(f"activity_{slug(likely[1])}", at, None, likely[0], "probability", NAME)


def _frequent_place(entry: Mapping[str, object]) -> Record:
    place, label, place_id = place_of(entry["placeLocation"]), word(entry.get("label")), entry.get("placeId")
    if place is None and not place_id:
        raise ValueError("a place needs coordinates or an identifier")
    attributes: dict[str, object] = {"type": "saved_place", "list": "frequent places"}
    if place is not None:
        attributes |= {"latitude": place.latitude, "longitude": place.longitude}
    if place_id:
        attributes["place_id"] = str(place_id)
    if label:
        attributes["label"] = label
    return Record(
        kind="document",
        source=NAME,
        occurred_at=None,
        title=label.replace("_", " ").capitalize() if label else None,
        external_id=f"place/{place_id or identity(place)}",
        attributes=attributes,
    )
