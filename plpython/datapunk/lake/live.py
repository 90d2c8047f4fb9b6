"""Live records: objects as lake_append takes them and lake_export gives them, checked."""

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Any

from datapunk.lake.record import KINDS, Found, Measurement, Position, Record, Rejected
from datapunk.lake.text import NAME_CHARACTERS

_TEXTS = ("title", "body", "url", "source", "external_id", "language")
ITEM = (
    "kind", "occurred_at", "ended_at", "title", "body", "url", "source", "external_id", "attributes", "language",
    "precision", "zone_source", "identity",
)  # fmt: skip
POSITION = ("kind", "occurred_at", "latitude", "longitude", "source", "device", "accuracy_m", "altitude_m")
MEASUREMENT = ("kind", "metric", "starts_at", "ends_at", "value", "unit", "source")
_NAMES = ("source", "metric", "unit", "device", "language")
_PRECISIONS = ("us", "ms", "s", "min", "day")
_ZONE_SOURCES = ("utc", "offset", "abbr", "tzid", "floating", "date", "assumed", "ambiguous")
_DEFAULT_SOURCE = "live"
_DIGEST = re.compile(r"[0-9a-f]{64}")


def live_record(given: object, local: tzinfo) -> Found:
    """Return what an object tells, or why it tells nothing; `local` is the zone of times without one."""
    if not isinstance(given, dict):
        return Rejected(reason="a record must be an object", sample=json.dumps(given).encode(), whole=True)
    try:
        match given.get("kind"):
            case "position":
                return _position(given, local)
            case "measurement":
                return _measurement(given, local)
        return _item(given, local)
    except (ValueError, OverflowError) as exc:
        sample = json.dumps(given, ensure_ascii=False, default=str).encode("utf-8", "replace")
        return Rejected(reason=str(exc), sample=sample, whole=True)


def _item(given: Mapping[str, Any], local: tzinfo) -> Record:
    _only(given, ITEM)
    kind = given.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise ValueError(f"unknown kind {kind!r}; allowed: {', '.join(sorted(KINDS))}, position, measurement")
    for name in _TEXTS:
        _text(given, name)
    attributes = given.get("attributes") or {}
    if not isinstance(attributes, dict):
        raise ValueError("attributes must be an object")  # noqa: TRY004
    identity = _text(given, "identity")
    if identity is not None and not _DIGEST.fullmatch(identity):
        raise ValueError("identity must be the 64 hexadecimal digits that lake_export gives")
    if not any(given.get(name) for name in ("title", "body", "url", "external_id", "identity")) and not attributes:
        raise ValueError("nothing but a kind and a time: give title, body, url, external_id or attributes")
    start, end = _instant(given, "occurred_at", local), _instant(given, "ended_at", local)
    # What came from an export may be as odd as its source.
    if start and end and end < start and identity is None:
        raise ValueError("ended_at lies before occurred_at")
    return Record(
        kind=kind,
        source=given.get("source") or _DEFAULT_SOURCE,
        occurred_at=start,
        ended_at=end,
        title=given.get("title"),
        body=given.get("body"),
        url=given.get("url"),
        external_id=given.get("external_id"),
        identity=None if identity is None else bytes.fromhex(identity),
        precision=_one_of(given, "precision", _PRECISIONS) or "us",
        zone_source=_one_of(given, "zone_source", _ZONE_SOURCES) or "utc",
        language=given.get("language"),
        attributes=attributes,
    )


def _position(given: Mapping[str, Any], local: tzinfo) -> Position:
    _only(given, POSITION)
    at = _instant(given, "occurred_at", local)
    latitude, longitude = _number(given, "latitude"), _number(given, "longitude")
    if at is None or latitude is None or longitude is None:
        raise ValueError("a position has occurred_at, latitude and longitude")
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise ValueError("latitude is -90 to 90 and longitude -180 to 180")
    return Position(
        occurred_at=at, latitude=latitude, longitude=longitude, source=_text(given, "source") or _DEFAULT_SOURCE,
        device=_text(given, "device") or "", accuracy_m=_number(given, "accuracy_m"),
        altitude_m=_number(given, "altitude_m"),
    )  # fmt: skip


def _measurement(given: Mapping[str, Any], local: tzinfo) -> Measurement:
    _only(given, MEASUREMENT)
    metric, start, value = _text(given, "metric"), _instant(given, "starts_at", local), _number(given, "value")
    if not metric or start is None or value is None:
        raise ValueError("a measurement has metric, starts_at and value")
    return Measurement(
        metric=metric, starts_at=start, ends_at=_instant(given, "ends_at", local), value=value,
        unit=_text(given, "unit") or "", source=_text(given, "source") or _DEFAULT_SOURCE,
    )  # fmt: skip


def _only(given: Mapping[str, Any], allowed: tuple[str, ...]) -> None:
    if unknown := sorted(set(given) - set(allowed)):
        raise ValueError(f"unknown field {unknown[0]!r}; allowed: {', '.join(allowed)}")


def _text(given: Mapping[str, Any], name: str) -> str | None:
    value = given.get(name)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{name} must be a text")
    if value is not None and name in _NAMES and len(value) > NAME_CHARACTERS:
        raise ValueError(f"{name} has more than {NAME_CHARACTERS} characters")
    return value


def _one_of(given: Mapping[str, Any], name: str, allowed: tuple[str, ...]) -> str | None:
    value = _text(given, name)
    if value is not None and value not in allowed:
        raise ValueError(f"unknown {name} {value!r}; allowed: {', '.join(allowed)}")
    return value


def _number(given: Mapping[str, Any], name: str) -> float | None:
    value = given.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal) or not math.isfinite(value):
        raise ValueError(f"{name} must be a number")
    return float(value)


def _instant(given: Mapping[str, Any], name: str, local: tzinfo) -> datetime | None:
    value = given.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValueError(f"{name} must be a text in ISO 8601")  # noqa: TRY004
    try:
        at = datetime.fromisoformat(value)
    except ValueError as exc:
        raise ValueError(f"{name} is not in ISO 8601: {value!r}") from exc
    return (at if at.tzinfo else at.replace(tzinfo=local)).astimezone(UTC)
