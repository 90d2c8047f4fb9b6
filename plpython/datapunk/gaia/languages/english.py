"""Numbers, plurals and dates of English as Babel writes them, without it: loading it takes 25 ms of a first answer."""

import re
from datetime import date

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_FIELD = re.compile(r"EEEE|MMMM|d|y")


def number(value: float) -> str:
    """1234 as 1,234; 2.50 as 2.5."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}".rstrip("0")


def is_one(value: int) -> bool:
    """Whether a number takes the singular."""
    return value == 1


def dated(day: date, pattern: str) -> str:
    """A date by a pattern of CLDR with the fields EEEE, MMMM, d and y."""
    fields = {"EEEE": _WEEKDAYS[day.weekday()], "MMMM": _MONTHS[day.month - 1], "d": str(day.day), "y": str(day.year)}
    return _FIELD.sub(lambda field: fields[field.group()], pattern)
