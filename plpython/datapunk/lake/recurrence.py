"""Occurrences of recurring events (RFC 5545), by recurring-ical-events."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

import icalendar
from recurring_ical_events import CalendarQuery

from datapunk.lake.ics import Event

OCCURRENCES = 5_000
# A year is asked for at a time, so that a series of many years stops at the limit, not at the horizon.
_WINDOW = timedelta(days=366)
_TOO_OFTEN = ("SECONDLY", "MINUTELY")


def occurrences(parts: list[Event], horizon: date) -> tuple[list[tuple[str, Event]], list[str]]:
    """Return the occurrences of one series by name, in order, up to `horizon`; and what was wrong with it.

    `parts` are the events of one UID. An occurrence is named after the start that its rule gives it, so that it keeps
    its name when it is moved. What cannot be expanded comes back as the parts that it is made of.
    """
    errors = [error for part in parts for error in part.errors]
    query = icalendar.Calendar()
    for part in parts:
        query.add_component(_expandable(part, errors))
    try:
        found = list(islice(_components(CalendarQuery(query), parts, horizon), OCCURRENCES))
    except (ValueError, TypeError, AttributeError, OverflowError, KeyError) as exc:
        errors.append(f"RRULE: {exc}")
        found = [part.component for part in parts]
    # What begins behind the horizon is not followed, but told.
    found = found or [part.component for part in parts if (at := part.moment("DTSTART")) and _day(at) > horizon]
    named: dict[str, Event] = {}
    for component in found:
        event = replace(parts[0], component=component)
        name = _name(event, "RECURRENCE-ID")
        # From a change of this and all that follow come many of one RECURRENCE-ID.
        named.setdefault(_name(event, "DTSTART") if name in named else name, event)
    return list(named.items()), errors


def _components(query: CalendarQuery, parts: list[Event], horizon: date) -> Iterator[Any]:
    starts = [moment for part in parts if (moment := part.moment("DTSTART")) is not None]
    start = min((_day(moment) for moment in starts), default=horizon) - timedelta(days=1)
    seen: set[tuple[object, object]] = set()
    while start <= horizon:
        end = min(start + _WINDOW, horizon + timedelta(days=1))
        for component in sorted(query.between(start, end), key=lambda c: str(_day(c["DTSTART"].dt))):
            identity = (component["RECURRENCE-ID"].dt, component["DTSTART"].dt)
            if identity not in seen:
                seen.add(identity)
                yield component
        start = end


def _expandable(part: Event, errors: list[str]) -> Any:
    """Return the component without the rules and dates that nobody can read or follow."""
    # Without its alarms, of which no item tells, and which a broken file nests as deep as it likes.
    component = part.component.copy()
    for name in ("RRULE", "RDATE", "EXDATE"):
        values = part.all(name)
        if name == "RRULE":
            for rule in values:
                if not set(_TOO_OFTEN).isdisjoint(rule.get("FREQ", ())):
                    errors.append(f"RRULE: {rule.to_ical().decode()} is not followed")
                    values = []
        component.pop(name, None)
        if values:
            component[name] = values
    return component


def _name(event: Event, field: str) -> str:
    at = event.moment(field)
    if isinstance(at, datetime):
        return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}" if at.tzinfo else f"{at:%Y%m%dT%H%M%S}"
    return f"{at:%Y%m%d}" if at else ""


def _day(at: date) -> date:
    return at.date() if isinstance(at, datetime) else at


def horizon_of(latest: date) -> date:
    """Return how far series without an end are followed: a year past the export, or past the last event."""
    return min(latest, date.max - 3 * _WINDOW) + _WINDOW
