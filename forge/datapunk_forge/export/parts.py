"""Several graphs as one that asks each of them for its own rows only, by the code of a category.

A row is computed once: each part takes its rows out, answers, and the answers go back to where the rows were. A part
without rows is not run, so that one row costs one part.
"""

from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, compose, helper, numpy_helper

from datapunk_forge.export.estimator import INPUT
from datapunk_forge.trained import GraphParts

_OPSETS = {"": 17, "ai.onnx.ml": 3}


def as_one(parts: GraphParts, output: str, width: int, outputs: int) -> bytes:
    """Return the graph with input `features` (rows, width) and `output` (rows, outputs)."""
    nodes, constants = _which_rows(parts)
    names = []
    for number, content in enumerate((*parts.graphs, parts.other)):
        prefix = f"part{number}_"
        constants.append(numpy_helper.from_array(np.array(number, dtype=np.int64), f"{prefix}number"))
        nodes.append(helper.make_node("Gather", ["asked", f"{prefix}number"], [f"{prefix}asked"], axis=0))
        nodes.append(
            helper.make_node(
                "If", [f"{prefix}asked"], [f"{prefix}rows", f"{prefix}answers"],
                then_branch=_answering(content, prefix, output, outputs), else_branch=_silent(prefix, outputs),
            )
        )  # fmt: skip
        names.append(prefix)
    nodes += [
        helper.make_node("Concat", [f"{n}rows" for n in names], ["places"], axis=0),
        helper.make_node("Concat", [f"{n}answers" for n in names], ["answers"], axis=0),
        helper.make_node("ScatterND", ["nothing", "places", "answers"], [output]),
    ]
    constants.append(numpy_helper.from_array(np.array([outputs], dtype=np.int64), "outputs"))
    graph = helper.make_graph(
        nodes, "parts", [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, [None, width])],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, [None, outputs])], initializer=constants,
    )  # fmt: skip
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid(domain, version) for domain, version in _OPSETS.items()]
    )
    model.ir_version = 8
    content = model.SerializeToString()
    assert isinstance(content, bytes)
    return content


def _which_rows(parts: GraphParts) -> tuple[list[Any], list[Any]]:
    """Return the nodes for `member` (rows, parts), which part each row belongs to, and `asked`, which have any."""
    constants = [
        numpy_helper.from_array(np.array([parts.column], dtype=np.int64), "column"),
        numpy_helper.from_array(np.array([parts.codes], dtype=np.float32), "codes"),
        numpy_helper.from_array(np.array([0], dtype=np.int64), "first"),
    ]
    nodes = [
        helper.make_node("Gather", [INPUT, "column"], ["code"], axis=1),
        helper.make_node("Equal", ["code", "codes"], ["own"]),
        helper.make_node("Cast", ["own"], ["own_number"], to=TensorProto.INT32),
        helper.make_node("ReduceMax", ["own_number"], ["any_number"], axes=[1], keepdims=1),
        helper.make_node("Cast", ["any_number"], ["any"], to=TensorProto.BOOL),
        helper.make_node("Not", ["any"], ["others"]),
        helper.make_node("Concat", ["own", "others"], ["member"], axis=1),
        helper.make_node("Cast", ["member"], ["member_number"], to=TensorProto.INT32),
        helper.make_node("ReduceMax", ["member_number"], ["asked_number"], axes=[0], keepdims=0),
        helper.make_node("Cast", ["asked_number"], ["asked"], to=TensorProto.BOOL),
        helper.make_node("Shape", [INPUT], ["shape"]),
        helper.make_node("Gather", ["shape", "first"], ["count"], axis=0),
        helper.make_node("Concat", ["count", "outputs"], ["shape_of_answers"], axis=0),
        helper.make_node("ConstantOfShape", ["shape_of_answers"], ["nothing"]),
    ]
    return nodes, constants


def _answering(content: bytes, prefix: str, output: str, outputs: int) -> Any:
    """Return the branch that takes the part's rows out and runs its graph."""
    model = compose.add_prefix(onnx.load_from_string(content), prefix)
    for used in model.opset_import:
        assert used.version <= _OPSETS[used.domain], used
    (entry,) = [i for i in model.graph.input if i.name not in {c.name for c in model.graph.initializer}]
    take = [
        helper.make_node("Gather", ["member", f"{prefix}number"], [f"{prefix}member"], axis=1),
        helper.make_node("NonZero", [f"{prefix}member"], [f"{prefix}places"]),
        helper.make_node("Transpose", [f"{prefix}places"], [f"{prefix}taken"], perm=[1, 0]),
        helper.make_node("Compress", [INPUT, f"{prefix}member"], [entry.name], axis=0),
    ]
    return helper.make_graph(
        [*take, *model.graph.node], f"{prefix}answering", [],
        [
            helper.make_tensor_value_info(f"{prefix}taken", TensorProto.INT64, [None, 1]),
            helper.make_tensor_value_info(f"{prefix}{output}", TensorProto.FLOAT, [None, outputs]),
        ],
        initializer=list(model.graph.initializer),
    )  # fmt: skip


def _silent(prefix: str, outputs: int) -> Any:
    """Return the branch without rows."""

    def empty(name: str, array: Any) -> Any:
        return helper.make_node("Constant", [], [name], value=numpy_helper.from_array(array))

    names = [f"{prefix}no_rows", f"{prefix}no_answers"]
    return helper.make_graph(
        [empty(names[0], np.zeros((0, 1), dtype=np.int64)), empty(names[1], np.zeros((0, outputs), dtype=np.float32))],
        f"{prefix}silent", [],
        [
            helper.make_tensor_value_info(names[0], TensorProto.INT64, [None, 1]),
            helper.make_tensor_value_info(names[1], TensorProto.FLOAT, [None, outputs]),
        ],
    )  # fmt: skip
