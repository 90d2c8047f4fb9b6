"""A linear head on a text's meaning and wording as an ONNX graph: the terms' weights are looked up, not multiplied."""

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from datapunk.errors import TrainingFailed
from datapunk_forge.export.estimator import INPUT, OUTPUT
from datapunk_forge.export.session import open_session
from datapunk_forge.trained import Floats

_BATCH = 128
_TOLERANCE = 1e-4
Table = NDArray[np.float32]


def text_graph(meaning: Table, terms: Table, idf: Table, bias: Table, count: int) -> bytes:
    """Return the graph: input `features` (rows, dimensions + count), output `probabilities` (rows, labels).

    `meaning` is (dimensions, labels), `terms` (buckets, labels), `idf` (buckets,), `bias` (labels,); `count` numbers
    of buckets follow the embedding, negative where there is none.
    """
    dimensions = len(meaning)
    node = helper.make_node
    nodes = [
        node("Slice", [INPUT, "zero", "dimensions", "one"], ["vector"]),
        node("Slice", [INPUT, "dimensions", "width", "one"], ["numbers"]),
        node("Relu", ["numbers"], ["positive"]),
        node("Cast", ["positive"], ["buckets"], to=TensorProto.INT64),
        node("GreaterOrEqual", ["numbers", "nothing"], ["present"]),
        node("Cast", ["present"], ["counted"], to=TensorProto.FLOAT),
        node("Gather", ["idf", "buckets"], ["idfs"]),
        node("Mul", ["idfs", "counted"], ["weighed"]),
        node("ReduceL2", ["weighed"], ["length"], axes=[1], keepdims=1),
        node("Max", ["length", "least"], ["divisor"]),
        node("Div", ["weighed", "divisor"], ["unit"]),
        node("Unsqueeze", ["unit", "one"], ["row"]),
        node("Gather", ["terms", "buckets"], ["weights"]),
        node("MatMul", ["row", "weights"], ["sums"]),
        node("Squeeze", ["sums", "one"], ["worded"]),
        node("Gemm", ["vector", "meaning", "bias"], ["meant"]),
        node("Add", ["meant", "worded"], ["logits"]),
        node("Softmax", ["logits"], [OUTPUT], axis=1),
    ]
    tables = {
        "zero": np.array([0]), "one": np.array([1]), "dimensions": np.array([dimensions]),
        "width": np.array([dimensions + count]), "nothing": np.zeros((), np.float32),
        "least": np.full((), 1e-12, np.float32), "meaning": meaning, "terms": terms, "idf": idf, "bias": bias,
    }  # fmt: skip
    graph = helper.make_graph(
        nodes, "text",
        [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, [None, dimensions + count])],
        [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, [None, len(bias)])],
        [numpy_helper.from_array(table, name) for name, table in tables.items()],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    content: bytes = model.SerializeToString()
    return content


def check_text_graph(graph: bytes, expected: Floats, rows: Table) -> float:
    """Return the largest difference of the graph's probabilities from those expected. Raises TrainingFailed."""
    session = open_session(graph)
    found = np.concatenate([
        session.run([OUTPUT], {INPUT: rows[start : start + _BATCH]})[0] for start in range(0, len(rows), _BATCH)
    ])  # fmt: skip
    difference = float(np.abs(found - expected).max())
    if not difference <= _TOLERANCE:
        raise TrainingFailed(
            f"the ONNX graph differs from the estimator by {difference:.2g} on held-out rows",
            hint="Report it with the versions of scikit-learn, onnx and onnxruntime.",
        )
    return difference
