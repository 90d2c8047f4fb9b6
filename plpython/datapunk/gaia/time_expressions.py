"""Time expressions in a question, as half-open ranges in the owner's time zone.

A small grammar finds the phrases and combines them (since, between ... and ..., last spring, 5 May 2023, the second
quarter of 2024); other single dates ("5 May", "2 weeks ago", "05/06/2023") are read by dateparser, whose period (day,
month, year) becomes the range. That is loaded once in the model host; a backend loads it only without a host.
"""

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import lru_cache, partial
from typing import Any
from zoneinfo import ZoneInfo

from datapunk.gaia.feasts import FEAST, days_of_feast

Day = date
Range = tuple[Day | None, Day | None]
# How a phrase that the grammar does not know is read: as dateparser does.
Reader = Callable[[str, Day], Range | None]

_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
_NUMBERS = {
    w: n
    for n, w in enumerate(
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"], 1
    )
}
_NUMBERS |= {"a": 1, "an": 1, "couple of": 2, "a couple of": 2, "few": 3, "a few": 3}
_ORDINALS = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "last": 4}
_UNIT_DAYS = {"day": 1, "week": 7, "fortnight": 14}

_MONTH = rf"(?:{'|'.join(_MONTHS)}|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\b\.?"
_WEEKDAY = rf"(?:{'|'.join(_WEEKDAYS)})s?"
_SEASON = r"(?:spring|summer|autumn|fall|winter)"
_YEAR = r"(?:(?:19|20)\d\d)"
_NUMBER = rf"(?:\d+|{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})"
_DAY = r"(?:[0-3]?\d(?:st|nd|rd|th)?)"
_CLOCK = r"(?:\s+at\s+\d{1,2}(?::\d\d)?\s*(?:am|pm)?)?"
# In order: what is longer comes first.
_ATOM = "|".join((
    rf"{_YEAR}-[01]\d-[0-3]\d",
    rf"[0-3]?\d[./][01]?\d[./]{_YEAR}",
    rf"(?:the\s+)?{_DAY}\s+(?:of\s+)?{_MONTH}(?:,?\s+(?:of\s+)?{_YEAR})?{_CLOCK}",
    rf"{_MONTH}\s+{_DAY}(?!\d)(?:,?\s+{_YEAR})?{_CLOCK}",
    rf"(?:last|this|next|early|late)\s+{_MONTH}(?:\s+{_YEAR})?",
    rf"{_MONTH}(?:,?\s+(?:of\s+)?{_YEAR})?",
    rf"(?:the\s+)?(?:first|1st|second|2nd|third|3rd|fourth|4th|last)\s+quarter(?:\s+(?:of\s+)?(?:{_YEAR}|last\s+year|this\s+year))?",
    rf"q[1-4](?:\s+(?:of\s+)?{_YEAR})?",
    rf"(?:the\s+)?(?:first|second)\s+half\s+of\s+(?:{_YEAR}|last\s+year|this\s+year)",
    rf"(?:last|this|next|the|past)?\s*\b{_SEASON}(?:\s+(?:of\s+)?(?:{_YEAR}|last\s+year|this\s+year))?",
    rf"(?:the\s+)?(?:last|past|previous)\s+{_NUMBER}\s+(?:day|week|fortnight|month|year)s?",
    rf"{_NUMBER}\s+(?:day|week|month|year)s?\s+ago",
    r"(?:the\s+)?day\s+before\s+yesterday|yesterday|today|tonight|tomorrow|(?:this|last)\s+(?:morning|evening|night)",
    rf"(?:last|this|next|previous|past|the)\s+(?:{_WEEKDAY}|weekend)\b",
    r"(?:the\s+)?(?:last|this|next|previous|past|current)\s+(?:day|week|fortnight|month|quarter|year)",
    rf"(?:last\s+|this\s+|next\s+)?{FEAST}(?:,?\s+(?:of\s+)?(?:{_YEAR}|last\s+year|this\s+year))?",
    rf"(?:the\s+year\s+)?{_YEAR}",
    rf"{_WEEKDAY}",
))  # fmt: skip
_LEAD = r"in|on|during|throughout|for|over|of|from|within|at|around"
# What may stand before a season that is a time; behind any other word it is a thing: a coffee mill spring.
_SEASON_LED = re.compile(
    r"(?:^|[^\w\s]\s*|\b(?:in|on|at|during|throughout|through|over|for|of|from|within|around|since|until|till|before|after"
    r"|between|and|or|to|by|than|versus|vs|with|each|every|per|the|a|that|early|late|mid)\s+)$"
)
_MAY_HINT = re.compile(r"\b(?:in|since|until|till|before|after|between|during|and|to|from|of|last|this|next|by|on)\s+$")


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern[str], ...]:
    flags = re.IGNORECASE
    side = r"(?:right\s+|just\s+|directly\s+)?(?P<side>before|after|following|preceding|prior\s+to|leading\s+up\s+to)"
    beside = (
        rf"\b(?:(?:{_LEAD})\s+)?(?:the\s+)?(?:(?P<n>{_NUMBER})\s+)?(?<!many )(?P<unit>day|week|fortnight|month|year)s?"
        rf"\s+{side}\s+(?P<x>{_ATOM})(?![\w-])"
    )
    pair = rf"\b(?:between|from)\s+(?P<a>{_ATOM})\s+(?:and|to|until|till)\s+(?P<b>{_ATOM})(?![\w-])"
    words = r"(?P<word>ever\s+since|since|after|before|until|till|up\s+to|from)"
    bound = rf"\b{words}\s+(?P<x>{_ATOM})(?P<on>\s+on(?:wards?)?)?(?![\w-])"
    plain = rf"\b(?:(?:{_LEAD})\s+)?(?P<x>{_ATOM})(?![\w-])"
    return tuple(re.compile(pattern, flags) for pattern in (beside, pair, bound, plain))


def resolve(text: str, now: datetime, timezone: str, language: str) -> list[dict[str, Any]]:
    """Return the time expressions of `text`, in order of their place.

    Each is {start, end, text, span}: ISO timestamps with offset (end exclusive; null where the range is open) and the
    characters [i, j) of the text. `now` must know its offset; days begin in `timezone` (IANA). Seasons are those of the
    northern hemisphere, in whole months; a winter has the year that it ends in. Only English phrases are known; another
    `language` helps to read single dates.
    """
    return _found(text, now, timezone, partial(_parsed, language=language))


def resolve_by_grammar(text: str, now: datetime, timezone: str) -> list[dict[str, Any]] | None:
    """Return what `resolve` does, without loading dateparser; None where a date of the text needs it."""
    try:
        return _found(text, now, timezone, _unknown)
    except _UnknownDate:
        return None


class _UnknownDate(Exception):
    """The grammar alone does not tell which date a phrase is."""


def _unknown(phrase: str, today: Day) -> Range | None:
    raise _UnknownDate(phrase, today)


def _found(text: str, now: datetime, timezone: str, reader: Reader) -> list[dict[str, Any]]:
    zone = ZoneInfo(timezone)
    today = now.astimezone(zone).date()
    found: list[dict[str, Any]] = []
    taken: list[tuple[int, int]] = []
    for pattern, combine in zip(_patterns(), (_beside, _between, _bounded, _single), strict=True):
        for match in pattern.finditer(text):
            i, j = match.span()
            if any(i < b and a < j for a, b in taken) or _is_verb_may(text, match) or _is_thing(text, match):
                continue
            between = combine(match, today, reader)
            if between is None:
                continue
            taken.append((i, j))
            start, end = (_instant(day, zone) for day in between)
            found.append({"start": start, "end": end, "text": text[i:j], "span": [i, j]})
    return sorted(found, key=lambda r: int(r["span"][0]))


def _is_verb_may(text: str, match: re.Match[str]) -> bool:
    """Whether the month found is the verb in "may I" or "what may": a bare "may" with nothing that marks a date."""
    if "x" not in match.re.groupindex or match.group("x").strip().lower() not in (
        "may",
        "march",
        "mar",
        "dec",
        "fall",
        "the fall",
    ):
        return False
    if match.group("x").strip()[0].isupper() and match.start("x") > 0:
        return False
    return match.start("x") == match.start() and not _MAY_HINT.search(text[: match.start()].lower())


def _is_thing(text: str, match: re.Match[str]) -> bool:
    """Whether the season found is a thing: it stands alone behind a word that leads to no time."""
    if "x" not in match.re.groupindex or match.group("x").strip().lower() not in _SEASONS:
        return False
    return match.start("x") == match.start() and not _SEASON_LED.search(text[: match.start()].lower())


def _instant(day: Day | None, zone: ZoneInfo) -> str | None:
    return None if day is None else datetime.combine(day, time(), zone).isoformat()


def _beside(match: re.Match[str], today: Day, reader: Reader) -> Range | None:
    """The two weeks after Christmas: whole units that end where the time begins, or begin where it ends."""
    atom = _atom(match.group("x"), today, reader)
    if atom is None or atom[0] is None or atom[1] is None:
        return None
    number, unit = _number((match.group("n") or "a").lower()), match.group("unit").lower()
    if match.group("side").lower() in ("after", "following"):
        return atom[1], _later(atom[1], number, unit)
    return _later(atom[0], -number, unit), atom[0]


def _later(day: Day, number: int, unit: str) -> Day:
    if unit in _UNIT_DAYS:
        return day + timedelta(days=number * _UNIT_DAYS[unit])
    return _months_before(day, -number * (12 if unit == "year" else 1))


def _between(match: re.Match[str], today: Day, reader: Reader) -> Range | None:
    first, last = match.group("a"), match.group("b")
    year = re.search(_YEAR, last)
    if year and not re.search(_YEAR, first):
        first = f"{first} {year.group()}"
    a, b = _atom(first, today, reader), _atom(last, today, reader)
    if a is None or b is None or a[0] is None or b[1] is None:
        return None
    if a[0] >= b[1] and not year:
        # "between November and February": the second part lies in the year after.
        a = (_years_before(a[0], 1), a[1])
    return (a[0], b[1]) if a[0] is not None and a[0] < b[1] else None


def _bounded(match: re.Match[str], today: Day, reader: Reader) -> Range | None:
    word = " ".join(match.group("word").lower().split())
    if word == "from" and not match.group("on"):
        return None
    atom = _atom(match.group("x"), today, reader)
    if atom is None:
        return None
    start, end = atom
    if word in ("since", "ever since", "from"):
        return start, None
    if word == "after":
        return end, None
    return None, (start if word == "before" else end)


def _single(match: re.Match[str], today: Day, reader: Reader) -> Range | None:
    return _atom(match.group("x"), today, reader)


def _atom(text: str, today: Day, reader: Reader) -> Range | None:
    """Return the days of one expression, None when it is none."""
    phrase = re.sub(r"^(?:the|early|late)\s+", "", " ".join(text.lower().replace(",", " ").split()))
    for read in (_units, _feast, _season, _part_of_year, _month_or_year, _whole_date, _weekday, _relative):
        between = read(phrase, today)
        if between is not None:
            return between
    return reader(phrase, today)


def _units(phrase: str, today: Day) -> Range | None:
    if match := re.fullmatch(rf"(?:last|past|previous) ({_NUMBER}) (day|week|fortnight|month|year)s?", phrase):
        number = _number(match.group(1))
        unit = match.group(2)
        tomorrow = today + timedelta(days=1)
        if unit in _UNIT_DAYS:
            return tomorrow - timedelta(days=number * _UNIT_DAYS[unit]), tomorrow
        return _months_before(tomorrow, number * (12 if unit == "year" else 1)), tomorrow
    match = re.fullmatch(r"(?:(last|this|next|previous|past|current) )(day|week|fortnight|month|quarter|year)", phrase)
    if match is None:
        return None
    step = {"last": -1, "previous": -1, "past": -1, "next": 1}.get(match.group(1), 0)
    unit = match.group(2)
    if unit in _UNIT_DAYS:
        days = _UNIT_DAYS[unit]
        start = today if unit == "day" else today - timedelta(days=today.weekday())
        start += timedelta(days=step * days)
        return start, start + timedelta(days=days)
    length = {"month": 1, "quarter": 3, "year": 12}[unit]
    start = today.replace(month=(today.month - 1) // length * length + 1, day=1)
    start = _months_before(start, -step * length)
    return start, _months_before(start, -length)


def _season(phrase: str, today: Day) -> Range | None:
    match = re.fullmatch(rf"(?:(last|this|next|past) )?({_SEASON})(?: (?:of )?({_YEAR}|last year|this year))?", phrase)
    if match is None:
        return None
    which, name, year = match.groups()
    if year:
        start = Day(_year(year, today) - (name == "winter"), _SEASONS[name], 1)
    else:
        start = Day(today.year, _SEASONS[name], 1)
        while start > today:
            start = _years_before(start, 1)
        if which in ("last", "past") and _months_before(start, -3) > today:
            start = _years_before(start, 1)
        elif which == "next" or (which == "this" and _months_before(start, -3) <= today):
            ahead = _years_before(start, -1)
            start = ahead if which == "next" or ahead.year == today.year else start
    return start, _months_before(start, -3)


def _feast(phrase: str, today: Day) -> Range | None:
    match = re.fullmatch(rf"(?:(last|this|next) )?({FEAST})(?: (?:of )?({_YEAR}|last year|this year))?", phrase)
    if match is None:
        return None
    which, name, year = match.groups()
    if year:
        return days_of_feast(name, _year(year, today))
    days = days_of_feast(name, today.year)
    if which == "this" or days[0] <= today:
        return days_of_feast(name, today.year + 1) if which == "next" else days
    return days if which == "next" else days_of_feast(name, today.year - 1)


def _part_of_year(phrase: str, today: Day) -> Range | None:
    match = re.fullmatch(rf"(?:(\w+) quarter|q([1-4]))(?: (?:of )?({_YEAR}|last year|this year))?", phrase)
    if match and (match.group(2) or match.group(1) in _ORDINALS):
        number = int(match.group(2) or _ORDINALS[match.group(1)])
        start = Day(_year(match.group(3), today), number * 3 - 2, 1)
        if not match.group(3) and start > today:
            start = _years_before(start, 1)
        return start, _months_before(start, -3)
    if match := re.fullmatch(rf"(first|second) half of ({_YEAR}|last year|this year)", phrase):
        start = Day(_year(match.group(2), today), 1 if match.group(1) == "first" else 7, 1)
        return start, _months_before(start, -6)
    return None


def _month_or_year(phrase: str, today: Day) -> Range | None:
    if match := re.fullmatch(rf"([0-3]?\d)\.([01]?\d)\.({_YEAR})", phrase):
        # With dots the day comes first in every language; slashes are left to dateparser.
        return _iso(f"{match.group(3)}-{match.group(2):0>2}-{match.group(1):0>2}")
    if match := re.fullmatch(rf"(?:year )?({_YEAR})", phrase):
        return Day(int(match.group(1)), 1, 1), Day(int(match.group(1)) + 1, 1, 1)
    match = re.fullmatch(rf"(?:(last|this|next) )?({_MONTH})(?: (?:of )?({_YEAR}))?", phrase)
    if match is None:
        return None
    which, name, year = match.groups()
    number = _month_number(name)
    start = Day(int(year) if year else today.year, number, 1)
    if not year:
        if which == "next":
            start = start if start > today else _years_before(start, -1)
        elif start > today and which != "this":
            start = _years_before(start, 1)
        if which == "last" and _months_before(start, -1) > today:
            start = _years_before(start, 1)
    return start, _months_before(start, -1)


def _month_number(name: str) -> int:
    return next(n for n, month in enumerate(_MONTHS, 1) if month.startswith(name.rstrip(".")[:3]))


def _whole_date(phrase: str, today: Day) -> Range | None:  # noqa: ARG001
    """A day with its month by name and its year, which no reader reads otherwise."""
    day, month = r"(?P<d>\d\d?)(?:st|nd|rd|th)?", f"(?P<m>{_MONTH})"
    match = re.fullmatch(rf"{day} (?:of )?{month} (?:of )?(?P<y>{_YEAR})", phrase)
    match = match or re.fullmatch(rf"{month} {day} (?P<y>{_YEAR})", phrase)
    if match is None:
        return None
    return _iso(f"{match.group('y')}-{_month_number(match.group('m')):02d}-{match.group('d'):0>2}")


def _iso(text: str) -> Range | None:
    try:
        day = Day.fromisoformat(text)
    except ValueError:
        return None
    return day, day + timedelta(days=1)


def _weekday(phrase: str, today: Day) -> Range | None:
    match = re.fullmatch(rf"(?:(last|this|next|previous|past) )?({'|'.join(_WEEKDAYS)}|weekend)", phrase)
    if match is None:
        return None
    which, name = match.groups()
    if name == "weekend":
        saturday = today - timedelta(days=today.weekday()) + timedelta(days=5)
        if which in ("last", "previous", "past") or (which is None and saturday > today):
            saturday -= timedelta(days=7)
        elif which == "next":
            saturday += timedelta(days=7)
        return saturday, saturday + timedelta(days=2)
    ahead = (_WEEKDAYS.index(name) - today.weekday()) % 7
    day = today + timedelta(days=ahead)
    if which == "next":
        day += timedelta(days=7 if ahead == 0 else 0)
    elif which in ("last", "previous", "past") or (which is None and ahead):
        day -= timedelta(days=7)
    return day, day + timedelta(days=1)


def _relative(phrase: str, today: Day) -> Range | None:
    offset = {
        "today": 0, "tonight": 0, "this morning": 0, "this evening": 0, "this night": 0, "tomorrow": 1,
        "yesterday": -1, "last night": -1, "last evening": -1, "last morning": -1, "day before yesterday": -2,
    }.get(phrase)  # fmt: skip
    if offset is not None:
        return today + timedelta(days=offset), today + timedelta(days=offset + 1)
    if match := re.fullmatch(rf"({_NUMBER}) (month|year)s? ago", phrase):
        unit = 12 if match.group(2) == "year" else 1
        start = _months_before(
            today.replace(day=1, month=1 if unit == 12 else today.month), _number(match.group(1)) * unit
        )
        return start, _months_before(start, -unit)
    return None


@lru_cache(maxsize=4096)
def _parsed(phrase: str, today: Day, language: str) -> Range | None:
    """Read a single date with dateparser; its period tells how long the range is."""
    found = _reader(today, language).get_date_data(re.sub(r"\bof\b", " ", phrase))
    if found is None or found.date_obj is None:
        return None
    day = found.date_obj.date()
    if found.period == "year":
        return Day(day.year, 1, 1), Day(day.year + 1, 1, 1)
    if found.period == "month":
        start = day.replace(day=1)
        return start, _months_before(start, -1)
    return day, day + timedelta(days=1)


@lru_cache(maxsize=8)
def _reader(today: Day, language: str) -> Any:
    from dateparser.date import DateDataParser

    languages = ["en"] if language == "en" else ["en", language]
    settings = {
        "RELATIVE_BASE": datetime.combine(today, time(12)),
        "PREFER_DATES_FROM": "past",
        "PREFER_DAY_OF_MONTH": "first",
        "RETURN_TIME_AS_PERIOD": False,
        "PARSERS": ["relative-time", "absolute-time", "custom-formats"],
    }
    return DateDataParser(languages=languages, settings=settings)


def _number(text: str) -> int:
    return int(text) if text.isdigit() else _NUMBERS[text]


def _year(text: str | None, today: Day) -> int:
    if text is None or text == "this year":
        return today.year
    return today.year - 1 if text == "last year" else int(text)


def _months_before(day: Day, months: int) -> Day:
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    return Day(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _years_before(day: Day, years: int) -> Day:
    return _months_before(day, 12 * years)
