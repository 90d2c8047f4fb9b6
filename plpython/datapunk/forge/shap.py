"""Shapley values of a prediction (Lundberg and Lee 2017): exact for linear models, sampled for what is not native."""

import math
import random
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from datapunk.errors import InvalidArgument

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


def checked_rows(background: Matrix | None) -> Matrix:
    """Return background rows. Raises InvalidArgument where there are none."""
    if not background:
        raise InvalidArgument(
            "the version has no background rows to compare with", hint="Train it again with this version of Datapunk."
        )
    return background


class Form(Protocol):
    """A model whose values are exact. `nodes` is how large it is: of trees how many they have, else 0."""

    outputs: int
    nodes: int

    def explain(self, row: Sequence[float], outputs: Sequence[int]) -> list[Explained]:
        """Return what moved each of these raw outputs for a row of the matrix."""
        ...


class Linear:
    """A linear model in native form: weight times distance from the background's mean."""

    nodes = 0

    def __init__(self, native: Mapping[str, Any], background: Matrix | None) -> None:
        self._entries = native["inputs"]
        self._intercepts = native["intercepts"]
        self._weights = native["coefficients"]
        self.outputs = len(self._intercepts)
        self._background = background

    @cached_property
    def _means(self) -> list[float]:
        rows = checked_rows(self._background)
        return [math.fsum(input_value(entry, row) for row in rows) / len(rows) for entry in self._entries]

    def explain(self, row: Sequence[float], outputs: Sequence[int]) -> list[Explained]:
        """Return what moved each of these raw outputs for a row of the matrix.

        Raises InvalidArgument where there are no background rows.
        """
        row = rounded(row)
        values = [input_value(entry, row) for entry in self._entries]
        return [self._explained(values, output, len(row)) for output in outputs]

    def _explained(self, values: Sequence[float], output: int, width: int) -> Explained:
        contributions = [0.0] * width
        base = float(self._intercepts[output])
        for entry, weight, value, mean in zip(self._entries, self._weights[output], values, self._means, strict=True):
            contributions[entry["column"]] += weight * (value - mean)
            base += weight * mean
        return Explained(base=base, contributions=contributions)


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
