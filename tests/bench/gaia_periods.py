"""Stretches of days as questions speak of them."""

from dataclasses import dataclass
from datetime import date

FIRST_DAY = date(2000, 1, 1)
LAST_DAY = date(2025, 12, 31)
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Period:
    """Some days, until excluded, as a question speaks of them: `text` is the noun, `within` says in it."""

    text: str
    within: str
    since: date
    until: date

    def holds(self, day: date) -> bool:
        """Whether a day is in it."""
        return self.since <= day < self.until

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.until - self.since).days


def month(year: int, number: int) -> Period:
    """A month by its name."""
    name = f"{_MONTHS[number - 1]} {year}"
    return Period(
        text=name, within=f"in {name}", since=date(year, number, 1), until=date(year + number // 12, number % 12 + 1, 1)
    )


def year(number: int) -> Period:
    """A year."""
    return Period(text=str(number), within=f"in {number}", since=date(number, 1, 1), until=date(number + 1, 1, 1))


def season(number: int, name: str) -> Period:
    """A season of three whole months, none of winter."""
    first = {"spring": 3, "summer": 6, "autumn": 9}[name]
    return Period(
        text=f"{name} {number}",
        within=f"in {name} {number}",
        since=date(number, first, 1),
        until=date(number, first + 3, 1),
    )


def spoken_day(day: date) -> str:
    """3 March 2024."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
