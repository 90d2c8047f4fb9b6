"""The fallback: the same models inside this process, kept in the caller's cache."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from datapunk.inference.manifest import ArtifactSource, ModelManifest
from datapunk.inference.scores import ScoreForm, Scores

if TYPE_CHECKING:
    from datapunk.inference.onnx_models import Embedder, Predictor, Reranker

_THREADS = 1
_KEPT_MODELS = 4


class InProcess:
    """Loads models on first use; keeps the few used last."""

    def __init__(self, cache: dict[str, Any], artifacts: ArtifactSource) -> None:
        self._models: dict[str, Any] = cache.setdefault("inference.models", {})
        self._artifacts = artifacts

    def embed(self, texts: Sequence[str], manifest: ModelManifest) -> list[bytes]:
        """Return one packed float32 unit vector a text."""
        embedder: Embedder = self._load(manifest)
        return embedder.embed(texts)

    def rerank(self, query: str, documents: Sequence[str], manifest: ModelManifest) -> list[float]:
        """Return one score a document."""
        reranker: Reranker = self._load(manifest)
        return reranker.rerank(query, documents)

    def count_tokens(self, texts: Sequence[str], manifest: ModelManifest) -> list[int]:
        """Return how many tokens each text has."""
        embedder: Embedder = self._load(manifest)
        return embedder.count_tokens(texts)

    def predict(self, inputs: Mapping[str, Any], manifest: ModelManifest) -> dict[str, Any]:
        """Return the named outputs of a predictor."""
        predictor: Predictor = self._load(manifest)
        return predictor.predict(inputs)

    def score(self, packed: bytes, manifest: ModelManifest, form: ScoreForm) -> Scores:
        """Return the scores of packed rows."""
        predictor: Predictor = self._load(manifest)
        return predictor.score(packed, form)

    def _load(self, manifest: ModelManifest) -> Any:
        model = self._models.pop(manifest.identity, None)
        if model is None:
            from datapunk.inference.onnx_models import MODEL_CLASSES
            from datapunk.inference.sealing import opened

            files = {name: opened(self._artifacts.read(sha)) for name, sha in manifest.needed.items()}
            model = MODEL_CLASSES[manifest.kind](files, threads=_THREADS)
        self._models[manifest.identity] = model
        while len(self._models) > _KEPT_MODELS:
            del self._models[next(iter(self._models))]
        return model
