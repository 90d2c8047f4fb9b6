"""Target means as ONNX: a table for each column and, of three labels or more, for each label.

skl2onnx 1.20 knows those of two labels and of numbers only.
"""

from typing import Any

import numpy as np
from skl2onnx import update_registered_converter
from skl2onnx.common.data_types import FloatTensorType

from datapunk_forge.tabular.target_means import TargetMeans


def register() -> None:
    """Let skl2onnx use this converter."""
    update_registered_converter(TargetMeans, "DatapunkTargetMeans", _shape, _convert)


def _shape(operator: Any) -> None:
    rows = operator.inputs[0].get_first_dimension()
    operator.outputs[0].type = FloatTensorType([rows, len(operator.raw_operator.encodings_)])


def _convert(scope: Any, operator: Any, container: Any) -> None:
    encoder = operator.raw_operator
    # Codes are columns of a matrix of float32, which comes as one input or as one for each run of columns.
    columns = [(given.full_name, place) for given in operator.inputs for place in range(given.get_second_dimension())]
    means = np.atleast_1d(encoder.target_mean_)
    found = []
    for number, encoding in enumerate(encoder.encodings_):
        source, place = columns[number // len(means)]
        index, column, output = (scope.get_unique_variable_name(name) for name in ("index", "column", "means"))
        container.add_initializer(index, 7, [1], [place])
        container.add_node(
            "ArrayFeatureExtractor", [source, index], column, op_domain="ai.onnx.ml",
            name=scope.get_unique_operator_name("ArrayFeatureExtractor"),
        )  # fmt: skip
        container.add_node(
            "LabelEncoder", column, output, op_domain="ai.onnx.ml", op_version=2,
            name=scope.get_unique_operator_name("LabelEncoder"),
            keys_floats=[float(c) for c in encoder.categories_[number // len(means)]],
            values_floats=[float(e) for e in encoding], default_float=float(means[number % len(means)]),
        )  # fmt: skip
        found.append(output)
    container.add_node(
        "Concat", found, operator.outputs[0].full_name, name=scope.get_unique_operator_name("Concat"), axis=1,
        op_version=13,
    )  # fmt: skip
