"""Models kept as rows of Forge, for a client that has a database connection."""

import json

from datapunk.db.protocol import Db
from datapunk.db.queries import load_queries
from datapunk.errors import NoSuchModel
from datapunk.inference.manifest import PIPELINE, ModelManifest

Q = load_queries("datapunk.inference")


class StoredArtifacts:
    """The deployed models that the connection's owner may read: its own, and those of the installation."""

    def __init__(self, db: Db) -> None:
        self._db = db

    def manifest(self, model: str) -> ModelManifest:
        """Return the manifest of an embedder, a reranker or a provider by name, or of another model by its SHA-256.

        Raises NoSuchModel.
        """
        rows = self._db.rows(Q.embedder, model)
        if rows:
            return ModelManifest(
                name=model,
                kind="reranker" if rows[0]["recipe"] == "cross_encoder" else "embedder",
                files=json.loads(rows[0]["files"]),
                config=json.loads(rows[0]["config"]),
            )
        if rows := self._db.rows(Q.provider, model):
            if rows[0]["kind"] in ("openai", "rerank"):
                return ModelManifest(name=model, kind="remote", files={}, config=json.loads(rows[0]["config"]))
            raise NoSuchModel(
                f"the model {model!r} is not prepared yet", hint="A worker does it; see the view providers."
            )
        if rows := self._db.rows(Q.predictor, model):
            if rows[0]["name"] == PIPELINE:
                return ModelManifest(name=model, kind="entity_recognizer", files={PIPELINE: model})
            return ModelManifest(name=model, kind="predictor", files={"model.onnx": model})
        if rows := self._db.rows(Q.own_embedder, model):
            return ModelManifest(name=model, kind="embedder", files=json.loads(rows[0]["files"]))
        raise NoSuchModel(
            f"no model {model!r}", hint="The view models lists the models; `datapunk install` stores the default."
        )

    def read(self, sha: str) -> bytes:
        """Return the content of an artifact. Raises NoSuchModel when it is not there."""
        rows = self._db.rows(Q.content, sha)
        if not rows:
            raise NoSuchModel(f"no artifact {sha}", hint="The version that it belonged to may have been dropped.")
        return bytes(rows[0]["content"])
