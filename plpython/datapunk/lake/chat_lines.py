"""Chats as plain text: a message begins with a stamp of its time and goes on over lines that have none."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

_SPACE = r"[ \u00a0\u202f]"
_DATE = rf"(\d{{1,4}})([/-]|\.{_SPACE}?)(\d{{1,2}})\2(\d{{1,4}})\.?"
_HALF = r"[^\W\d]{1,2}\.?\s?[^\W\d]{0,2}\.?"
_CLOCK = rf"(?:{_HALF}{_SPACE}?)?\d{{1,2}}[:.]\d\d(?:[:.]\d\d)?(?:{_SPACE}?{_HALF})?"
_STAMP = rf"{_DATE}[,،]?{_SPACE}+(?:kl\.?{_SPACE}|klo{_SPACE}|um{_SPACE})?({_CLOCK})"
_MARKS = "[\u200e\u200f\ufeff]*"
BRACKETED = re.compile(rf"{_MARKS}\[{_STAMP}\]{_SPACE}?")
DASHED = re.compile(rf"{_MARKS}{_STAMP}{_SPACE}[-–]{_SPACE}")
# A name, then what was said.
_SPEAKER = re.compile(r"([^:\n]{1,120}): (.*)", re.DOTALL)
_ENTRY_CHARACTERS = 1 << 20
# Far more than the messages that WhatsApp writes into one file.
_HELD_BYTES = 16 << 20


class Stamp(NamedTuple):
    """A stamp as written: the figures of its date, what is between them, its time, and the rest of its line."""

    date: tuple[int, int, int]
    separator: str
    clock: str
    rest: str

    @property
    def text(self) -> str:
        """The date and time for reading, the time with colons."""
        clock = self.clock if ":" in self.clock else self.clock.replace(".", ":", 2)
        return f"{self.separator.join(map(str, self.date))} {clock}"


class Entry(NamedTuple):
    """A stamped message with all its lines; `offset` is where it begins, in bytes."""

    offset: int
    stamp: Stamp
    text: str


def stamp(line: str) -> Stamp | None:
    """Return the stamp that a line begins with, bracketed or dashed."""
    match = BRACKETED.match(line) or DASHED.match(line)
    if match is None:
        return None
    return Stamp((int(match[1]), int(match[3]), int(match[4])), match[2].strip(), match[5], line[match.end() :])


def speaker(text: str) -> tuple[str, str] | None:
    """Return name and words of a message; None for a notice, which nobody says."""
    match = _SPEAKER.match(text)
    return (match[1].strip("\u200e\u200f\u202a\u202c ~\u00a0\u202f"), match[2]) if match else None


def entries(lines: Iterable[tuple[int, bytes]]) -> Iterator[Entry | tuple[int, bytes]]:
    """Yield each stamped message of UTF-8 lines; a line before the first one, as offset and bytes."""
    began: tuple[int, Stamp] | None = None
    parts: list[str] = []
    size = 0
    for offset, raw in lines:
        line = raw.decode("utf-8", "replace")
        found = stamp(line)
        if found is None:
            if began is None:
                if raw.strip(b"\xef\xbb\xbf \t"):
                    yield offset, raw
            elif size < _ENTRY_CHARACTERS:
                parts.append(line)
                size += len(line)
            continue
        if began is not None:
            yield Entry(*began, "\n".join(parts))
        began, parts, size = (offset, found), [found.rest], len(found.rest)
    if began is not None:
        yield Entry(*began, "\n".join(parts))


def day_first(dates: Iterable[tuple[int, int, int]]) -> bool | None:
    """Tell from the dates of a chat, in its order, whether the day leads; None where either is as likely.

    A figure above 12 decides, else the order that keeps the days in sequence, else the one that spreads them less:
    a chat with something every day is likelier than one on the fifth of each month.
    """
    days = {True: 0, False: 0}
    back = {True: 0, False: 0}
    last: dict[bool, int] = {}
    for first, second, year in dates:
        if first > 31:
            return None
        if first > 12 or second > 12:
            return first > 12
        for leads in (True, False):
            month, day = (second, first) if leads else (first, second)
            ordinal = year * 372 + month * 31 + day
            step = ordinal - last.get(leads, ordinal)
            days[leads] += abs(step)
            back[leads] += step < 0
            last[leads] = ordinal
    if back[True] != back[False]:
        return back[True] < back[False]
    return days[True] < days[False] if days[True] != days[False] else None


def with_order(lines: Iterator[tuple[int, bytes]]) -> tuple[bool | None, Iterator[tuple[int, bytes]]]:
    """Return whether the day leads in the dates of a chat, and all its lines; reads as far as it takes to tell."""
    held: list[tuple[int, bytes]] = []
    dates: list[tuple[int, int, int]] = []
    size = 0
    for offset, raw in lines:
        held.append((offset, raw))
        size += len(raw) + 1
        found = stamp(raw.decode("utf-8", "replace"))
        if found is not None and (not dates or dates[-1] != found.date):
            dates.append(found.date)
            if max(found.date[:2]) > 12:
                break
        if size > _HELD_BYTES:
            break
    return day_first(dates), _chained(held, lines)


def _chained(held: list[tuple[int, bytes]], lines: Iterator[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    yield from held
    held.clear()
    yield from lines
