"""Shapley values of a prediction (Lundberg and Lee 2017): exact for linear models and trees, sampled for others.

Pure Python over the native form of a model: nothing is imported into a backend for it.
"""

import math
import random
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Matrix = Sequence[Sequence[float]]
ValueOf = Callable[[Sequence[Sequence[bool]]], Sequence[float]]


@dataclass(frozen=True, kw_only=True)
class Explained:
    """What the model gives on average, and how much each column of the matrix moved it from there."""

    base: float
    contributions: list[float]


def rounded(numbers: Sequence[float]) -> list[float]:
    """Return numbers as float32 has them, which is what a graph reads and what trees compare."""
    return array("f", numbers).tolist()


def input_value(entry: Mapping[str, Any], row: Sequence[float]) -> float:
    """Return the number that the model reads: one of the native form's inputs for a row of the matrix."""
    x = row[entry["column"]]
    if math.isnan(x):
        return math.nan if entry["missing"] is None else float(entry["missing"])
    if entry["table"] is not None:
        x = next((value for code, value in entry["table"] if code == x), entry["default"])
    return float(entry["slope"] * x + entry["offset"])


def linear_shap(native: Mapping[str, Any], output: int, row: Sequence[float], background: Matrix) -> Explained:
    """Return weight times distance from the background's mean, which is exact for a linear model."""
    row = rounded(row)
    contributions = [0.0] * len(row)
    base = float(native["intercepts"][output])
    for entry, weight in zip(native["inputs"], native["coefficients"][output], strict=True):
        mean = math.fsum(input_value(entry, other) for other in background) / len(background)
        contributions[entry["column"]] += weight * (input_value(entry, row) - mean)
        base += weight * mean
    return Explained(base=base, contributions=contributions)


def tree_shap(native: Mapping[str, Any], output: int, row: Sequence[float]) -> Explained:
    """Return the exact values of a sum of trees, features not known following the training rows (Lundberg 2020)."""
    row = rounded(row)
    inputs = rounded([input_value(entry, row) for entry in native["inputs"]])
    totals = [0.0] * len(inputs)
    base = float(native["intercepts"][output])
    for tree in native["trees"]:
        base += _expected(tree, output)
        _descend(tree, output, inputs, totals, 0, [], 1.0, 1.0, -1)
    contributions = [0.0] * len(row)
    for entry, total in zip(native["inputs"], totals, strict=True):
        contributions[entry["column"]] += total
    return Explained(base=base, contributions=contributions)


def _expected(tree: Mapping[str, Any], output: int) -> float:
    leaves = [n for n, left in enumerate(tree["left"]) if left < 0]
    return math.fsum(tree["value"][n][output] * tree["cover"][n] for n in leaves) / float(tree["cover"][0])


# A path is a list of [input, share of rows that go on when it is unknown, 1 or 0 when it is known, permutation weight].
_Path = list[list[float]]


def _descend(
    tree: Mapping[str, Any], output: int, inputs: Sequence[float], totals: list[float], node: int, path: _Path,
    zero: float, one: float, feature: int,
) -> None:  # fmt: skip
    path = _extended(path, zero, one, feature)
    left = tree["left"][node]
    if left < 0:
        value = tree["value"][node][output]
        if value:
            for index in range(1, len(path)):
                weight = _unwound_sum(path, index)
                totals[int(path[index][0])] += weight * (path[index][2] - path[index][1]) * value
        return
    right = tree["right"][node]
    split = tree["input"][node]
    x = inputs[split]
    goes_left = tree["missing_left"][node] if math.isnan(x) else x <= tree["threshold"][node]
    hot, cold = (left, right) if goes_left else (right, left)
    zero_before = one_before = 1.0
    for index in range(1, len(path)):
        if path[index][0] == split:
            zero_before, one_before = path[index][1], path[index][2]
            path = _unwound(path, index)
            break
    cover = tree["cover"]
    for child, known in ((hot, one_before), (cold, 0.0)):
        share = zero_before * cover[child] / cover[node]
        if share or known:
            _descend(tree, output, inputs, totals, child, path, share, known, split)


def _extended(path: _Path, zero: float, one: float, feature: int) -> _Path:
    longer = [step[:] for step in path]
    length = len(longer)
    longer.append([feature, zero, one, 1.0 if length == 0 else 0.0])
    for i in range(length - 1, -1, -1):
        longer[i + 1][3] += one * longer[i][3] * (i + 1) / (length + 1)
        longer[i][3] = zero * longer[i][3] * (length - i) / (length + 1)
    return longer


def _unwound(path: _Path, index: int) -> _Path:
    length = len(path) - 1
    shorter = [step[:] for step in path]
    zero, one = path[index][1], path[index][2]
    carry = shorter[length][3]
    for i in range(length - 1, -1, -1):
        if one:
            former = shorter[i][3]
            shorter[i][3] = carry * (length + 1) / ((i + 1) * one)
            carry = former - shorter[i][3] * zero * (length - i) / (length + 1)
        else:
            shorter[i][3] = shorter[i][3] * (length + 1) / (zero * (length - i))
    for i in range(index, length):
        shorter[i][:3] = path[i + 1][:3]
    return shorter[:length]


def _unwound_sum(path: _Path, index: int) -> float:
    length = len(path) - 1
    zero, one = path[index][1], path[index][2]
    carry = path[length][3]
    total = 0.0
    for i in range(length - 1, -1, -1):
        if one:
            weight = carry * (length + 1) / ((i + 1) * one)
            total += weight
            carry = path[i][3] - weight * zero * (length - i) / (length + 1)
        else:
            total += path[i][3] * (length + 1) / (zero * (length - i))
    return total


def sampled_shap(players: int, value_of: ValueOf, permutations: int, seed: int) -> Explained:
    """Return values from random orders and their reverses (antithetic; Mitchell et al. 2022).

    `value_of` gives the prediction for each mask of known players. They sum to the prediction minus the base whatever
    the number of permutations.
    """
    chance = random.Random(seed)
    orders: list[list[int]] = []
    for _ in range(permutations):
        order = list(range(players))
        chance.shuffle(order)
        orders += [order, order[::-1]]
    masks: list[list[bool]] = []
    for order in orders:
        mask = [False] * players
        masks.append(mask)
        for player in order:
            mask = [*mask]
            mask[player] = True
            masks.append(mask)
    values = value_of(masks)
    contributions = [0.0] * players
    steps = players + 1
    for number, order in enumerate(orders):
        for place, player in enumerate(order):
            start = number * steps + place
            contributions[player] += (values[start + 1] - values[start]) / len(orders)
    base = math.fsum(values[number * steps] for number in range(len(orders))) / len(orders)
    return Explained(base=base, contributions=contributions)
