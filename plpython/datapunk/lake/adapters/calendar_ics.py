"""Calendars (iCalendar): an item per event, and per occurrence of a series."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from datapunk.clock import zone
from datapunk.errors import InvalidArgument
from datapunk.lake.ics import Event, Moment, duration, events, moment
from datapunk.lake.record import Context, Record, Rejected
from datapunk.lake.registry import BY_NAME, SURE
from datapunk.lake.stream import MemberStream

NAME = "calendar"
VERSION = "1"


def claims(member: str, head: bytes) -> float:
    """Claim what begins as a calendar or an event does."""
    if head:
        begin = head[:4096].lstrip()[:15].upper()
        return SURE if begin.startswith((b"BEGIN:VCALENDAR", b"BEGIN:VEVENT")) else 0.0
    return BY_NAME if member.casefold().endswith(".ics") else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("Calendar/*.ics", "Kalender/*.ics", "*.ics")


def parse(stream: MemberStream, context: Context) -> Iterator[Record | Rejected]:
    """Yield a record per event; those of a series follow at the end, when all changed occurrences are known."""
    series: dict[str, list[Event]] = {}
    latest = date(1970, 1, 1)
    for event in events(stream):
        if isinstance(event, Rejected):
            yield event
            continue
        if not event.properties:
            yield Rejected(reason="an event without any property", byte_offset=event.offset)
            continue
        latest = max(latest, _day(event, "DTSTAMP"), _day(event, "DTSTART"))
        if event.properties.keys() & {"RRULE", "RDATE", "RECURRENCE-ID"}:
            series.setdefault(event.text("UID") or f"@{event.offset}", []).append(event)
            continue
        yield _record(event, context, None, [])
    from datapunk.lake.recurrence import horizon_of

    for parts in series.values():
        yield from _series(parts, context, horizon_of(latest))


def _day(event: Event, name: str) -> date:
    prop = event.first(name)
    if prop is not None:
        try:
            return datetime.strptime(prop.value.strip()[:8], "%Y%m%d").date()
        except ValueError:
            return date.min
    return date.min


def _series(parts: list[Event], context: Context, horizon: date) -> Iterator[Record]:
    """Yield the occurrences of one series, the changed ones as changed."""
    from datapunk.lake.recurrence import occurrences, stamp

    changed: dict[str, Event] = {}
    masters: list[Event] = []
    for event in parts:
        prop = event.first("RECURRENCE-ID")
        if prop is None:
            masters.append(event)
            continue
        try:
            changed[stamp(moment(prop, event.calendar)[0])] = event
        except ValueError:
            masters.append(event)
    for event in masters:
        errors: list[str] = []
        start, _ = _moment(event, "DTSTART", errors)
        if start is None:
            yield _record(event, context, None, errors)
            continue
        starts = occurrences(event, start, horizon, errors)
        first = _record(event, context, "", errors)
        for at in starts:
            name = stamp(at)
            if name in changed:
                yield _record(changed.pop(name), context, name, [])
            else:
                yield _moved(first, event, context, name, at)
    for name, event in changed.items():
        yield _record(event, context, name, [])


def _moved(first: Record, event: Event, context: Context, name: str, start: Moment) -> Record:
    """Return an occurrence of the event whose first one is `first`, at another start."""
    at = _instant(start, _calendar_zone(event, context))
    length = first.ended_at - first.occurred_at if first.ended_at and first.occurred_at else None
    uid = event.text("UID")
    return Record(
        kind=first.kind, source=first.source, occurred_at=at,
        ended_at=at + length if at and length is not None else None,
        title=first.title, body=first.body, url=first.url, external_id=f"{uid}/{name}" if uid else None,
        precision=first.precision, zone_source=first.zone_source, attributes=first.attributes,
    )  # fmt: skip


def _record(event: Event, context: Context, occurrence: str | None, series_errors: list[str]) -> Record:
    """Return the record of an event, or of the occurrence of that name in its series."""
    errors: list[str] = []
    start, zone_source = _moment(event, "DTSTART", errors)
    end, _ = _moment(event, "DTEND", errors)
    if end is None and start is not None and (length := event.first("DURATION")):
        try:
            end = start + duration(length.value)
        except (ValueError, OverflowError) as exc:
            errors.append(f"DURATION: {exc}")
    own_zone = _calendar_zone(event, context)
    first, last = _instant(start, own_zone), _instant(end, own_zone)
    all_day = zone_source == "date"
    if all_day and first and last is None:
        last = first + timedelta(days=1)
    if first and last and last < first:
        errors.append("DTEND: before DTSTART")
        last = None
    attributes = _attributes(event)
    if all_day:
        attributes["all_day"] = True
    if occurrence is not None:
        attributes["recurring"] = True
    if errors or series_errors:
        attributes["errors"] = sorted({*errors, *series_errors})
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
        zone_source=zone_source,
        attributes=attributes,
    )


def _moment(event: Event, name: str, errors: list[str]) -> tuple[Moment | None, str]:
    prop = event.first(name)
    if prop is None:
        return None, "floating"
    try:
        return moment(prop, event.calendar)
    except ValueError as exc:
        errors.append(f"{name}: {exc}")
        return None, "floating"


def _calendar_zone(event: Event, context: Context) -> tzinfo:
    name = event.calendar.names.get("X-WR-TIMEZONE", "")
    try:
        return zone(name or context.timezone)
    except InvalidArgument:
        return zone(context.timezone)


def _instant(at: Moment | None, own_zone: tzinfo) -> datetime | None:
    if at is None:
        return None
    if not isinstance(at, datetime):
        at = datetime.combine(at, time())
    try:
        return (at if at.tzinfo else at.replace(tzinfo=own_zone)).astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def _attributes(event: Event) -> dict[str, object]:
    attributes: dict[str, object] = {}
    for name, key in (("LOCATION", "location"), ("X-WR-CALNAME", "calendar"), ("STATUS", "status")):
        value = event.calendar.names.get(name, "") if name.startswith("X-") else event.text(name)
        if value:
            attributes[key] = value.lower() if key == "status" else value
    people = []
    for prop in event.properties.get("ATTENDEE", []):
        people.append(prop.parameter("CN") or _address(prop.value))
    if people:
        attributes["attendees"] = people
    if organizer := event.first("ORGANIZER"):
        attributes["organizer"] = organizer.parameter("CN") or _address(organizer.value)
    return attributes


def _address(value: str) -> str:
    return value[7:] if value[:7].lower() == "mailto:" else value
