"""Series: the training parts teach, and forge_forecast is compared with the test parts, intervals included.

Parts of the large sets, for the processor's sake; so the better of Theta by statsforecast and the seasonal naive
forecast is measured on the same series, and figures listed of whole sets are named beside it.
"""

import csv
import gzip
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from statsforecast.models import AutoTheta

from bench.recipe_forge import MODEL, Floats, Forge, figure

Lines = list[dict[str, Any]]
Values = Mapping[str, list[float]]
_LEVELS = (0.5, 0.8, 0.9, 0.95)
_FIRST = datetime(2000, 1, 1, tzinfo=UTC)


def ts_m3(forge: Forge, folder: Path) -> Lines:
    """Every tenth yearly and quarterly and every twentieth monthly series."""
    parts: dict[str, dict[str, dict[str, list[float]]]] = {}
    with gzip.open(folder / "m3_yqm.csv.gz", "rt") as file:
        for row in csv.DictReader(file):
            series = parts.setdefault(row["frequency"], {}).setdefault(row["split"], {})
            series[row["series"]] = [float(v) for v in row["values"].split()]
    found = []
    for frequency, horizon, season, every, listed in (
        ("Yearly", 6, 1, 10, "16.74"), ("Quarterly", 8, 4, 10, "9.25"), ("Monthly", 18, 12, 20, "13.91"),
    ):  # fmt: skip
        if frequency not in parts:
            continue
        names = sorted(parts[frequency]["train"])[::every]
        train = {n: parts[frequency]["train"][n] for n in names}
        found += _measured(
            forge, train, parts[frequency]["test"], timedelta(days=1), horizon, season,
            {"smape": f"Theta {listed} on all series"}, kind=frequency,
        )  # fmt: skip
    return found


def ts_m4_hourly_weekly(forge: Forge, folder: Path) -> Lines:
    """Every fifth hourly and every twelfth weekly series."""
    found = []
    for kind, horizon, season, every, what in (
        (
            "Hourly",
            48,
            24,
            5,
            {
                "smape": "of all: seasonal naive 13.912, Theta 18.138, winner 9.328",
                "mase": "of all: seasonal naive 1.193, Theta 2.455, winner 0.893, best 0.801",
            },
        ),
        (
            "Weekly",
            13,
            1,
            12,
            {
                "smape": "of all: damped smoothing 8.866, Theta 9.093, winner 7.817",
                "mase": "of all: damped smoothing 2.404, Theta 2.637, winner 2.356",
            },
        ),
    ):
        train, test = (_rows(folder / f"{kind}-{part}.csv") for part in ("train", "test"))
        if not train or not test:
            continue
        names = sorted(train)[::every]
        found += _measured(
            forge, {n: train[n] for n in names}, test, timedelta(hours=1), horizon, season, what, kind=kind
        )
    return found


def ts_ett_hourly(forge: Forge, folder: Path) -> Lines:
    """Ninety-six hours from six points of the test part, standardised by the first twelve months."""
    found = []
    for name, listed in (("ETTh1", ".512, PatchTST .370"), ("ETTh2", ".391, PatchTST .274")):
        if not (folder / f"{name}.csv").exists():
            continue
        with (folder / f"{name}.csv").open() as file:
            rows = list(csv.reader(file))
        values = np.array([[float(v) for v in row[1:]] for row in rows[1:]])
        values = (values - values[:8640].mean(axis=0)) / values[:8640].std(axis=0)
        train, test = {}, {}
        for origin in np.linspace(11520, 14400 - 96, 6).astype(int):
            for column, label in enumerate(rows[0][1:]):
                train[f"{label} {origin}"] = values[origin - 1000 : origin, column].tolist()
                test[f"{label} {origin}"] = values[origin : origin + 96, column].tolist()
        found += _measured(
            forge, train, test, timedelta(hours=1), 96, 24, {"mse": f"of all windows: daily seasonal naive {listed}"},
            kind=name,
        )  # fmt: skip
    return found


def ts_ontario_demand(forge: Forge, folder: Path) -> Lines:
    """Two days from twenty points of 2015 and 2016; nothing is listed."""
    (file,) = folder.glob("*.csv.gz")
    with gzip.open(file, "rt") as lines:
        rows = [row for row in csv.reader(lines) if row and row[-1].replace(".", "").isdigit()]
    values = [float(row[-1]) for row in rows]
    train, test = {}, {}
    for number, origin in enumerate(np.linspace(len(values) - 15000, len(values) - 48, 20).astype(int)):
        train[f"origin {number}"] = values[origin - 1000 : origin]
        test[f"origin {number}"] = values[origin : origin + 48]
    return _measured(forge, train, test, timedelta(hours=1), 48, 24, {"smape": "nothing on a fixed protocol"})


def _rows(file: Path) -> dict[str, list[float]]:
    if not file.exists():
        return {}
    with file.open() as lines:
        return {r[0]: [float(v) for v in r[1:] if v] for r in list(csv.reader(lines))[1:]}


def _measured(
    forge: Forge, train: Values, test: Values, step: timedelta, horizon: int, season: int, listed: Mapping[str, str],
    **more: object,
) -> Lines:  # fmt: skip
    """Return a line for each metric; `listed` says what is known of it. The intervals are those of the first."""
    forge.table(
        {"series": "text", "at": "timestamptz", "value": "float8"},
        [(name, _FIRST + n * step, value) for name, values in train.items() for n, value in enumerate(values)],
    )
    made = forge.train(
        "forecaster", "select series, at, value from public.bench_set", horizon=horizon, season=season,
        frequency="hour" if step < timedelta(days=1) else "day",
    )  # fmt: skip
    expected: dict[str, list[float]] = {}
    inside: dict[float, list[bool]] = {}
    for level in _LEVELS:
        expected = {name: [] for name in train}
        for name, value, lower, upper in forge.rows(
            "select series, value, lower, upper from api.forge_forecast(%s, %s, %s::jsonb) order by series, at",
            MODEL, horizon, f'{{"level": {level}}}',
        ):  # fmt: skip
            truth = test[name][len(expected[name])]
            expected[name].append(value)
            inside.setdefault(level, []).append(lower <= truth <= upper)
    made_of: list[tuple[Floats, float, Floats, Floats, Floats]] = []
    for name, values in train.items():
        truth, known = np.array(test[name][:horizon]), np.array(values)
        again = known[-season:][np.arange(horizon) % season]
        made_by_theta = AutoTheta(season_length=season).forecast(y=known[-1000:], h=horizon)["mean"]
        scale = float(np.mean(np.abs(known[season:] - known[:-season]))) or 1.0
        made_of.append((truth, scale, np.array(expected[name]), again, np.asarray(made_by_theta)))
    coverage = {str(level): round(float(np.mean(hits)), 3) for level, hits in inside.items()}
    told = {
        "coverage": coverage,
        "coverage_off_by": round(max(abs(c - float(level)) for level, c in coverage.items()), 3),
    }
    found = []
    for metric, known_of in listed.items():
        ours, base, theta = (
            np.array([_error(metric, truth, forecasts[n], scale) for truth, scale, *forecasts in made_of])
            for n in range(3)
        )
        peers = {"Theta of statsforecast": theta, "the seasonal naive forecast": base}
        best = min(peers, key=lambda name: float(peers[name].mean()))
        found.append(
            figure(
                "forecaster", metric, ours, base, "seasonal naive", peers[best], f"{best} on the same; {known_of}",
                higher=False, series=len(train), chosen=made["chosen"], cpu_s=made["cpu_s"], **told, **more,
            )
        )  # fmt: skip
        told = {}
    return found


def _error(metric: str, truth: Floats, expected: Floats, scale: float) -> float:
    if metric == "mse":
        return float(np.mean((truth - expected) ** 2))
    if metric == "mase":
        return float(np.mean(np.abs(truth - expected))) / scale
    return float(np.mean(200 * np.abs(truth - expected) / np.maximum(np.abs(truth) + np.abs(expected), 1e-12)))
