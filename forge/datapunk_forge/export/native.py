"""The native form of a graph: a linear model or trees in plain numbers, from which SQL is made and SHAP values come.

The graph's operators are followed column by column. What they do before the model must depend on one column each
(imputing, scaling, one-hot, a table of values), which is what pipelines of scikit-learn do. A graph that does anything
else has no native form.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import helper, numpy_helper

Floats = NDArray[np.float64]
TOLERANCE = 1e-6
_LARGEST = float(np.finfo(np.float32).max)


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


def native_form(graph: bytes, output: str, rows: NDArray[np.float32]) -> Native:
    """Return the native form of a graph whose output agrees with it on `rows`. Raises NotNative."""
    native = _Reader(onnx.load_from_string(graph)).read(output)
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    served = np.asarray(session.run([output], {session.get_inputs()[0].name: rows})[0], dtype=np.float64)
    found = native.outputs(rows)
    if found.shape != served.shape:
        raise NotNative(f"shape {found.shape} instead of {served.shape}")
    scale = np.maximum(1.0, np.abs(served))
    if not (np.abs(found - served) <= TOLERANCE * scale).all():
        raise NotNative(f"differs from the graph by {np.nanmax(np.abs(found - served) / scale):.2g}")
    return native


@dataclass(frozen=True, kw_only=True)
class _Node:
    """A node of the graph with its attributes by name."""

    op_type: str
    input: Sequence[str]
    output: Sequence[str]
    about: Mapping[str, Any]

    @classmethod
    def of(cls, node: Any) -> "_Node":
        return cls(
            op_type=node.op_type, input=node.input, output=node.output,
            about={a.name: helper.get_attribute_value(a) for a in node.attribute},
        )  # fmt: skip


class _Reader:
    """Follows the nodes of a graph."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self._graph = model.graph
        self._constants: dict[str, Any] = {i.name: numpy_helper.to_array(i) for i in model.graph.initializer}
        self._inputs: dict[str, list[Input]] = {}
        self._is_missing: dict[str, str] = {}
        self._models: dict[str, Native] = {}

    def read(self, output: str) -> Native:
        """Return what gives `output`."""
        (entry,) = [i for i in self._graph.input if i.name not in self._constants]
        width = entry.type.tensor_type.shape.dim[1].dim_value
        self._inputs[entry.name] = [Input(column=c) for c in range(width)]
        for node in self._graph.node:
            try:
                getattr(self, f"_{node.op_type.lower()}", self._unknown)(_Node.of(node))
            except (KeyError, NotNative):
                # Something on the way to another output; the output asked for is looked up at the end.
                continue
        if output not in self._models:
            raise NotNative("an operator on the way to the output has no native form")
        return self._models[output]

    def _unknown(self, node: _Node) -> None:
        raise NotNative(node.op_type)

    def _constant(self, node: _Node) -> None:
        self._constants[node.output[0]] = numpy_helper.to_array(node.about["value"])

    def _identity(self, node: _Node) -> None:
        source, output = node.input[0], node.output[0]
        if source in self._inputs:
            self._inputs[output] = self._inputs[source]
        elif source in self._models:
            self._models[output] = self._models[source]
        else:
            self._constants[output] = self._constants[source]

    _cast = _reshape = _flatten = _identity

    def _imputer(self, node: _Node) -> None:
        source = self._inputs[node.input[0]]
        if not math.isnan(node.about.get("replaced_value_float", math.nan)):
            raise NotNative("imputing of another value than NaN")
        fills = _each(node.about["imputed_value_floats"], len(source))
        self._inputs[node.output[0]] = [
            replace(i, missing=f) if i.missing is None else i for i, f in zip(source, fills, strict=True)
        ]

    def _scaler(self, node: _Node) -> None:
        source = self._inputs[node.input[0]]
        shifts, scales = _each(node.about["offset"], len(source)), _each(node.about["scale"], len(source))
        self._inputs[node.output[0]] = [i.affine(s, c) for i, s, c in zip(source, shifts, scales, strict=True)]

    def _sub(self, node: _Node) -> None:
        if node.input[1] in self._models:
            # 1 - p, one half of a pair.
            if not np.allclose(self._constants[node.input[0]], 1.0):
                raise NotNative("Sub")
            self._models[node.output[0]] = replace(
                self._models[node.input[1]], link="1 - " + self._models[node.input[1]].link
            )
            return
        source = self._inputs[node.input[0]]
        shifts = _each(self._constants[node.input[1]], len(source))
        self._inputs[node.output[0]] = [i.affine(s, 1.0) for i, s in zip(source, shifts, strict=True)]

    def _add(self, node: _Node) -> None:
        first, second = node.input
        if first in self._constants:
            first, second = second, first
        shift = self._constants[second]
        if first in self._models and self._models[first].link == "identity":
            model = self._models[first]
            shifts = _each(shift, len(model.intercepts))
            self._models[node.output[0]] = replace(
                model, intercepts=[b + s for b, s in zip(model.intercepts, shifts, strict=True)]
            )
            return
        source = self._inputs[first]
        self._inputs[node.output[0]] = [
            i.affine(-s, 1.0) for i, s in zip(source, _each(shift, len(source)), strict=True)
        ]

    def _mul(self, node: _Node) -> None:
        source = self._inputs[node.input[0]]
        scales = _each(self._constants[node.input[1]], len(source))
        self._inputs[node.output[0]] = [i.affine(0.0, s) for i, s in zip(source, scales, strict=True)]

    def _div(self, node: _Node) -> None:
        source = self._inputs[node.input[0]]
        scales = _each(self._constants[node.input[1]], len(source))
        self._inputs[node.output[0]] = [i.affine(0.0, 1 / s) for i, s in zip(source, scales, strict=True)]

    def _isnan(self, node: _Node) -> None:
        self._is_missing[node.output[0]] = node.input[0]

    def _where(self, node: _Node) -> None:
        condition, fill, source = node.input
        if self._is_missing.get(condition) != source:
            raise NotNative("Where")
        fills = _each(self._constants[fill], len(self._inputs[source]))
        self._inputs[node.output[0]] = [
            replace(i, missing=f) if i.missing is None else i for i, f in zip(self._inputs[source], fills, strict=True)
        ]

    def _gather(self, node: _Node) -> None:
        columns = np.asarray(self._constants[node.input[1]]).ravel()
        self._inputs[node.output[0]] = [self._inputs[node.input[0]][int(c)] for c in columns]

    _arrayfeatureextractor = _gather

    def _concat(self, node: _Node) -> None:
        if all(name in self._models for name in node.input):
            no, yes = (self._models[name] for name in node.input)
            if (no.link, yes.link) != ("1 - logistic", "logistic") or len(yes.intercepts) != 1:
                raise NotNative("Concat")
            self._models[node.output[0]] = replace(yes, link="pair")
            return
        self._inputs[node.output[0]] = [i for name in node.input for i in self._inputs[name]]

    _featurevectorizer = _concat

    def _onehotencoder(self, node: _Node) -> None:
        (source,) = self._inputs[node.input[0]]
        codes = [float(c) for c in node.about["cats_int64s"]]
        self._inputs[node.output[0]] = [source.looked_up({code: 1.0}, 0.0, 0.0) for code in codes]

    def _labelencoder(self, node: _Node) -> None:
        (source,) = self._inputs[node.input[0]]
        keys = [float(k) for k in node.about.get("keys_floats") or node.about["keys_int64s"]]
        values = [float(v) for v in node.about.get("values_floats") or node.about["values_int64s"]]
        default = float(node.about.get("default_float", -0.0))
        table = {k: v for k, v in zip(keys, values, strict=True) if not math.isnan(k)}
        gone = next((v for k, v in zip(keys, values, strict=True) if math.isnan(k)), default)
        self._inputs[node.output[0]] = [source.looked_up(table, default, gone)]

    def _linearregressor(self, node: _Node) -> None:
        targets = node.about.get("targets", 1)
        weights, shifts = node.about.get("coefficients"), node.about.get("intercepts")
        self._linear(node.output[0], node.input[0], targets, weights, shifts, "identity")

    def _linearclassifier(self, node: _Node) -> None:
        links = {"NONE": "identity", "LOGISTIC": "logistic", "SOFTMAX": "softmax"}
        labels = len(node.about.get("classlabels_ints") or node.about["classlabels_strings"])
        link = links[node.about.get("post_transform", b"NONE").decode()]
        weights, shifts = node.about["coefficients"], node.about.get("intercepts")
        self._linear(node.output[1], node.input[0], labels, weights, shifts, link)

    def _matmul(self, node: _Node) -> None:
        weights = self._constants[node.input[1]]
        self._linear(node.output[0], node.input[0], weights.shape[1], weights.T.ravel(), None, "identity")

    def _linear(self, output: str, source: str, count: int, coefficients: Any, intercepts: Any, link: str) -> None:
        inputs = self._inputs[source]
        self._models[output] = Native(
            kind="linear",
            inputs=tuple(inputs),
            intercepts=[float(i) for i in intercepts] if intercepts is not None else [0.0] * count,
            coefficients=np.asarray(coefficients, dtype=float).reshape(count, len(inputs)).tolist(),
            trees=(),
            link=link,
        )

    def _sigmoid(self, node: _Node) -> None:
        self._linked(node, "logistic")

    def _softmax(self, node: _Node) -> None:
        self._linked(node, "softmax")

    def _linked(self, node: Any, link: str) -> None:
        model = self._models[node.input[0]]
        if model.link != "identity":
            raise NotNative(node.op_type)
        self._models[node.output[0]] = replace(model, link=link)

    def _normalizer(self, node: _Node) -> None:
        model = self._models[node.input[0]]
        if model.link != "softmax" or node.about.get("norm") != b"L1":
            raise NotNative("Normalizer")
        self._models[node.output[0]] = model

    def _treeensembleregressor(self, node: _Node) -> None:
        about = node.about
        if about.get("post_transform", b"NONE") != b"NONE" or about.get("aggregate_function", b"SUM") != b"SUM":
            raise NotNative("TreeEnsembleRegressor")
        self._trees(node.output[0], node, int(about.get("n_targets", 1)), "target")

    def _treeensembleclassifier(self, node: _Node) -> None:
        labels = len(node.about.get("classlabels_int64s") or node.about["classlabels_strings"])
        if labels < 3 or node.about.get("post_transform", b"NONE") != b"NONE":
            # Two labels share one weight in ways that differ between exporters.
            raise NotNative("TreeEnsembleClassifier")
        self._trees(node.output[1], node, labels, "class")

    def _trees(self, output: str, node: _Node, targets: int, prefix: str) -> None:
        leaf = [node.about[f"{prefix}_{name}"] for name in ("treeids", "nodeids", "ids", "weights")]
        self._models[output] = Native(
            kind="trees",
            inputs=tuple(self._inputs[node.input[0]]),
            intercepts=[float(b) for b in node.about.get("base_values") or [0.0] * targets],
            coefficients=[],
            trees=_read_trees(node.about, leaf, targets),
            link="identity",
        )


def _read_trees(a: Mapping[str, Any], leaf: Sequence[Any], targets: int) -> tuple[Tree, ...]:
    count = len(a["nodes_treeids"])
    if set(a["nodes_modes"]) - {b"BRANCH_LEQ", b"LEAF"}:
        raise NotNative("a branch that is not <=")
    place: dict[tuple[int, int], int] = {}
    members: dict[int, list[int]] = {}
    for number in range(count):
        tree = a["nodes_treeids"][number]
        place[tree, a["nodes_nodeids"][number]] = len(members.setdefault(tree, []))
        members[tree].append(number)
    weights: dict[tuple[int, int], list[float]] = {}
    for tree, node, target, weight in zip(*leaf, strict=True):
        weights.setdefault((tree, node), [0.0] * targets)[target] += weight
    tracks = a.get("nodes_missing_value_tracks_true") or [0] * count
    covers = a.get("nodes_hitrates") or [0.0] * count
    found = []
    for tree, nodes in members.items():
        inner = [a["nodes_modes"][n] != b"LEAF" for n in nodes]
        found.append(
            Tree(
                input=[int(a["nodes_featureids"][n]) for n in nodes],
                # A split of what is missing from the rest has an infinite threshold.
                threshold=[max(min(float(a["nodes_values"][n]), _LARGEST), -_LARGEST) for n in nodes],
                left=[place[tree, a["nodes_truenodeids"][n]] if i else -1 for n, i in zip(nodes, inner, strict=True)],
                right=[place[tree, a["nodes_falsenodeids"][n]] if i else -1 for n, i in zip(nodes, inner, strict=True)],
                missing_left=[bool(tracks[n]) for n in nodes],
                cover=[float(covers[n]) for n in nodes],
                value=[weights.get((tree, a["nodes_nodeids"][n]), [0.0] * targets) for n in nodes],
            )
        )
    return tuple(found)


def _each(values: Any, count: int) -> list[float]:
    numbers = [float(v) for v in np.asarray(values, dtype=float).ravel()]
    if len(numbers) == 1:
        return numbers * count
    if len(numbers) != count:
        raise NotNative("numbers for another count of columns")
    return numbers
