"""The recipe `classifier`: a label from a row of numbers, categories, times, texts and vectors."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datapunk.errors import DatasetUnusable
from datapunk_forge.learned_rows import LEARNED_ROWS
from datapunk_forge.tabular.columns import target_column
from datapunk_forge.tabular.encoding import texts_of
from datapunk_forge.tabular.learning import ONE_MODEL, Task, learn, libraries
from datapunk_forge.tabular.measures import calibration_bins, classification_metrics, interval, share
from datapunk_forge.trained import Dataset, Embed, Floats, HeldOut, Metric, Progress, Trained

_MAX_LABELS = 200


def train(dataset: Dataset, options: Mapping[str, object], progress: Progress, embed: Embed) -> Trained:
    """Train on all columns but the target. Raises DatasetUnusable."""
    seed = int(str(options["seed"]))
    task, labels = _task(dataset, options)
    learned = learn(dataset, task, options, progress, embed, seed)
    progress(0.92, "evaluating")
    held = task.truth[learned.split.held]
    shares = np.bincount(task.truth[learned.split.learn], minlength=len(labels)) / len(learned.split.learn)
    predicted = learned.predicted.argmax(axis=1)
    plots = learned.plots | {
        "calibration": calibration_bins(held, learned.predicted),
        "confusion": np.bincount(held * len(labels) + predicted, minlength=len(labels) ** 2)
        .reshape(len(labels), len(labels)).tolist(),
    }  # fmt: skip
    metric = str(options["metric"])
    return Trained(
        metrics=classification_metrics(held, learned.predicted, shares, seed)
        + _against_one_model(held, learned.predicted, learned.whole, seed),
        primary_metric="log_likelihood" if metric == "log_loss" else metric,
        parameters=learned.parameters(options, task, dataset.row_count),
        signature={**learned.signature(task), "labels": list(labels)},
        artifacts={
            **learned.artifacts(),
            "plots.json": json.dumps(plots).encode(),
            LEARNED_ROWS: learned.known.to_bytes(),
        },
        held_out=HeldOut(rows=learned.split.held, truth=held.astype(np.float64), predicted=learned.predicted),
        parts=learned.parts,
        libraries=libraries(),
    )


def _against_one_model(
    truth: NDArray[np.int64], predicted: Floats, whole: Floats | None, seed: int
) -> tuple[Metric, ...]:  # fmt: skip
    """Return how a model for each group does beside one for all rows."""
    if whole is None:
        return ()
    own, one = ((p.argmax(axis=1) == truth).astype(float) for p in (predicted, whole))
    return (
        share("accuracy", one, seed, ONE_MODEL),
        interval("accuracy gain", own - one, seed, f"model - {ONE_MODEL}"),
    )


def _task(dataset: Dataset, options: Mapping[str, object]) -> tuple[Task, tuple[str, ...]]:
    target = target_column(dataset, options.get("target"))
    texts = texts_of(target)
    labels = tuple(sorted({t for t in texts if t is not None and t.strip()}))
    if len(labels) < 2 or len(labels) > _MAX_LABELS:
        raise DatasetUnusable(
            f"column {target.name!r} has {len(labels)} distinct values",
            hint=f"A classifier needs 2 to {_MAX_LABELS} labels; for a number use the recipe regressor.",
        )
    number = {name: i for i, name in enumerate(labels)}
    truth = np.array([-1 if t is None else number.get(t, -1) for t in texts], dtype=np.int64)
    rows = np.flatnonzero(truth >= 0)
    if options["metric"] == "roc_auc" and len(labels) > 2:
        raise DatasetUnusable(
            f"column {target.name!r} has {len(labels)} labels, and roc_auc judges two", hint="Choose another metric."
        )
    counts = np.bincount(truth[rows])
    if counts.min() < 2:
        raise DatasetUnusable(
            f"the value {labels[int(counts.argmin())]!r} of {target.name!r} occurs once",
            hint="Give at least 2 rows of each label, or leave rare ones out in the query.",
        )
    return Task(target=target, truth=truth, rows=rows, labels=len(labels), score=_score(str(options["metric"]))), labels


def _score(metric: str) -> Any:
    from sklearn.metrics import f1_score, roc_auc_score

    def accuracy(truth: NDArray[np.int64], probabilities: Floats) -> float:
        return float(np.mean(probabilities.argmax(axis=1) == truth))

    def log_loss(truth: NDArray[np.int64], probabilities: Floats) -> float:
        return float(np.log(np.clip(probabilities[np.arange(len(truth)), truth], 1e-15, 1.0)).mean())

    def macro_f1(truth: NDArray[np.int64], probabilities: Floats) -> float:
        return float(f1_score(truth, probabilities.argmax(axis=1), average="macro", zero_division=0))

    def roc_auc(truth: NDArray[np.int64], probabilities: Floats) -> float:
        if len(np.unique(truth)) < 2:
            return 0.5
        return float(roc_auc_score(truth, probabilities[:, 1]))

    return {"accuracy": accuracy, "log_loss": log_loss, "macro_f1": macro_f1, "roc_auc": roc_auc}[metric]
