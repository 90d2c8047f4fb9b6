"""Int8 quantisation of an ONNX transformer, with one activation scale a token.

onnxruntime's dynamic quantisation takes one activation scale from the whole input tensor, so the vector of a text
would depend on the texts that happen to share its batch (measured on MiniLM: cosine 0.993 to itself). Here each
token gets a scale of its own, as in LLM.int8() (Dettmers et al. 2022, vector-wise quantisation) and SmoothQuant's
per-token mode: a text gives the same vector in any batch, and the vector is closer to the original.

Weights are symmetric int8, one scale a column, in 7 bits, so that processors without VNNI do not saturate.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx
from onnx import GraphProto, ModelProto, NodeProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

_ZERO_POINT = "per_token_zero_point"
_UNIT_SCALE = "per_token_unit_scale"
_STEP = "per_token_step"
_SMALLEST = "per_token_smallest"


def quantise_int8(model: bytes) -> bytes:
    """Return the serialised ONNX `model` (float32) with int8 weights and per-token int8 activations.

    Matrix products with constant weights and embedding tables are quantised; everything else stays float32.
    """
    with TemporaryDirectory() as folder:
        source, target = Path(folder, "float.onnx"), Path(folder, "int8.onnx")
        source.write_bytes(model)
        quantize_dynamic(
            source,
            target,
            per_channel=True,
            reduce_range=True,
            weight_type=QuantType.QInt8,
            extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
        )
        quantised = onnx.load(str(target))
    _scale_per_token(quantised)
    onnx.checker.check_model(quantised)
    return bytes(quantised.SerializeToString(deterministic=True))


def _scale_per_token(model: ModelProto) -> None:
    """Replace each DynamicQuantizeLinear by a symmetric quantisation along the last axis."""
    graph = model.graph
    _add_constants(graph)
    scales: set[str] = set()
    zero_points: set[str] = set()
    nodes: list[NodeProto] = []
    for node in graph.node:
        if node.op_type == "DynamicQuantizeLinear":
            quantised, scale, zero_point = node.output
            scales.add(scale)
            zero_points.add(zero_point)
            nodes += _quantise_rows(node.input[0], quantised, scale)
        else:
            nodes.append(node)
    for node in nodes:
        for index, name in enumerate(node.input):
            if name in zero_points:
                node.input[index] = _ZERO_POINT
    del graph.node[:]
    graph.node.extend(_rescale_in_two_steps(nodes, scales))


def _add_constants(graph: GraphProto) -> None:
    graph.initializer.extend(
        [
            numpy_helper.from_array(np.array(128, np.uint8), _ZERO_POINT),
            numpy_helper.from_array(np.array(1, np.float32), _UNIT_SCALE),
            numpy_helper.from_array(np.array(1 / 127, np.float32), _STEP),
            numpy_helper.from_array(np.array(1e-12, np.float32), _SMALLEST),
        ]
    )


def _quantise_rows(source: str, quantised: str, scale: str) -> list[NodeProto]:
    return [
        helper.make_node("Abs", [source], [f"{quantised}_abs"], name=f"{quantised}_abs"),
        helper.make_node(
            "ReduceMax", [f"{quantised}_abs"], [f"{quantised}_peak"], name=f"{quantised}_peak", axes=[-1], keepdims=1
        ),
        helper.make_node("Max", [f"{quantised}_peak", _SMALLEST], [f"{quantised}_range"], name=f"{quantised}_range"),
        helper.make_node("Mul", [f"{quantised}_range", _STEP], [scale], name=f"{quantised}_scale"),
        helper.make_node("Div", [source, scale], [f"{quantised}_steps"], name=f"{quantised}_steps"),
        helper.make_node(
            "QuantizeLinear", [f"{quantised}_steps", _UNIT_SCALE, _ZERO_POINT], [quantised], name=f"{quantised}_round"
        ),
    ]


def _rescale_in_two_steps(nodes: list[NodeProto], scales: set[str]) -> list[NodeProto]:
    """Turn product * (token scale * column scale) into two products, sparing a matrix of scales."""
    pairs = {
        node.output[0]: (node.input[0], node.input[1])
        for node in nodes
        if node.op_type == "Mul" and node.input[0] in scales and node.name.endswith("_scales_mul")
    }
    result: list[NodeProto] = []
    for node in nodes:
        if node.output[0] in pairs:
            continue
        if node.op_type == "Mul" and node.input[1] in pairs:
            token_scale, column_scale = pairs[node.input[1]]
            halfway = f"{node.output[0]}_columns"
            result.append(
                helper.make_node("Mul", [node.input[0], column_scale], [halfway], name=f"{node.name}_columns")
            )
            result.append(helper.make_node("Mul", [halfway, token_scale], [node.output[0]], name=node.name))
        else:
            result.append(node)
    return result
