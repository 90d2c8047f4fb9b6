"""Workouts as Training Center XML: those of Google Fit's Activities, and what watches write."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from datapunk.lake.geo import instant, known_point, milliseconds, number
from datapunk.lake.record import Context, Found, Measurement, Position, Record, Rejected
from datapunk.lake.registry import BY_NAME, SURE
from datapunk.lake.stream import MemberStream
from datapunk.lake.timeline import word
from datapunk.lake.xml_stream import elements, local, text

NAME = "tcx"
VERSION = "1"

_ROOT = re.compile(rb"<(?:\w+:)?TrainingCenterDatabase[\s>]")
_MODES = {"biking": "cycling", "other": None}


def claims(member: str, head: bytes) -> float:
    """Claim what has the root element of this format."""
    if head:
        return SURE if _ROOT.search(head[:8192]) else 0.0
    return BY_NAME if member.casefold().endswith(".tcx") else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("Fit/Activities/*.tcx", "*.tcx")


class _Workout:
    """What is summed up of an activity while its laps go by."""

    def __init__(self) -> None:
        self.start: datetime | None = None
        self.last: datetime | None = None
        self.sums = {"TotalTimeSeconds": 0.0, "DistanceMeters": 0.0, "Calories": 0.0}

    def add(self, lap: Any) -> None:
        """Take what a lap says of itself."""
        if begin := lap.get("StartTime"):
            at = instant(begin).at
            self.start = at if self.start is None else min(self.start, at)
        for name in self.sums:
            self.sums[name] += number(text(lap, name)) or 0.0

    def saw(self, at: datetime) -> None:
        """Take the instant of a point."""
        self.start = self.start or at
        self.last = at

    def record(self, activity: Any) -> Record:
        """Return the activity as a movement, identified by its start and its end. Raises ValueError without a start."""
        start = self.start or instant(text(activity, "Id")).at
        end = start + timedelta(seconds=self.sums["TotalTimeSeconds"])
        if self.last is not None and not self.sums["TotalTimeSeconds"]:
            end = max(start, self.last)
        sport = word(activity.get("Sport"))
        mode = _MODES.get(sport, sport) if sport else None
        attributes: dict[str, object] = {"mode": mode} if mode else {}
        if distance := self.sums["DistanceMeters"]:
            attributes["distance_m"] = distance
        if calories := self.sums["Calories"]:
            attributes["calories_kcal"] = calories
        return Record(
            kind="movement",
            source=NAME,
            occurred_at=start,
            ended_at=end,
            title=(mode or "Workout").replace("_", " ").capitalize(),
            body=text(activity, "Notes"),
            external_id=f"{milliseconds(start)}-{milliseconds(end)}",
            precision="ms",
            attributes=attributes,
        )


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield the points of an activity as positions, their heart rates as measurements, then the activity itself."""
    workout = _Workout()
    for element in elements(stream, "Trackpoint", "Lap", "Activity"):
        if isinstance(element, Rejected):
            yield element
            continue
        try:
            if local(element) == "Trackpoint":
                yield from _point(element, workout)
            elif local(element) == "Lap":
                workout.add(element)
            else:
                done, workout = workout, _Workout()
                yield done.record(element)
        except (ValueError, OverflowError) as exc:
            yield Rejected(reason=f"a {local(element)}: {exc}", byte_offset=stream.position)


def _point(point: Any, workout: _Workout) -> Iterator[Found]:
    at = instant(text(point, "Time")).at
    workout.saw(at)
    latitude, longitude = text(point, "Position", "LatitudeDegrees"), text(point, "Position", "LongitudeDegrees")
    if latitude is not None or longitude is not None:
        place = known_point(latitude, longitude)
        if place is None:
            raise ValueError(f"coordinates out of range: {latitude!r:.40}, {longitude!r:.40}")
        altitude = number(text(point, "AltitudeMeters"))
        yield Position(at, place.latitude, place.longitude, NAME, altitude_m=altitude)
    if rate := number(text(point, "HeartRateBpm", "Value")):
        yield Measurement("heart_rate_bpm", at, None, rate, "bpm", NAME)
