"""Whose birthday a question is about, and days of birth as address books write them. Pure."""

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import date

from datapunk.gaia.mentions import Name

_BIRTHDAY = re.compile(r"\bbirthdays?\b|\bborn\b", re.IGNORECASE)
# A birthday party is none, and on a birthday something else was.
_OTHER = re.compile(
    r"\bbirthday (?:party|dinner|lunch|brunch|trip|present|gift|cake|card|concert|celebration|mail|video)s?\b"
    r"|\b(?:on|at|for|before|after|since) (?:my|his|her|their|\w+['’]s) birthday\b",
    re.IGNORECASE,
)
_MINE = re.compile(r"\b(?:my|our) (?:\w+ )?birthday\b|\b(?:have i|do i have|am i|was i|i have|i was)\b", re.IGNORECASE)
_BIRTH = re.compile(r"(\d{4}|--)-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])")


def whose(question: str, topic: str, names: Sequence[Name]) -> str | None:
    """Return whose birthday a question asks for: a name, empty for the owner's own; None where it asks for none."""
    if not _BIRTHDAY.search(question) or _OTHER.search(question):
        return None
    if person := next((name.value for name in names if name.field == "person"), None):
        return person
    if _MINE.search(question):
        return ""
    left = [re.sub(r"['’]s$", "", word) for word in topic.split() if not _BIRTHDAY.fullmatch(word)]
    return " ".join(left) or None


def born(written: str) -> tuple[int | None, int, int] | None:
    """Return year (None where it is left open), month and day of birth as address books write them."""
    match = _BIRTH.match(written)
    if match is None:
        return None
    return None if match[1] == "--" else int(match[1]), int(match[2]), int(match[3])


def last_birthday(written: str, today: date) -> date | None:
    """The last birthday until `today` of somebody born on a day as address books write it; None where it is no day."""
    if (day := born(written)) is None:
        return None
    found = in_year(today.year, *day[1:])
    return found if found <= today else in_year(today.year - 1, *day[1:])


def next_birthday(written: str, today: date) -> date | None:
    """The next birthday from `today` on; None where what is written is no day."""
    if (day := born(written)) is None:
        return None
    found = in_year(today.year, *day[1:])
    return found if found >= today else in_year(today.year + 1, *day[1:])


def in_year(year: int, month: int, day: int) -> date:
    """A day in a year; of 29 February in other years the day before."""
    return date(year, month, min(day, monthrange(year, month)[1]))
