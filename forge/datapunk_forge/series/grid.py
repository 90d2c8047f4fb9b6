"""From rows with a time to regular series: the step is told from the times, gaps are filled."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from datapunk.errors import DatasetUnusable
from datapunk_forge.tabular.encoding import numbers_of, texts_of
from datapunk_forge.trained import Column, Dataset, Floats

_SECONDS = {"minute": 60.0, "hour": 3600.0, "day": 86400.0, "week": 604800.0}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
SEASONS = {"minute": 60, "hour": 24, "day": 7, "week": 52, "month": 12, "quarter": 4, "year": 1}
HORIZONS = {"minute": 60, "hour": 48, "day": 28, "week": 13, "month": 18, "quarter": 8, "year": 6}
_DAY = 86400.0
_MAX_STEPS = 100_000
_EVERY = re.compile(r"every (\d+(?:\.\d+)?) seconds")


@dataclass(frozen=True, kw_only=True)
class Frequency:
    """The step of a series: `name` is minute to year, or as in every 900 seconds; `told` where the times told it."""

    name: str
    told: bool = False

    @property
    def months(self) -> int:
        """Months of a step, 0 where it is of a fixed length."""
        return _MONTHS.get(self.name, 0)

    @property
    def seconds(self) -> float:
        """Seconds of a step of fixed length."""
        match = _EVERY.fullmatch(self.name)
        return float(match[1]) if match else _SECONDS[self.name]

    @property
    def season(self) -> int:
        """Steps after which a series is likely to repeat itself."""
        if self.name in SEASONS:
            return SEASONS[self.name]
        day = _DAY / self.seconds
        return int(day) if day == int(day) and day <= 288 else 1

    def number(self, seconds: Floats) -> NDArray[np.int64]:
        """Return the number of the step that each time lies in.

        Where the step was told from the times, these are at steps, but for a shift of the clock: the nearest counts.
        """
        if self.months:
            months: NDArray[np.int64] = seconds.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
            return months // self.months
        since = seconds - self.origin
        if self.told:
            steps: NDArray[np.int64] = np.round((since - since.min() % self.seconds) / self.seconds).astype(np.int64)
            return steps
        return np.floor(since / self.seconds).astype(np.int64)

    def time(self, number: NDArray[np.int64], offset: float = 0.0) -> Floats:
        """Return the time of each step; `offset` is what a series' times are past the step's start."""
        if self.months:
            starts = (number * self.months).astype("datetime64[M]").astype("datetime64[s]")
            return starts.astype(np.float64) + offset
        times: Floats = number.astype(np.float64) * self.seconds + self.origin + offset
        return times

    @property
    def origin(self) -> float:
        """A Monday, from which steps of fixed length count."""
        return -3 * _DAY


@dataclass(frozen=True, kw_only=True)
class Series:
    """A regular series. `first` is the number of its first step, `offset` what its times are past a step's start."""

    name: str
    values: Floats
    first: int
    offset: float
    filled: int


def read_series(dataset: Dataset, options: Mapping[str, object]) -> tuple[list[Series], Frequency]:
    """Return the series of a dataset, by name. Raises DatasetUnusable, which names the column and why."""
    time, value, group = _columns(dataset, options)
    times, values = numbers_of(time), numbers_of(value)
    known = ~np.isnan(times)
    if options.get("aggregate") != "count":
        known &= np.isfinite(values)
    names = texts_of(group) if group is not None else [""] * dataset.row_count
    if not known.any():
        raise DatasetUnusable(
            f"no row has both {time.name!r} and {value.name!r}", hint="Check the query: it gives no usable row."
        )
    rows_of: dict[str, list[int]] = {}
    for row in np.flatnonzero(known):
        name = names[int(row)]
        if name is not None:
            rows_of.setdefault(name, []).append(int(row))
    frequency = _frequency(times, rows_of, options)
    return [_regular(name, times[rows], values[rows], frequency, options) for name, rows in sorted(rows_of.items())], (
        frequency
    )


def _columns(dataset: Dataset, options: Mapping[str, object]) -> tuple[Column, Column, Column | None]:
    def named(role: str) -> Column | None:
        name = options.get(role)
        column = dataset.column(str(name)) if name else None
        if name and column is None:
            raise DatasetUnusable(f"the dataset has no column {name!r}", hint=f"Option {role} names the column.")
        return column

    listed = f"Its columns: {', '.join(f'{c.name} ({c.type})' for c in dataset.columns)}."
    time = named("time") or next((c for c in dataset.columns if c.kind == "time"), None)
    if time is None or time.kind not in ("time", "number"):
        raise DatasetUnusable("no column says when", hint=f"Select a timestamp or date. {listed}")
    value = named("target") or next((c for c in dataset.columns if c.kind == "number" and c is not time), None)
    if value is None or value.kind != "number":
        raise DatasetUnusable("no column holds numbers to forecast", hint=f"Option target names the column. {listed}")
    group = named("group") or next((c for c in dataset.columns if c.kind == "text"), None)
    return time, value, group


def _frequency(times: Floats, rows_of: Mapping[str, list[int]], options: Mapping[str, object]) -> Frequency:
    asked = str(options.get("frequency", "auto"))
    if asked != "auto":
        return Frequency(name=asked)
    gaps = np.concatenate([np.diff(np.unique(times[rows])) for rows in list(rows_of.values())[:200]])
    if not len(gaps):
        raise DatasetUnusable(
            "no series has two different times", hint="A forecaster needs a value a day, an hour ...; group the query."
        )
    gap = float(np.median(gaps))
    days = gap / _DAY
    for name, low, high in (("month", 27.5, 31.5), ("quarter", 89.0, 93.0), ("year", 364.0, 367.0)):
        if low <= days <= high:
            return Frequency(name=name, told=True)
    named = next((n for n, seconds in _SECONDS.items() if abs(gap - seconds) < 0.01 * seconds), None)
    return Frequency(name=named or f"every {gap:g} seconds", told=True)


def _regular(name: str, times: Floats, values: Floats, frequency: Frequency, options: Mapping[str, object]) -> Series:
    numbers = frequency.number(times)
    first, steps = int(numbers.min()), int(numbers.max() - numbers.min()) + 1
    if steps > _MAX_STEPS:
        raise DatasetUnusable(
            f"series {name!r} spans {steps} steps of {frequency.name}",
            hint="Set the option frequency, or aggregate in the query.",
        )
    counts = np.bincount(numbers - first, minlength=steps)
    totals = np.bincount(numbers - first, weights=np.nan_to_num(values), minlength=steps)
    how = str(options.get("aggregate", "mean"))
    if how == "count":
        regular = counts.astype(float)
    elif how == "sum":
        regular = totals
    else:
        regular = np.divide(totals, counts, out=np.full(steps, np.nan), where=counts > 0)
        gaps = np.isnan(regular)
        regular[gaps] = np.interp(np.flatnonzero(gaps), np.flatnonzero(~gaps), regular[~gaps])
    # Counted steps start where the calendar's do; values keep the time of day at which they come.
    offset = float(np.median(times - frequency.time(numbers))) if frequency.told else 0.0
    return Series(name=name, values=regular, first=first, offset=offset, filled=int((counts == 0).sum()))
