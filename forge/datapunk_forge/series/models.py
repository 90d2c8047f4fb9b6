"""The models on offer, by statsforecast (Nixtla): exponential smoothing, ARIMA, Theta, and the seasonal naive one.

Beside them the mean of the latest seasons, for seasons that are too long for the states of the others, and for hours
a decomposition by day and week (MSTL, Bandara et al. 2021).
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from statsforecast.models import MSTL, AutoARIMA, AutoETS, AutoTheta, SeasonalNaive

from datapunk_forge.trained import Floats

BASELINE = "seasonal_naive"
AVERAGE = "seasonal_average"
DECOMPOSED = "mstl"
FAMILIES = ("ets", "theta", "arima", DECOMPOSED, AVERAGE, BASELINE)
# Seasons that have a season of their own: hours of a day have a week.
_LONGER = {24: 168}
# Seasons that are averaged: fewer are as noisy as the last one, more are out of date.
_AVERAGED = 4
# ARIMA with a long season takes seconds a series.
_ARIMA_SEASON, _ARIMA_POINTS = 12, 30_000
_Z = {0.5: 0.674490, 0.8: 1.281552, 0.9: 1.644854, 0.95: 1.959964, 0.99: 2.575829}


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """What a model expects for each step ahead, and its own standard error there."""

    mean: Floats
    spread: Floats


def families_for(asked: str, season: int, points: int) -> tuple[str, ...]:
    """Return the families that are compared: all that are quick enough, or the one that is asked for."""
    if asked != "auto":
        return (asked,)
    if season > _ARIMA_SEASON:
        left = {"arima"} if season in _LONGER else {"arima", DECOMPOSED}
        return tuple(f for f in FAMILIES if f not in left)
    left = {AVERAGE, DECOMPOSED} if points <= _ARIMA_POINTS else {AVERAGE, DECOMPOSED, "arima"}
    return tuple(f for f in FAMILIES if f not in left)


def forecast(family: str, values: Floats, season: int, horizon: int) -> Forecast:
    """Fit a model and look ahead. A series that the family cannot model gets the naive forecast."""
    usable = season if len(values) >= 2 * season + 1 else 1
    if float(np.ptp(values)) == 0.0:
        return Forecast(mean=np.full(horizon, values[-1]), spread=np.zeros(horizon))
    too_short = family == DECOMPOSED and len(values) <= 2 * _LONGER.get(season, len(values))
    if family == AVERAGE or too_short:
        return averaged(values, usable, horizon)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            found = _model(family, usable).forecast(y=values.astype(np.float64), h=horizon, level=[95])
    except (ValueError, ZeroDivisionError, IndexError, ArithmeticError, RuntimeError):
        return naive(values, usable, horizon)
    mean = np.asarray(found["mean"], dtype=np.float64)
    spread = (np.asarray(found["hi-95"], dtype=np.float64) - mean) / _Z[0.95]
    if not np.isfinite(mean).all() or np.abs(mean).max() > 100 * max(np.abs(values).max(), 1e-9):
        return naive(values, usable, horizon)
    return Forecast(mean=mean, spread=_usable_spread(spread, values, usable, horizon))


def naive(values: Floats, season: int, horizon: int) -> Forecast:
    """Repeat the last season; its errors grow with the root of the seasons ahead (Hyndman and Athanasopoulos)."""
    season = min(season, len(values))
    steps = np.arange(horizon)
    mean = values[-season:][steps % season]
    error = values[season:] - values[:-season] if len(values) > season else np.zeros(1)
    deviation = float(np.sqrt(np.mean(error**2)))
    return Forecast(mean=mean, spread=deviation * np.sqrt(steps // season + 1.0))


def averaged(values: Floats, season: int, horizon: int) -> Forecast:
    """Repeat the mean of the latest seasons, as sure as it was of the seasons before; naive where there are too few."""
    count = min(_AVERAGED, len(values) // season - 1)
    if count < 1:
        return naive(values, season, horizon)
    seasons = values[-(len(values) // season * season) :].reshape(-1, season)
    steps = np.arange(horizon)
    expected = np.stack([seasons[n - count : n].mean(axis=0) for n in range(count, len(seasons))])
    deviation = float(np.sqrt(np.mean((seasons[count:] - expected) ** 2)))
    return Forecast(
        mean=seasons[-count:].mean(axis=0)[steps % season], spread=deviation * np.sqrt(steps // season + 1.0)
    )


def combined(parts: Sequence[Forecast]) -> Forecast:
    """Return the median of several forecasts (Petropoulos and Svetunkov 2020), with that of their standard errors.

    One that goes astray does not take it along, as it would the mean.
    """
    mean, spread = (np.median(found, axis=0) for found in ([p.mean for p in parts], [p.spread for p in parts]))
    return Forecast(mean=mean, spread=spread)


def _model(family: str, season: int) -> Any:
    match family:
        case "ets":
            # Seasonal forms with many states are not fitted by statsforecast; the season is then left to Theta.
            return AutoETS(season_length=season)
        case "theta":
            return AutoTheta(season_length=season)
        case "arima":
            return AutoARIMA(season_length=season, approximation=True, max_p=3, max_q=3)
        case "mstl":
            return MSTL(season_length=[season, _LONGER[season]], trend_forecaster=AutoETS(model="ZZN"))
        case _:
            return SeasonalNaive(season_length=season)


def _usable_spread(spread: Floats, values: Floats, season: int, horizon: int) -> Floats:
    fallback = naive(values, season, horizon).spread
    return np.where(np.isfinite(spread) & (spread >= 0), spread, fallback)
