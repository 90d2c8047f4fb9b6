"""Embeddings and predictions: the client of the model host, with in-process ONNX as its fallback.

numpy and onnxruntime are imported only when the fallback runs.
"""

from datapunk.inference.artifacts import StoredArtifacts
from datapunk.inference.client import InferenceClient, connect
from datapunk.inference.manifest import PIPELINE, ArtifactSource, FolderArtifacts, ModelManifest
from datapunk.inference.prompts import Purpose, prompted
from datapunk.inference.scores import KEY_WIDTH, ScoreForm, ScoreResult, Scores
from datapunk.inference.vectors import vector_literal

__all__ = [
    "KEY_WIDTH",
    "PIPELINE",
    "ArtifactSource",
    "FolderArtifacts",
    "InferenceClient",
    "ModelManifest",
    "Purpose",
    "ScoreForm",
    "ScoreResult",
    "Scores",
    "StoredArtifacts",
    "connect",
    "prompted",
    "vector_literal",
]
