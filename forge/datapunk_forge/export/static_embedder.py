"""A static embedder: a table of token vectors instead of a network, distilled from a transformer by model2vec.

Minish's Model2Vec (Tulkens and van Dongen 2024): the transformer embeds each token of its vocabulary, the vectors are
reduced by principal components and weighted by how common a token is; a text is the mean of its tokens.
"""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer

from datapunk_forge.export.sentence_transformer import ExportedEmbedder

_OPSET = 17
# Beyond it the mean of a text's tokens says little.
_MAX_TOKENS = 512


def export_static_embedder(path_or_name: str | Path, *, dimensions: int = 256) -> ExportedEmbedder:
    """Distil the sentence-transformers model of a folder or hub name into a static embedder of `dimensions`."""
    from model2vec.distill import distill

    model: Any = distill(str(path_or_name), pca_dims=dimensions, device="cpu")
    table = np.asarray(model.embedding, dtype=np.float32)
    tokenizer = Tokenizer.from_str(model.tokenizer.to_str())
    tokenizer.no_padding()
    tokenizer.enable_truncation(_MAX_TOKENS)
    weights = getattr(model, "weights", None)
    if weights is not None:
        table = table * np.asarray(weights, dtype=np.float32)[:, None]
    mapping = getattr(model, "token_mapping", None)
    rows = table if mapping is None else table[np.asarray(mapping)]
    return ExportedEmbedder(
        files={"model.onnx": mean_graph(rows), "tokenizer.json": tokenizer.to_str().encode()},
        config={
            "base_model": Path(path_or_name).name,
            "dimensions": int(rows.shape[1]),
            "max_tokens": _MAX_TOKENS,
            "method": "model2vec",
            "normalise": True,
        },
    )


def mean_graph(table: "np.ndarray[Any, np.dtype[np.float32]]") -> bytes:
    """Return the graph that averages rows of `table` (tokens, dimensions) over a text and normalises the mean."""
    constants = [
        numpy_helper.from_array(table.astype(np.float16), "table"),
        numpy_helper.from_array(np.array([2]), "last"),
        numpy_helper.from_array(np.array([1]), "tokens"),
    ]
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["halves"]),
        helper.make_node("Cast", ["halves"], ["states"], to=TensorProto.FLOAT),
        helper.make_node("Cast", ["attention_mask"], ["weights"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["weights", "last"], ["column"]),
        helper.make_node("Mul", ["states", "column"], ["weighted"]),
        helper.make_node("ReduceSum", ["weighted", "tokens"], ["sum"], keepdims=0),
        helper.make_node("LpNormalization", ["sum"], ["embedding"], axis=1, p=2),
    ]
    ids = [helper.make_tensor_value_info(n, TensorProto.INT64, ["b", "t"]) for n in ("input_ids", "attention_mask")]
    vectors = [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["b", int(table.shape[1])])]
    graph = helper.make_graph(nodes, "static", ids, vectors, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=8)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())
