"""Training of the rolling detector of a series: little to fit, and all to measure.

The detector goes through the rows in the order of time. It is measured on the last ones: with a target, by telling its
anomalies; without, by telling each value from another one of them put in its place.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from datapunk.errors import DatasetUnusable
from datapunk.forge.features import Feature
from datapunk.forge.rolling import WINDOW, Rolling
from datapunk.forge.series import ROLLING, WINDOW_FILE
from datapunk_forge.incumbent import Incumbent
from datapunk_forge.tabular.encoding import fit_features
from datapunk_forge.tabular.learning import libraries
from datapunk_forge.tabular.measures import histogram, rank_metrics, ranking, share
from datapunk_forge.trained import Column, Dataset, Embed, Floats, Metric, Progress, SideBySide, Trained

# In standard deviations of three views together; the scores of 41 series of the Numenta Anomaly Benchmark change
# little from 5 to 8.
THRESHOLD = 7.0
_MOST_QUIET = 150
_TOLD_EVERY = 20_000
Kinds = NDArray[np.int64]


def series_columns(dataset: Dataset, without: list[str]) -> tuple[Column, Column] | None:
    """Return time and number of a dataset that has these two columns alone, beside some that are left out."""
    columns = [c for c in dataset.columns if c.name not in without]
    if sorted(c.kind for c in columns) != ["number", "time"]:
        return None
    number, time = sorted(columns, key=lambda c: c.kind)
    return time, number


def train(
    dataset: Dataset, series: tuple[Column, Column], truth: NDArray[np.int64] | None, options: Mapping[str, object],
    progress: Progress,
) -> Trained:  # fmt: skip
    """Train on the time and number of a dataset; `truth` says which rows are anomalies. Raises DatasetUnusable."""
    seed = int(str(options["seed"]))
    at, value = (np.asarray(c.values, dtype=np.float64) for c in series)
    known = np.flatnonzero(np.isfinite(at) & np.isfinite(value))
    order = known[np.argsort(at[known], kind="stable")]
    at, value = at[order], value[order]
    cut = len(at) - max(round(len(at) * float(str(options["test_size"]))), 1)
    steps = np.diff(at[:cut])
    steps = steps[steps > 0]
    if not len(steps):
        raise DatasetUnusable("all rows are of one time", hint="Select a time that says when each value was.")
    threshold = float(str(options["threshold"])) if options.get("threshold") else THRESHOLD
    quiet = int(str(options["quiet"])) if options.get("quiet") is not None else min(len(at) // 5, _MOST_QUIET)
    told = {"step": float(np.median(steps)), "threshold": threshold, "quiet": quiet, "window": WINDOW}
    swaps = np.random.default_rng(seed).permutation(value[cut:])
    way = _gone(told, at, value, swaps, progress)
    progress(0.8, "evaluating")
    odd: Kinds | None = None if truth is None else truth[order][cut:]
    if odd is not None and not 0 < odd.sum() < len(odd):
        odd = None
    metrics: list[Metric] = [share("flagged_share", way.flagged[cut:], seed)]
    metrics += _measured(value, cut, way, swaps, odd, seed)
    features = fit_features(((series[0], "time"), (series[1], "number")), order[:cut], "", 0)
    newest = list(zip(at[-WINDOW:].tolist(), value[-WINDOW:].tolist(), strict=True))
    return Trained(
        metrics=tuple(metrics),
        primary_metric=metrics[1].name,
        parameters={
            **options, "family": ROLLING, "rows_learned": cut, "rows_held_out": len(at) - cut,
            "rows_skipped": dataset.row_count - len(at), "checks": [], "split": "time", **told,
        },
        signature=_signature(features, told),
        artifacts={
            WINDOW_FILE: json.dumps(newest).encode(),
            "plots.json": json.dumps({"scores": histogram(way.scores)}).encode(),
        },
        said=way.answers,
        against=partial(_against, at, value, swaps, odd, way),
        libraries=libraries(),
    )  # fmt: skip


def _signature(features: tuple[Feature, ...], told: Mapping[str, float]) -> dict[str, object]:
    return {
        "kind": "tabular", "task": "anomaly", "output": "score", "threshold": told["threshold"], ROLLING: dict(told),
        "features": [f.to_json() for f in features], "width": sum(f.width for f in features),
    }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Way:
    """A series as a detector went through it: score and alarm of each value, and of what was put in place of the last.

    `swapped` are as many as were held out, as are `answers`: what is said of the last values, less soon after an alarm.
    """

    scores: Floats
    flagged: Floats
    swapped: Floats
    answers: Floats

    def told(self, known: Kinds | None) -> tuple[Kinds, Floats]:
        """Return which rows are odd, and the scores of those: the held-out ones, without `known` beside the swapped."""
        held = self.scores[len(self.scores) - len(self.swapped) :]
        if known is not None:
            return known, held
        return np.repeat(np.array([0, 1], dtype=np.int64), len(held)), np.concatenate([held, self.swapped])


def _gone(told: Mapping[str, float], at: Floats, value: Floats, swaps: Floats, progress: Progress | None = None) -> Way:
    """Go through a series with the settings `told`; `swaps` are put in place of its last values."""
    detector, cut = Rolling.of(told), len(at) - len(swaps)
    scores, flagged, swapped, answers = (np.zeros(n) for n in (len(at), len(at), len(swaps), len(at)))
    for row, (when, what) in enumerate(zip(at.tolist(), value.tolist(), strict=True)):
        if row >= cut:
            swapped[row - cut] = detector.weighed(when, float(swaps[row - cut])).surprise
        found = detector.judge(when, what)
        scores[row], answers[row], flagged[row] = found.surprise, found.score, found.score >= told["threshold"]
        if progress and row % _TOLD_EVERY == 0:
            progress(0.1 + 0.7 * row / len(at), "going through the series")
    return Way(scores=scores, flagged=flagged, swapped=swapped, answers=answers[cut:])


def _against(
    at: Floats, value: Floats, swaps: Floats, known: Kinds | None, way: Way, incumbent: Incumbent, embed: Embed
) -> SideBySide | None:
    """Score another version, as `Rival`: what its settings say of the same way through the series."""
    del embed
    if ROLLING not in incumbent.signature:
        return None
    theirs = _gone(incumbent.signature[ROLLING], at, value, swaps)
    odd, ours = way.told(known)
    return ranking(odd, ours, theirs.told(known)[1])


def _measured(value: Floats, cut: int, way: Way, swaps: Floats, known: Kinds | None, seed: int) -> list[Metric]:
    """Return how well the held-out rows are told, beside the distance of their value from the mean of those learned."""
    mean, deviation = value[:cut].mean(), max(float(value[:cut].std()), 1e-9)
    odd, scores = way.told(known)
    judged = value[cut:] if known is not None else np.concatenate([value[cut:], swaps])
    name = "roc_auc" if known is not None else "roc_auc_shuffled"
    return rank_metrics(odd, scores, np.abs(judged - mean) / deviation, name, seed)
