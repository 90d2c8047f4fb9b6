"""Calendar files as Google Calendar exports them (RFC 5545: CRLF, lines folded at 75 octets)."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from datapunk.sample.people import Person, owner
from datapunk.sample.records import Event

# Zone: standard offset and name, summer offset and name, local time of the switch to summer and back.
_EUROPEAN: dict[str, tuple[str, str, str, str, str, str]] = {
    "Europe/Berlin": ("+0100", "CET", "+0200", "CEST", "020000", "030000"),
    "Europe/Lisbon": ("+0000", "WET", "+0100", "WEST", "010000", "020000"),
    "Europe/London": ("+0000", "GMT", "+0100", "BST", "010000", "020000"),
    "Atlantic/Azores": ("-0100", "GMT-1", "+0000", "GMT", "000000", "010000"),
}
_EXPORTED = "20260105T091500Z"


def _fold(line: str) -> str:
    if len(line) < 70 and line.isascii():
        return line + "\r\n"
    rows, row, size = [], "", 0
    for letter in line:
        width = len(letter.encode())
        if size + width > 74:
            rows.append(row)
            row, size = " ", 1
        row += letter
        size += width
    return "\r\n".join([*rows, row]) + "\r\n"


def _text(value: str) -> str:
    for plain in ("\\", ";", ","):
        value = value.replace(plain, "\\" + plain)
    return value.replace("\n", "\\n")


def _zone(name: str) -> list[str]:
    if name not in _EUROPEAN:
        inner = ["STANDARD", "TZOFFSETFROM:+0900", "TZOFFSETTO:+0900", "TZNAME:JST", "DTSTART:19700101T000000"]
        return ["BEGIN:VTIMEZONE", f"TZID:{name}", f"BEGIN:{inner[0]}", *inner[1:], "END:STANDARD", "END:VTIMEZONE"]
    base, base_name, summer, summer_name, forth, back = _EUROPEAN[name]
    return [
        "BEGIN:VTIMEZONE",
        f"TZID:{name}",
        f"X-LIC-LOCATION:{name}",
        "BEGIN:DAYLIGHT",
        f"TZOFFSETFROM:{base}",
        f"TZOFFSETTO:{summer}",
        f"TZNAME:{summer_name}",
        f"DTSTART:19700329T{forth}",
        "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
        "END:DAYLIGHT",
        "BEGIN:STANDARD",
        f"TZOFFSETFROM:{summer}",
        f"TZOFFSETTO:{base}",
        f"TZNAME:{base_name}",
        f"DTSTART:19701025T{back}",
        "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
        "END:STANDARD",
        "END:VTIMEZONE",
    ]


def _when(name: str, value: date | datetime, zone: str, in_utc: bool) -> str:
    if not isinstance(value, datetime):
        return f"{name};VALUE=DATE:{value:%Y%m%d}"
    if in_utc:
        return f"{name}:{value.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return f"{name};TZID={zone}:{value:%Y%m%dT%H%M%S}"


def _guest(person: Person) -> str:
    return (
        "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;"
        f"CN={person.name};X-NUM-GUESTS=0:mailto:{person.email}"
    )


def _end(event: Event) -> str:
    zone = event.end_zone or event.zone
    end = event.end
    if event.end_zone and isinstance(end, datetime):
        end = end.replace(tzinfo=ZoneInfo(event.zone)).astimezone(ZoneInfo(event.end_zone)).replace(tzinfo=None)
    return _when("DTEND", end, zone, event.in_utc)


def _component(event: Event) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield _when("DTSTART", event.start, event.zone, event.in_utc)
    yield _end(event)
    if event.rrule:
        yield f"RRULE:{event.rrule}"
    for left_out in event.left_out:
        yield _when("EXDATE", left_out, event.zone, event.in_utc)
    yield f"DTSTAMP:{_EXPORTED}"
    if event.organizer:
        yield f"ORGANIZER;CN={event.organizer.name}:mailto:{event.organizer.email}"
    yield f"UID:{event.uid}"
    for person in (*event.attendees, owner()) if event.attendees else ():
        yield _guest(person)
    if event.moved_from:
        yield _when("RECURRENCE-ID", event.moved_from, event.zone, event.in_utc)
    yield f"CREATED:{event.start:%Y%m%d}T060000Z"
    if event.description:
        yield f"DESCRIPTION:{_text(event.description)}"
    yield f"LAST-MODIFIED:{event.start:%Y%m%d}T063000Z"
    if event.location:
        yield f"LOCATION:{_text(event.location)}"
    yield "SEQUENCE:0"
    yield f"STATUS:{event.status}"
    yield f"SUMMARY:{_text(event.summary)}"
    yield "TRANSP:OPAQUE" if isinstance(event.start, datetime) else "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def calendar(name: str, zone: str, events: Iterable[Event]) -> Iterator[str]:
    """Text of one calendar file, component by component."""
    events = list(events)
    head = ["BEGIN:VCALENDAR", "PRODID:-//Google Inc//Google Calendar 70.9054//EN", "VERSION:2.0", "CALSCALE:GREGORIAN"]
    head += ["METHOD:PUBLISH", f"X-WR-CALNAME:{_text(name)}", f"X-WR-TIMEZONE:{zone}"]
    used = {event.zone for event in events if event.zone} | {event.end_zone for event in events if event.end_zone}
    for known in sorted(used):
        head += _zone(known)
    yield "".join(map(_fold, head))
    for event in events:
        yield "".join(map(_fold, _component(event)))
    yield "END:VCALENDAR\r\n"
