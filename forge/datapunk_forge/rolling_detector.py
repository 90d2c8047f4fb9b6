"""Training of the rolling detector of a series: little to fit, and all to measure.

The detector goes through the rows in the order of time. It is measured on the last ones: with a target, by telling its
anomalies; without, by telling each value from another one of them put in its place.
"""

import json
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from datapunk.errors import DatasetUnusable
from datapunk.forge.features import Feature
from datapunk.forge.rolling import WINDOW, Rolling
from datapunk.forge.series import ROLLING, WINDOW_FILE
from datapunk_forge.tabular.encoding import fit_features
from datapunk_forge.tabular.learning import libraries
from datapunk_forge.tabular.measures import histogram, interval, rank_metrics
from datapunk_forge.trained import Column, Dataset, Floats, Metric, Progress, Trained

# In standard deviations of three views together; the scores of 41 series of the Numenta Anomaly Benchmark change
# little from 5 to 8.
THRESHOLD = 7.0
_MOST_QUIET = 150
_TOLD_EVERY = 20_000


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
    detector, random = Rolling.of(told), np.random.default_rng(seed)
    scores, swapped = np.zeros(len(at)), np.zeros(len(at) - cut)
    flagged = np.zeros(len(at))
    others = random.permutation(value[cut:])
    for row, (when, what) in enumerate(zip(at.tolist(), value.tolist(), strict=True)):
        if row >= cut:
            swapped[row - cut] = detector.weighed(when, float(others[row - cut])).surprise
        found = detector.judge(when, what)
        scores[row], flagged[row] = found.surprise, found.score >= threshold
        if row % _TOLD_EVERY == 0:
            progress(0.1 + 0.7 * row / len(at), "going through the series")
    progress(0.8, "evaluating")
    metrics: list[Metric] = [interval("flagged_share", flagged[cut:], seed)]
    metrics += _measured(value, cut, scores, swapped, others, None if truth is None else truth[order], seed)
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
            WINDOW_FILE: json.dumps(newest).encode(), "plots.json": json.dumps({"scores": histogram(scores)}).encode(),
        },
        libraries=libraries(),
    )  # fmt: skip


def _signature(features: tuple[Feature, ...], told: Mapping[str, float]) -> dict[str, object]:
    return {
        "kind": "tabular", "task": "anomaly", "output": "score", "threshold": told["threshold"], ROLLING: dict(told),
        "features": [f.to_json() for f in features], "width": sum(f.width for f in features),
    }  # fmt: skip


def _measured(
    value: Floats, cut: int, scores: Floats, swapped: Floats, others: Floats, truth: NDArray[np.int64] | None, seed: int
) -> list[Metric]:
    """Return how well the held-out rows are told, beside the distance of their value from the mean of those learned."""
    mean, deviation = value[:cut].mean(), max(float(value[:cut].std()), 1e-9)
    plain = np.abs(value[cut:] - mean) / deviation
    if truth is not None and 0 < truth[cut:].sum() < len(truth) - cut:
        return rank_metrics(truth[cut:], scores[cut:], plain, "roc_auc", seed)
    both = np.concatenate([np.zeros(len(swapped), dtype=np.int64), np.ones(len(swapped), dtype=np.int64)])
    plain = np.concatenate([plain, np.abs(others - mean) / deviation])
    return rank_metrics(both, np.concatenate([scores[cut:], swapped]), plain, "roc_auc_shuffled", seed)
