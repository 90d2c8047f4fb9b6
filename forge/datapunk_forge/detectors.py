"""The detectors of `anomaly_detector` over rows: each as one graph, and as the estimator that the graph is held to."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingRegressor, IsolationForest
from sklearn.impute import SimpleImputer
from sklearn.neighbors import NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from datapunk.errors import DatasetUnusable
from datapunk.forge.features import Feature
from datapunk_forge.export import anomalies
from datapunk_forge.export.trees import trees_of
from datapunk_forge.tabular.encoding import Matrix
from datapunk_forge.trained import Floats

ENSEMBLE = "ensemble"
_POINTS = 192
_TREES = 200
#: Values of a category that are told apart, the commonest.
MAX_VALUES = 20
# Of the local outlier factor and of distances: as in the benchmarks of them; and how many rows their graph holds.
_NEIGHBOURS, _NEAREST, _NEIGHBOURHOOD = 20, 5, 2000
# What an ensemble takes the largest of, by the order in which they are fitted: forest, distances, forest with tails.
_VIEWS = ((0,), (2,), (0, 1))
# Rows that tell how the scores of each part of an ensemble are spread.
_JUDGED = 5000
# Of scores; below it is the rounding of graphs in float32.
_LEAST_SPREAD = 1e-6
# How many standard deviations half and 99 % of a normal lie within.
_HALF, _NEARLY_ALL = 0.67449, 2.57583
Score = Callable[[Matrix], Floats]
Fitted = tuple[bytes, Score]


@dataclass(frozen=True, kw_only=True)
class _Scorer:
    """What scores prepared rows: as a graph, and as the estimator does. `own` is how rows that it holds score."""

    graph: onnx.ModelProto
    score: Score
    own: Floats | None = None


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
        common = [np.arange(-2, MAX_VALUES, dtype=np.float32)] * len(categories)
        coder = OneHotEncoder(categories=common, handle_unknown="ignore", sparse_output=False, dtype=np.float32)
        steps.append(("category", coder, categories))
    return ColumnTransformer(steps)


def _after(preparation: ColumnTransformer, width: int, scorer: _Scorer) -> Fitted:
    """Return graph and estimator of a fitted preparation followed by what scores."""
    return (
        anomalies.after(preparation, width, scorer.graph),
        lambda rows: scorer.score(preparation.transform(rows).astype(np.float32)),
    )


def _isolation(matrix: Matrix, features: tuple[Feature, ...], seed: int) -> Fitted:
    preparation = _preparation(features)
    prepared = preparation.fit_transform(matrix).astype(np.float32)
    return _after(preparation, matrix.shape[1], _isolating(prepared, seed))


def _isolating(prepared: Matrix, seed: int) -> _Scorer:
    forest = IsolationForest(n_estimators=_TREES, random_state=seed).fit(prepared)
    return _Scorer(graph=anomalies.isolation_graph(forest), score=lambda rows: np.asarray(-forest.score_samples(rows)))


def _ecod(matrix: Matrix, features: tuple[Feature, ...], seed: int) -> Fitted:
    del seed
    preparation = _preparation(features)
    prepared = preparation.fit_transform(matrix).astype(np.float32)
    return _after(preparation, matrix.shape[1], _rarities(prepared))


def _rarities(prepared: Matrix) -> _Scorer:
    """Fit empirical tails (after ECOD, Li et al. 2022): each column adds how rare its value's rarer tail is."""
    fitted = [_tails(column) for column in prepared.T]
    points = max(len(cuts) for cuts, _ in fitted)
    tables = np.stack([np.pad(cuts, (0, points - len(cuts)), constant_values=np.inf) for cuts, _ in fitted])
    surprise = np.stack([np.pad(rare, (0, points + 1 - len(rare)), mode="edge") for _, rare in fitted])

    def score(rows: Matrix) -> Floats:
        total = np.zeros(len(rows))
        for column in range(rows.shape[1]):
            total += surprise[column][np.searchsorted(tables[column], rows[:, column], side="left")]
        return total

    return _Scorer(graph=anomalies.tails_graph(tables, surprise), score=score)


def _knn(matrix: Matrix, features: tuple[Feature, ...], seed: int) -> Fitted:
    preparation = _preparation(features)
    prepared = preparation.fit_transform(matrix).astype(np.float32)
    return _after(preparation, matrix.shape[1], _distances(prepared, _number_columns(features), seed)[0])


def _number_columns(features: tuple[Feature, ...]) -> int:
    """Return how many prepared columns are numbers, which come first; the others are 0 or 1."""
    return sum(f.width for f in features if f.kind != "category")


def _distances(prepared: Matrix, numbers: int, seed: int) -> tuple[_Scorer, NDArray[np.int64]]:
    """Fit the distance to the fifth nearest row (Ramaswamy et al. 2000), numbers scaled; return which rows it holds.

    Of many rows some are the neighbours that others are held to.
    """
    held = np.arange(len(prepared))
    if len(prepared) > _NEIGHBOURHOOD:
        held = np.sort(np.random.default_rng(seed).permutation(len(prepared))[:_NEIGHBOURHOOD])
    shift, scale = np.zeros(prepared.shape[1]), np.ones(prepared.shape[1])
    shift[:numbers] = prepared[:, :numbers].mean(axis=0, dtype=np.float64)
    spread = prepared[:, :numbers].std(axis=0, dtype=np.float64)
    scale[:numbers] = np.where(spread > 0, spread, 1.0)
    rows = (prepared[held].astype(np.float64) - shift) / scale
    count = min(_NEAREST, len(rows) - 1)
    fitted = NearestNeighbors(n_neighbors=count, algorithm="brute").fit(rows)

    def score(given: Matrix) -> Floats:
        scaled = (given.astype(np.float64) - shift) / scale
        return _near(fitted, scaled)[0][:, -1]

    graph = anomalies.distance_graph(rows, shift, scale, count)
    return _Scorer(graph=graph, score=score, own=_near(fitted)[0][:, -1]), held


def _near(fitted: NearestNeighbors, rows: Floats | None = None) -> tuple[Floats, NDArray[np.int64]]:
    """Return distances and numbers of the neighbours of rows, or of those learned but for themselves.

    Distances come from differences of squares: what is no more than their rounding is none.
    """
    distances, places = fitted.kneighbors(rows)
    lengths = ((fitted._fit_X if rows is None else rows) ** 2).sum(axis=1)
    return np.where(distances**2 > anomalies.ROUNDING * lengths[:, None], distances, 0.0), places


def _ensemble(matrix: Matrix, features: tuple[Feature, ...], seed: int) -> Fitted:
    """Fit isolation forest, tails and distances, and score by the largest of three views, in their standard deviations.

    What one of them is blind to another one sees, and a mean of all would dilute (Aggarwal and Sathe 2015: the maximum
    of averages); no label is needed to weigh them. Tails, which see one column at a time, count with the forest alone.
    """
    preparation = _preparation(features)
    prepared = preparation.fit_transform(matrix).astype(np.float32)
    distances, held = _distances(prepared, _number_columns(features), seed)
    scorers = (_isolating(prepared, seed), _rarities(prepared), distances)
    others = np.setdiff1d(np.arange(len(prepared)), held)
    # A row that is its own neighbour has a smaller distance than one that is new.
    judged = np.random.default_rng(seed).permutation(others)[:_JUDGED] if len(others) >= _NEIGHBOURHOOD else held
    means, deviations = [], []
    for scorer in scorers:
        scores = scorer.own if judged is held and scorer.own is not None else scorer.score(prepared[judged])
        means.append(float(scores.mean()))
        # What all rows are alike in has no deviations to count in.
        spread = float(scores.std())
        deviations.append(spread if spread > _LEAST_SPREAD * max(abs(means[-1]), 1.0) else 1.0)

    def score(rows: Matrix) -> Floats:
        parts = [(s.score(rows) - m) / d for s, m, d in zip(scorers, means, deviations, strict=True)]
        return np.asarray(np.max([np.mean([parts[part] for part in view], axis=0) for view in _VIEWS], axis=0))

    graph = anomalies.largest_graph([s.graph for s in scorers], means, deviations, _VIEWS)
    return _after(preparation, matrix.shape[1], _Scorer(graph=graph, score=score))


def _outlier_factor(matrix: Matrix, features: tuple[Feature, ...], seed: int) -> Fitted:
    """Fit local outlier factors (Breunig et al. 2000) over scaled columns.

    Of many rows some are the neighbours that others are held to.
    """
    preparation = _preparation(features, scaled=True)
    prepared = preparation.fit_transform(matrix).astype(np.float32).astype(np.float64)
    if len(prepared) > _NEIGHBOURHOOD:
        prepared = prepared[np.sort(np.random.default_rng(seed).permutation(len(prepared))[:_NEIGHBOURHOOD])]
    count = min(_NEIGHBOURS, len(prepared) - 1)
    fitted = NearestNeighbors(n_neighbors=count, algorithm="brute").fit(prepared)
    distances, places = _near(fitted)
    reach = distances[:, -1]

    def sparsity(distances: Floats, places: NDArray[np.int64]) -> Floats:
        mean: Floats = np.maximum(distances, reach[places]).mean(axis=1)
        return mean + anomalies.TINY

    density = 1.0 / sparsity(distances, places)
    graph = anomalies.outlier_factor_graph(prepared, reach, density, count)

    def score(rows: Matrix) -> Floats:
        distances, places = _near(fitted, preparation.transform(rows).astype(np.float32).astype(np.float64))
        factor: Floats = density[places].mean(axis=1) * sparsity(distances, places)
        return factor

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


def _seasonal(matrix: Matrix, features: tuple[Feature, ...], seed: int) -> Fitted:
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


DETECTORS: dict[str, Callable[[Matrix, tuple[Feature, ...], int], Fitted]] = {
    ENSEMBLE: _ensemble,
    "isolation_forest": _isolation,
    "ecod": _ecod,
    "knn": _knn,
    "lof": _outlier_factor,
    "seasonal": _seasonal,
}
