"""A fitted scikit-learn classifier as an ONNX graph, and the check that both say the same."""

from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType

from datapunk.errors import TrainingFailed

INPUT, OUTPUT = "features", "probabilities"
# float32 in the graph against float64 in the estimator.
_TOLERANCE = 1e-4


def to_onnx(classifier: Any, width: int) -> bytes:
    """Return the graph: input `features` (rows, width) float32, output `probabilities` (rows, labels)."""
    model = convert_sklearn(
        classifier,
        initial_types=[(INPUT, FloatTensorType([None, width]))],
        options={id(classifier): {"zipmap": False}},
        target_opset=17,
    )
    content: bytes = model.SerializeToString()
    return content


def check_agreement(graph: bytes, classifier: Any, rows: NDArray[np.float32]) -> float:
    """Return the largest difference between the probabilities of graph and estimator on held-out rows.

    Raises TrainingFailed when it is more than rounding explains: such a version must not be served.
    """
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    served = session.run([OUTPUT], {INPUT: rows})[0]
    difference = float(np.abs(np.asarray(served, dtype=np.float64) - classifier.predict_proba(rows)).max())
    if difference > _TOLERANCE:
        raise TrainingFailed(
            f"the ONNX graph differs from the estimator by {difference:.2g} on held-out rows",
            hint="Report it with the versions of scikit-learn, skl2onnx and onnxruntime.",
        )
    return difference
