"""Figures behind the pictures of a version: what forge_plot draws."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datapunk.forge.features import Feature
from datapunk_forge.tabular.encoding import Matrix
from datapunk_forge.trained import Floats

# Rows that are predicted for the importances in all, and the fewest and most of each.
_PREDICTIONS, _FEWEST, _ROWS = 20_000, 500, 2000
_BINS = 40


def loss_curves(estimator: Any) -> dict[str, list[float]]:
    """Return loss by iteration, on what is learned and on what early stopping watches, of an estimator that has it."""
    curves = {}
    for name, attribute in (("train", "train_score_"), ("validation", "validation_score_")):
        scores = getattr(estimator, attribute, None)
        if scores is not None and len(scores):
            curves[name] = [round(-float(s), 6) for s in scores]
    return curves


def shuffled_importance(
    run: Callable[[Matrix], Floats], features: Sequence[Feature], matrix: Matrix, truth: NDArray[Any],
    score: Callable[[NDArray[Any], Floats], float], seed: int,
) -> dict[str, float]:  # fmt: skip
    """Return how much the score falls when a feature is shuffled (Breiman 2001), most first.

    On 500 to 2,000 held-out rows, the fewer the more features there are.
    """
    random = np.random.default_rng(seed)
    most = int(np.clip(_PREDICTIONS // max(len(features), 1), _FEWEST, _ROWS))
    rows = np.sort(random.permutation(len(matrix))[:most])
    known, given = truth[rows], matrix[rows]
    whole = score(known, run(given))
    drops = {}
    for feature in features:
        shuffled = given.copy()
        block = slice(feature.column, feature.column + feature.width)
        shuffled[:, block] = shuffled[random.permutation(len(rows)), block]
        drops[feature.name] = whole - score(known, run(shuffled))
    return dict(sorted(drops.items(), key=lambda item: -item[1]))


def residual_histogram(truth: Floats, predicted: Floats) -> dict[str, list[float]]:
    """Return edges and counts of truth minus prediction, without the outermost thousandths, and a sample of pairs."""
    residual = truth - predicted
    low, high = np.quantile(residual, (0.001, 0.999))
    counts, edges = np.histogram(np.clip(residual, low, high), bins=_BINS)
    step = max(len(truth) // 300, 1)
    return {
        "edges": edges.tolist(), "counts": counts.tolist(), "truth": truth[::step].tolist(),
        "predicted": predicted[::step].tolist(),
    }  # fmt: skip
