"""The recipe `anomaly_detector`: how unusual a row is, without being told what an anomaly is.

Where a column says which rows are anomalies, it is not learned from, only measured with. Without one, the detector is
measured by telling held-out rows from rows whose columns were shuffled, which have usual values in unusual company.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingRegressor, IsolationForest
from sklearn.impute import SimpleImputer
from sklearn.neighbors import LocalOutlierFactor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from datapunk.errors import DatasetUnusable, TrainingFailed
from datapunk.forge.features import Feature
from datapunk.forge.series import ROLLING
from datapunk_forge import rolling_detector
from datapunk_forge.export import anomalies
from datapunk_forge.export.session import open_session
from datapunk_forge.export.trees import trees_of
from datapunk_forge.tabular.columns import choose_columns
from datapunk_forge.tabular.encoding import Matrix, encode, fit_features, texts_of, with_means
from datapunk_forge.tabular.learning import MIN_ROWS, libraries
from datapunk_forge.tabular.measures import histogram, interval, rank_metrics
from datapunk_forge.tabular.splitting import split_rows
from datapunk_forge.trained import Column, Dataset, Embed, Floats, Metric, Progress, Trained

_POINTS = 192
_TREES = 200
_MAX_VALUES = 20
# Of the local outlier factor: as in the benchmarks of it; and how many rows its graph holds.
_NEIGHBOURS, _NEIGHBOURHOOD = 20, 2000
_TOLERANCE = 1e-3
# How many standard deviations half and 99 % of a normal lie within.
_HALF, _NEARLY_ALL = 0.67449, 2.57583
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
    embedder = str(options["embedder"])
    dimensions = embed(["dimensions"], embedder).shape[1] if any(k == "text" for _, k in chosen.columns) else 0
    features = fit_features(chosen.columns, split.learn, embedder, dimensions)
    matrix = encode(dataset, features, embed, progress)
    features = with_means(features, matrix[split.learn])
    progress(0.3, "training")
    family = str(options["family"])
    if family == "auto":
        family = "isolation_forest"
    graph, expected = _FIT[family](matrix[split.learn], features, seed)
    progress(0.7, "comparing graph and estimator")
    scores = _run(graph, matrix)
    difference = _difference(scores[split.held], expected(matrix[split.held]))
    threshold = _threshold(scores[split.learn], options)
    progress(0.8, "evaluating")
    held = matrix[split.held]
    plain = _plain(matrix[split.learn])
    flagged = (scores[split.held] > threshold).astype(float)
    metrics: list[Metric] = [interval("flagged_share", flagged, seed)]
    if truth is not None and 0 < truth[split.held].sum() < len(split.held):
        metrics += rank_metrics(truth[split.held], scores[split.held], plain(held), "roc_auc", seed)
    else:
        mixed = _shuffled(held, features, seed)
        both = np.concatenate([np.zeros(len(held), dtype=np.int64), np.ones(len(mixed), dtype=np.int64)])
        metrics += rank_metrics(
            both, np.concatenate([scores[split.held], _run(graph, mixed)]), plain(np.concatenate([held, mixed])),
            "roc_auc_shuffled", seed,
        )  # fmt: skip
    return Trained(
        metrics=tuple(metrics),
        primary_metric=metrics[1].name,
        parameters={
            **options, "family": family, "rows_learned": len(split.learn), "rows_held_out": len(split.held),
            "checks": [asdict(c) for c in chosen.checks], "onnx_difference": difference, "split": split.how,
        },
        signature={
            "kind": "tabular", "task": "anomaly", "input": anomalies.INPUT, "output": anomalies.SCORE,
            "width": matrix.shape[1], "threshold": threshold, "features": [f.to_json() for f in features],
        },
        artifacts={"model.onnx": graph, "plots.json": json.dumps({"scores": histogram(scores)}).encode()},
        libraries=libraries(),
    )  # fmt: skip


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


def _preparation(features: tuple[Feature, ...], *, scaled: bool = False) -> ColumnTransformer:
    numbers: list[int] = []
    categories: list[int] = []
    for feature in features:
        columns = range(feature.column, feature.column + feature.width)
        (categories if feature.kind == "category" else numbers).extend(columns)
    steps: list[tuple[str, Any, list[int]]] = []
    if numbers:
        # Neither trees nor ranks ask for scales, and what is not scaled is not rounded.
        imputer = SimpleImputer(strategy="median", keep_empty_features=True)
        steps.append(("number", make_pipeline(imputer, StandardScaler()) if scaled else imputer, numbers))
    if categories:
        common = [np.arange(-2, _MAX_VALUES, dtype=np.float32)] * len(categories)
        coder = OneHotEncoder(categories=common, handle_unknown="ignore", sparse_output=False, dtype=np.float32)
        steps.append(("category", coder, categories))
    return ColumnTransformer(steps)


def _isolation(matrix: Matrix, features: tuple[Feature, ...], seed: int) -> tuple[bytes, Any]:
    preparation = _preparation(features)
    prepared = preparation.fit_transform(matrix).astype(np.float32)
    forest = IsolationForest(n_estimators=_TREES, random_state=seed).fit(prepared)
    graph = anomalies.after(preparation, matrix.shape[1], anomalies.isolation_graph(forest))
    return graph, lambda rows: -forest.score_samples(preparation.transform(rows).astype(np.float32))


def _ecod(matrix: Matrix, features: tuple[Feature, ...], seed: int) -> tuple[bytes, Any]:
    """Fit empirical tails (after ECOD, Li et al. 2022): each column adds how rare its value's rarer tail is."""
    del seed
    preparation = _preparation(features)
    prepared = preparation.fit_transform(matrix).astype(np.float32)
    fitted = [_tails(column) for column in prepared.T]
    points = max(len(cuts) for cuts, _ in fitted)
    tables = np.stack([np.pad(cuts, (0, points - len(cuts)), constant_values=np.inf) for cuts, _ in fitted])
    surprise = np.stack([np.pad(rare, (0, points + 1 - len(rare)), mode="edge") for _, rare in fitted])
    graph = anomalies.after(preparation, matrix.shape[1], anomalies.tails_graph(tables, surprise))

    def score(rows: Matrix) -> Floats:
        given = preparation.transform(rows).astype(np.float32)
        total = np.zeros(len(given))
        for column in range(given.shape[1]):
            total += surprise[column][np.searchsorted(tables[column], given[:, column], side="left")]
        return total

    return graph, score


def _outlier_factor(matrix: Matrix, features: tuple[Feature, ...], seed: int) -> tuple[bytes, Any]:
    """Fit local outlier factors over scaled columns; of many rows some are the neighbours that others are held to."""
    preparation = _preparation(features, scaled=True)
    prepared = preparation.fit_transform(matrix).astype(np.float32).astype(np.float64)
    if len(prepared) > _NEIGHBOURHOOD:
        prepared = prepared[np.sort(np.random.default_rng(seed).permutation(len(prepared))[:_NEIGHBOURHOOD])]
    count = min(_NEIGHBOURS, len(prepared) - 1)
    fitted = LocalOutlierFactor(n_neighbors=count, novelty=True, algorithm="brute").fit(prepared)
    graph = anomalies.outlier_factor_graph(
        prepared, fitted._distances_fit_X_[:, count - 1], np.asarray(fitted._lrd, dtype=np.float64), count
    )

    def score(rows: Matrix) -> Floats:
        given = preparation.transform(rows).astype(np.float32).astype(np.float64)
        return np.asarray(-fitted.score_samples(given))

    return anomalies.after(preparation, matrix.shape[1], graph), score


def _tails(column: Matrix) -> tuple[Matrix, Matrix]:
    """Return cuts between a column's values, closer together in the tails, and how rare it is to be beyond each.

    Cuts lie between values that occur, so that rounding puts none on another side.
    """
    outer = np.geomspace(1 / len(column), 1 / 16, 24)
    levels = np.concatenate([[0.0], outer, np.linspace(1 / 16, 15 / 16, _POINTS), 1 - outer[::-1], [1.0]])
    values = np.unique(np.quantile(column, levels, method="nearest"))
    cuts = ((values[1:].astype(np.float64) + values[:-1]) / 2).astype(np.float32)
    counts = np.bincount(np.searchsorted(cuts, column, side="left"), minlength=len(cuts) + 1)
    share = counts / len(column)
    smallest = 0.5 / len(column)
    left = -np.log(np.maximum(np.cumsum(share), smallest))
    right = -np.log(np.maximum(np.cumsum(share[::-1])[::-1], smallest))
    return cuts, np.maximum(left, right).astype(np.float32)


def _seasonal(matrix: Matrix, features: tuple[Feature, ...], seed: int) -> tuple[bytes, Any]:
    """Fit what hour, weekday and month let expect of the number; the score is the distance in robust deviations."""
    numbers = [f for f in features if f.kind == "number"]
    times = [f for f in features if f.kind == "time"]
    if len(numbers) != 1 or not times:
        raise DatasetUnusable(
            "a seasonal residual needs one number and a time", hint="Select these two, or choose another family."
        )
    value = numbers[0].column
    parts = [c for f in times for c in range(f.column, f.column + f.width)]
    known = ~np.isnan(matrix[:, value])
    given = np.full_like(matrix, 0.0)
    given[:, parts] = matrix[:, parts]
    model = HistGradientBoostingRegressor(
        loss="absolute_error", max_iter=150, early_stopping=False, random_state=seed
    ).fit(given[known], matrix[known, value])
    residual = np.abs(matrix[known, value] - model.predict(given[known]))
    # As of a normal, by its middle or by its tail: a series that stands still but for bursts has no middle to speak of.
    middle, tail = np.quantile(residual, (0.5, 0.99))
    scale = max(float(middle) / _HALF, float(tail) / _NEARLY_ALL, 1e-9)
    base = np.atleast_1d(np.asarray(model._baseline_prediction, dtype=float)).ravel()
    identity = ColumnTransformer([("all", "passthrough", list(range(matrix.shape[1])))]).fit(matrix)
    graph = anomalies.after(identity, matrix.shape[1], anomalies.departure_graph(trees_of(model), base, value, scale))

    def score(rows: Matrix) -> Floats:
        without = np.zeros_like(rows)
        without[:, parts] = rows[:, parts]
        distance: Floats = np.abs(rows[:, value] - model.predict(without)) / scale
        return distance

    return graph, score


_FIT = {"isolation_forest": _isolation, "ecod": _ecod, "lof": _outlier_factor, "seasonal": _seasonal}


def _run(graph: bytes, matrix: Matrix) -> Floats:
    session = open_session(graph)
    parts = [
        np.asarray(session.run([anomalies.SCORE], {anomalies.INPUT: matrix[start : start + 4096]})[0])
        for start in range(0, len(matrix), 4096)
    ]
    return np.concatenate(parts).astype(np.float64).ravel()


def _difference(served: Floats, expected: Floats) -> float:
    known = ~np.isnan(expected)
    scale = max(float(np.abs(expected[known]).max()), 1e-9) if known.any() else 1.0
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


def _shuffled(matrix: Matrix, features: tuple[Feature, ...], seed: int) -> Matrix:
    random = np.random.default_rng(seed)
    mixed = matrix.copy()
    for feature in features:
        block = slice(feature.column, feature.column + feature.width)
        mixed[:, block] = mixed[random.permutation(len(mixed)), block]
    return mixed
