"""Google Fit's single figures: a JSON file per stream of data, and one per session.

A source of its own: its figures add up to those of the daily summaries, which must not be summed with them.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from datapunk.lake.fitness import slug
from datapunk.lake.geo import known_point, number
from datapunk.lake.json_lists import listed
from datapunk.lake.json_text import whole_json
from datapunk.lake.record import Context, Found, Measurement, Position, Record, Rejected
from datapunk.lake.registry import BY_NAME, SURE
from datapunk.lake.samples import rejected
from datapunk.lake.stream import MemberStream
from datapunk.lake.timeline import span, way, word

NAME = "google_fit_data"
VERSION = "1"

_BY_NAME = re.compile(
    r"(?:^|/)(?:(?:derived|raw)_com\.google\.|(?:all sessions|alle sitzungen)/)[^/]*\.json$", re.IGNORECASE
)
_METRICS = {
    "step_count.delta": ("steps", ""), "calories.expended": ("calories_kcal", "kcal"),
    "calories.bmr": ("bmr_kcal", "kcal"), "distance.delta": ("distance_m", "m"),
    "heart_rate.bpm": ("heart_rate_bpm", "bpm"), "weight": ("weight_kg", "kg"), "height": ("height_m", "m"),
    "speed": ("speed_m_s", "m/s"), "heart_minutes": ("heart_points", ""), "active_minutes": ("move_minutes", "min"),
    "body.fat.percentage": ("body_fat_percent", "%"), "hydration": ("hydration_l", "l"),
    "oxygen_saturation": ("oxygen_saturation_percent", "%"), "body.temperature": ("body_temperature_c", "°C"),
    "blood_glucose": ("blood_glucose_mmol_l", "mmol/l"), "power.sample": ("power_w", "W"),
}  # fmt: skip
_SLEEP = {
    1: "sleep_awake_h",
    2: "sleep_h",
    3: "sleep_out_of_bed_h",
    4: "sleep_light_h",
    5: "sleep_deep_h",
    6: "sleep_rem_h",
}
_ACTIVITIES = {
    0: "vehicle",
    1: "cycling",
    2: "on_foot",
    3: "still",
    4: "unknown",
    7: "walking",
    8: "running",
    72: "sleep",
}
_SESSION_SUMS = {
    "step_count.delta": "steps", "calories.expended": "calories_kcal", "distance.delta": "distance_m",
    "active_minutes": "move_minutes", "heart_minutes.summary": "heart_points", "speed.summary": "speed_m_s",
}  # fmt: skip
_MODES = {"biking": "cycling"}


def claims(member: str, head: bytes) -> float:
    """Claim a list of data points with times in ns, or a session with its activity."""
    if not head:
        return BY_NAME if _BY_NAME.search(member) else 0.0
    if head.lstrip()[:1] != b"{":
        return 0.0
    points = b'"Data Points"' in head and (b'"Data Source"' in head or b'"fitValue"' in head)
    session = b'"fitnessActivity"' in head and b'"startTime"' in head
    return SURE if points or session else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("Fit/All Data/*.json", "Fit/All Sessions/*.json")


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield a measurement per figure, a position per sample of one, a movement per session; sleep is a measurement.

    Of several streams with the same figures Google makes one, named merge_*; figures of the others are told apart by
    "_unmerged" at the end of their metric, for their sum would count them twice.
    """
    if b'"Data Points"' not in stream.head:
        yield from _sessions(stream)
        return
    for item in listed(stream, ("Data Points",), ("Data Source",)):
        if isinstance(item, Rejected):
            yield item
            continue
        try:
            yield from _point(item.value, merged="merge_" in str(item.about.get("Data Source") or context.member))
        except (ValueError, TypeError, LookupError, AttributeError, OverflowError) as exc:
            yield rejected(f"a data point needs times and values: {exc!r}", item.value, "Data Points.item", item.about)


def _point(point: Mapping[str, Any], *, merged: bool) -> Iterator[Found]:
    when = span(point["startTimeNanos"], point.get("endTimeNanos"))
    start, end = when.start.at, when.end.at if when.end else None
    kind = str(point["dataTypeName"]).removeprefix("com.google.")
    values = [value["value"] for value in point["fitValue"]]
    numbers = [number(value.get("fpVal", value.get("intVal"))) for value in values]
    if kind == "location.sample":
        place = known_point(*numbers[:2])
        if place is None:
            raise ValueError("coordinates are missing or out of range")
        accuracy, altitude = (*numbers[2:], None, None)[:2]
        yield Position(start, place.latitude, place.longitude, NAME, accuracy_m=accuracy, altitude_m=altitude)
        return
    hours = (end - start).total_seconds() / 3600 if end else None
    found: list[tuple[str, float, str]] = []
    if kind in ("sleep.segment", "activity.segment"):
        code = numbers[0]
        if code is None or hours is None:
            raise ValueError("no kind or no end")
        name = _SLEEP.get(int(code)) if kind == "sleep.segment" else None
        found.append((name or f"{_ACTIVITIES.get(int(code), f'activity_{int(code)}')}_h", hours, "h"))
    else:
        found += _figures(kind, values, numbers)
    if not found:
        raise ValueError("no figure")
    for name, figure, unit in found:
        yield Measurement(name if merged else f"{name}_unmerged", start, end, figure, unit, NAME)


def _figures(
    kind: str, values: list[Mapping[str, Any]], numbers: list[float | None]
) -> Iterator[tuple[str, float, str]]:
    """Yield name, figure and unit of each value; further ones of a data type are told apart by their number or key."""
    plain = slug(kind)
    for at, (value, figure) in enumerate(zip(values, numbers, strict=True)):
        name, unit = _METRICS.get(kind, (plain, ""))
        if figure is not None:
            yield (f"{name}_{at}", figure, "") if at else (name, figure, unit)
        for part in value.get("mapVal") or ():
            inner = part["value"]
            if (figure := number(inner.get("fpVal", inner.get("intVal")))) is not None:
                yield f"{plain}_{slug(str(part['key']))}", figure, ""


def _sessions(stream: MemberStream) -> Iterator[Found]:
    session = whole_json(stream)
    if isinstance(session, Rejected):
        yield session
        return
    try:
        yield _session(session)
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError) as exc:
        yield rejected(f"a session needs an activity and times: {exc!r}", session, "")


def _session(session: Mapping[str, Any]) -> Record | Measurement:
    when = span(session["startTime"], session.get("endTime"))
    activity = word(session["fitnessActivity"])
    mode = _MODES.get(activity, activity) if activity else None
    if mode is not None and mode.startswith("sleep"):
        if when.end is None:
            raise ValueError("no end")
        hours = (when.end.at - when.start.at).total_seconds() / 3600
        return Measurement("sleep_session_h", when.start.at, when.end.at, hours, "h", NAME)
    attributes: dict[str, object] = {}
    for total in session.get("aggregate") or ():
        name = _SESSION_SUMS.get(str(total.get("metricName")).removeprefix("com.google."))
        figure = number(total.get("floatValue", total.get("intValue")))
        if name and figure is not None:
            attributes[name] = figure
    if session.get("name"):
        attributes["name"] = str(session["name"])
    return way(NAME, when, mode, (None, None), attributes)
