"""Reading of times as exports write them for people, in the languages of `time_words`.

An abbreviation of a zone stands for its own offset, whatever the date says: `CEST` is +02:00 in winter too, as exports
render all times in the zone that the account had when the export was made. What cannot be read is None, never a guess.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache, lru_cache
from typing import NamedTuple

from datapunk.lake.text import fold
from datapunk.lake.time_words import BETWEEN, HALVES, MONTHS, OFFSETS, UTC_PHRASES, WEEKDAYS, folded_word

_DAYS_REMEMBERED = 16_384
_CHARACTERS = 120

_FOREIGN = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹،\u2212\u2009", "01234567890123456789,- ")
_TIME = re.compile(r"(?<![\d+-])(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?![\d:])")
_AMPM = re.compile(r"\b([ap])\.? ?m\b\.?", re.IGNORECASE)
_HMS_IN_FRENCH = re.compile(r"(\d{1,2}) h (\d{2}) min (\d{2}) s\b")
_ASIAN_HALF = re.compile("午夜|上午|凌晨|清晨|早上|中午|下午|傍晚|晚上|오전|오후|午前|午後")
_PHRASE = re.compile("|".join(UTC_PHRASES))
_OF_UTC = frozenset(("UTC", "UT", "TU", "GMT", "Z", "غرينتش", "جرينتش"))
_UTC = r"(?:\b(?:UTC|GMT|UT|TU)|غرينتش|جرينتش)"
_OFFSET = r"([+-]) ?(\d{1,2})(?::?(\d{2}))?(?!\d)"
_NAMED_OFFSET = re.compile(rf"{_UTC} ?{_OFFSET}")
_LAST_OFFSET = re.compile(rf"^\s*{_OFFSET}")
_COMMENT = re.compile(r"\([^()]*\)")
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4}) ?[-/.年년] ?(\d{1,2}) ?[-/.月월] ?(\d{1,2}) ?[日일]?(?!\d)")
_YEAR_LAST = re.compile(r"(?<!\d)(\d{1,2}) ?([./-]) ?(\d{1,2}) ?\2 ?(\d{4}|\d{2})(?!\d)")
_TOKEN = re.compile(r"\d+|[^\W\d_]+|[^\s.,、/\[\]-]")
_ZONE_LIKE = re.compile("[A-Z]{3,5}$")
_PIVOT = 70


class Reading(NamedTuple):
    """A time that was read.

    `precision` is us, ms, s, min or day. `zone_source` is utc, offset, abbr, floating (the account's zone, as the text
    has none), date (so, and no time of day either), assumed (UTC, as neither is known) or ambiguous (an abbreviation of
    several zones, none of them the account's, or of none that is known). `ambiguous` says that the text can mean
    another instant as well: such an abbreviation, an hour that the clock shows twice, days and months in figures that
    could change places. `others` are the other instants that such an abbreviation, `zone_name`, can mean.
    """

    at: datetime
    precision: str
    zone_source: str
    ambiguous: bool
    zone_name: str = ""
    others: tuple[datetime, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Around:
    """What a text says around the time of day."""

    year: int
    month: int
    day: int
    order_unsure: bool
    half: str
    zone: str
    offset: int | None
    fixed: timezone | None
    """The zone where it is the same for every account: one of an offset, or of an abbreviation with one meaning."""


def instant(text: str, *, zone: tzinfo | None = None, day_first: bool | None = None) -> Reading | None:
    """Read a date with or without a time of day; None where the text is anything else or says more than that.

    `zone` is the account's: a text without a zone is read in it (in UTC where it is None), and an abbreviation that
    several zones have, as IST, is read as this zone's if it is one of them. `day_first` is the order of 01/02/2026
    where that is known. Without it a clock of twelve hours in Latin letters speaks for the month.
    """
    if len(text) > _CHARACTERS:
        return None
    text = fold(text)
    if not text.isascii():
        text = text.translate(_FOREIGN)
    if " h " in text:
        text = _HMS_IN_FRENCH.sub(r"\1:\2:\3", text)
    clock = _TIME.search(text)
    around = _around(text[: clock.start()], text[clock.end() :], day_first) if clock else _around(text, "", day_first)
    if around is None:
        return None
    hour = minute = second = microsecond = 0
    precision = "day"
    if clock:
        hour, minute = int(clock[1]), int(clock[2])
        precision = "min"
        if around.half:
            hour = _of_24(hour, around.half)
        if clock[3]:
            second = int(clock[3])
            precision = "s"
            if fraction := clock[4]:
                microsecond = int(fraction[:6].ljust(6, "0"))
                precision = "ms" if len(fraction) <= 3 else "us"
    elif around.half:
        return None
    try:
        local = datetime(around.year, around.month, around.day, hour, minute, second, microsecond, around.fixed)
    except ValueError:
        return None
    if around.fixed is not None:
        return Reading(
            at=local, precision=precision, zone_source=_source_of(around), ambiguous=around.order_unsure,
            zone_name=around.zone,
        )  # fmt: skip
    at, zone_source, ambiguous = _placed(local, around, zone, timed=clock is not None)
    others: tuple[datetime, ...] = ()
    if zone_source == "ambiguous":
        others = tuple(local.replace(tzinfo=_fixed(minutes)) for minutes in OFFSETS.get(around.zone, ())[1:])
    return Reading(
        at=at, precision=precision, zone_source=zone_source, ambiguous=ambiguous or around.order_unsure,
        zone_name=around.zone, others=others,
    )  # fmt: skip


def _of_24(hour: int, half: str) -> int:
    """Return an hour of twelve as one of 24; 24 hours and a half of the day, as Chinese writes them, stay."""
    if half == "am":
        return 0 if hour == 12 else hour
    if half == "pm":
        return hour + 12 if hour < 12 else hour
    return hour + 12 if hour < 6 else hour


def _placed(local: datetime, around: _Around, zone: tzinfo | None, *, timed: bool) -> tuple[datetime, str, bool]:
    """Return the instant of a local time, where its zone comes from, and whether it could be another."""
    if not around.zone:
        at = local.replace(tzinfo=zone or UTC)
        if not timed:
            return at, "date", False
        return at, "floating" if zone else "assumed", at.utcoffset() != at.replace(fold=1).utcoffset()
    candidates = OFFSETS.get(around.zone, ())
    certain = _offset_in(zone, around.zone, candidates, local.year) if zone is not None else None
    if certain is not None:
        return local.replace(tzinfo=_fixed(certain)), _source_of(around), False
    return local.replace(tzinfo=_fixed(candidates[0]) if candidates else zone or UTC), "ambiguous", True


def _source_of(around: _Around) -> str:
    if around.offset is not None:
        return "offset"
    return "utc" if around.zone in _OF_UTC else "abbr"


@cache
def _fixed(minutes: int) -> timezone:
    return timezone(timedelta(minutes=minutes)) if minutes else UTC


@lru_cache(maxsize=1_024)
def _offset_in(zone: tzinfo, name: str, candidates: tuple[int, ...], year: int) -> int | None:
    """Return in minutes what the abbreviation stands for in a zone that year; None where the zone has it not.

    A zone that the tz database gives no abbreviations, as Asia/Dhaka, has all that fit its offset.
    """
    for month in range(1, 13):
        at = datetime(year, month, 1, tzinfo=zone)
        offset = at.utcoffset() or timedelta()
        minutes = round(offset.total_seconds() / 60)
        known = at.tzname() or ""
        if known == name or (known[:1] in ("+", "-") and minutes in candidates):
            return minutes
    return None


@lru_cache(maxsize=_DAYS_REMEMBERED)
def _around(before: str, after: str, day_first: bool | None) -> _Around | None:
    """Read what is around a time of day: date, half of the day, zone. None where a word or figure has no place."""
    offset, before, after = _offset(_PHRASE.sub("UTC", before), _PHRASE.sub("UTC", after))
    text = _ASIAN_HALF.sub(r" \g<0> ", _AMPM.sub(r" \1m ", f"{before} {after}"))
    date: tuple[int, int, int] | None = None
    unsure = False
    figures = ""
    if match := _YEAR_FIRST.search(text):
        date = int(match[1]), int(match[2]), int(match[3])
    elif match := _YEAR_LAST.search(text):
        figures = match[2]
    if match:
        text = f"{text[: match.start()]} {text[match.end() :]}"
    words = _Words()
    if not words.take(_TOKEN.findall(text)):
        return None
    if match and figures:
        first, second, year = int(match[1]), int(match[3]), _full_year(match[4])
        days_lead, unsure = _days_lead(first, second, figures, day_first, latin_half=words.latin_half)
        date = (year, second, first) if days_lead else (year, first, second)
    if date is None:
        date = words.date()
    elif words.numbers or any(not weekday for _, weekday in words.months):
        return None
    if date is None:
        return None
    candidates = (offset,) if offset is not None else OFFSETS.get(words.zone, ())
    return _Around(
        year=date[0], month=date[1], day=date[2], order_unsure=unsure, half=words.half, offset=offset, zone=words.zone,
        fixed=_fixed(candidates[0]) if len(candidates) == 1 else None,
    )  # fmt: skip


def _offset(before: str, after: str) -> tuple[int | None, str, str]:
    """Return an offset in minutes that stands in either text, and the texts without it and without comments."""
    after = _COMMENT.sub(" ", after)
    if match := _NAMED_OFFSET.search(after) or _LAST_OFFSET.search(after):
        after = after[: match.start()] + after[match.end() :]
    elif match := _NAMED_OFFSET.search(before):
        before = before[: match.start()] + before[match.end() :]
    if match is None:
        return None, before, after
    minutes = int(match[2]) * 60 + int(match[3] or 0)
    if minutes >= 24 * 60:
        return None, before, f"{after} ?"
    return -minutes if match[1] == "-" else minutes, before, after


def _full_year(year: str) -> int:
    if len(year) == 4:
        return int(year)
    return int(year) + (2000 if int(year) < _PIVOT else 1900)


def _days_lead(
    first: int, second: int, separator: str, day_first: bool | None, *, latin_half: bool
) -> tuple[bool, bool]:
    """Tell whether the day comes before the month in figures, and whether that is unsure."""
    if first > 12 or second > 12:
        return first > 12, False
    if day_first is not None:
        return day_first, False
    if separator == ".":
        return True, False
    return not latin_half, first != second


class _Words:
    """The figures and words of a date, sorted by what they are."""

    def __init__(self) -> None:
        self.numbers: list[str] = []
        self.months: list[tuple[int, bool]] = []
        self.half = ""
        self.zone = ""
        self.latin_half = False

    def take(self, tokens: list[str]) -> bool:
        """Sort tokens; False where one has no place in a date."""
        for token in tokens:
            if token.isdecimal():
                self.numbers.append(token)
                continue
            word = folded_word(token)
            if month := MONTHS.get(word):
                self.months.append((month, word in WEEKDAYS))
            elif half := HALVES.get(word):
                self.half = half
                self.latin_half = token.isascii()
            elif word in WEEKDAYS or word in BETWEEN:
                continue
            elif not self.zone and (token in OFFSETS or _ZONE_LIKE.match(token) or word == "z"):
                self.zone = token.upper()
            else:
                return False
        return True

    def date(self) -> tuple[int, int, int] | None:
        """Return year, month and day where the words make one date."""
        if len(self.months) == 2:
            # "mar" is Tuesday beside another month, in French, Spanish and Italian.
            self.months = [m for m in self.months if not m[1]]
        if len(self.months) != 1 or len(self.numbers) != 2:
            return None
        day, year = self.numbers if len(self.numbers[1]) == 4 else reversed(self.numbers)
        if len(year) != 4 or len(day) > 2:
            return None
        return int(year), self.months[0][0], int(day)
