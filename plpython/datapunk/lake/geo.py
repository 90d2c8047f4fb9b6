"""Places and instants as location exports spell them: E7, degree signs, "geo:", and seven ways to write a time."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import NamedTuple

from datapunk.lake.text import fold

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TURN_E7 = 1 << 32
_PAIR = re.compile(r"(?:geo:)?\s*([+-]?\d+(?:\.\d+)?)\s*°?\s*,\s*([+-]?\d+(?:\.\d+)?)\s*°?(?![\d.])", re.IGNORECASE)
_ALTITUDE = re.compile(r"\s*,\s*([+-]?\d+(?:\.\d+)?)")
_DIGITS = re.compile(r"[+-]?\d{1,19}(\.\d+)?")
_FRACTION = re.compile(r":\d\d[.,](\d+)")
_BEFORE_OFFSET = re.compile(r"\s+(?=[+-]\d\d)")
# Units of a count since 1970, told apart by size: each holds for 1973 to 5138.
_EPOCH_UNITS = ((10**17, 10**9, "us"), (10**14, 10**6, "us"), (10**11, 10**3, "ms"), (0, 1, "s"))


class Point(NamedTuple):
    """Degrees north and east, metres above the sea where known."""

    latitude: float
    longitude: float
    altitude_m: float | None = None


class Instant(NamedTuple):
    """An instant with what its spelling tells of it, in the words of `Record`."""

    at: datetime
    precision: str
    zone_source: str


def number(value: object) -> float | None:
    """Return a finite number that JSON or a text holds; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def point(latitude: object, longitude: object, altitude: object = None) -> Point | None:
    """Return the point at these degrees; None where they are no numbers or out of range."""
    north, east = number(latitude), number(longitude)
    if north is None or east is None or abs(north) > 90 or abs(east) > 180:
        return None
    return Point(north, east, number(altitude))


def known_point(latitude: object, longitude: object, altitude: object = None) -> Point | None:
    """Return the point at these degrees; None also for 0, 0, which stands for an unknown place in some exports."""
    found = point(latitude, longitude, altitude)
    return None if found is None or (found.latitude == 0 and found.longitude == 0) else found


def degrees_e7(value: object, limit: int) -> float | None:
    """Return degrees of a count of 1e-7 degrees; None outside of -`limit` to `limit`.

    Some exports hold the count as an unsigned 32-bit number.
    """
    count = number(value)
    if count is None:
        return None
    if count > limit * 1e7:
        count -= _TURN_E7
    return count / 1e7 if abs(count) <= limit * 1e7 else None


def point_e7(place: object) -> Point | None:
    """Return the point of an object with latitudeE7 and longitudeE7, also spelled latE7 and lngE7."""
    if not isinstance(place, Mapping):
        return None
    latitude = degrees_e7(place.get("latitudeE7", place.get("latE7")), 90)
    longitude = degrees_e7(place.get("longitudeE7", place.get("lngE7")), 180)
    return None if latitude is None or longitude is None else Point(latitude, longitude)


def coordinates(text: object) -> Point | None:
    """Return the point of a text as "12.3°, -4.5°", "12.3, -4.5" or "geo:12.3,-4.5,600"; None for another one."""
    if not isinstance(text, str):
        return None
    plain = fold(text).strip()
    found = _PAIR.match(plain)
    if not found:
        return None
    altitude = _ALTITUDE.match(plain, found.end())
    return point(found[1], found[2], altitude[1] if altitude else None)


def instant(value: object, zone: tzinfo | None = None) -> Instant:
    """Return the instant of a count since 1970 (s, ms, us, ns) or an ISO 8601 text; `zone` is for one without offset.

    Raises ValueError where there is none.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        raise ValueError(f"no time: {value!r:.80}")  # noqa: TRY004 (one class for all that is no time)
    text = fold(str(value)).strip()
    try:
        if _DIGITS.fullmatch(text):
            return _since_1970(Decimal(text))
        return _iso(text, zone)
    except (OverflowError, ArithmeticError) as exc:
        raise ValueError(f"no time: {value!r:.80}") from exc


def _since_1970(count: Decimal) -> Instant:
    for least, unit, precision in _EPOCH_UNITS:
        if abs(count) >= least:
            micros = int(count * 1_000_000 / unit)
            return Instant(EPOCH + timedelta(microseconds=micros), precision, "utc")
    raise ValueError("no time")


def _iso(text: str, zone: tzinfo | None) -> Instant:
    text = _BEFORE_OFFSET.sub("", text)
    if text[-3:] == "UTC":
        text = text[:-3].rstrip() + "Z"
    at = datetime.fromisoformat(text)
    fraction = _FRACTION.search(text)
    if fraction:
        precision = "us" if len(fraction[1]) > 3 else "ms"
    else:
        precision = "day" if ":" not in text and "T" not in text else "min" if text.count(":") == 1 else "s"
    offset = at.utcoffset()
    if offset is None:
        return Instant(at.replace(tzinfo=zone or UTC).astimezone(UTC), precision, "floating" if zone else "assumed")
    return Instant(at.astimezone(UTC), precision, "offset" if offset else "utc")


def milliseconds(at: datetime) -> int:
    """Return whole milliseconds since 1970, as identities of places and ways hold them."""
    return (at - EPOCH) // timedelta(milliseconds=1)


def identity(place: Point | None) -> str:
    """Return a point as identities hold it: to a metre, so that no float's last digit matters."""
    return "" if place is None else f"{place.latitude:.5f},{place.longitude:.5f}"
