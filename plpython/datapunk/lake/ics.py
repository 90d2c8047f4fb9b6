"""iCalendar text as events, read once and cut at VEVENT, so that a broken event costs itself alone.

icalendar reads 3,000 events a second and needs the whole file; it is asked for what is rare: time zones that a file
defines by itself.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from datapunk.lake.record import Rejected
from datapunk.lake.stream import MemberStream

_LINE = re.compile(r'([A-Za-z0-9-]+)((?:;(?:[^":]|"[^"]*")*)?):(.*)', re.DOTALL)
_PARAMETER = re.compile(r';([A-Za-z0-9-]+)=(?:"([^"]*)"|([^";]*))')
_ESCAPE = re.compile(r"\\([\\;,nN:])")
_TIME = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})(Z?))?$", re.IGNORECASE)
_DURATION = re.compile(r"([+-]?)P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$")
_EVENT_LINES = 5_000

Moment = date | datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Property:
    """One content line: parameters as written, and its value."""

    parameters: str
    value: str

    def parameter(self, name: str) -> str | None:
        """Return a parameter's value without quotes."""
        for match in _PARAMETER.finditer(self.parameters):
            if match[1].upper() == name:
                return match[2] if match[2] is not None else match[3]
        return None

    @property
    def text(self) -> str:
        """The value with its escapes undone."""
        if "\\" not in self.value:
            return self.value
        return _ESCAPE.sub(lambda m: "\n" if m[1] in "nN" else m[1], self.value)


@dataclass(frozen=True, kw_only=True, slots=True)
class Calendar:
    """What the lines before an event say of its calendar; filled while reading."""

    names: dict[str, str] = field(default_factory=dict)
    zones: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One VEVENT: its properties by name, where it lies, and the calendar around it."""

    properties: dict[str, list[Property]]
    offset: int
    calendar: Calendar

    def first(self, name: str) -> Property | None:
        """Return the first property of that name."""
        found = self.properties.get(name)
        return found[0] if found else None

    def text(self, name: str) -> str:
        """Return the text of a property; empty where it is missing."""
        found = self.properties.get(name)
        return found[0].text.strip() if found else ""


def events(stream: MemberStream) -> Iterator[Event | Rejected]:
    """Yield the events of a file. A calendar that is never closed ends in one Rejected.

    What an unclosed calendar holds is kept where it is dated or has a UID: then it is whole.
    """
    reader = _Reader()
    for offset, line in _unfolded(stream):
        yield from reader.take(offset, line)
    yield from reader.end(stream.position)


class _Reader:
    """Where in a file the reading is: in which calendar, zone or event."""

    def __init__(self) -> None:
        self._calendar = Calendar()
        self._open = False
        self._zone: list[str] | None = None
        self._event: list[str] | None = None
        self._start = 0
        self._depth = 0
        self._undated: list[Event] = []

    def take(self, offset: int, line: str) -> Iterable[Event]:
        """Take a content line; return the events that it completes."""
        word = line[:20].upper().rstrip()
        if self._event is not None:
            return self._in_event(self._event, word, line)
        if self._zone is not None:
            self._zone.append(line)
            if word == "END:VTIMEZONE":
                name = next((z[5:] for z in self._zone if z[:5].upper() == "TZID:"), "")
                self._calendar.zones[name] = "\r\n".join(self._zone)
                self._zone = None
        elif word == "BEGIN:VEVENT":
            self._event, self._start, self._depth = [], offset, 0
        elif word == "BEGIN:VTIMEZONE":
            self._zone = [line]
        elif word == "BEGIN:VCALENDAR":
            self._calendar, self._open = Calendar(), True
        elif word == "END:VCALENDAR":
            self._open = False
            closed, self._undated = self._undated, []
            return closed
        elif word.startswith("X-WR-"):
            name, _, value = line.partition(":")
            self._calendar.names[name.upper()] = value
        return ()

    def _in_event(self, lines: list[str], word: str, line: str) -> Iterable[Event]:
        if word.startswith("BEGIN:"):
            self._depth += 1
        elif self._depth:
            self._depth -= word.startswith("END:")
        elif word == "END:VEVENT":
            self._event = None
            event = Event(properties=_properties(lines), offset=self._start, calendar=self._calendar)
            if not self._open or event.properties.keys() & {"DTSTART", "UID"}:
                return (event,)
            self._undated.append(event)
        elif len(lines) < _EVENT_LINES:
            lines.append(line)
        return ()

    def end(self, position: int) -> Iterator[Rejected]:
        """Yield what the end of the file leaves open."""
        for event in self._undated:
            reason = "an event without date and UID in a calendar that is not closed"
            yield Rejected(reason=reason, byte_offset=event.offset)
        if self._open or self._event is not None:
            yield Rejected(reason="the calendar is not closed: the file may be cut off", byte_offset=position)


def _unfolded(stream: MemberStream) -> Iterator[tuple[int, str]]:
    """Yield content lines: continuation lines joined (as bytes, for folds within a character), blank ones left out."""
    current: list[bytes] = []
    start = 0
    for offset, line in stream.lines():
        if not line:
            continue
        if line[0] in b" \t" and current:
            current.append(line[1:])
            continue
        if current:
            yield start, b"".join(current).decode("utf-8", "replace")
        current, start = [line], offset
    if current:
        yield start, b"".join(current).decode("utf-8", "replace")


def _properties(lines: list[str]) -> dict[str, list[Property]]:
    found: dict[str, list[Property]] = {}
    for line in lines:
        if match := _LINE.match(line):
            found.setdefault(match[1].upper(), []).append(Property(parameters=match[2], value=match[3]))
    return found


def moment(prop: Property, calendar: Calendar) -> tuple[Moment, str]:
    """Return a date, or a datetime that is naive when it floats, and where its zone is from.

    Raises ValueError when the value is neither.
    """
    match = _TIME.match(prop.value.strip())
    if not match:
        raise ValueError(f"not a date or time: {prop.value[:40]!r}")
    year, month, day = int(match[1]), int(match[2]), int(match[3])
    if match[4] is None:
        return date(year, month, day), "date"
    at = datetime(year, month, day, int(match[4]), int(match[5]), min(int(match[6]), 59))
    if match[7]:
        return at.replace(tzinfo=UTC), "utc"
    name = prop.parameter("TZID")
    found = zone_named(name, calendar.zones.get(name)) if name else None
    return (at.replace(tzinfo=found), "tzid") if found else (at, "floating")


@lru_cache(maxsize=256)
def zone_named(name: str, definition: str | None) -> tzinfo | None:
    """Return the zone of a TZID: an IANA name (with any prefix), one of Windows, or as the file defines it."""
    parts = name.strip("/").split("/")
    for start in range(len(parts)):
        try:
            return ZoneInfo("/".join(parts[start:]))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    if match := re.match(r"\(?(?:UTC|GMT)([+-])(\d{1,2}):?(\d{2})?\)?$", name, re.IGNORECASE):
        shift = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
        return timezone(-shift if match[1] == "-" else shift)
    from icalendar import Timezone
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    if name in WINDOWS_TO_OLSON:
        return ZoneInfo(WINDOWS_TO_OLSON[name])
    if definition:
        try:
            parsed: Any = Timezone.from_ical(definition)
            made = parsed.to_tz()
        except (ValueError, KeyError, TypeError, AttributeError, IndexError):
            return None
        return made if isinstance(made, tzinfo) else None
    return None


def duration(value: str) -> timedelta:
    """Return an iCalendar duration. Raises ValueError for what is none, or is longer than Python can hold."""
    match = _DURATION.match(value.strip())
    if not match or not any(match.groups()[1:]):
        raise ValueError(f"not a duration: {value[:40]!r}")
    weeks, days, hours, minutes, seconds = (int(g or 0) for g in match.groups()[1:])
    try:
        length = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError as exc:
        raise ValueError(f"duration out of range: {value[:40]!r}") from exc
    return -length if match[1] == "-" else length
