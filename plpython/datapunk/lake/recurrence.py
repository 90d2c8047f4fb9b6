"""Occurrences of recurring events (RFC 5545), by python-dateutil's rules on local wall time."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice

from dateutil.rrule import rrulestr

from datapunk.lake.ics import Event, Moment, moment

OCCURRENCES = 5_000
_UNTIL = re.compile(r";?UNTIL=([^;]*)", re.IGNORECASE)


def stamp(at: Moment) -> str:
    """Return the name of an occurrence: its start in UTC, or its date."""
    if isinstance(at, datetime):
        return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}" if at.tzinfo else f"{at:%Y%m%dT%H%M%S}"
    return f"{at:%Y%m%d}"


def occurrences(event: Event, start: Moment, horizon: date, errors: list[str]) -> list[Moment]:
    """Return the starts of a recurring event up to `horizon`, in order, in the kind and zone of `start`.

    Unreadable rules and dates are named in `errors` and left out; DTSTART itself always counts.
    """
    found = {stamp(start): start}
    for prop in event.properties.get("RRULE", []):
        try:
            for at in _by_rule(prop.value, start, horizon):
                found.setdefault(stamp(at), at)
        except (ValueError, TypeError, OverflowError, AttributeError) as exc:
            errors.append(f"RRULE: {exc}")
    for at in _dates(event, "RDATE", start, errors):
        found.setdefault(stamp(at), at)
    for at in _dates(event, "EXDATE", start, errors):
        found.pop(stamp(at), None)
    return [found[name] for name in sorted(found)][:OCCURRENCES]


def _by_rule(rule: str, start: Moment, horizon: date) -> Iterator[Moment]:
    zone = start.tzinfo if isinstance(start, datetime) else None
    local = start.replace(tzinfo=None) if isinstance(start, datetime) else datetime.combine(start, time())
    end = datetime.combine(horizon, time.max)
    if match := _UNTIL.search(rule):
        until = _until(match[1], start)
        end = min(end, until)
        rule = _UNTIL.sub("", rule).strip(";")
    for at in islice(rrulestr(rule, dtstart=local), OCCURRENCES):
        if at > end:
            return
        yield at.replace(tzinfo=zone) if isinstance(start, datetime) else at.date()


def _until(value: str, start: Moment) -> datetime:
    """Return the last moment of a rule as wall time where the event takes place."""
    text = value.strip().rstrip("Zz")
    if "T" not in text.upper():
        return datetime.combine(datetime.strptime(text, "%Y%m%d").date(), time.max)
    at = datetime.strptime(text.upper(), "%Y%m%dT%H%M%S")
    if not isinstance(start, datetime):
        return datetime.combine(at.date(), time.max)
    if value.strip()[-1:] in "Zz" and start.tzinfo is not None:
        return at.replace(tzinfo=UTC).astimezone(start.tzinfo).replace(tzinfo=None)
    return at


def _dates(event: Event, name: str, start: Moment, errors: list[str]) -> Iterator[Moment]:
    for prop in event.properties.get(name, []):
        for value in prop.value.split(","):
            single = type(prop)(parameters=prop.parameters, value=value.partition("/")[0])
            try:
                at, _ = moment(single, event.calendar)
            except ValueError as exc:
                errors.append(f"{name}: {exc}")
                continue
            if isinstance(start, datetime):
                if not isinstance(at, datetime):
                    at = datetime.combine(at, start.timetz())
                elif start.tzinfo and at.tzinfo:
                    at = at.astimezone(start.tzinfo)
            elif isinstance(at, datetime):
                at = at.date()
            yield at


def horizon_of(latest: date) -> date:
    """Return how far series without an end are followed: a year past the export, or past the last event."""
    return latest + timedelta(days=366)
