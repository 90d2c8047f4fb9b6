"""Single columns that tell nearly the whole target: maybe what is known only where the target is.

Each column of the matrix is judged by itself, on rows that its rule was not made from: a label by its intervals or
categories, a number by rank. An honest column may tell as much, so that what is found is a suspicion.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from datapunk.forge.features import MISSING, Feature
from datapunk_forge.tabular.encoding import Matrix
from datapunk_forge.trained import Floats

Numbers = NDArray[np.int64]
_ROWS, _FEWEST = 4000, 50
_INTERVALS = 256
# Of the errors of the commonest label, of the variance of a mean by category, and of ranks in common.
_LABELS, _MEANS, _RANKS = 0.99, 0.999, 0.999


def suspects(
    features: Sequence[Feature], matrix: Matrix, truth: NDArray[Any], rows: Numbers, labels: int, seed: int
) -> dict[str, str]:
    """Return by feature in words what of it tells the target of `rows`; `labels` is 0 where that is a number."""
    random = np.random.default_rng(seed)
    some = _sample(truth, rows, labels, random)
    if len(some) < _FEWEST:
        return {}
    target = truth[some]
    halves = np.arange(len(some)) % 2 == 0
    found = {}
    for feature in features:
        block = matrix[some, feature.column : feature.column + feature.width]
        ways = _label_ways(feature, block) if labels else _number_ways(feature, block)
        for what, values, is_code in ways:
            told = _labels_told(values, is_code, target, labels, halves) if labels else _number_told(
                values, is_code, target, halves
            )  # fmt: skip
            if told:
                found[feature.name] = what
                break
    return found


def _sample(truth: NDArray[Any], rows: Numbers, labels: int, random: np.random.Generator) -> Numbers:
    """Return some of the rows in random order, of labels about as many of each."""
    if not labels:
        return random.permutation(rows)[:_ROWS]
    each = max(_ROWS // labels, 20)
    parts = [random.permutation(rows[truth[rows] == label])[:each] for label in range(labels)]
    return random.permutation(np.concatenate(parts))


def _label_ways(feature: Feature, block: Matrix) -> Iterator[tuple[str, Floats, bool]]:
    """Yield what of a feature may tell a label: in words, its numbers, and whether they are codes."""
    if feature.kind in ("text", "wording"):
        missing = ~block.any(axis=1)
    else:
        missing = block[:, 0] == MISSING if feature.kind == "category" else np.isnan(block[:, 0])
    if missing.any():
        yield "whether it is missing", missing.astype(float), False
    yield from _values(feature, block)


def _number_ways(feature: Feature, block: Matrix) -> Iterator[tuple[str, Floats, bool]]:
    # What grows with time may well go with the time.
    if feature.kind != "time":
        yield from _values(feature, block)


def _values(feature: Feature, block: Matrix) -> Iterator[tuple[str, Floats, bool]]:
    if feature.kind == "vector":
        for place in range(feature.width):
            yield f"its element {place + 1}", block[:, place].astype(float), False
    elif feature.kind in ("category", "number", "boolean", "time"):
        yield "its values", block[:, 0].astype(float), feature.kind == "category"


def _labels_told(values: Floats, is_code: bool, truth: Numbers, labels: int, halves: NDArray[np.bool_]) -> bool:
    """Tell whether the commonest label of each interval or code in one half is that of the other half."""
    wrong = usual = checked = 0
    for learn in (halves, ~halves):
        place = _places(values, is_code, learn)
        pairs = np.bincount(place[learn] * labels + truth[learn], minlength=(int(place.max()) + 1) * labels)
        counts = pairs.reshape(-1, labels)
        # Of a code that one half has not there is nothing to say.
        check = ~learn & (counts.sum(axis=1) > 0)[place]
        said, majority = counts.argmax(axis=1)[place[check]], int(counts.sum(axis=0).argmax())
        wrong += int((said != truth[check]).sum())
        usual += int((truth[check] != majority).sum())
        checked += len(said)
    return checked >= _FEWEST and usual > 0 and 1 - wrong / usual >= _LABELS


def _places(values: Floats, is_code: bool, learn: NDArray[np.bool_]) -> Numbers:
    """Return the number of each value's code, or of its interval between quantiles; missing ones have their own."""
    if is_code:
        return np.unique(values, return_inverse=True)[1].astype(np.int64)
    known = ~np.isnan(values)
    place = np.zeros(len(values), dtype=np.int64)
    if (known & learn).any():
        edges = np.unique(np.quantile(values[known & learn], np.linspace(0, 1, _INTERVALS + 1)[1:-1]))
        place[known] = 1 + np.searchsorted(edges, values[known])
    return place


def _number_told(values: Floats, is_code: bool, truth: Floats, halves: NDArray[np.bool_]) -> bool:
    """Tell whether a number is in the target's order, or the target's mean by code in one half explains the other."""
    if not is_code:
        known = ~np.isnan(values)
        x, y = values[known], truth[known]
        if len(x) < _FEWEST or not np.ptp(x) or not np.ptp(y):
            return False
        return abs(float(np.corrcoef(rankdata(x), rankdata(y))[0, 1])) >= _RANKS
    place = _places(values, True, halves)
    sums, counts = (np.bincount(place[halves], w, minlength=place.max() + 1) for w in (truth[halves], None))
    check = ~halves & (counts > 0)[place]
    y, said = truth[check], (sums / np.maximum(counts, 1))[place[check]]
    return len(y) >= _FEWEST and bool(np.ptp(y)) and 1 - ((y - said) ** 2).sum() / ((y - y.mean()) ** 2).sum() >= _MEANS
