"""Feasts that questions name, and their days in a year. Pure."""

from datetime import date, timedelta

#: A pattern of their names; "the Easter trip" is an event of its own.
FEAST = (
    r"(?:easter(?:\s+(?:sunday|monday|weekend))?|good\s+friday|pentecost|christmas(?:\s+(?:eve|day))?"
    r"|new\s+year'?s\s+(?:eve|day))\b(?!\s+(?:holiday|break|vacation|trip|party|dinner|lunch|concert|market|card|present)s?\b)"
)


def days_of_feast(name: str, year: int) -> tuple[date, date]:
    """The days of a feast; those that move are counted from Easter (of the Western churches)."""
    from dateutil.easter import easter

    sunday = easter(year)
    fixed = {
        "christmas": (date(year, 12, 24), 3), "christmas eve": (date(year, 12, 24), 1),
        "christmas day": (date(year, 12, 25), 1), "new years eve": (date(year, 12, 31), 1),
        "new years day": (date(year, 1, 1), 1), "easter": (sunday, 2), "easter sunday": (sunday, 1),
        "easter monday": (sunday + timedelta(days=1), 1), "easter weekend": (sunday - timedelta(days=2), 4),
        "good friday": (sunday - timedelta(days=2), 1), "pentecost": (sunday + timedelta(days=49), 2),
    }  # fmt: skip
    start, length = fixed[name.replace("'", "")]
    return start, start + timedelta(days=length)
