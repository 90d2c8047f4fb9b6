"""Calendar of the life: where the person lives and works on a day, trips, milestones, and instants of a waking day."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, cached_property
from itertools import accumulate
from random import Random
from typing import Self
from zoneinfo import ZoneInfo

from datapunk.sample.phrases import texts

HOME_ZONES = ("Europe/Berlin", "Europe/Lisbon")

# An instant is placed so that its date is the same in UTC and in both home zones: counts by day need no zone.
_FIRST_MINUTE, _LAST_MINUTE = 10, 21 * 60 + 50


@dataclass(frozen=True, kw_only=True, slots=True)
class Home:
    """A city to live in, from a day on."""

    city: str
    zone: str
    since: date
    address: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """An employment; people are keys of people.toml."""

    employer: str
    title: str
    since: date
    until: date
    manager: str
    team: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Trip:
    """A journey; both days are included."""

    key: str
    city: str
    start: date
    end: date
    zone: str
    lodging: str
    companion: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Milestone:
    """Something that happened on one day."""

    key: str
    on: date
    text: str


@cache
def _offset(zone: str, day: date) -> timedelta:
    # Zones switch at night, so the offset at noon holds for the waking day.
    return datetime.combine(day, time(12), ZoneInfo(zone)).utcoffset() or timedelta()


@dataclass(frozen=True, kw_only=True)
class Life:
    """The fixed dates, cut to the days from `start` to `end`."""

    start: date
    end: date
    homes: tuple[Home, ...]
    jobs: tuple[Job, ...]
    trips: tuple[Trip, ...]
    milestones: tuple[Milestone, ...]

    @classmethod
    def load(cls, years: int) -> Self:
        """The last `years` calendar years of the life."""
        raw = texts("life")
        end: date = raw["end"]
        start = date(end.year - years + 1, 1, 1)
        return cls(
            start=start,
            end=end,
            homes=tuple(Home(**home) for home in raw["home"]),
            jobs=tuple(Job(**{**job, "team": tuple(job["team"])}) for job in raw["job"]),
            trips=tuple(
                Trip(**{key: value for key, value in trip.items() if key != "with"}, companion=trip["with"])
                for trip in raw["trip"]
                if trip["start"] >= start
            ),
            milestones=tuple(Milestone(**stone) for stone in raw["milestone"] if stone["on"] >= start),
        )

    @cached_property
    def days(self) -> list[date]:
        """Every day, in order."""
        return [self.start + timedelta(days=n) for n in range((self.end - self.start).days + 1)]

    def home(self, day: date) -> Home:
        """Where the person lives."""
        return [home for home in self.homes if home.since <= day][-1]

    def job(self, day: date) -> Job | None:
        """The employment of that day, if any."""
        return next((job for job in self.jobs if job.since <= day <= job.until), None)

    def trip(self, day: date) -> Trip | None:
        """The journey under way on that day, if any."""
        return next((trip for trip in self.trips if trip.start <= day <= trip.end), None)

    def zone(self, day: date) -> str:
        """IANA zone of the place where the person is."""
        trip = self.trip(day)
        return trip.zone if trip else self.home(day).zone

    def works(self, day: date) -> bool:
        """Whether it is a working day."""
        return day.weekday() < 5 and self.job(day) is not None and self.trip(day) is None

    def moment(self, rng: Random, day: date, first: float, last: float) -> datetime:
        """UTC instant between two local hours of the day."""
        minute = rng.uniform(first, last) * 60 - _offset(self.zone(day), day).total_seconds() / 60
        minute = min(max(minute, _FIRST_MINUTE + rng.random() * 40), _LAST_MINUTE - rng.random() * 60)
        micros = int(minute * 60_000_000)
        return datetime.combine(day, time(), UTC) + timedelta(microseconds=micros)


def awake(at: datetime) -> bool:
    """Whether the instant has the same date in UTC and in both home zones."""
    return _FIRST_MINUTE <= at.hour * 60 + at.minute <= _LAST_MINUTE


def level(curve: Mapping[str, float], day: date) -> float:
    """Value of a curve given as {"YYYY-MM": value}, linear between its points, constant outside."""
    points = [(int(month[:4]) * 12 + int(month[5:]), value) for month, value in sorted(curve.items())]
    here = day.year * 12 + day.month
    after = bisect_right(points, (here, float("inf")))
    if after == 0:
        return points[0][1]
    if after == len(points):
        return points[-1][1]
    (left, low), (right, high) = points[after - 1], points[after]
    return low + (high - low) * (here - left) / (right - left)


def spread(rng: Random, days: Sequence[date], weights: Sequence[float], count: int) -> list[date]:
    """`count` days drawn by weight, in order."""
    return sorted(rng.choices(days, cum_weights=list(accumulate(weights)), k=count)) if count else []


class Seconds:
    """Hands out instants of one source so that no two lie within the same second."""

    def __init__(self) -> None:
        self._taken: set[int] = set()

    def free(self, at: datetime) -> datetime:
        """The instant itself, or the next one whose second is free."""
        while (second := int(at.timestamp())) in self._taken:
            at += timedelta(seconds=1)
        self._taken.add(second)
        return at
