"""How wide intervals have to be: conformal prediction from the errors of earlier windows (Vovk et al. 2005).

Errors are taken in standard errors of the model that made them (Lei et al. 2018), since models alone take themselves
for surer than they are, and of all series together. Each step ahead has its own widths, as errors grow with it. A
series changes: older windows count less (Barber et al. 2023).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from datapunk_forge.trained import Floats

LEVELS = (0.5, 0.8, 0.9, 0.95)
_Z = (0.674490, 1.281552, 1.644854, 1.959964)
# With fewer errors than this their quantiles say less than the normal's.
_LEAST = 60
# Errors that a step's widths rest on; where its own are fewer, those of the nearest steps stand in.
_ENOUGH = 200
_DECAY = 0.5


@dataclass(frozen=True, kw_only=True)
class Past:
    """Absolute errors at a window's steps, in the model's standard errors; `age` is 0 for a series' latest window."""

    scores: Floats
    age: int


def reaches(past: Sequence[Past], horizon: int) -> Floats:
    """Return how many standard errors the interval of each step and level reaches, shape (horizon, levels)."""
    if sum(len(window.scores) for window in past) < _LEAST:
        return np.tile(_Z, (horizon, 1))
    scores = np.stack([window.scores for window in past])
    weights = _DECAY ** np.array([window.age for window in past], dtype=np.float64)
    found = np.empty((horizon, len(LEVELS)))
    for step in range(horizon):
        near = _band(step, horizon, len(past))
        band = scores[:, near]
        found[step] = [quantile(band.ravel(), np.repeat(weights, band.shape[1]), level) for level in LEVELS]
    return found


def _band(step: int, horizon: int, windows: int) -> slice:
    """Return the fewest steps around a step, as many on each side as there are, that have enough errors."""
    reach = 0
    while True:
        first, last = max(step - reach, 0), min(step + reach, horizon - 1)
        if (last - first + 1) * windows >= _ENOUGH or last - first + 1 == horizon:
            return slice(first, last + 1)
        reach += 1


def quantile(scores: Floats, weights: Floats, level: float) -> float:
    """Return the least score that, with what is to come counting as one more, a share `level` of the weight is below.

    What is to come weighs as much as the weightiest; where it alone would be beyond, the largest score is returned.
    """
    order = np.argsort(scores, kind="stable")
    below = np.cumsum(weights[order]) / (weights.sum() + weights.max())
    return float(scores[order][min(int(np.searchsorted(below, level - 1e-12)), len(scores) - 1)])
