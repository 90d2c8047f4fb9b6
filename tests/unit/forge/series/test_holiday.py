from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from datapunk.errors import DatasetUnusable, InvalidArgument
from datapunk_forge.series.grid import Frequency, Series
from datapunk_forge.series.holiday import Effects, marks_of
from datapunk_forge.series.models import Forecast
from unit.forge.series.test_forecaster import DAY, dataset, train

WEEK = 7
START = datetime(2020, 1, 6, tzinfo=UTC).timestamp()


def series(start: str, days: int, hour: float = 0.0) -> Series:
    at = datetime.fromisoformat(start).replace(tzinfo=UTC).timestamp()
    first = int(Frequency(name="day").number(np.array([at]))[0])
    return Series(name="", values=np.ones(days), first=first, offset=hour * 3600, filled=0)


@pytest.mark.parametrize("hour", [0.0, 12.0, 22.0])
def test_the_days_are_those_of_the_calendar(hour: float) -> None:
    begins = "2024-12-23" if hour == 22.0 else "2024-12-24"
    marks = marks_of(series(begins, 2, hour), Frequency(name="day"), 1, "CH-ZH")
    assert [bool(m) for m in marks] == [False, True, True]


def test_what_is_no_country_and_what_is_no_day_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="'XX'"):
        marks_of(series("2024-12-24", 2), Frequency(name="day"), 1, "XX")
    with pytest.raises(DatasetUnusable, match="hour"):
        marks_of(series("2024-12-24", 2), Frequency(name="hour"), 1, "CH")


def test_a_share_is_learned_against_the_weekdays_around_and_drawn_to_the_usual_one() -> None:
    values = np.full(60, 100.0)
    values[[20, 41]] = 40.0, 70.0
    marks: list[str | None] = [None] * 70
    marks[20], marks[41], marks[65] = "first", "second", "unseen"
    effects = Effects.of(values, marks)
    # -0.6 and -0.3 were seen once each; on the whole that is -0.45.
    assert effects.by_name == pytest.approx({"first": -0.525, "second": -0.375})
    assert effects.without(values, marks)[[20, 41, 3]] == pytest.approx([40 / 0.475, 70 / 0.625, 100])
    made = effects.onto(Forecast(mean=np.full(10, 100.0), spread=np.full(10, 2.0)), marks[60:])
    assert made.mean.tolist() == pytest.approx([100.0] * 5 + [55.0] + [100.0] * 4)
    assert made.spread[5] == pytest.approx(1.1)


def test_an_amount_is_learned_where_values_are_not_all_positive() -> None:
    values = np.zeros(60)
    values[20] = -8.0
    marks: list[str | None] = [None] * 61
    marks[20] = marks[60] = "first"
    effects = Effects.of(values, marks)
    assert effects.onto(Forecast(mean=np.zeros(1), spread=np.ones(1)), marks[60:]).mean.tolist() == [-8.0]


def test_a_forecast_falls_on_a_holiday_as_earlier_ones_did() -> None:
    # Four years of days; on holidays of Switzerland half as much. The next days begin on 20 December 2023.
    days = (datetime(2023, 12, 20, tzinfo=UTC) - datetime(2020, 1, 6, tzinfo=UTC)).days
    marks = marks_of(series("2020-01-06", days), Frequency(name="day"), 14, "CH")
    random = np.random.default_rng(0)
    values = [100 + 10 * (d % WEEK == 6) + random.normal() for d in range(days)]
    values = [v * (0.5 if marks[d] else 1.0) for d, v in enumerate(values)]
    given = dataset([START + d * DAY for d in range(days)], values)
    options: dict[str, Any] = {"horizon": 14, "family": "ets", "history": 1500}
    with_holidays, without = train(given, country="CH", **options), train(given, **options)
    assert with_holidays.forecasts is not None
    assert without.forecasts is not None
    christmas = 5
    assert marks[days + christmas]
    assert with_holidays.forecasts.value[0, christmas] == pytest.approx(50, abs=6)
    assert without.forecasts.value[0, christmas] > 80
    assert with_holidays.forecasts.value[0, 3] > 90
