"""Series of the Numenta Anomaly Benchmark: the first 15 % of each teach, the rest is scored as NAB scores it.

Lavin and Ahmad 2015: an alarm within a labelled window counts the more the earlier it is, one outside costs the more
the later it is after a window. 0 is to say nothing, 100 is to find every window at once. Ours has the threshold and the
quiet time that the recipe has unasked; NAB gives each detector the one threshold that is best for it.

What is listed are scores of all 58 series, of which some are at hand; so two plain detectors of the scoreboard, which
look at the values of a window as ours does, are scored on the same ones: the windowed Gaussian, and relative entropy
(Wang et al. 2011), the best of its kind there but for KNN-CAD.
"""

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import chi2, norm

from bench.recipe_forge import Floats, Forge, line

_PROBATION = 0.15
_FALSE = 0.11
_WINDOW, _STEP = 6400, 100
_BINS, _COUNTED = 5, 52
_RESAMPLES = 300
Windows = list[tuple[int, int]]


def anom_nab(forge: Forge, folder: Path) -> list[dict[str, Any]]:
    """All series at hand."""
    labels = json.loads((folder / "labels/combined_windows.json").read_text())
    present = [name for name in sorted(labels) if (folder / "data" / name).exists()]
    ours, seconds = list[Floats](), 0.0
    peers: dict[str, list[Floats]] = {"relative entropy": [], "windowed Gaussian": []}
    windows: list[Windows] = []
    for name in present:
        with (folder / "data" / name).open() as file:
            rows = list(csv.DictReader(file))
        cut = min(int(len(rows) * _PROBATION), 750)
        values = np.array([float(row["value"]) for row in rows])
        forge.table(
            {"id": "int", "at": "timestamptz", "value": "float8"},
            [(n, row["timestamp"], value) for n, (row, value) in enumerate(zip(rows, values, strict=True))],
        )
        made = forge.train("anomaly_detector", f"select at, value from public.bench_set where id < {cut}")
        seconds += made["cpu_s"]
        scored = forge.score(f"select id, at, value from public.bench_set where id >= {cut}")
        ours.append(np.array([scored[str(n)][0] for n in range(cut, len(rows))]) / made["threshold"])
        peers["windowed Gaussian"].append(_windowed_gaussian(values)[cut:])
        peers["relative entropy"].append(_relative_entropy(values)[cut:])
        at = [row["timestamp"] for row in rows]
        windows.append([_places(at, window, cut) for window in labels[name]])
    own = np.array([_scored(s >= 1.0, w) for s, w in zip(ours, windows, strict=True)])
    gained = {name: _best(scores, windows)[1] for name, scores in peers.items()}
    most = np.array([len(marked) for marked in windows], dtype=float)
    picks = np.random.default_rng(0).integers(0, len(present), (_RESAMPLES, len(present)))
    picks = picks[most[picks].sum(axis=1) > 0]

    def normalised(gained: Floats, pick: Any = ...) -> float:
        return float(50 * (gained[pick].sum() + most[pick].sum()) / most[pick].sum())

    best = max(gained, key=lambda name: normalised(gained[name]))
    draws = np.array([normalised(own, pick) for pick in picks])
    differences = draws - np.array([normalised(gained[best], pick) for pick in picks])
    every = {name: round(normalised(scores), 1) for name, scores in gained.items()}
    return [
        line(
            "anomaly_detector", "NAB score", normalised(own), draws, 0.0, draws, "never an alarm", every[best],
            f"{best} on the same series, of all 58 it has 54.6; on all KNN-CAD has 58.0, and of other classes"
            " Numenta HTM 70.1, ARTime 74.9",
            slack=float(differences.std(ddof=1)), rows=len(present), peers=every,
            with_the_best_threshold=round(normalised(_best(ours, windows)[1]), 1), cpu_s=round(seconds, 1),
        )
    ]  # fmt: skip


def _places(at: Sequence[str], window: Sequence[str], cut: int) -> tuple[int, int]:
    first, last = (stamp.partition(".")[0] for stamp in window)
    inside = [n for n, stamp in enumerate(at) if first <= stamp <= last]
    return max(inside[0] - cut, 0), max(inside[-1] - cut, 0)


def _windowed_gaussian(values: Floats) -> Floats:
    """Return how far into a normal's tails each value is, of the values before it, refreshed every hundred."""
    scores = np.zeros(len(values))
    mean, deviation = 0.0, 1.0
    for place, value in enumerate(values):
        if place and (place < _STEP or place % _STEP == 0):
            before = values[max(0, place - _WINDOW) : place]
            mean, deviation = float(before.mean()), max(float(before.std()), 1e-6)
        scores[place] = 1 - 2 * norm.sf(abs(value - mean) / deviation) if place else 0.0
    return scores


def _relative_entropy(values: Floats) -> Floats:
    """Return 1 where the newest values are distributed as none of the windows before that made a hypothesis."""
    low, high = float(values.min()), float(values.max())
    scores = np.zeros(len(values))
    if low == high:
        return scores
    places = np.minimum((values - low) * _BINS / (high - low), _BINS - 1).astype(np.int64)
    bound = float(chi2.ppf(0.99, _BINS - 1))
    known: list[Floats] = []
    for end in range(_COUNTED, len(values) + 1):
        share = np.bincount(places[end - _COUNTED : end], minlength=_BINS) / _COUNTED
        if any(2 * _COUNTED * _divergence(share, one) < bound for one in known):
            continue
        scores[end - 1] = float(bool(known))
        known.append(share)
    return scores


def _divergence(share: Floats, other: Floats) -> float:
    there = share > 0
    return float((share[there] * np.log(share[there] / np.maximum(other[there], 1e-300))).sum())


def _best(scores: Sequence[Floats], windows: Sequence[Windows]) -> tuple[float, Floats]:
    """Return the threshold with the best total, and each series' score at it."""
    candidates = np.unique(np.quantile(np.concatenate(scores), 1 - np.geomspace(1e-5, 0.2, 120)))
    totals = [np.array([_scored(s >= t, w) for s, w in zip(scores, windows, strict=True)]) for t in candidates]
    best = int(np.argmax([total.sum() for total in totals]))
    return float(candidates[best]), totals[best]


def _scored(alarms: Any, windows: Windows) -> float:
    """Return NAB's raw score of a series: 1 at most for each window that is found, -1 for each that is not."""
    total = 0.0
    places = np.flatnonzero(alarms)
    inside = np.zeros(len(places), dtype=bool)
    for first, last in windows:
        within = (places >= first) & (places <= last)
        inside |= within
        if within.any():
            place = -(last - places[within][0] + 1) / (last - first + 1)
            total += _sigmoid(place) / _sigmoid(-1.0)
        else:
            total -= 1.0
    for place in places[~inside]:
        ended = [window for window in windows if window[1] < place]
        behind = (place - ended[-1][1]) / max(ended[-1][1] - ended[-1][0], 1) if ended else np.inf
        total += _FALSE * (_sigmoid(behind) if behind <= 3 else -1.0)
    return total


def _sigmoid(place: float) -> float:
    return float(2 / (1 + np.exp(5 * place)) - 1)
