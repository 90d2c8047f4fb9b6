"""The recipe `forecaster`: many series, a model for each, forecasts as rows with intervals of measured coverage.

Models are compared on windows before the last one, which measures the chosen ones. The widths of intervals are set by
the errors in those windows, of all series together (datapunk_forge.series.intervals).
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray

from datapunk.errors import DatasetUnusable
from datapunk_forge.evaluation import draws, mean_metric, share_metric
from datapunk_forge.incumbent import Incumbent
from datapunk_forge.series.grid import HORIZONS, Frequency, Series, read_series
from datapunk_forge.series.holiday import Effects, Marks, marks_of
from datapunk_forge.series.intervals import LEVELS, Past, reaches
from datapunk_forge.series.models import BASELINE, Forecast, combined, families_for, forecast
from datapunk_forge.trained import (
    Dataset,
    Embed,
    Floats,
    ForecastRows,
    Metric,
    Progress,
    SideBySide,
    Trained,
)

COMBINATION = "combination"
# Below this, in naive errors within the series, an error is rounding.
_LEAST_ERROR = 1e-9
# A model that takes itself for certain is at least as unsure as this share of the naive error.
_LEAST_SPREAD = 1e-3
# A candidate is taken alone where its error is less than this share of the combination's: a few windows tell little.
_CLEARLY = 0.9


@dataclass(frozen=True, kw_only=True)
class Window:
    """Forecasts of each candidate from a point in the past, and what came: (horizon,), scaled by naive errors."""

    forecasts: Mapping[str, Forecast]
    truth: Floats
    scale: float


def train(dataset: Dataset, options: Mapping[str, object], progress: Progress, embed: Embed) -> Trained:
    """Train on (time, value, optional series). Raises DatasetUnusable."""
    del embed
    seed = int(str(options["seed"]))
    series, frequency = read_series(dataset, options)
    horizon = int(str(options.get("horizon") or HORIZONS.get(frequency.name, 24)))
    season = int(str(options.get("season") or frequency.season))
    history = int(str(options["history"]))
    usable = [s for s in series if len(s.values) >= horizon + max(4, season + 1)]
    if not usable:
        longest = max(len(s.values) for s in series)
        raise DatasetUnusable(
            f"the longest series has {longest} steps of {frequency.name}",
            hint=f"{horizon} steps ahead are measured on {horizon + max(4, season + 1)}; lower the option horizon.",
        )
    families = families_for(str(options["family"]), season, sum(min(len(s.values), history) for s in usable))
    windows = int(str(options["folds"]))
    tests: list[Window] = []
    earlier: list[list[Window]] = []
    country = options.get("country")
    marks = {s.name: marks_of(s, frequency, horizon, str(country)) for s in series} if country else {}
    for number, one in enumerate(usable):
        known = _latest(marks.get(one.name), one, history)
        made = _windows(one.values[-history:], families, season, horizon, windows, known)
        tests.append(made[0])
        earlier.append(made[1:])
        progress(0.05 + 0.6 * (number + 1) / len(usable), f"comparing: {number + 1} of {len(usable)} series")
    chosen = [_chosen(parts, families) for parts in earlier]
    factors = reaches(_past([apart(parts, families) for parts in earlier]), horizon)
    metrics, measured = _metrics(tests, chosen, factors, seed), chosen
    progress(0.7, "forecasting", **{m.name: m.value for m in metrics if m.scored == "model"})
    # What comes is told with what the last window taught too.
    everything = [[test, *parts] for test, parts in zip(tests, earlier, strict=True)]
    chosen = [_chosen(parts, families) for parts in everything]
    final = reaches(_past([apart(parts, families) for parts in everything]), horizon)
    plots = _plots(metrics, tests, measured, horizon)
    rows = _rows(series, usable, chosen, families, frequency, season, horizon, history, final, marks, progress)
    counts = {name: chosen.count(name) for name in dict.fromkeys(chosen)}
    return Trained(
        metrics=metrics,
        primary_metric="skill",
        parameters={
            **options, "horizon": horizon, "season": season, "frequency": frequency.name, "chosen": counts,
            "interval_factors": {f"{level:g}": final[:, n].tolist() for n, level in enumerate(LEVELS)},
            "series": len(series),
            "series_measured": len(usable), "steps_filled": sum(s.filled for s in series),
        },
        signature={
            "output": "forecast", "frequency": frequency.name, "horizon": horizon, "season": season,
            "levels": list(LEVELS),
        },
        forecasts=rows,
        against=partial(
            _against, [(one.name, _times(frequency, one, horizon)) for one in usable],
            [(test, test.forecasts[name].mean) for test, name in zip(tests, measured, strict=True)],
        ),
        artifacts={"plots.json": json.dumps(plots).encode()},
        libraries={name: version(name) for name in ("statsforecast", "numpy")},
    )  # fmt: skip


def _latest(marks: Marks | None, series: Series, history: int) -> Marks | None:
    """Return the marks of the steps that are learned from, and of the horizon."""
    return None if marks is None else marks[max(len(series.values) - history, 0) :]


def _candidates(values: Floats, families: Sequence[str], season: int, horizon: int) -> dict[str, Forecast]:
    found = {family: forecast(family, values, season, horizon) for family in families}
    smooth = [found[f] for f in families if f != BASELINE]
    if len(smooth) > 1:
        found[COMBINATION] = combined(smooth)
    if BASELINE not in found:
        found[BASELINE] = forecast(BASELINE, values, season, horizon)
    return found


def _windows(
    values: Floats, families: Sequence[str], season: int, horizon: int, count: int, marks: Marks | None
) -> list[Window]:  # fmt: skip
    """Return what was expected at the end of earlier parts of the series, the latest first."""
    windows = []
    for number in range(count):
        cut = len(values) - (number + 1) * horizon
        if cut < max(4, season + 1):
            break
        known, truth = values[:cut], values[cut : cut + horizon]
        if marks is None:
            made = _candidates(known, families, season, horizon)
        else:
            effects = Effects.of(known, marks)
            plain = _candidates(effects.without(known, marks), families, season, horizon)
            made = {name: effects.onto(f, marks[cut : cut + horizon]) for name, f in plain.items()}
            # The baseline knows of no holidays.
            made[BASELINE] = forecast(BASELINE, known, season, horizon)
        windows.append(Window(forecasts=made, truth=truth, scale=_naive_error(known, season)))
    return windows


def _naive_error(values: Floats, season: int) -> float:
    """Return the mean absolute error of the seasonal naive forecast within the series, what MASE divides by."""
    lag = season if len(values) > season else 1
    error = float(np.mean(np.abs(values[lag:] - values[:-lag])))
    return error if error > 0 else max(float(np.abs(values).mean()), 1e-9)


def _chosen(windows: Sequence[Window], families: Sequence[str]) -> str:
    """Return the candidate with the smallest error in the earlier windows; without any, the combination."""
    candidates = [*families, COMBINATION] if len([f for f in families if f != BASELINE]) > 1 else list(families)
    if not windows:
        return COMBINATION if COMBINATION in candidates else candidates[0]
    errors = {
        name: float(np.mean([np.abs(w.forecasts[name].mean - w.truth).mean() / w.scale for w in windows]))
        for name in candidates
    }
    best = min(errors, key=lambda name: errors[name])
    if COMBINATION in errors and errors[best] > _CLEARLY * errors[COMBINATION]:
        return COMBINATION
    return best


def apart(windows: Sequence[Window], families: Sequence[str]) -> list[tuple[Window, str]]:
    """Return each window with the candidate that the others choose.

    The candidate that is best on a window errs less on it than it will on what comes, and its intervals would be too
    narrow (cross-conformal prediction: Vovk 2015).
    """
    return [(window, _chosen([other for other in windows if other is not window], families)) for window in windows]


def _past(scored: Sequence[Sequence[tuple[Window, str]]]) -> list[Past]:
    """Return the errors of all windows, by how many spreads they were off; each series' latest window first."""
    return [
        Past(scores=np.abs(window.truth - window.forecasts[name].mean) / _spread(window, name), age=age)
        for windows in scored
        for age, (window, name) in enumerate(windows)
    ]


def _spread(window: Window, name: str) -> Floats:
    return np.maximum(window.forecasts[name].spread, _LEAST_SPREAD * window.scale)


def _metrics(tests: Sequence[Window], chosen: Sequence[str], factors: Floats, seed: int) -> tuple[Metric, ...]:
    found = []
    for window, name in zip(tests, chosen, strict=True):
        made, plain = window.forecasts[name].mean, window.forecasts[BASELINE].mean
        reach = factors * _spread(window, name)[:, None]
        off = np.abs(window.truth - made)
        found.append([
            off / window.scale, np.abs(window.truth - plain) / window.scale, _smape(window.truth, made),
            _smape(window.truth, plain), *(off[:, None] <= reach).T.astype(float),
        ])  # fmt: skip
    # Series are what is resampled; of one series its steps, in blocks, since they hang together.
    alone = len(found) == 1
    model, base, percent, naive_percent, *inside = found[0] if alone else np.mean(found, axis=2).T
    block = max(round(len(model) ** (1 / 3)), 1) if alone else 1
    return (
        _skill(model, base, seed, block),
        mean_metric("mase", model, seed, block=block),
        mean_metric("mase", base, seed, scored=BASELINE, block=block),
        mean_metric("mase gain", base - model, seed, scored=f"{BASELINE} - model", block=block),
        mean_metric("smape", percent, seed, block=block),
        mean_metric("smape", naive_percent, seed, scored=BASELINE, block=block),
        *(
            share_metric(f"coverage_{level * 100:.0f}", hits, seed, block=block)
            for level, hits in zip(LEVELS, inside, strict=True)
        ),
    )


def _plots(
    metrics: Sequence[Metric], tests: Sequence[Window], chosen: Sequence[str], horizon: int
) -> dict[str, object]:  # fmt: skip
    """Return how much of what came the intervals held, and how errors grow with the steps ahead."""
    coverage = {m.name: m.value for m in metrics if m.name.startswith("coverage")}
    errors = {
        name: np.mean(
            [
                np.abs(window.truth - window.forecasts[own if name == "model" else name].mean) / window.scale
                for window, own in zip(tests, chosen, strict=True)
            ],
            axis=0,
        )
        for name in ("model", BASELINE)
    }
    return {
        "coverage": [[level, coverage[f"coverage_{level * 100:.0f}"]] for level in LEVELS],
        "horizon": {name: [round(float(e), 5) for e in found[:horizon]] for name, found in errors.items()},
    }


def _times(frequency: Frequency, series: Series, horizon: int) -> Floats:
    """Return the times of the latest steps of a series, in seconds since 1970: those that its last window is of."""
    end = series.first + len(series.values)
    return frequency.time(np.arange(end - horizon, end, dtype=np.int64), series.offset)


def _against(
    measured: Sequence[tuple[str, Floats]], windows: Sequence[tuple[Window, Floats]], incumbent: Incumbent,
    embed: Embed,
) -> SideBySide | None:  # fmt: skip
    """Score another version, as `Rival`: by what it expected for the times that are measured and came after it.

    A score is by what share an error is less than the mean naive one, so that their mean is the skill.
    """
    del embed
    rows = incumbent.rows
    if not isinstance(rows, ForecastRows):
        return None
    place = {name: number for number, name in enumerate(rows.series)}
    found = []
    for (name, times), (window, made) in zip(measured, windows, strict=True):
        if name not in place:
            continue
        _, here, there = np.intersect1d(np.round(times), np.round(rows.at[place[name]]), return_indices=True)
        expected = (made, rows.value[place[name]][there], window.forecasts[BASELINE].mean)
        truth = window.truth[here] / window.scale
        errors = [np.abs(one[here] / window.scale - truth) for one in (expected[0], expected[2])]
        if len(here):
            found.append((errors[0], np.abs(expected[1] / window.scale - truth), errors[1]))
    if not found:
        return None
    # Of one series its steps are the units, else each series is one.
    ours, theirs, naive = (
        parts[0] if len(found) == 1 else np.array([part.mean() for part in parts]) for parts in zip(*found, strict=True)
    )
    base = float(naive.mean())
    mine, other = ((base - errors) / max(base, _LEAST_ERROR) for errors in (ours, theirs))
    return SideBySide(ours=mine, theirs=other, unit="steps" if len(found) == 1 else "series")


def _skill(model: Floats, base: Floats, seed: int, block: int) -> Metric:
    """Return by what share the error is less than the naive one, 0 where neither errs; resampled as the errors are."""

    def skill(rows: NDArray[np.int64]) -> float:
        naive = float(base[rows].mean())
        return (naive - float(model[rows].mean())) / max(naive, _LEAST_ERROR)

    value = skill(np.arange(len(model)))
    if len(model) == 1:
        return Metric(name="skill", value=value)
    lower, upper = np.quantile([skill(rows) for rows in draws(len(model), seed, block)], (0.025, 0.975))
    return Metric(name="skill", value=value, lower=float(lower), upper=float(upper))


def _smape(truth: Floats, mean: Floats) -> Floats:
    """Return the symmetric absolute percentage error of each step, 0 to 200, as in the M competitions."""
    total = np.abs(truth) + np.abs(mean)
    error: Floats = np.divide(200 * np.abs(truth - mean), total, out=np.zeros_like(total), where=total > 0)
    return error


def _rows(
    series: Sequence[Series], usable: Sequence[Series], chosen: Sequence[str], families: Sequence[str],
    frequency: Frequency, season: int, horizon: int, history: int, factors: Floats,
    marks: Mapping[str, Marks], progress: Progress,
) -> ForecastRows:  # fmt: skip
    choice = dict(zip((s.name for s in usable), chosen, strict=True))
    common = max(set(chosen), key=lambda name: (list(chosen).count(name), name))
    at: NDArray[np.float64] = np.empty((len(series), horizon))
    mean = np.empty_like(at)
    width = np.empty((len(series), horizon, len(LEVELS)))
    for number, one in enumerate(series):
        values = one.values[-history:]
        name = choice.get(one.name, common)
        known = _latest(marks.get(one.name), one, history)
        if known is None or name == BASELINE:
            made = _one(name, values, families, season, horizon)
        else:
            effects = Effects.of(values, known)
            made = effects.onto(
                _one(name, effects.without(values, known), families, season, horizon), known[len(values) :]
            )
        spread = np.maximum(made.spread, _LEAST_SPREAD * (_naive_error(values, season) if len(values) > 1 else 0.0))
        mean[number] = made.mean
        width[number] = spread[:, None] * factors
        last = one.first + len(one.values) - 1
        at[number] = frequency.time(last + 1 + np.arange(horizon, dtype=np.int64), one.offset)
        progress(0.7 + 0.25 * (number + 1) / len(series), f"forecasting: {number + 1} of {len(series)} series")
    if all(float(s.values.min()) >= 0 for s in series):
        # What never was negative is not expected to be.
        mean = np.maximum(mean, 0.0)
    lower, upper = mean[:, :, None] - width, mean[:, :, None] + width
    if all(float(s.values.min()) >= 0 for s in series):
        lower = np.maximum(lower, 0.0)
    return ForecastRows(series=tuple(s.name for s in series), at=at, value=mean, lower=lower, upper=upper)


def _one(name: str, values: Floats, families: Sequence[str], season: int, horizon: int) -> Forecast:
    if len(values) < 4 or not math.isfinite(float(values.sum())):
        return forecast(BASELINE, values, 1, horizon)
    if name != COMBINATION:
        return forecast(name, values, season, horizon)
    return combined([forecast(f, values, season, horizon) for f in families if f != BASELINE])
