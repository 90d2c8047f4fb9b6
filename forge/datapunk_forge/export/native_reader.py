"""Reading the native form out of a graph.

The graph's operators are followed column by column. What they do before the model must depend on one column each
(imputing, scaling, one-hot, a table of values), which is what pipelines of scikit-learn do. A graph that does anything
else has no native form.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from datapunk_forge.export.native import Input, Native, NotNative
from datapunk_forge.export.native_trees import read_trees
from datapunk_forge.export.session import open_session

TOLERANCE = 1e-6
_MIXED = 9
# A form is read by backends, some 400 bytes a node in memory, and made into one expression of SQL.
MOST_NODES = 200_000


def native_form(graph: bytes, output: str, rows: NDArray[np.float32]) -> Native:
    """Return the native form of a graph whose output agrees with it on `rows`. Raises NotNative.

    So it does on rows that are put together from values of each column, which come to more branches of trees.
    """
    native = _Reader(onnx.load_from_string(graph)).read(output)
    session = open_session(graph)
    rows = _mixed(rows)
    served = np.asarray(session.run([output], {session.get_inputs()[0].name: rows})[0], dtype=np.float64)
    found = native.outputs(rows)
    if found.shape != served.shape:
        raise NotNative(f"shape {found.shape} instead of {served.shape}")
    limit = _limit(native, rows, served)
    if not (np.abs(found - served) <= limit).all():
        worst = np.nanmax(np.abs(found - served) / np.maximum(limit, np.finfo(np.float64).tiny))
        raise NotNative(f"differs from the graph {worst:.2g} times as much as float32 explains")
    return native


def _mixed(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return rows and several times as many whose values come from different ones of them."""
    return np.concatenate([rows, np.random.default_rng(0).permuted(np.repeat(rows, _MIXED, axis=0), axis=0)])


def _limit(native: Native, rows: NDArray[np.float32], served: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far the graph may be off by its own rounding: what it adds up is float32, of 24 bits.

    TOLERANCE of the sizes of the terms together, near what n terms are off in the worst of thousands of rows; rounding
    errors of n terms grow with the root of n (Higham 2002, 4.2). A link makes less of them: p (1 - p) times.
    """
    terms = len(native.trees) or len(native.inputs)
    share = TOLERANCE * max(1.0, math.sqrt(terms) / 8)
    sizes = native.sizes(rows)
    if native.link == "identity":
        return np.asarray(share * sizes)
    return np.asarray(TOLERANCE + share * 2 * served * (1 - served) * sizes.max(axis=1, keepdims=True))


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
        if len(node.about["nodes_nodeids"]) > MOST_NODES:
            raise NotNative(f"trees of more than {MOST_NODES:,} nodes")
        leaf = [node.about[f"{prefix}_{name}"] for name in ("treeids", "nodeids", "ids", "weights")]
        self._models[output] = Native(
            kind="trees",
            inputs=tuple(self._inputs[node.input[0]]),
            intercepts=[float(b) for b in node.about.get("base_values") or [0.0] * targets],
            coefficients=[],
            trees=read_trees(node.about, leaf, targets),
            link="identity",
        )


def _each(values: Any, count: int) -> list[float]:
    numbers = [float(v) for v in np.asarray(values, dtype=float).ravel()]
    if len(numbers) == 1:
        return numbers * count
    if len(numbers) != count:
        raise NotNative("numbers for another count of columns")
    return numbers
