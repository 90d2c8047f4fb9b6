"""Which subroutine a question is for: linear scores of its embedding, fitted to the examples in closed form."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from datapunk.gaia.calibration import NONE, RIDGE, TEMPERATURE, THRESHOLD


@dataclass(frozen=True, kw_only=True)
class Route:
    """A subroutine (or none) with its probability, 0 to 1."""

    subroutine: str
    score: float


@dataclass(frozen=True, kw_only=True)
class ClassScore:
    """The linear score of one class: weights (as many as the embedding has dimensions) and bias."""

    subroutine: str
    weights: tuple[float, ...]
    bias: float


def routes(scores: Sequence[tuple[str, float]]) -> list[Route]:
    """Return the classes by probability, best first; `scores` are linear scores, one a class.

    Where no subroutine reaches the threshold, none comes first with what is missing to certainty.
    """
    if not scores:
        return [Route(subroutine=NONE, score=1.0)]
    top = max(score for _, score in scores)
    parts = [(name, math.exp(TEMPERATURE * (score - top))) for name, score in scores]
    total = sum(part for _, part in parts)
    found = {name: part / total for name, part in parts}
    best = max((score for name, score in found.items() if name != NONE), default=0.0)
    if best < THRESHOLD:
        found[NONE] = 1.0 - best
    ranked = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
    return [Route(subroutine=name, score=round(score, 4)) for name, score in ranked]


def fit(labels: Sequence[str], vectors: Sequence[Sequence[float]]) -> list[ClassScore]:
    """Fit one linear score a class: ridge regression on one-hot targets, classes weighted alike.

    `vectors` are the embeddings of the examples, in the order of `labels`. The bias is not penalised (Hoerl and
    Kennard 1970). A class with few examples weighs as much as one with many, so a new subroutine is heard at once.
    """
    import numpy as np

    classes = sorted(set(labels))
    index = np.array([classes.index(label) for label in labels])
    counts = np.bincount(index, minlength=len(classes))
    weight = (len(labels) / len(classes) / counts)[index][:, None]
    inputs = np.hstack([np.asarray(vectors, dtype=np.float64), np.ones((len(labels), 1))])
    penalty = np.diag([RIDGE] * (inputs.shape[1] - 1) + [1e-9])
    solved = np.linalg.solve((inputs * weight).T @ inputs + penalty, (inputs * weight).T @ np.eye(len(classes))[index])
    return [
        ClassScore(subroutine=name, weights=tuple(solved[:-1, i].tolist()), bias=float(solved[-1, i]))
        for i, name in enumerate(classes)
    ]
