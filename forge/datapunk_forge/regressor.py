"""The recipe `regressor`: a number from a row of numbers, categories, times, texts and vectors."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datapunk.errors import DatasetUnusable
from datapunk_forge.learned_rows import LEARNED_ROWS
from datapunk_forge.tabular.columns import target_column
from datapunk_forge.tabular.encoding import numbers_of
from datapunk_forge.tabular.learning import ONE_MODEL, Task, learn, libraries
from datapunk_forge.tabular.measures import interval, regression_metrics
from datapunk_forge.tabular.plots import residual_histogram
from datapunk_forge.trained import Dataset, Embed, Floats, HeldOut, Metric, Progress, Trained


def train(dataset: Dataset, options: Mapping[str, object], progress: Progress, embed: Embed) -> Trained:
    """Train on all columns but the target. Raises DatasetUnusable."""
    seed = int(str(options["seed"]))
    task = _task(dataset, options)
    learned = learn(dataset, task, options, progress, embed, seed)
    progress(0.92, "evaluating")
    known, held = task.truth[learned.split.learn], task.truth[learned.split.held]
    predicted = learned.predicted[:, 0]
    plots = learned.plots | {"residuals": residual_histogram(held, predicted)}
    return Trained(
        metrics=regression_metrics(held, predicted, float(known.mean()), float(np.median(known)), seed)
        + _against_one_model(held, predicted, learned.whole, seed),
        primary_metric="r2" if options["metric"] == "r2" else "neg_mae",
        parameters=learned.parameters(options, task, dataset.row_count),
        signature=learned.signature(task),
        artifacts={
            **learned.artifacts(),
            "plots.json": json.dumps(plots).encode(),
            LEARNED_ROWS: learned.known.to_bytes(),
        },
        held_out=HeldOut(rows=learned.split.held, truth=held, predicted=learned.predicted),
        parts=learned.parts,
        libraries=libraries(),
    )


def _against_one_model(truth: Floats, predicted: Floats, whole: Floats | None, seed: int) -> tuple[Metric, ...]:
    """Return how a model for each group does beside one for all rows."""
    if whole is None:
        return ()
    own, one = np.abs(truth - predicted), np.abs(truth - whole[:, 0])
    return interval("mae", one, seed, ONE_MODEL), interval("mae gain", one - own, seed, f"{ONE_MODEL} - model")


def _task(dataset: Dataset, options: Mapping[str, object]) -> Task:
    target = target_column(dataset, options.get("target"))
    if target.kind != "number":
        raise DatasetUnusable(
            f"column {target.name!r} is {target.type}, not a number", hint="Cast it, or use the recipe classifier."
        )
    truth = numbers_of(target)
    rows = np.flatnonzero(np.isfinite(truth))
    if len(rows) and np.ptp(truth[rows]) == 0:
        raise DatasetUnusable(f"column {target.name!r} has one value throughout", hint="There is nothing to predict.")
    return Task(target=target, truth=truth, rows=rows, labels=0, score=_score(str(options["metric"])))


def _score(metric: str) -> Any:
    def r2(truth: NDArray[Any], predicted: Floats) -> float:
        spread = float(((truth - truth.mean()) ** 2).sum())
        return 1.0 - float(((truth - predicted[:, 0]) ** 2).sum()) / max(spread, 1e-300)

    def mae(truth: NDArray[Any], predicted: Floats) -> float:
        return -float(np.abs(truth - predicted[:, 0]).mean())

    return {"r2": r2, "mae": mae}[metric]
