"""Numbers, dates and lists as a person writes them, in English."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def number(value: float) -> str:
    """1234 as 1,234."""
    return f"{int(value):,}" if float(value).is_integer() else f"{value:,.2f}"


def counted(value: int, singular: str, plural: str) -> str:
    """A number with its noun: no videos, 1 video, 2 videos."""
    return f"no {plural}" if value == 0 else f"{number(value)} {singular if value == 1 else plural}"


def listed(parts: list[str], word: str = "and") -> str:
    """A list in a sentence: a, b and c."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {word} {parts[-1]}" if parts else ""


def local(at: str, zone: ZoneInfo) -> datetime:
    """An ISO timestamp in the owner's time zone."""
    moment = datetime.fromisoformat(at)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(zone)


def day(at: datetime, *, weekday: bool = False) -> str:
    """3 March 2023, or Friday, 3 March 2023."""
    text = f"{at.day} {_MONTHS[at.month - 1]} {at.year}"
    return f"{WEEKDAYS[at.weekday()]}, {text}" if weekday else text


def days(start: datetime, end: datetime) -> str:
    """A range of days, last day included: 3 to 9 March 2023; whole months and years by their names."""
    last = end - timedelta(microseconds=1)
    if start.day == 1 and end.day == 1 and start.hour == end.hour == 0:
        if start.month == end.month == 1:
            return str(start.year) if end.year - start.year == 1 else f"{start.year} to {last.year}"
        if (start.year, start.month) == (last.year, last.month):
            return f"{_MONTHS[start.month - 1]} {start.year}"
        first = _MONTHS[start.month - 1] + (f" {start.year}" if start.year != last.year else "")
        return f"{first} to {_MONTHS[last.month - 1]} {last.year}"
    if start.date() == last.date():
        return day(start)
    if (start.year, start.month) == (last.year, last.month):
        return f"{start.day} to {day(last)}"
    first = day(start) if start.year != last.year else f"{start.day} {_MONTHS[start.month - 1]}"
    return f"{first} to {day(last)}"


def clock(at: datetime) -> str:
    """18:05."""
    return f"{at.hour}:{at.minute:02d}"


def duration(seconds: int) -> str:
    """5400 as 1 hour 30 minutes."""
    hours, minutes = divmod(round(seconds / 60), 60)
    parts = [counted(hours, "hour", "hours")] if hours else []
    if minutes or not hours:
        parts.append(counted(minutes, "minute", "minutes"))
    return " ".join(parts)
