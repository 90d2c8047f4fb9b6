"""iCalendar files, cut at VEVENT while reading, so that memory stays flat and a broken event costs itself alone.

What a piece says is icalendar's business: properties, zones (of the file, IANA, Windows), values and their errors.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

import icalendar
from icalendar.timezone import tzp

from datapunk.lake.record import Rejected
from datapunk.lake.samples import rejected_bytes
from datapunk.lake.stream import MemberStream

_PIECE_LINES = 5_000
_LINE_BYTES = 1 << 20
# Lines that no item tells of; reading them would take a fifth of the time.
_UNUSED = (b"CREATED:", b"LAST-MODIFIED:", b"TRANSP:", b"CLASS:", b"PRIORITY:")
# Properties whose lines recur from event to event, above all people: those lines are read once.
_RECURRING = (b"ATTENDEE", b"ORGANIZER", b"STATUS", b"SEQUENCE", b"LOCATION", b"DTSTAMP", b"SUMMARY")
_LINES_REMEMBERED = 4_096
# What a calendar says of itself that its events need.
_OF_CALENDAR = (b"X-WR-TIMEZONE", b"X-WR-CALNAME")
_WHOLE = (b"BEGIN:VEVENT", b"BEGIN:VTIMEZONE")
_UNREADABLE = (ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError)


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One VEVENT, where it lies, and what the lines of its calendar say."""

    component: Any
    offset: int
    calendar: Mapping[str, str] = field(default_factory=dict)

    def all(self, name: str) -> list[Any]:
        """Return the properties of that name, as icalendar's values; broken ones are left out."""
        found = self.component.get(name, [])
        values = found if isinstance(found, list) else [found]
        return [value for value in values if not isinstance(value, icalendar.vBroken)]

    def text(self, name: str) -> str:
        """Return the text of a property; empty where it is missing."""
        found = self.all(name)
        return str(found[0]).strip() if found else ""

    def moment(self, name: str) -> date | None:
        """Return a date, or a datetime that is naive when it floats; None where it is missing or broken."""
        found = [getattr(value, "dt", None) for value in self.all(name)]
        return found[0] if found and isinstance(found[0], date) else None

    @property
    def errors(self) -> list[str]:
        """What icalendar could not read of it."""
        return [f"{name}: {message}" if name else str(message) for name, message in self.component.errors]


def events(stream: MemberStream) -> Iterator[Event | Rejected]:
    """Yield the events of a file. A calendar that is never closed ends in one Rejected.

    What an unclosed calendar holds is kept where it is dated or has a UID: then it is whole.
    """
    # Zones that another file defines under the same name are not this file's.
    tzp.use_default()
    is_open = False
    word = b""
    undated: list[Event] = []
    calendar: dict[str, str] = {}
    for word, offset, lines in _pieces(stream):
        if word == b"BEGIN:VCALENDAR":
            is_open, calendar = True, {}
        elif word == b"END:VCALENDAR":
            is_open = False
            yield from undated
            undated = []
        elif word == b"X-WR-":
            found = _parsed(icalendar.Calendar, [b"BEGIN:VCALENDAR", *lines, b"END:VCALENDAR"])
            calendar |= {} if isinstance(found, str) else {name: str(value) for name, value in found.items()}
        elif word == b"BEGIN:VTIMEZONE":
            # icalendar remembers the zone; one that it cannot read leaves its times floating.
            _parsed(icalendar.Timezone, lines)
        elif word == b"BEGIN:VEVENT":
            found = _event(lines)
            if isinstance(found, str):
                yield rejected_bytes(found, _calendar(lines), offset)
            elif is_open and not found.keys() & {"DTSTART", "UID"}:
                undated.append(Event(component=found, offset=offset, calendar=calendar))
            else:
                yield Event(component=found, offset=offset, calendar=calendar)
        else:
            yield Rejected(reason="an event without its end", byte_offset=offset, sample=b"\r\n".join(lines))
    for event in undated:
        reason = "an event without date and UID in a calendar that is not closed"
        yield Rejected(reason=reason, byte_offset=event.offset)
    if is_open and word:
        yield Rejected(reason="the calendar is not closed: the file may be cut off", byte_offset=stream.position)


def _calendar(lines: list[bytes]) -> bytes:
    """Return an event as a calendar that holds nothing else."""
    return b"\r\n".join((b"BEGIN:VCALENDAR", *lines, b"END:VCALENDAR", b""))


def _pieces(stream: MemberStream) -> Iterator[tuple[bytes, int, list[bytes]]]:
    """Yield begin and end of calendars, their X-WR- lines, zones and events; what lacks its end as b""."""
    piece: list[bytes] = []
    opened = b""
    start = 0
    for offset, line in _unfolded(stream):
        word = line[:20].rstrip().upper()
        if opened:
            if word == b"END:" + opened[6:]:
                yield opened, start, [*piece, line]
                opened = b""
                continue
            if word not in (*_WHOLE, b"END:VCALENDAR"):
                if len(piece) < _PIECE_LINES:
                    piece.append(line)
                continue
            yield b"", start, piece
            opened = b""
        if word in _WHOLE:
            opened, piece, start = word, [line], offset
        elif word.startswith(_OF_CALENDAR):
            yield b"X-WR-", offset, [line]
        elif word in (b"BEGIN:VCALENDAR", b"END:VCALENDAR"):
            yield word, offset, []
    if opened:
        yield b"", start, piece


def _unfolded(stream: MemberStream) -> Iterator[tuple[int, bytes]]:
    """Yield lines with continuations joined; as bytes, since a fold may lie within a character."""
    current: list[bytes] = []
    start = size = 0
    for offset, line in stream.lines():
        if line[:1] in (b" ", b"\t") and current:
            size += len(line)
            if size < _LINE_BYTES:
                current.append(line[1:])
            continue
        if current:
            yield start, b"".join(current)
        current, start, size = [line], offset, 0
    if current:
        yield start, b"".join(current)


def _event(lines: list[bytes]) -> Any:
    """Return the event that the lines are, or why they are none."""
    nested = any(line[:6].upper() == b"BEGIN:" for line in lines[1:])
    if nested:
        # A property of an alarm is none of its event's.
        return _parsed(icalendar.Event, lines)
    own: list[bytes] = []
    recurring: list[bytes] = []
    for line in lines:
        if line.startswith(_RECURRING):
            recurring.append(line)
        elif not line.startswith(_UNUSED):
            own.append(line)
    event = _parsed(icalendar.Event, own)
    if isinstance(event, str):
        return event
    for line in recurring:
        found = _line(line)
        if isinstance(found, str):
            return found
        event.errors.extend(found.errors)
        for name, value in found.items():
            event.add(name, value, encode=False)
    return event


@lru_cache(maxsize=_LINES_REMEMBERED)
def _line(line: bytes) -> Any:
    return _parsed(icalendar.Event, [b"BEGIN:VEVENT", line, b"END:VEVENT"])


def _parsed(kind: type[Any], lines: list[bytes]) -> Any:
    """Return the component that the lines are, or why they are none."""
    try:
        return kind.from_ical(b"\r\n".join(lines).decode("utf-8", "replace"))
    except _UNREADABLE as exc:
        return f"{type(exc).__name__}: {exc}"
    except (OSError, RecursionError):
        # A zone's name is opened as a file, or its parts are imported as packages, whatever they say.
        return "a time zone of no possible name"
