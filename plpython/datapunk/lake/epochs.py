"""Instants written as numbers, whose unit and first day follow from their size."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

UNIX = datetime(1970, 1, 1, tzinfo=UTC)
WINDOWS = datetime(1601, 1, 1, tzinfo=UTC)
# Before the year 2100; a number beyond is of the next smaller unit.
_LAST_SECOND = 4_102_444_800
_UNITS = ((1, "s"), (1_000, "ms"), (1_000_000, "us"))


class Moment(NamedTuple):
    """An instant and how exactly it is told."""

    at: datetime
    precision: str


def count(value: object) -> int:
    """Return a whole number of 64 bits. Raises ValueError for any other; 1e99999 would fill the memory as a figure."""
    try:
        number = Decimal(value) if isinstance(value, int | str | Decimal) else Decimal("NaN")
    except InvalidOperation as exc:
        raise ValueError(f"no count: {value!r:.80}") from exc
    if not number.is_finite() or not -(1 << 63) < number < 1 << 63:
        raise ValueError(f"no count: {value!r:.80}")
    return int(number)


def moment(number: int | Decimal) -> Moment:
    """Return the instant of a number of seconds, milliseconds, microseconds or nanoseconds since 1970.

    Microseconds since 1601, as Chrome and Windows count them, are told apart too. Raises ValueError for any other.
    """
    if not 0 < number < 1 << 63:
        raise ValueError(f"no instant: {number}")
    for per_second, precision in _UNITS:
        if number < _LAST_SECOND * per_second:
            exact = Decimal(number) * (1_000_000 // per_second)
            told = precision if exact == int(exact) and number == int(number) else "us"
            return Moment(UNIX + timedelta(microseconds=int(exact)), told)
    if number < 16_000_000 * 10**9:
        return Moment(WINDOWS + timedelta(microseconds=int(number)), "us")
    if number < _LAST_SECOND * 10**9:
        return Moment(UNIX + timedelta(microseconds=int(number) // 1_000), "us")
    raise ValueError(f"no instant: {number}")
