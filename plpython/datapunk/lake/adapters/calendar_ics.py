"""Calendars (iCalendar): an item per event, and per occurrence of a series."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from datapunk.clock import zone
from datapunk.errors import InvalidArgument
from datapunk.lake.record import Context, Found, Record, Rejected
from datapunk.lake.registry import BY_NAME, SURE
from datapunk.lake.stream import MemberStream

if TYPE_CHECKING:
    # The calendar libraries are loaded with the first calendar.
    from datapunk.lake.ics import Event

NAME = "calendar"
VERSION = "2"

_UTC = ZoneInfo("UTC")


def claims(member: str, head: bytes) -> float:
    """Claim what begins as a calendar or an event does."""
    if head:
        begin = head[:4096].lstrip()[:15].upper()
        return SURE if begin.startswith((b"BEGIN:VCALENDAR", b"BEGIN:VEVENT")) else 0.0
    return BY_NAME if member.casefold().endswith(".ics") else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("Calendar/*.ics", "Kalender/*.ics", "*.ics")


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield a record per event; those of a series follow at the end, when all changed occurrences are known."""
    from datapunk.lake.ics import events
    from datapunk.lake.recurrence import horizon_of, occurrences

    series: dict[str, list[Event]] = {}
    latest = date(1970, 1, 1)
    for event in events(stream):
        if isinstance(event, Rejected):
            yield event
            continue
        if not event.component:
            yield Rejected(reason="an event without any property", byte_offset=event.offset)
            continue
        start = event.moment("DTSTART")
        latest = max(latest, _day(event.moment("DTSTAMP")), _day(start))
        if start is not None and event.component.keys() & {"RRULE", "RDATE", "RECURRENCE-ID"}:
            series.setdefault(event.text("UID") or f"@{event.offset}", []).append(event)
        else:
            yield _record(event, context, None, event.errors)
    for parts in series.values():
        found, errors = occurrences(parts, horizon_of(latest))
        for name, event in found:
            yield _record(event, context, name, errors)


def _day(at: date | None) -> date:
    return at.date() if isinstance(at, datetime) else at or date.min


def _record(event: "Event", context: Context, occurrence: str | None, errors: list[str]) -> Record:
    """Return the record of an event, or of the occurrence of that name in its series."""
    start, end = event.moment("DTSTART"), event.moment("DTEND")
    length = event.all("DURATION")
    if end is None and start is not None and length and isinstance(length[0].dt, timedelta):
        try:
            end = start + length[0].dt
        except OverflowError:
            errors = [*errors, "DURATION: out of range"]
    own_zone = _calendar_zone(event, context)
    first, last = _instant(start, own_zone), _instant(end, own_zone)
    all_day = start is not None and not isinstance(start, datetime)
    if all_day and first and last is None:
        last = first + timedelta(days=1) if first.year < 9999 else None
    if first and last and last < first:
        errors = [*errors, "DTEND: before DTSTART"]
        last = None
    attributes = _attributes(event)
    if all_day:
        attributes["all_day"] = True
    if occurrence is not None:
        attributes["recurring"] = True
    if errors:
        attributes["errors"] = sorted(set(errors))
    uid = event.text("UID")
    return Record(
        kind="event",
        source=NAME,
        occurred_at=first,
        ended_at=last,
        title=event.text("SUMMARY") or None,
        body=event.text("DESCRIPTION") or None,
        url=event.text("URL") or event.text("X-GOOGLE-CONFERENCE") or None,
        external_id=(f"{uid}/{occurrence}" if uid and occurrence else uid) or None,
        precision="day" if all_day else "s",
        zone_source=_zone_source(start),
        attributes=attributes,
    )


def _zone_source(at: date | None) -> str:
    if at is not None and not isinstance(at, datetime):
        return "date"
    if at is None or at.tzinfo is None:
        return "floating"
    return "utc" if at.tzinfo in (UTC, _UTC) else "tzid"


def _calendar_zone(event: "Event", context: Context) -> tzinfo:
    try:
        return zone(event.calendar.get("X-WR-TIMEZONE") or context.timezone)
    except InvalidArgument:
        return zone(context.timezone)


def _instant(at: date | None, own_zone: tzinfo) -> datetime | None:
    if at is None:
        return None
    if not isinstance(at, datetime):
        at = datetime.combine(at, time())
    try:
        return (at if at.tzinfo else at.replace(tzinfo=own_zone)).astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def _attributes(event: "Event") -> dict[str, object]:
    attributes: dict[str, object] = {}
    if location := event.text("LOCATION"):
        attributes["location"] = location
    if name := event.calendar.get("X-WR-CALNAME"):
        attributes["calendar"] = name
    if status := event.text("STATUS"):
        attributes["status"] = status.lower()
    if people := [_person(value) for value in event.all("ATTENDEE")]:
        attributes["attendees"] = people
        attributes["attendee_addresses"] = [_address(value) for value in event.all("ATTENDEE")]
    if organizer := event.all("ORGANIZER"):
        attributes["organizer"] = _person(organizer[0])
    return attributes


def _person(value: Any) -> str:
    return str(value.params.get("CN") or "") or _address(value)


def _address(value: Any) -> str:
    return str(value[7:] if value[:7].lower() == "mailto:" else value)
