"""Tree ensembles of scikit-learn as one ONNX operator each, for skl2onnx to put at the end of a pipeline.

skl2onnx 1.20 fails on histogram-based boosting with the pinned onnx, and takes a minute for a large forest. Here the
nodes are gathered as arrays. Thresholds are rounded down to float32, with which a float32 input takes the same branch
as in the estimator. `nodes_hitrates` holds how many training rows came through each node.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from skl2onnx import update_registered_converter
from skl2onnx.common.data_types import FloatTensorType
from skl2onnx.common.shape_calculator import calculate_linear_classifier_output_shapes
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)

_FOREST_CLASSIFIERS = (RandomForestClassifier, ExtraTreesClassifier)
_BOOSTING = (HistGradientBoostingClassifier, HistGradientBoostingRegressor)


@dataclass(frozen=True, kw_only=True)
class Tree:
    """One tree. Arrays over its nodes, and `values` of shape (nodes, targets), which count at leaves.

    `targets` are the outputs that the columns of `values` add to.
    """

    feature: NDArray[Any]
    threshold: NDArray[np.float64]
    left: NDArray[Any]
    right: NDArray[Any]
    leaf: NDArray[np.bool_]
    missing_left: NDArray[np.bool_]
    count: NDArray[Any]
    values: NDArray[np.float64]
    targets: tuple[int, ...]


def floor_float32(values: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the largest float32 that is not above each value."""
    with np.errstate(over="ignore"):
        rounded = values.astype(np.float32)
    above = rounded.astype(np.float64) > values
    rounded[above] = np.nextafter(rounded[above], np.float32(-np.inf))
    return rounded


def trees_of(model: Any) -> list[Tree]:
    """Return the trees of a fitted ensemble."""
    if isinstance(model, _BOOSTING):
        # The last trees add least: sums of float32 that begin with them are rounded least.
        boosted = reversed(model._predictors)
        return [_boosted(tree, target) for group in boosted for target, tree in enumerate(group)]
    return [_grown(model, estimator.tree_) for estimator in model.estimators_]


def _boosted(predictor: Any, target: int) -> Tree:
    nodes = predictor.nodes
    leaf = nodes["is_leaf"].astype(bool)
    return Tree(
        feature=nodes["feature_idx"], threshold=nodes["num_threshold"], left=nodes["left"], right=nodes["right"],
        leaf=leaf, missing_left=nodes["missing_go_to_left"].astype(bool), count=nodes["count"],
        values=nodes["value"][:, None], targets=(target,),
    )  # fmt: skip


def _grown(model: Any, tree: Any) -> Tree:
    leaf = tree.children_left < 0
    values = tree.value[:, 0, :]
    if isinstance(model, _FOREST_CLASSIFIERS):
        values = values / values.sum(axis=1, keepdims=True)
    return Tree(
        feature=np.where(leaf, 0, tree.feature), threshold=tree.threshold,
        left=np.where(leaf, 0, tree.children_left), right=np.where(leaf, 0, tree.children_right), leaf=leaf,
        missing_left=tree.missing_go_to_left.astype(bool), count=tree.n_node_samples,
        values=values / len(model.estimators_), targets=tuple(range(values.shape[1])),
    )  # fmt: skip


def ensemble_attributes(trees: list[Tree], targets: int, base: NDArray[np.float64]) -> dict[str, Any]:
    """Return the attributes of a TreeEnsembleRegressor (ai.onnx.ml 1 to 4) whose outputs sum over the trees."""
    sizes = [len(t.leaf) for t in trees]
    leaf = np.concatenate([t.leaf for t in trees])
    leaf_tree, leaf_node, leaf_target, leaf_value = [], [], [], []
    for number, tree in enumerate(trees):
        nodes = np.flatnonzero(tree.leaf)
        width = len(tree.targets)
        leaf_tree.append(np.full(len(nodes) * width, number))
        leaf_node.append(np.repeat(nodes, width))
        leaf_target.append(np.tile(tree.targets, len(nodes)))
        leaf_value.append(tree.values[nodes].ravel())

    def whole(parts: list[NDArray[Any]]) -> list[int]:
        joined: list[int] = np.concatenate(parts).astype(np.int64).tolist()
        return joined

    value = np.concatenate(leaf_value)
    kept = value != 0.0
    # Outputs without a leaf of their own would be refused.
    kept[: max(targets, 1)] = True
    threshold = floor_float32(np.concatenate([np.where(t.leaf, 0.0, t.threshold) for t in trees]))
    return {
        "n_targets": targets,
        "base_values": [float(b) for b in base],
        "nodes_treeids": np.repeat(np.arange(len(trees)), sizes).tolist(),
        "nodes_nodeids": np.concatenate([np.arange(n) for n in sizes]).tolist(),
        "nodes_featureids": whole([np.where(t.leaf, 0, t.feature) for t in trees]),
        "nodes_values": threshold.astype(float).tolist(),
        "nodes_modes": np.where(leaf, "LEAF", "BRANCH_LEQ").tolist(),
        "nodes_truenodeids": whole([np.where(t.leaf, 0, t.left) for t in trees]),
        "nodes_falsenodeids": whole([np.where(t.leaf, 0, t.right) for t in trees]),
        "nodes_missing_value_tracks_true": whole([t.missing_left & ~t.leaf for t in trees]),
        "nodes_hitrates": np.concatenate([t.count for t in trees]).astype(float).tolist(),
        "target_treeids": np.concatenate(leaf_tree)[kept].tolist(),
        "target_nodeids": np.concatenate(leaf_node)[kept].tolist(),
        "target_ids": np.concatenate(leaf_target)[kept].tolist(),
        "target_weights": value[kept].astype(np.float32).astype(float).tolist(),
    }


def _add_trees(scope: Any, operator: Any, container: Any, output: str) -> None:
    model = operator.raw_operator
    trees = trees_of(model)
    targets = max(max(t.targets) for t in trees) + 1
    base = np.atleast_1d(np.asarray(getattr(model, "_baseline_prediction", np.zeros(targets)), dtype=float)).ravel()
    container.add_node(
        "TreeEnsembleRegressor", operator.inputs[0].full_name, output, op_domain="ai.onnx.ml", op_version=1,
        name=scope.get_unique_operator_name("TreeEnsembleRegressor"), **ensemble_attributes(trees, targets, base),
    )  # fmt: skip


def _convert_regressor(scope: Any, operator: Any, container: Any) -> None:
    _add_trees(scope, operator, container, operator.outputs[0].full_name)


def _convert_classifier(scope: Any, operator: Any, container: Any) -> None:
    model = operator.raw_operator
    label, probabilities = (o.full_name for o in operator.outputs)
    if isinstance(model, _FOREST_CLASSIFIERS):
        _add_trees(scope, operator, container, probabilities)
    else:
        binary = len(model.classes_) == 2
        # A calibration asks for what comes before the link function.
        scores = container.get_options(model, {"raw_scores": False})["raw_scores"]
        raw = probabilities if scores and not binary else scope.get_unique_variable_name("raw")
        _add_trees(scope, operator, container, raw)
        if scores and binary:
            minus = scope.get_unique_variable_name("minus")
            container.add_node("Neg", raw, minus, name=scope.get_unique_operator_name("Neg"), op_version=13)
            container.add_node(
                "Concat", [minus, raw], probabilities, name=scope.get_unique_operator_name("Concat"), axis=1,
                op_version=13,
            )  # fmt: skip
        elif binary:
            yes, no, one = (scope.get_unique_variable_name(n) for n in ("yes", "no", "one"))
            container.add_initializer(one, 1, [1], [1.0])
            container.add_node("Sigmoid", raw, yes, name=scope.get_unique_operator_name("Sigmoid"))
            container.add_node("Sub", [one, yes], no, name=scope.get_unique_operator_name("Sub"), op_version=7)
            container.add_node(
                "Concat", [no, yes], probabilities, name=scope.get_unique_operator_name("Concat"), axis=1, op_version=13
            )
        elif not scores:
            container.add_node(
                "Softmax", raw, probabilities, name=scope.get_unique_operator_name("Softmax"), axis=1, op_version=13
            )
    container.add_node(
        "ArgMax", probabilities, label, name=scope.get_unique_operator_name("ArgMax"), axis=1, keepdims=0, op_version=13
    )


def _regressor_shape(operator: Any) -> None:
    operator.outputs[0].type = FloatTensorType([None, 1])


def register() -> None:
    """Let skl2onnx use these converters; the label that it also gives is the number of the class."""
    for kind in (*_FOREST_CLASSIFIERS, HistGradientBoostingClassifier):
        update_registered_converter(
            kind, f"Sklearn{kind.__name__}", calculate_linear_classifier_output_shapes, _convert_classifier,
            options={"zipmap": [True, False, "columns"], "nocl": [True, False], "raw_scores": [True, False]},
        )  # fmt: skip
    for kind in (RandomForestRegressor, ExtraTreesRegressor, HistGradientBoostingRegressor):
        update_registered_converter(kind, f"Sklearn{kind.__name__}", _regressor_shape, _convert_regressor)
