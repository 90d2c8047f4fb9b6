"""Detectors of what is unusual as ONNX graphs: isolation forests, tails, distances, departures from a season."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, compose, helper, numpy_helper
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType

from datapunk_forge.export.trees import Tree, ensemble_attributes
from datapunk_forge.trained import Floats

INPUT, SCORE, PREPARED = "features", "score", "prepared"
# Of the square of a row's length: squared distances below it come from differences of equal numbers.
ROUNDING = 1e-13
# Keeps a density finite where neighbours are at no distance, as in scikit-learn.
TINY = 1e-10
_OPSETS = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]


def after(preparation: Any, width: int, scorer: onnx.ModelProto) -> bytes:
    """Return the graph of a fitted preparation followed by a scorer, whose input is `prepared`."""
    first = convert_sklearn(
        preparation, name="preparation", initial_types=[(INPUT, FloatTensorType([None, width]))],
        final_types=[("given", FloatTensorType([None, None]))], target_opset={"": 17, "ai.onnx.ml": 3},
    )  # fmt: skip
    first.ir_version = scorer.ir_version
    for model in (first, scorer):
        del model.opset_import[:]
        model.opset_import.extend(_OPSETS)
    whole = compose.merge_models(first, scorer, io_map=[("given", PREPARED)])
    content: bytes = whole.SerializeToString()
    return content


def isolation_graph(forest: Any) -> onnx.ModelProto:
    """Return the anomaly score of an isolation forest (Liu et al. 2008): 2 to the minus mean depth over expected."""
    count = len(forest.estimators_)
    trees = []
    for estimator, features in zip(forest.estimators_, forest.estimators_features_, strict=True):
        tree = estimator.tree_
        leaf = tree.children_left < 0
        depth = _depths(tree) + _expected_depth(tree.n_node_samples)
        trees.append(
            Tree(
                feature=np.where(leaf, 0, features[np.where(leaf, 0, tree.feature)]), threshold=tree.threshold,
                left=np.where(leaf, 0, tree.children_left), right=np.where(leaf, 0, tree.children_right), leaf=leaf,
                missing_left=np.zeros(len(leaf), dtype=bool), count=tree.n_node_samples,
                values=(depth / count)[:, None], targets=(0,),
            )
        )  # fmt: skip
    expected = float(_expected_depth(np.array([forest.max_samples_]))[0])
    nodes = [
        helper.make_node(
            "TreeEnsembleRegressor", [PREPARED], ["depth"], domain="ai.onnx.ml",
            **ensemble_attributes(trees, 1, np.zeros(1)),
        ),
        helper.make_node("Div", ["depth", "expected"], ["ratio"]),
        helper.make_node("Neg", ["ratio"], ["exponent"]),
        helper.make_node("Pow", ["two", "exponent"], [SCORE]),
    ]  # fmt: skip
    return _model(nodes, {"expected": np.array([expected], dtype=np.float32), "two": np.array([2.0], dtype=np.float32)})


def tails_graph(tables: NDArray[np.float32], surprise: NDArray[np.float32]) -> onnx.ModelProto:
    """Return the sum over columns of how rare values that far out are.

    `tables` (columns, points) holds each column's ascending points, `surprise` (columns, points + 1) minus the
    logarithm of the tail's share by how many points a value is above.
    """
    width, points = tables.shape
    offsets = (np.arange(width) * (points + 1)).astype(np.int64)[None, :]
    nodes = [
        helper.make_node("Unsqueeze", [PREPARED, "last"], ["each"]),
        helper.make_node("Greater", ["each", "tables"], ["above"]),
        helper.make_node("Cast", ["above"], ["ones"], to=TensorProto.INT64),
        helper.make_node("ReduceSum", ["ones", "last"], ["rank"], keepdims=0),
        helper.make_node("Add", ["rank", "offsets"], ["place"]),
        helper.make_node("Gather", ["surprise", "place"], ["found"], axis=0),
        helper.make_node("ReduceSum", ["found", "columns"], [SCORE], keepdims=1),
    ]
    return _model(nodes, {
        "last": np.array([2], dtype=np.int64), "columns": np.array([1], dtype=np.int64), "tables": tables[None],
        "offsets": offsets, "surprise": surprise.ravel(),
    })  # fmt: skip


def outlier_factor_graph(rows: Floats, reach: Floats, density: Floats, count: int) -> onnx.ModelProto:
    """Return the local outlier factor of new rows (Breunig et al. 2000): their neighbours' density over their own.

    `rows` (learned, columns) are the neighbours there are, `reach` each one's distance to its own `count`th, `density`
    each one's local reachability density. In float64, since near rows differ in the last digits of a square.
    """
    nodes = [
        helper.make_node("Cast", [PREPARED], ["given_rows"], to=TensorProto.DOUBLE),
        helper.make_node("Mul", ["given_rows", "given_rows"], ["squares"]),
        helper.make_node("ReduceSum", ["squares", "columns"], ["lengths"], keepdims=1),
        helper.make_node("MatMul", ["given_rows", "learned"], ["products"]),
        helper.make_node("Mul", ["products", "minus_two"], ["doubled"]),
        helper.make_node("Add", ["lengths", "learned_lengths"], ["both"]),
        helper.make_node("Add", ["both", "doubled"], ["squared"]),
        *_without_rounding("squared", "apart"),
        helper.make_node("Sqrt", ["apart"], ["distances"]),
        helper.make_node("TopK", ["distances", "count"], ["nearest", "places"], axis=1, largest=0, sorted=1),
        helper.make_node("Gather", ["reach", "places"], ["theirs"], axis=0),
        helper.make_node("Max", ["nearest", "theirs"], ["reachable"]),
        helper.make_node("ReduceMean", ["reachable"], ["mean"], axes=[1], keepdims=1),
        helper.make_node("Add", ["mean", "tiny"], ["sparsity"]),
        helper.make_node("Gather", ["density", "places"], ["densities"], axis=0),
        helper.make_node("ReduceMean", ["densities"], ["denseness"], axes=[1], keepdims=1),
        helper.make_node("Mul", ["denseness", "sparsity"], ["factor"]),
        helper.make_node("Cast", ["factor"], [SCORE], to=TensorProto.FLOAT),
    ]
    return _model(nodes, {
        "columns": np.array([1], dtype=np.int64), "count": np.array([count], dtype=np.int64), "learned": rows.T,
        "learned_lengths": (rows**2).sum(axis=1)[None, :], "minus_two": np.array([-2.0]),
        "zero": np.array([0.0]), "rounding": np.array([ROUNDING]),
        "tiny": np.array([TINY]), "reach": reach, "density": density,
    })  # fmt: skip


def distance_graph(rows: Floats, shift: Floats, scale: Floats, count: int) -> onnx.ModelProto:
    """Return the distance of new rows, less `shift` over `scale`, to the `count`th nearest of `rows`; in float64."""
    nodes = [
        helper.make_node("Cast", [PREPARED], ["as_given"], to=TensorProto.DOUBLE),
        helper.make_node("Sub", ["as_given", "shift"], ["shifted"]),
        helper.make_node("Div", ["shifted", "scale"], ["given_rows"]),
        helper.make_node("Mul", ["given_rows", "given_rows"], ["squares"]),
        helper.make_node("ReduceSum", ["squares", "columns"], ["lengths"], keepdims=1),
        # Of what is not scaled: a scale of one number becomes a float32 of the product in onnxruntime's optimiser.
        helper.make_node("MatMul", ["shifted", "learned"], ["products"]),
        helper.make_node("Add", ["products", "learned_lengths"], ["nearness"]),
        # A row's own length moves all its distances alike.
        helper.make_node("TopK", ["nearness", "count"], ["nearest", "places"], axis=1, largest=0, sorted=1),
        helper.make_node("Gather", ["nearest", "last"], ["one"], axis=1),
        helper.make_node("Add", ["one", "lengths"], ["squared"]),
        *_without_rounding("squared", "apart"),
        helper.make_node("Sqrt", ["apart"], ["distance"]),
        helper.make_node("Cast", ["distance"], [SCORE], to=TensorProto.FLOAT),
    ]
    return _model(nodes, {
        "shift": shift, "scale": scale, "columns": np.array([1], dtype=np.int64),
        "count": np.array([count], dtype=np.int64), "last": np.array([count - 1], dtype=np.int64),
        "learned": -2.0 * (rows / scale).T, "learned_lengths": (rows**2).sum(axis=1)[None, :], "zero": np.array([0.0]),
        "rounding": np.array([ROUNDING]),
    })  # fmt: skip


def largest_graph(
    scorers: list[onnx.ModelProto], means: list[float], deviations: list[float], views: Sequence[Sequence[int]]
) -> onnx.ModelProto:
    """Return the largest of some views of the same rows: each the mean of the scores with these numbers.

    Scores are less their mean over their standard deviation.
    """
    nodes: list[Any] = []
    constants: dict[str, NDArray[Any]] = {}
    for number, (scorer, mean, deviation) in enumerate(zip(scorers, means, deviations, strict=True)):
        prefix = f"part{number}_"
        for node in scorer.graph.node:
            renamed = onnx.NodeProto()
            renamed.CopyFrom(node)
            renamed.input[:] = [name if name in ("", PREPARED) else prefix + name for name in node.input]
            renamed.output[:] = [prefix + name for name in node.output]
            nodes.append(renamed)
        constants |= {prefix + tensor.name: numpy_helper.to_array(tensor) for tensor in scorer.graph.initializer}
        constants[f"{prefix}mean"] = np.array([mean], dtype=np.float32)
        constants[f"{prefix}deviation"] = np.array([deviation], dtype=np.float32)
        nodes += [
            helper.make_node("Sub", [prefix + SCORE, f"{prefix}mean"], [f"less_mean{number}"]),
            helper.make_node("Div", [f"less_mean{number}", f"{prefix}deviation"], [f"standard{number}"]),
        ]
    for number, view in enumerate(views):
        nodes.append(helper.make_node("Mean", [f"standard{part}" for part in view], [f"view{number}"]))
    nodes.append(helper.make_node("Max", [f"view{number}" for number in range(len(views))], [SCORE]))
    return _model(nodes, constants)


def departure_graph(trees: list[Tree], base: Floats, value: int, scale: float) -> onnx.ModelProto:
    """Return how many scales column `value` is away from what trees over all columns expect there."""
    nodes = [
        helper.make_node(
            "TreeEnsembleRegressor", [PREPARED], ["expected"], domain="ai.onnx.ml",
            **ensemble_attributes(trees, 1, base),
        ),
        helper.make_node("Gather", [PREPARED, "column"], ["given_value"], axis=1),
        helper.make_node("Sub", ["given_value", "expected"], ["difference"]),
        helper.make_node("Abs", ["difference"], ["size"]),
        helper.make_node("Div", ["size", "scale"], [SCORE]),
    ]  # fmt: skip
    return _model(nodes, {"column": np.array([value], dtype=np.int64), "scale": np.array([scale], dtype=np.float32)})


def _without_rounding(squared: str, apart: str) -> list[Any]:
    """Return nodes that make nothing of squared distances which are no more than the rounding of the rows' lengths."""
    return [
        helper.make_node("Mul", ["lengths", "rounding"], ["least"]),
        helper.make_node("Greater", [squared, "least"], ["is_apart"]),
        helper.make_node("Where", ["is_apart", squared, "zero"], [apart]),
    ]


def _model(nodes: list[Any], constants: dict[str, NDArray[Any]]) -> onnx.ModelProto:
    graph = helper.make_graph(
        nodes, "scorer", [helper.make_tensor_value_info(PREPARED, TensorProto.FLOAT, [None, None])],
        [helper.make_tensor_value_info(SCORE, TensorProto.FLOAT, [None, 1])],
        [numpy_helper.from_array(values, name) for name, values in constants.items()],
    )  # fmt: skip
    return helper.make_model(graph, opset_imports=_OPSETS, ir_version=8)


def _depths(tree: Any) -> Floats:
    depths = np.zeros(tree.node_count)
    for node in range(tree.node_count):
        for child in (tree.children_left[node], tree.children_right[node]):
            if child >= 0:
                depths[child] = depths[node] + 1
    return depths


def _expected_depth(rows: NDArray[Any]) -> Floats:
    """Return the mean depth of an unsuccessful search in a random tree over so many rows."""
    count = rows.astype(np.float64)
    depth = 2.0 * (np.log(np.maximum(count - 1.0, 1.0)) + np.euler_gamma) - 2.0 * (count - 1.0) / np.maximum(count, 1.0)
    return np.where(count <= 1, 0.0, np.where(count == 2, 1.0, depth))
