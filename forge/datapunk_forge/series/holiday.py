"""Public holidays in daily series: what they do is taken out before a model is fitted, and put back where they come.

Each holiday has its own effect, against the same weekday in the weeks around it. One that was seen a few times is drawn
to what holidays do on the whole, which also stands for those not seen yet.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from datapunk.errors import DatasetUnusable, InvalidArgument
from datapunk_forge.series.grid import Frequency, Series
from datapunk_forge.series.models import Forecast
from datapunk_forge.trained import Floats

Marks = Sequence[str | None]
_AROUND = (-28, -21, -14, -7, 7, 14, 21, 28)
_HOUR = 3600.0
# A day that begins at midnight of its zone may be written as late in the evening of the day before, in UTC.
_LATE = 11 * _HOUR
_LEAST = 0.05


def marks_of(series: Series, frequency: Frequency, horizon: int, country: str) -> Marks:
    """Return the holiday's name for each step of a series and of the horizon after it; None for other days.

    `country` is an ISO code as in CH, or with a subdivision as in CH-ZH. Raises InvalidArgument, DatasetUnusable.
    """
    import holidays

    if frequency.name != "day":
        raise DatasetUnusable(
            f"holidays are days, and these are steps of {frequency.name}",
            hint="Set frequency to day, or leave country out.",
        )
    code, _, part = country.upper().partition("-")
    try:
        calendar = holidays.country_holidays(code, subdiv=part or None)
    except NotImplementedError as exc:
        raise InvalidArgument(
            f"no holidays are known of {country!r}", hint="Give an ISO code, as in CH, or with a part, as in CH-ZH."
        ) from exc
    steps = np.arange(series.first, series.first + len(series.values) + horizon, dtype=np.int64)
    days = ((frequency.time(steps, series.offset) + _LATE) // 86400).astype(int)
    first = date(1970, 1, 1).toordinal()
    return [calendar.get(date.fromordinal(first + int(day))) for day in days]


@dataclass(frozen=True, kw_only=True)
class Effects:
    """What each holiday does: a share of the usual value, or an amount where values are not all positive."""

    relative: bool
    by_name: Mapping[str, float]
    usual: float

    @classmethod
    def of(cls, values: Floats, marks: Marks) -> "Effects":
        """Learn from a series; `marks` has at least as many entries."""
        relative = bool(values.min() > 0)
        seen: dict[str, list[float]] = {}
        for step, name in enumerate(marks[: len(values)]):
            around = [
                values[step + d] for d in _AROUND if 0 <= step + d < len(values) and marks[step + d] is None
            ]  # fmt: skip
            if name is not None and around:
                expected = float(np.median(around))
                seen.setdefault(name, []).append(
                    float(values[step]) / expected - 1 if relative else float(values[step]) - expected
                )
        every = [effect for effects in seen.values() for effect in effects]
        usual = float(np.mean(every)) if every else 0.0
        by_name = {name: (sum(effects) + usual) / (len(effects) + 1) for name, effects in seen.items()}
        return cls(relative=relative, by_name=by_name, usual=usual)

    def _of(self, marks: Marks) -> Floats:
        return np.array([0.0 if name is None else self.by_name.get(name, self.usual) for name in marks])

    def without(self, values: Floats, marks: Marks) -> Floats:
        """Return the series as it would be without holidays."""
        effects = self._of(marks[: len(values)])
        return np.asarray(values / np.maximum(1 + effects, _LEAST) if self.relative else values - effects)

    def onto(self, made: Forecast, marks: Marks) -> Forecast:
        """Return a forecast with the holidays in it."""
        effects = self._of(marks)
        if not self.relative:
            return Forecast(mean=made.mean + effects, spread=made.spread)
        factor = np.maximum(1 + effects, _LEAST)
        return Forecast(mean=made.mean * factor, spread=made.spread * factor)
