"""Series of the Numenta Anomaly Benchmark: the first 15 % of each teach, the rest is scored as NAB scores it.

Lavin and Ahmad 2015: an alarm within a labelled window counts the more the earlier it is, one outside costs the more
the later it is after a window; one threshold for all series, the best for the detector. 0 is to say nothing, 100 is to
find every window at once. What is listed are scores of all 58 series, of which some are at hand; so the plain peer of
the scoreboard, a windowed Gaussian, is scored on the same ones.
"""

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import norm

from bench.recipe_forge import Floats, Forge, line

_EVERY = 4
_PROBATION = 0.15
_FALSE = 0.11
_WINDOW, _STEP = 6400, 100
_RESAMPLES = 300
Windows = list[tuple[int, int]]


def anom_nab(forge: Forge, folder: Path) -> list[dict[str, Any]]:
    """Every fourth series at hand, for the processor's sake."""
    labels = json.loads((folder / "labels/combined_windows.json").read_text())
    present = [name for name in sorted(labels) if (folder / "data" / name).exists()][::_EVERY]
    ours: list[Floats] = []
    peer: list[Floats] = []
    windows: list[Windows] = []
    used = 0.0
    for name in present:
        with (folder / "data" / name).open() as file:
            rows = list(csv.DictReader(file))
        cut = min(int(len(rows) * _PROBATION), 750)
        forge.table(
            {"id": "int", "at": "timestamptz", "value": "float8"},
            [(n, row["timestamp"], float(row["value"])) for n, row in enumerate(rows)],
        )
        made = forge.train(
            "anomaly_detector", f"select at, value from public.bench_set where id < {cut}", test_size=0.1
        )
        used += made["cpu_s"]
        scored = forge.score("select id, at, value from public.bench_set")
        ours.append(np.array([scored[str(n)][0] or 0.0 for n in range(len(rows))])[cut:])
        peer.append(_windowed_gaussian(np.array([float(row["value"]) for row in rows]))[cut:])
        at = [row["timestamp"] for row in rows]
        windows.append([_places(at, window, cut) for window in labels[name]])
    (best, scores), (_, other) = _best(ours, windows), _best(peer, windows)
    most = np.array([len(marked) for marked in windows], dtype=float)
    picks = np.random.default_rng(0).integers(0, len(present), (_RESAMPLES, len(present)))
    picks = picks[most[picks].sum(axis=1) > 0]

    def normalised(gained: Floats, pick: Any) -> float:
        return float(50 * (gained[pick].sum() + most[pick].sum()) / most[pick].sum())

    every = np.arange(len(present))
    draws = np.array([normalised(scores, pick) for pick in picks])
    differences = draws - np.array([normalised(other, pick) for pick in picks])
    return [
        line(
            "anomaly_detector", "NAB score", normalised(scores, every), draws, 0.0, draws, "never an alarm",
            round(normalised(other, every), 1), "windowed Gaussian on the same series; of all 58 it has 39.6",
            slack=float(differences.std(ddof=1)), rows=len(present), threshold=round(best, 3), cpu_s=round(used, 1),
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


def _best(scores: Sequence[Floats], windows: Sequence[Windows]) -> tuple[float, Floats]:
    """Return the threshold with the best total, and each series' score at it."""
    candidates = np.unique(np.quantile(np.concatenate(scores), 1 - np.geomspace(1e-5, 0.2, 120)))
    totals = [np.array([_scored(s > t, w) for s, w in zip(scores, windows, strict=True)]) for t in candidates]
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
