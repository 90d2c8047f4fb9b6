"""The recipe `anomaly_detector`: how unusual a row is, without being told what an anomaly is.

Where a column says which rows are anomalies, it is not learned from, only measured with. Without one, the detector is
measured by telling held-out rows from rows whose columns were shuffled, which have usual values in unusual company.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datapunk.errors import DatasetUnusable, TrainingFailed
from datapunk.forge.features import Feature
from datapunk.forge.series import ROLLING
from datapunk_forge import rolling_detector
from datapunk_forge.detectors import DETECTORS, ENSEMBLE, MAX_VALUES
from datapunk_forge.export import anomalies
from datapunk_forge.export.session import open_session
from datapunk_forge.incumbent import Incumbent
from datapunk_forge.learned_rows import LEARNED_ROWS, learned_rows, row_digests
from datapunk_forge.tabular.columns import choose_columns
from datapunk_forge.tabular.encoding import Matrix, texts_of
from datapunk_forge.tabular.learning import MIN_ROWS, background, libraries
from datapunk_forge.tabular.measures import histogram, rank_metrics, ranking, share
from datapunk_forge.tabular.splitting import group_of, split_rows
from datapunk_forge.tabular.unlabelled import encoded
from datapunk_forge.trained import Column, Dataset, Embed, Floats, Progress, SideBySide, Trained

_TOLERANCE, _LEAST_SCALE = 1e-3, 1e-2
_NEGATIVE = {"0", "false", "no", "normal", "f"}


def train(dataset: Dataset, options: Mapping[str, object], progress: Progress, embed: Embed) -> Trained:
    """Train on all columns but the target. Raises DatasetUnusable."""
    seed = int(str(options["seed"]))
    target = dataset.column(str(options["target"])) if options.get("target") else None
    without = [*_texts(options.get("exclude")), *([target.name] if target else [])]
    if options["family"] in ("auto", ROLLING) and (series := _series(dataset, without, options)):
        return rolling_detector.train(dataset, series, _truth(texts_of(target)) if target else None, options, progress)
    chosen = choose_columns(dataset, None, {**options, "exclude": without})
    if dataset.row_count < MIN_ROWS:
        raise DatasetUnusable(f"the dataset has {dataset.row_count} rows", hint=f"Give at least {MIN_ROWS}.")
    truth = _truth(texts_of(target)) if target else None
    split = split_rows(dataset, np.arange(dataset.row_count), options, seed, truth)
    checks, features, matrix = encoded(dataset, chosen, split, options, MAX_VALUES, progress, embed)
    progress(0.3, "training")
    family = str(options["family"])
    if family == "auto":
        family = ENSEMBLE
    graph, expected = DETECTORS[family](matrix[split.learn], features, seed)
    progress(0.7, "comparing graph and estimator")
    scores = _run(graph, matrix)
    difference = _difference(scores[split.held], expected(matrix[split.held]))
    threshold = _threshold(scores[split.learn], options)
    progress(0.8, "evaluating")
    held, name = matrix[split.held], "roc_auc"
    told, judged = scores[split.held], dataset.take(split.held)
    if truth is not None and 0 < truth[split.held].sum() < len(split.held):
        odd = truth[split.held]
    else:
        name = "roc_auc_shuffled"
        orders = _orders([f.name for f in features], len(held), seed)
        mixed = _shuffled(held, features, orders)
        odd = np.repeat(np.array([0, 1], dtype=np.int64), len(held))
        told, held = np.concatenate([told, _run(graph, mixed)]), np.concatenate([held, mixed])
        judged = _with_shuffled(judged, orders)
    flagged = (scores[split.held] > threshold).astype(float)
    plain = _plain(matrix[split.learn])(held)
    return Trained(
        metrics=(share("flagged_share", flagged, seed), *rank_metrics(odd, told, plain, name, seed)),
        primary_metric=name,
        parameters={
            **options, "family": family, "rows_learned": len(split.learn), "rows_held_out": len(split.held),
            "checks": [asdict(c) for c in checks], "onnx_difference": difference, "split": split.how,
        },
        signature={
            "kind": "tabular", "task": "anomaly", "input": anomalies.INPUT, "output": anomalies.SCORE,
            "width": matrix.shape[1], "threshold": threshold, "features": [f.to_json() for f in features],
        },
        artifacts={
            "model.onnx": graph, "background.f4": background(matrix, split.learn),
            "plots.json": json.dumps({"scores": histogram(scores)}).encode(),
            LEARNED_ROWS: learned_rows(
                dataset, row_digests(dataset, features, None), split.learn, group_of(split, options)
            ).to_bytes(),
        },
        said=scores[split.held],
        against=partial(_against, dataset, split.held, judged, odd, told),
        libraries=libraries(),
    )  # fmt: skip


def _against(
    dataset: Dataset, held: NDArray[np.int64], judged: Dataset, odd: NDArray[np.int64], told: Floats,
    incumbent: Incumbent, embed: Embed,
) -> SideBySide | None:  # fmt: skip
    """Score another version, as `Rival`: how well each tells the odd ones of the held-out rows that are new to it.

    Where the odd ones are shuffled rows, `judged` has them after the usual ones.
    """
    if incumbent.signature.get("task") != "anomaly":
        return None
    unseen = incumbent.unseen(dataset, held)
    theirs = incumbent.of_rows(judged, embed)
    if unseen is None or theirs is None:
        return None
    new = np.flatnonzero(np.tile(unseen, len(odd) // len(held)))
    return ranking(odd[new], told[new], theirs.ravel()[new])


def _threshold(learned: Floats, options: Mapping[str, object]) -> float:
    given = options.get("threshold")
    return float(str(given)) if given else float(np.quantile(learned, 1 - float(str(options["contamination"]))))


def _texts(value: object) -> list[str]:
    return [str(v) for v in value] if isinstance(value, list) else []


def _truth(texts: Any) -> NDArray[np.int64]:
    return np.array([0 if t is None or t.lower() in _NEGATIVE else 1 for t in texts], dtype=np.int64)


def _series(dataset: Dataset, without: list[str], options: Mapping[str, object]) -> tuple[Column, Column] | None:
    """Return time and number of a series; None where it is none and need not be. Raises DatasetUnusable."""
    key = [str(options["key"])] if options.get("key") else []
    series = rolling_detector.series_columns(dataset, [*without, *key])
    if series is None and options["family"] == ROLLING:
        raise DatasetUnusable(
            "a rolling detector needs one number and a time", hint="Select these two, or choose another family."
        )
    if series is not None and dataset.row_count < MIN_ROWS:
        raise DatasetUnusable(f"the dataset has {dataset.row_count} rows", hint=f"Give at least {MIN_ROWS}.")
    return series


def _run(graph: bytes, matrix: Matrix) -> Floats:
    session = open_session(graph)
    parts = [
        np.asarray(session.run([anomalies.SCORE], {anomalies.INPUT: matrix[start : start + 4096]})[0])
        for start in range(0, len(matrix), 4096)
    ]
    return np.concatenate(parts).astype(np.float64).ravel()


def _difference(served: Floats, expected: Floats) -> float:
    known = ~np.isnan(expected)
    # Scores are about 1, or standard deviations: where all of them are near 0, that is the measure.
    scale = max(float(np.abs(expected[known]).max()), _LEAST_SCALE) if known.any() else 1.0
    difference = float(np.abs(served[known] - expected[known]).max()) / scale if known.any() else 0.0
    if not difference <= _TOLERANCE:
        raise TrainingFailed(
            f"the ONNX graph differs from the estimator by {difference:.2g} on held-out rows",
            hint="Report it with the versions of scikit-learn, skl2onnx and onnxruntime.",
        )
    return difference


def _plain(learned: Matrix) -> Any:
    """Return the baseline: the largest distance of a column from its mean, in standard deviations."""
    mean = np.nanmean(learned, axis=0)
    deviation = np.maximum(np.nanstd(learned, axis=0), 1e-9)
    return lambda rows: np.nanmax(np.abs(np.nan_to_num((rows - mean) / deviation)), axis=1)


def _orders(names: Sequence[str], count: int, seed: int) -> dict[str, NDArray[np.int64]]:
    """Return an order of its own for each column."""
    random = np.random.default_rng(seed)
    return {name: random.permutation(count) for name in names}


def _shuffled(matrix: Matrix, features: tuple[Feature, ...], orders: Mapping[str, NDArray[np.int64]]) -> Matrix:
    mixed = matrix.copy()
    for feature in features:
        block = slice(feature.column, feature.column + feature.width)
        mixed[:, block] = mixed[orders[feature.name], block]
    return mixed


def _with_shuffled(rows: Dataset, orders: Mapping[str, NDArray[np.int64]]) -> Dataset:
    """Return rows and after them the same with some columns in other orders."""
    usual = np.arange(rows.row_count)
    columns = (c.take(np.concatenate([usual, orders.get(c.name, usual)])) for c in rows.columns)
    return replace(rows, columns=tuple(columns), row_count=2 * rows.row_count)
