"""Artifacts and models in memory, the least recently used dropped first. Nothing is ever unpickled."""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from datapunk.errors import DatapunkError
from datapunk.inference.manifest import FolderArtifacts, ModelManifest
from datapunk.inference.onnx_models import Embedder, Predictor, Reranker
from datapunk.inference.remote import RemoteProvider
from datapunk.inference.sealing import opened
from datapunk_workers.host.batching import Batcher
from datapunk_workers.host.entities import EntityFinder
from datapunk_workers.host.errors import RequestRefused
from datapunk_workers.host.metrics import Metrics

_PROVIDERS = 256


@dataclass(frozen=True, kw_only=True)
class LoadedModel:
    """A model ready to answer; `size` in bytes of its files."""

    manifest: ModelManifest
    model: Batcher | Predictor | Reranker | EntityFinder
    size: int


class ModelStore:
    """Holds what clients push, up to `capacity` bytes for artifacts and models each.

    A model is reached by its content's identity; only preloaded ones have a plain name besides, so that no client can
    put another model under a name in use.
    """

    def __init__(self, *, threads: int, capacity: int, metrics: Metrics) -> None:
        self._threads = threads
        self._capacity = capacity
        self._metrics = metrics
        self._artifacts: OrderedDict[str, bytes] = OrderedDict()
        self._models: OrderedDict[str, LoadedModel] = OrderedDict()
        self._aliases: dict[str, str] = {}
        self._providers: OrderedDict[str, RemoteProvider] = OrderedDict()

    def preload(self, folder: Path) -> None:
        """Load the embedder of `folder`, reachable by its plain name too."""
        source = FolderArtifacts(folder)
        manifest = source.manifest(source.name)
        files = {name: source.read(sha) for name, sha in manifest.needed.items()}
        self._keep(load_model(manifest, files, self._threads, self._metrics))
        self._aliases[manifest.name] = manifest.identity

    def put_provider(self, key: str, provider: RemoteProvider) -> None:
        """Keep how to reach a provider; only who knows its key can have it asked."""
        self._providers[f"provider:{key}"] = provider
        self._providers.move_to_end(f"provider:{key}")
        while len(self._providers) > _PROVIDERS:
            self._providers.popitem(last=False)

    def provider(self, name: str) -> RemoteProvider | None:
        """Return the provider that a name stands for; None for names of models. Refuses unknown ones with 404."""
        if not name.startswith("provider:"):
            return None
        if name not in self._providers:
            raise RequestRefused(404, "model_not_found", "the provider is not known; a worker tells of it")
        return self._providers[name]

    def names(self) -> list[str]:
        """Return the names under which models answer."""
        return [*self._aliases, *self._models]

    def put_artifact(self, sha: str, content: bytes) -> None:
        """Keep an artifact until a model takes it.

        Refuses one that does not have this SHA-256, or is sealed with a key that is not here.
        """
        try:
            content = opened(content)
        except DatapunkError as exc:
            raise RequestRefused(400, "artifact_sealed", f"{exc.message}. {exc.hint}") from exc
        if hashlib.sha256(content).hexdigest() != sha:
            raise RequestRefused(400, "checksum_mismatch", f"the content does not have SHA-256 {sha}")
        if len(content) > self._capacity:
            raise RequestRefused(413, "artifact_too_large", f"an artifact has at most {self._capacity} bytes here")
        self._artifacts[sha] = content
        self._artifacts.move_to_end(sha)
        while sum(map(len, self._artifacts.values())) > self._capacity:
            self._artifacts.popitem(last=False)

    def find(self, name: str) -> LoadedModel:
        """Return a model by identity or preloaded name. Refuses with 404 model_not_found."""
        identity = self._aliases.get(name, name)
        loaded = self._models.get(identity)
        if loaded is None:
            raise RequestRefused(404, "model_not_found", f"model {name!r} is not loaded; push it with PUT /models")
        self._models.move_to_end(identity)
        return loaded

    def is_loaded(self, identity: str) -> bool:
        """Tell whether a model of this identity is in memory."""
        return identity in self._models

    def files_for(self, manifest: ModelManifest) -> dict[str, bytes]:
        """Return the pushed files of a model. Refuses with 409 artifact_missing when one is not here."""
        missing = [sha for sha in manifest.needed.values() if sha not in self._artifacts]
        if missing:
            raise RequestRefused(409, "artifact_missing", f"push these artifacts first: {', '.join(missing)}")
        return {name: self._artifacts[sha] for name, sha in manifest.needed.items()}

    def load(self, manifest: ModelManifest, files: dict[str, bytes]) -> LoadedModel:
        """Open the sessions of a model (slow; runs outside of the event loop). Refuses damaged files with 400."""
        try:
            return load_model(manifest, files, self._threads, self._metrics)
        except DatapunkError as exc:
            raise RequestRefused(400, "model_unusable", exc.message) from exc

    def add(self, loaded: LoadedModel) -> None:
        """Keep a loaded model and let go of its artifacts."""
        for sha in loaded.manifest.needed.values():
            self._artifacts.pop(sha, None)
        self._keep(loaded)

    def _keep(self, loaded: LoadedModel) -> None:
        self._models[loaded.manifest.identity] = loaded
        self._models.move_to_end(loaded.manifest.identity)
        while len(self._models) > 1 and sum(model.size for model in self._models.values()) > self._capacity:
            self._models.popitem(last=False)
            self._metrics.evictions.inc()
        self._metrics.models.set(len(self._models))
        self._metrics.model_bytes.set(sum(model.size for model in self._models.values()))


def load_model(manifest: ModelManifest, files: dict[str, bytes], threads: int, metrics: Metrics) -> LoadedModel:
    """Open a model. Raises UnsupportedFile when its files are damaged."""
    size = sum(map(len, files.values()))
    model: Batcher | Predictor | Reranker | EntityFinder
    if manifest.kind == "embedder":
        model = Batcher(Embedder(files, threads=1), metrics, threads=threads)
    elif manifest.kind == "reranker":
        model = Reranker(files, threads=threads)
    elif manifest.kind == "entity_recognizer":
        model = EntityFinder(files)
    else:
        model = Predictor(files, threads=threads)
    return LoadedModel(manifest=manifest, model=model, size=size)
