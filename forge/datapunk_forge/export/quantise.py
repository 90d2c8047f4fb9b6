"""Int8 quantisation of an ONNX transformer, with one activation scale a token.

onnxruntime's dynamic quantisation takes one activation scale from the whole input tensor, so the vector of a text
would depend on the texts that happen to share its batch (measured on MiniLM: cosine 0.993 to itself). Here each
token gets a scale of its own, as in LLM.int8() (Dettmers et al. 2022, vector-wise quantisation) and SmoothQuant's
per-token mode: a text gives the same vector in any batch, and the vector is closer to the original.

Weights are symmetric int8, one scale a column, in 7 bits, so that processors without VNNI do not saturate.
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import GraphProto, ModelProto, NodeProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

_ZERO_POINT = "per_token_zero_point"
_UNIT_SCALE = "per_token_unit_scale"
_STEP = "per_token_step"
_SMALLEST = "per_token_smallest"
# Operators of onnxruntime's own.
_RUNTIME = "com.microsoft"


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
    nodes = _scaled_products(_rescale_in_two_steps(nodes, scales))
    del graph.node[:]
    graph.node.extend(_joined_products(graph, nodes))
    model.opset_import.append(helper.make_opsetid(_RUNTIME, 1))


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


def _scaled_products(nodes: list[NodeProto]) -> list[NodeProto]:
    """Let the product of integers give what its columns are scaled to, instead of writing and reading it twice more."""
    readers = _readers(nodes)
    result: list[NodeProto] = []
    replaced: set[str] = set()
    for node in nodes:
        if node.output[0] in replaced:
            continue
        if node.op_type != "MatMulInteger":
            result.append(node)
            continue
        left, right, left_zero, right_zero = node.input
        (cast,) = readers[node.output[0]]
        (columns,) = readers[cast.output[0]]
        replaced |= {cast.output[0], columns.output[0]}
        result.append(
            helper.make_node(
                "MatMulIntegerToFloat", [left, right, _UNIT_SCALE, columns.input[1], left_zero, right_zero],
                [columns.output[0]], name=node.name, domain=_RUNTIME,
            )
        )  # fmt: skip
    return result


def _joined_products(graph: GraphProto, nodes: list[NodeProto]) -> list[NodeProto]:
    """Make one product of those of the same input, as queries, keys and values are: short texts cost a pass less."""
    readers = _readers(nodes)
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    products: dict[str, list[NodeProto]] = {}
    for node in nodes:
        if node.op_type == "MatMulIntegerToFloat":
            products.setdefault(node.input[0], []).append(node)
    result: list[NodeProto] = []
    replaced: set[str] = set()
    for node in nodes:
        if node.output[0] in replaced:
            continue
        same = products.get(node.input[0], []) if node.op_type == "MatMulIntegerToFloat" else []
        if len(same) < 2:
            result.append(node)
            continue
        scaled = [readers[product.output[0]][0] for product in same]
        replaced |= {output for joined in (*same, *scaled) for output in joined.output}
        result += _joined(graph, constants, same, scaled)
    return result


def _joined(
    graph: GraphProto, constants: dict[str, NDArray[Any]], products: list[NodeProto], scaled: list[NodeProto]
) -> list[NodeProto]:
    """Return product, scale by token and split of products that have one input; the new constants go to the graph."""
    name = products[0].name
    left, _, unit, _, left_zero, _ = products[0].input
    widths = [constants[product.input[1]].shape[1] for product in products]
    parts = {
        "weights": np.concatenate([constants[product.input[1]] for product in products], axis=1),
        "scales": np.concatenate([_by_column(constants[p.input[3]], w) for p, w in zip(products, widths, strict=True)]),
        "zeros": np.concatenate([_by_column(constants[p.input[5]], w) for p, w in zip(products, widths, strict=True)]),
        "widths": np.array(widths, np.int64),
    }
    graph.initializer.extend([numpy_helper.from_array(value, f"{name}_{part}") for part, value in parts.items()])
    token_scale = next(i for i in scaled[0].input if i != products[0].output[0])
    return [
        helper.make_node(
            "MatMulIntegerToFloat", [left, f"{name}_weights", unit, f"{name}_scales", left_zero, f"{name}_zeros"],
            [f"{name}_joined"], name=f"{name}_joined", domain=_RUNTIME,
        ),
        helper.make_node("Mul", [f"{name}_joined", token_scale], [f"{name}_scaled"], name=f"{name}_scaled"),
        helper.make_node(
            "Split", [f"{name}_scaled", f"{name}_widths"], [node.output[0] for node in scaled], name=f"{name}_split",
            axis=-1,
        ),
    ]  # fmt: skip


def _by_column(values: NDArray[Any], columns: int) -> NDArray[Any]:
    return np.ascontiguousarray(np.broadcast_to(values.reshape(-1), (columns,)))


def _readers(nodes: list[NodeProto]) -> dict[str, list[NodeProto]]:
    """The nodes that read each value."""
    found: dict[str, list[NodeProto]] = {}
    for node in nodes:
        for name in node.input:
            found.setdefault(name, []).append(node)
    return found
