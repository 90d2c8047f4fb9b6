"""ONNX models of a few bytes, made on the spot."""

import hashlib
import json
from typing import Any

import numpy as np
import onnx
import psycopg
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, pre_tokenizers

from datapunk.errors import NoSuchModel
from datapunk.inference.manifest import ModelManifest

WORDS = {"[UNK]": 0, "red": 1, "green": 2, "blue": 3}


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _serialised(nodes: list, inputs: list, outputs: list, constants: list) -> bytes:
    graph = helper.make_graph(nodes, "tiny", inputs, outputs, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return model.SerializeToString()


def embedder_files() -> dict[str, bytes]:
    """An embedder whose vector is the normalised sum of its words' unit vectors (4 dimensions)."""
    constants = [
        numpy_helper.from_array(np.eye(4, dtype=np.float32), "table"),
        numpy_helper.from_array(np.array([2]), "last"),
        numpy_helper.from_array(np.array([1]), "tokens"),
    ]
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["states"]),
        helper.make_node("Cast", ["attention_mask"], ["weights"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["weights", "last"], ["column"]),
        helper.make_node("Mul", ["states", "column"], ["weighted"]),
        helper.make_node("ReduceSum", ["weighted", "tokens"], ["sum"], keepdims=0),
        helper.make_node("LpNormalization", ["sum"], ["embedding"], axis=1, p=2),
    ]
    ids = [helper.make_tensor_value_info(n, TensorProto.INT64, ["b", "t"]) for n in ("input_ids", "attention_mask")]
    vectors = [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["b", 4])]
    tokenizer = Tokenizer(models.WordLevel(WORDS, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return {"model.onnx": _serialised(nodes, ids, vectors, constants), "tokenizer.json": tokenizer.to_str().encode()}


def predictor() -> bytes:
    """Inputs x (float, n x 2), n (int64), s (string); outputs their sum a row, n + n, and s unchanged."""
    nodes = [
        helper.make_node("ReduceSum", ["x", "axis"], ["total"], keepdims=0),
        helper.make_node("Add", ["n", "n"], ["twice"]),
        helper.make_node("Identity", ["s"], ["same"]),
    ]
    kinds = {"x": TensorProto.FLOAT, "n": TensorProto.INT64, "s": TensorProto.STRING}
    shapes = {"x": ["r", 2], "n": ["r"], "s": ["r"]}
    inputs = [helper.make_tensor_value_info(name, kind, shapes[name]) for name, kind in kinds.items()]
    outputs = [
        helper.make_tensor_value_info("total", TensorProto.FLOAT, ["r"]),
        helper.make_tensor_value_info("twice", TensorProto.INT64, ["r"]),
        helper.make_tensor_value_info("same", TensorProto.STRING, ["r"]),
    ]
    return _serialised(nodes, inputs, outputs, [numpy_helper.from_array(np.array([1]), "axis")])


def install_embedder(
    connection: psycopg.Connection[Any], name: str, files: dict[str, bytes], owner: str = "system"
) -> None:
    """Store an embedder, for everybody unless it has an owner, over a superuser's connection."""
    model = connection.execute(
        "insert into forge.model (owner_id, name, recipe) values (%s, %s, 'embedder') returning id", (owner, name)
    ).fetchone()
    assert model
    version = connection.execute(
        "insert into forge.version (owner_id, model_id, version, recipe, code_version, sha256)"
        " values (%s, %s, 1, 'embedder', 'test', 'none') returning id",
        (owner, model[0]),
    ).fetchone()
    assert version
    connection.execute(
        "insert into forge.deployment (owner_id, model_id, version_id) values (%s, %s, %s)",
        (owner, model[0], version[0]),
    )
    for file, content in files.items():
        connection.execute(
            "insert into forge.artifact (owner_id, version_id, name, media_type, sha256, content)"
            " values (%s, %s, %s, 'application/octet-stream', %s, %s)",
            (owner, version[0], file, sha256(content), content),
        )


def row_sums() -> bytes:
    """A predictor over rows of two numbers: `sums` (rows, 1), and the rows themselves as `same`."""
    floats = TensorProto.FLOAT
    nodes = [
        helper.make_node("ReduceSum", ["features", "axis"], ["sums"], keepdims=1),
        helper.make_node("Identity", ["features"], ["same"]),
    ]
    outputs = [helper.make_tensor_value_info(n, floats, ["n", w]) for n, w in (("sums", 1), ("same", 2))]
    features = [helper.make_tensor_value_info("features", floats, ["n", 2])]
    return _serialised(nodes, features, outputs, [numpy_helper.from_array(np.array([1]), "axis")])


class MemoryArtifacts:
    """An ArtifactSource over models in memory; counts its reads."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}
        self.manifests: dict[str, ModelManifest] = {}
        self.reads = 0

    def add(self, name: str, kind: str, files: dict[str, bytes]) -> ModelManifest:
        shas = {file: sha256(content) for file, content in files.items()}
        self.contents |= {shas[file]: content for file, content in files.items()}
        self.manifests[name] = ModelManifest(name=name, kind=kind, files=shas)  # type: ignore[arg-type]
        return self.manifests[name]

    def manifest(self, model: str) -> ModelManifest:
        if model not in self.manifests:
            raise NoSuchModel(f"no model {model!r}", hint="Add it.")
        return self.manifests[model]

    def read(self, sha: str) -> bytes:
        self.reads += 1
        return self.contents[sha]


def tiny_artifacts() -> MemoryArtifacts:
    artifacts = MemoryArtifacts()
    artifacts.add("colours", "embedder", embedder_files())
    graph = predictor()
    artifacts.add(sha256(graph), "predictor", {"model.onnx": graph})
    return artifacts


def as_json(value: object) -> bytes:
    return json.dumps(value).encode()
