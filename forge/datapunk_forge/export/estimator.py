"""A fitted scikit-learn estimator as an ONNX graph, and the check that both say the same."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType

from datapunk.errors import TrainingFailed
from datapunk_forge.export import target_means, trees
from datapunk_forge.export.session import open_session
from datapunk_forge.trained import Floats

INPUT, OUTPUT, VALUE = "features", "probabilities", "value"
# float32 in the graph against float64 in the estimator.
_TOLERANCE = 1e-4
_BATCH = 20_000


def pipeline_to_onnx(fitted: Any, width: int, *, labels: int) -> bytes:
    """Return the graph of a pipeline over a matrix: `probabilities` (rows, labels), or `value` (rows, 1) without."""
    trees.register()
    target_means.register()
    model = convert_sklearn(
        fitted,
        name="model",
        initial_types=[(INPUT, FloatTensorType([None, width]))],
        options={id(fitted): {"zipmap": False}} if labels else None,
        final_types=None if labels else [(VALUE, FloatTensorType([None, 1]))],
        target_opset={"": 17, "ai.onnx.ml": 3},
    )
    content: bytes = model.SerializeToString()
    return content


def run_graph(graph: bytes, rows: NDArray[np.float32], labels: int) -> Floats:
    """Return the graph's output for some rows, in float64."""
    return opened(graph, labels)(rows)


def opened(graph: bytes, labels: int) -> Callable[[NDArray[np.float32]], Floats]:
    """Return what `run_graph` does, for many calls."""
    session = open_session(graph)

    def run(rows: NDArray[np.float32]) -> Floats:
        parts = [
            session.run([OUTPUT if labels else VALUE], {INPUT: rows[start : start + _BATCH]})[0]
            for start in range(0, max(len(rows), 1), _BATCH)
        ]
        return np.concatenate(parts).astype(np.float64)

    return run


def check_graph(served: Floats, expected: Floats, labels: int) -> float:
    """Return the largest difference of what the graph said from what the estimator did; of values, as a share of them.

    Raises TrainingFailed when it is more than rounding explains: such a version must not be served.
    """
    scale = 1.0 if labels else max(float(np.abs(expected).max()), 1e-12)
    difference = float(np.abs(served - expected).max()) / scale
    # Not `> tolerance`, which a NaN would pass.
    if not difference <= _TOLERANCE:
        raise TrainingFailed(
            f"the ONNX graph differs from the estimator by {difference:.2g} on held-out rows",
            hint="Report it with the versions of scikit-learn, skl2onnx and onnxruntime.",
        )
    return difference
