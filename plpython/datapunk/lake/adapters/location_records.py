"""Google's raw location history of a Takeout: Location History.json until 2022, then Records.json, up to gigabytes."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from datapunk.lake.geo import EPOCH, degrees_e7, instant, number
from datapunk.lake.names import last_part, named
from datapunk.lake.record import Context, Found, Position, Rejected
from datapunk.lake.registry import BY_NAME, SURE
from datapunk.lake.samples import rejected
from datapunk.lake.stream import MemberStream, json_items

NAME = "location_history"
VERSION = "1"

_NAMES = named(
    "Records.json", "Location History.json", "Standortverlauf.json", "Historial de ubicaciones.json",
    "Locatiegeschiedenis.json", "Historique des positions.json", "Konum Geçmişi.json", "سجلّ المواقع الجغرافية.json",
    "位置记录.json",
)  # fmt: skip
_BEGIN = re.compile(rb'\s*\{\s*"locations"\s*:\s*\[\s*(?:\]|\{)')
_MAX_LATITUDE_E7 = 900_000_000
_MAX_LONGITUDE_E7 = 1_800_000_000
_MAX_METRES = 1 << 31


def claims(member: str, head: bytes) -> float:
    """Claim a list of locations in 1e-7 degrees."""
    if not head:
        return BY_NAME if last_part(member) in _NAMES else 0.0
    if not _BEGIN.match(head):
        return 0.0
    return SURE if b'"latitudeE7"' in head else BY_NAME if last_part(member) in _NAMES else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("Location History*/Location History.json", "Location History*/Records.json (and other languages)")


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield a position per location; both generations give the same instant and place for the same fact."""
    for entry in json_items(stream, "locations.item"):
        # One point costs microseconds here; whatever is out of the ordinary goes to _unusual.
        try:
            latitude, longitude = entry["latitudeE7"], entry["longitudeE7"]
            stamp = entry.get("timestamp")
            if stamp is None:
                # A text of digits; int() of a Decimal as 1E+999999999 would take all memory.
                at = EPOCH + timedelta(milliseconds=int("" + entry["timestampMs"]))
            else:
                at = datetime.fromisoformat(stamp)
            accuracy, altitude = entry.get("accuracy"), entry.get("altitude")
            if (
                type(latitude) is not int
                or type(longitude) is not int
                or not -_MAX_LATITUDE_E7 <= latitude <= _MAX_LATITUDE_E7
                or not -_MAX_LONGITUDE_E7 <= longitude <= _MAX_LONGITUDE_E7
                or at.tzinfo is not UTC
                or (accuracy is not None and (type(accuracy) is not int or abs(accuracy) > _MAX_METRES))
                or (altitude is not None and (type(altitude) is not int or abs(altitude) > _MAX_METRES))
            ):
                yield _unusual(entry)
                continue
            device = entry.get("deviceTag")
            yield Position(
                at, latitude / 1e7, longitude / 1e7, NAME, "" if device is None else str(device), accuracy, altitude
            )
        except (AttributeError, KeyError, TypeError, ValueError, OverflowError):
            yield _unusual(entry)


def _unusual(entry: Any) -> Found:
    """Return the position of an entry of rare spelling, or why it has none."""
    if isinstance(entry, Rejected):
        return entry
    reason = "a location needs coordinates and a time"
    if isinstance(entry, dict):
        try:
            at = instant(entry.get("timestamp", entry.get("timestampMs"))).at
        except ValueError as exc:
            reason = str(exc)
        else:
            latitude = degrees_e7(entry.get("latitudeE7"), 90)
            longitude = degrees_e7(entry.get("longitudeE7"), 180)
            if latitude is not None and longitude is not None:
                device = entry.get("deviceTag")
                return Position(
                    at, latitude, longitude, NAME, "" if device is None else str(device),
                    number(entry.get("accuracy")), number(entry.get("altitude")),
                )  # fmt: skip
            reason = "coordinates are missing or out of range"
    return rejected(reason, entry, "locations.item")
