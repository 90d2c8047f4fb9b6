"""What a Takeout of today's Timeline still holds: edits, settings with devices, and word of encrypted backups."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from datapunk.lake.geo import instant, number, point_e7
from datapunk.lake.json_lists import listed
from datapunk.lake.names import last_part, named
from datapunk.lake.record import Context, Found, Position, Record, Rejected
from datapunk.lake.registry import BY_NAME, SURE
from datapunk.lake.samples import rejected
from datapunk.lake.stream import MemberStream

NAME = "location_edits"
VERSION = "1"

_NAMES = named("Timeline Edits.json")
_ENCRYPTED = named("Encrypted Backups.txt")
_FOLDER = re.compile(r"(?:^|/)(?:Location History|Timeline)[^/]*/[^/]*$", re.IGNORECASE)
_EDITS, _DEVICES = "timelineEdits", "deviceSettings"
_MARKS = {_EDITS: ("deviceId", "rawSignal"), _DEVICES: ("deviceTag",)}


def claims(member: str, head: bytes) -> float:
    """Claim edits, settings that list the devices which report their place, and the note on encrypted backups."""
    name = last_part(member)
    if not head:
        settings = name == "settings.json" and _FOLDER.search(member) is not None
        return BY_NAME if settings or name in _NAMES or name in _ENCRYPTED else 0.0
    if head.lstrip()[:1] == b"{":
        devices = b'"deviceSettings"' in head and b'"deviceTag"' in head
        return SURE if devices or b'"timelineEdits"' in head[:4096] else 0.0
    return SURE if _is_note(member, head) else 0.0


def _is_note(member: str, head: bytes) -> bool:
    return last_part(member) in _ENCRYPTED or b"encrypted Timeline backup" in head[:4096]


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("Timeline/Timeline Edits.json", "Timeline/Settings.json", "Timeline/Encrypted Backups.txt")


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield a position per edit that holds one, and a security event of type device per device.

    Edits also list aggregates of places, activities and radio stations; those have no position and give nothing.
    """
    if stream.head.lstrip()[:1] != b"{" and _is_note(context.member, stream.head):
        yield Rejected(
            reason="the location data is end-to-end encrypted on the phone and not in this archive; export it there: "
            "Android: Settings, Location, Location services, Timeline, Export Timeline data; "
            "iPhone: Google Maps, Your Timeline, Location and privacy settings, Export Timeline data",
            byte_offset=0,
            sample=stream.head[:1024],
        )
        return
    for item in listed(stream, (_EDITS, _DEVICES), (), _MARKS):
        if isinstance(item, Rejected):
            yield item
            continue
        entry = item.value
        try:
            if item.path == _DEVICES:
                yield _device(entry)
            elif "rawSignal" in entry:
                yield from _signal(entry)
            elif "placeAggregates" not in entry and "deviceId" not in entry:
                yield rejected(f"an edit of unknown kind: {sorted(map(str, entry))}", entry, f"{item.path}.item")
        except (ValueError, TypeError, LookupError, AttributeError, OverflowError) as exc:
            yield rejected(f"an entry of {item.path}: {exc!r}", entry, f"{item.path}.item")


def _signal(edit: Mapping[str, Any]) -> Iterator[Position]:
    signal = edit["rawSignal"]["signal"]
    if (position := signal.get("position")) is None:
        return
    place = point_e7(position["point"])
    if place is None:
        raise ValueError("coordinates are missing or out of range")
    millimetres = number(position.get("accuracyMm"))
    yield Position(
        instant(position["timestamp"]).at,
        place.latitude,
        place.longitude,
        NAME,
        device=str(edit.get("deviceId") or ""),
        accuracy_m=None if millimetres is None else millimetres / 1000,
        altitude_m=number(position.get("altitudeMeters")),
    )


def _device(entry: Mapping[str, Any]) -> Record:
    tag = str(entry["deviceTag"])
    spec = entry.get("deviceSpec") or {}
    model = " ".join(str(part) for part in (spec.get("manufacturer"), spec.get("model")) if part)
    created = entry.get("deviceCreationTime")
    first = instant(created) if created else None
    attributes: dict[str, object] = {"type": "device", "service": "Timeline", "device": tag}
    for name, value in (
        ("model", model or None),
        ("platform", entry.get("platformType")),
        ("reporting", entry.get("reportingEnabled")),
        ("country", entry.get("legalCountryCode")),
    ):
        if isinstance(value, str | bool):
            attributes[name] = value
    return Record(
        kind="security_event",
        source=NAME,
        occurred_at=first.at if first else None,
        title=str(entry.get("devicePrettyName") or model or tag),
        external_id=f"device/{tag}",
        precision=first.precision if first else "s",
        attributes=attributes,
    )
