"""How unusual each value of a series is after those before it: one pass in the order of time, a few sums of state.

What is expected is the level (the mean of the window) or the usual value of the slot in the season, whichever has been
nearer lately. Three views of a row are each held against their own past in the window, in standard deviations: how far
the value is from what was expected, how far the last ten together are, and how far the series steps. The score is the
length of the three together, so that their squares over it say what made it. Whoever was told of an anomaly needs no
alarm for each row of it: for some rows after one a score counts half, and not more than half the threshold.

Rolling tail statistics of prediction errors follow Ahmad et al. 2017, the quiet time Burnaev and Ishimtsev 2016.
"""

import math
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

WINDOW = 1000
# Scores of fewer rows before say nothing.
WARM_UP = 20
RECENT = 10
# How much of a slot's newest value its usual value takes on.
_LEARNING = 0.3
_MEMORY = 500
# A season is believed where its error is less than this share of the level's.
_BETTER = 0.7
_DAY, _WEEK = 86400.0, 604800.0
_FINEST = 300.0
VIEWS = ("value", "mean of the last 10", "steps of the last 10")
Point = tuple[float, float]


class Moments:
    """Mean and standard deviation of the newest values of a window."""

    def __init__(self, window: int) -> None:
        """Start empty."""
        self._values: deque[float] = deque()
        self._window = window
        self._replaced = 0
        self.mean, self._squares = 0.0, 0.0

    def __len__(self) -> int:
        """Return how many values there are."""
        return len(self._values)

    @property
    def deviation(self) -> float:
        """Standard deviation, never quite 0."""
        spread = math.sqrt(max(self._squares, 0.0) / max(len(self._values), 1))
        return max(spread, 1e-9 * abs(self.mean), 1e-9)

    def distance(self, value: float) -> float:
        """Return how many deviations a value is from the mean."""
        return abs(value - self.mean) / self.deviation

    def add(self, value: float) -> None:
        """Take in a value; the oldest leaves."""
        before = self.mean
        self._values.append(value)
        if len(self._values) <= self._window:
            self.mean += (value - before) / len(self._values)
            self._squares += (value - before) * (value - self.mean)
            return
        oldest = self._values.popleft()
        self.mean += (value - oldest) / len(self._values)
        self._squares += (value - oldest) * (value - self.mean + oldest - before)
        self._replaced += 1
        if self._replaced == self._window:
            # Rounding adds up, and a large value that has left leaves most of it.
            self._replaced = 0
            self.mean = math.fsum(self._values) / len(self._values)
            self._squares = math.fsum((v - self.mean) ** 2 for v in self._values)


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A row: what was expected, what the three views saw and how many deviations that is from what they saw before.

    `surprise` is the length of the views together, `score` the same but soon after an anomaly.
    """

    expected: float
    seen: tuple[float, float, float]
    views: tuple[float, float, float]
    surprise: float
    score: float

    def contributions(self) -> tuple[float, float, float]:
        """Return what each view adds to the score."""
        surprise = self.surprise
        one, two, three = (v * v * self.score / (surprise * surprise) if surprise else 0.0 for v in self.views)
        return one, two, three


@dataclass(kw_only=True)
class Rolling:
    """A detector on its way through a series: `step` is the usual time between two rows in seconds.

    A score of `threshold` is an anomaly; `quiet` rows after one count half.
    """

    step: float
    threshold: float
    quiet: int
    window: int = WINDOW
    _level: Moments = field(init=False)
    _views: tuple[Moments, Moments, Moments] = field(init=False)
    _errors: tuple[Moments, Moments] = field(init=False)
    _usual: dict[int, float] = field(init=False, default_factory=dict)
    _residuals: deque[float] = field(init=False)
    _steps: deque[float] = field(init=False)
    _last: float | None = field(init=False, default=None)
    _hushed: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        """Start empty."""
        self._level = Moments(self.window)
        self._views = (Moments(self.window), Moments(self.window), Moments(self.window))
        self._errors = (Moments(_MEMORY), Moments(_MEMORY))
        self._residuals, self._steps = deque(maxlen=RECENT - 1), deque(maxlen=RECENT - 1)

    @classmethod
    def of(cls, told: Mapping[str, float]) -> "Rolling":
        """Build from the entry of a signature."""
        return cls(step=told["step"], threshold=told["threshold"], quiet=int(told["quiet"]), window=int(told["window"]))

    def judged(self, rows: Iterable[Point]) -> Iterator[Judged]:
        """Judge rows in the order of time."""
        return (self.judge(at, value) for at, value in rows)

    def judge(self, at: float, value: float) -> Judged:
        """Judge one row after those before it, and take it in. `at` in seconds since 1970."""
        found = self.weighed(at, value)
        slot = self._slot(at)
        usual = self._usual.get(slot)
        level = self._level.mean if len(self._level) else value
        self._errors[0].add(abs(value - level))
        self._errors[1].add(abs(value - (level if usual is None else usual)))
        for moments, seen in zip(self._views, found.seen, strict=True):
            moments.add(seen)
        self._residuals.append(found.seen[0])
        self._steps.append(0.0 if self._last is None else abs(value - self._last))
        self._level.add(value)
        self._usual[slot] = value if usual is None else usual + _LEARNING * (value - usual)
        self._last = value
        if self._hushed > 0:
            self._hushed -= 1
        elif found.score >= self.threshold:
            self._hushed = self.quiet
        return found

    def weighed(self, at: float, value: float) -> Judged:
        """Judge one row after those before it, without taking it in."""
        expected = self._expected(at, value)
        step = 0.0 if self._last is None else abs(value - self._last)
        seen = (value - expected, _with(self._residuals, value - expected), _with(self._steps, step))
        warm = len(self._level) >= WARM_UP
        one, two, three = (m.distance(s) if warm else 0.0 for m, s in zip(self._views, seen, strict=True))
        surprise = math.sqrt(one * one + two * two + three * three)
        score = min(surprise, self.threshold) / 2 if self._hushed > 0 else surprise
        return Judged(expected=expected, seen=seen, views=(one, two, three), surprise=surprise, score=score)

    def _expected(self, at: float, value: float) -> float:
        usual = self._usual.get(self._slot(at))
        if usual is not None and self._errors[1].mean < _BETTER * self._errors[0].mean:
            return usual
        return self._level.mean if len(self._level) else value

    def _slot(self, at: float) -> int:
        """Return which part of the season a time is in: the time of day, or the weekday where rows are days apart."""
        if self.step >= _DAY / 2:
            return int(at % _WEEK // _DAY)
        return int(at % _DAY // max(self.step, _FINEST))


def _with(recent: deque[float], newest: float) -> float:
    """Return the mean of the newest value and those before it, ten in all."""
    return (sum(recent) + newest) / (len(recent) + 1)
