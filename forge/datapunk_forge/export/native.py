"""The native form of a graph: a linear model or trees in plain numbers, from which SQL is made and SHAP values come."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class NotNative(Exception):
    """The graph does something that has no native form."""


@dataclass(frozen=True, kw_only=True)
class Input:
    """A number that the model reads: slope * g(x) + offset, with x a column of the matrix.

    g looks x up in `table` (code and value), or is x itself. `missing` is the number for a missing x; None stays NaN.
    """

    column: int
    slope: float = 1.0
    offset: float = 0.0
    table: tuple[tuple[float, float], ...] | None = None
    default: float = 0.0
    missing: float | None = None

    def affine(self, shift: float, scale: float) -> "Input":
        """Return (this - shift) * scale."""
        missing = None if self.missing is None else (self.missing - shift) * scale
        return replace(self, slope=self.slope * scale, offset=(self.offset - shift) * scale, missing=missing)

    def looked_up(self, table: Mapping[float, float], default: float, missing: float | None) -> "Input":
        """Return the value in a table of what is a plain code so far."""
        if self.table is not None or (self.slope, self.offset) != (1.0, 0.0):
            raise NotNative("a table over something that is no column")
        if self.missing is not None:
            missing = table.get(self.missing, default)
        return replace(self, table=tuple(sorted(table.items())), default=default, missing=missing)

    def values(self, matrix: NDArray[np.float32]) -> Floats:
        """Return the numbers for rows of the matrix."""
        x = matrix[:, self.column].astype(np.float64)
        gone = np.isnan(x)
        if self.table is not None:
            x, codes = np.full(len(x), self.default), x
            for code, value in self.table:
                x[codes == code] = value
        x = self.slope * x + self.offset
        x[gone] = math.nan if self.missing is None else self.missing
        return x


@dataclass(frozen=True, kw_only=True)
class Tree:
    """A tree as arrays over its nodes; a leaf has left = -1. `value`: what a node adds to each output."""

    input: list[int]
    threshold: list[float]
    left: list[int]
    right: list[int]
    missing_left: list[bool]
    cover: list[float]
    value: list[list[float]]


@dataclass(frozen=True, kw_only=True)
class Native:
    """A model in plain numbers. Its raw outputs go through `link`: identity, logistic, pair or softmax.

    `pair` makes [1 - p, p] of one raw output, p its logistic; `logistic` takes that of each raw output.
    """

    kind: Literal["linear", "trees"]
    inputs: tuple[Input, ...]
    intercepts: list[float]
    coefficients: list[list[float]]
    trees: tuple[Tree, ...]
    link: str

    def to_json(self) -> bytes:
        """Return the artefact native.json."""
        # `vars` and not `asdict`, which copies each number of each tree.
        whole = {**vars(self), "inputs": [vars(i) for i in self.inputs], "trees": [vars(t) for t in self.trees]}
        return json.dumps(whole, separators=(",", ":"), allow_nan=False).encode()

    def raw(self, matrix: NDArray[np.float32]) -> Floats:
        """Return the raw outputs, shape (rows, outputs)."""
        inputs = np.stack([i.values(matrix) for i in self.inputs], axis=1)
        raw = np.tile(np.array(self.intercepts), (len(matrix), 1))
        if self.kind == "linear":
            return np.asarray(raw + inputs @ np.array(self.coefficients).T)
        numbers = inputs.astype(np.float32)
        for tree in self.trees:
            raw += np.array(tree.value)[_leaves(tree, numbers)]
        return raw

    def sizes(self, matrix: NDArray[np.float32]) -> Floats:
        """Return the sum of the sizes of what `raw` adds up, of the same shape: float32 rounds by a share of that."""
        sizes = np.tile(np.abs(np.array(self.intercepts)), (len(matrix), 1))
        if self.kind == "linear":
            inputs = np.stack([i.values(matrix) for i in self.inputs], axis=1)
            return np.asarray(sizes + np.abs(inputs) @ np.abs(np.array(self.coefficients)).T)
        numbers = np.stack([i.values(matrix) for i in self.inputs], axis=1).astype(np.float32)
        for tree in self.trees:
            sizes += np.abs(np.array(tree.value))[_leaves(tree, numbers)]
        return sizes

    def outputs(self, matrix: NDArray[np.float32]) -> Floats:
        """Return what the graph gives, shape (rows, outputs)."""
        raw = self.raw(matrix)
        with np.errstate(over="ignore"):
            match self.link:
                case "identity":
                    return raw
                case "logistic":
                    return np.asarray(1 / (1 + np.exp(-raw)))
                case "pair":
                    p = 1 / (1 + np.exp(-raw[:, :1]))
                    return np.hstack([1 - p, p])
                case _:
                    powers = np.exp(raw - raw.max(axis=1, keepdims=True))
                    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


@dataclass(frozen=True, kw_only=True)
class NativeParts:
    """Models in plain numbers for one group each, told by a code in a column of the matrix; `other` for the rest."""

    column: int
    codes: tuple[float, ...]
    parts: tuple[Native, ...]
    other: Native

    def to_json(self) -> bytes:
        """Return the artefact native.json."""
        return json.dumps({"kind": "parts", **asdict(self)}, separators=(",", ":"), allow_nan=False).encode()


def _leaves(tree: Tree, numbers: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the leaf that each row ends in."""
    node = np.zeros(len(numbers), dtype=np.int64)
    left, right = np.array(tree.left), np.array(tree.right)
    inputs, missing_left = np.array(tree.input), np.array(tree.missing_left)
    threshold = np.array(tree.threshold, dtype=np.float32)
    rows = np.arange(len(numbers))
    while (inner := left[node] >= 0).any():
        x = numbers[rows, inputs[node]]
        goes_left = np.where(np.isnan(x), missing_left[node], x <= threshold[node])
        node = np.where(inner, np.where(goes_left, left[node], right[node]), node)
    return node
