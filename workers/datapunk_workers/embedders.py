"""Who embeds a generation's texts for a worker: the model host, a provider over HTTP, or torch in this process."""

import json
import os
import threading
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import psycopg

from datapunk.db import Row
from datapunk.db.psycopg_db import PsycopgDb
from datapunk.errors import NotReady
from datapunk.inference import Purpose, StoredArtifacts, prompted
from datapunk.inference.remote import ProviderRefused, RemoteProvider
from datapunk_workers.queue import Q

# What a text of full length takes where the model does not tell its size, and the share of a GPU's free memory to fill.
_BYTES_A_TEXT = 12_000_000
_SHARE = 0.5
# Texts at once: few on a CPU, whose caches are small; more than the most gain nothing on a GPU.
_LEAST, _MOST = 32, 1024


class BatchEmbedder(Protocol):
    """What the embedding of a backlog needs of a model."""

    def embed(self, texts: Sequence[str], model: str, purpose: Purpose | None = None) -> list[bytes]:
        """Return one packed float32 unit vector a text, in order."""
        ...


class RemoteEmbedder:
    """A provider over HTTP."""

    def __init__(self, provider: RemoteProvider, options: Mapping[str, Any]) -> None:
        self.provider, self._options = provider, options

    def embed(self, texts: Sequence[str], model: str, purpose: Purpose | None = None) -> list[bytes]:
        """See `RemoteProvider.embed`."""
        del model
        return self.provider.embed(prompted(texts, self._options, purpose))


class TorchEmbedder:
    """A sentence-transformers model in this process; its batches are sized by the memory that is free."""

    _loaded: dict[tuple[str, str], Any] = {}  # noqa: RUF012
    _lock = threading.Lock()

    def __init__(self, path_or_name: str, device: str, config: Mapping[str, Any]) -> None:
        self._path, self.device, self._config = path_or_name, device, config

    def embed(self, texts: Sequence[str], model: str, purpose: Purpose | None = None) -> list[bytes]:
        """Return the vectors. Raises ProviderRefused when the model cannot be loaded."""
        del model
        loaded = self._model()
        vectors = loaded.encode(
            list(prompted(texts, self._config, purpose)), batch_size=batch_size(self.device, bytes_a_text(loaded)),
            prompt="", normalize_embeddings=True, show_progress_bar=False,
        )  # fmt: skip
        return [bytes(vector.astype("<f4").tobytes()) for vector in vectors]

    def _model(self) -> Any:
        with self._lock:
            key = (self._path, self.device)
            if key not in self._loaded:
                from sentence_transformers import SentenceTransformer

                try:
                    self._loaded[key] = SentenceTransformer(self._path, device=self.device)
                except (OSError, ValueError) as exc:
                    raise ProviderRefused(f"{self._path} cannot be loaded: {exc}", hint="Check the folder.") from exc
            return self._loaded[key]


def batch_size(device: str, text_bytes: int) -> int:
    """Return how many texts to run at once, by what each takes of a GPU's free memory."""
    if device == "cpu":
        return _LEAST
    import torch

    free, _ = torch.cuda.mem_get_info()
    return max(1, min(_MOST, int(free * _SHARE / text_bytes)))


def bytes_a_text(model: Any) -> int:
    """Return about what a text of full length takes while a sentence-transformers model runs: twelve vectors a token
    (states, queries, keys, values, the feed-forward layer) and the attention of each head, as float32, and half as much
    again."""
    try:
        config = model[0].auto_model.config
        tokens, width, heads = int(model.max_seq_length), int(config.hidden_size), int(config.num_attention_heads)
    except (AttributeError, IndexError, TypeError):
        return _BYTES_A_TEXT
    return 6 * tokens * (12 * width + heads * tokens)


def torch_device(wanted: str) -> str | None:
    """Return the device that torch is to use, None where the model host serves better.

    Raises NotReady when a GPU is asked for and there is none.
    """
    if wanted == "cpu":
        return "cpu"
    # Looked for without loading torch, which takes seconds and memory on every machine that has no GPU.
    if wanted == "auto" and not os.path.exists("/dev/nvidiactl"):
        return None
    import torch

    if torch.cuda.is_available():
        return "cuda"
    if wanted == "cuda":
        raise NotReady("the provider wants a GPU and torch finds none", hint="Set its option device to auto or cpu.")
    return None


def secret_of(row: Row) -> str | None:
    """Return the secret of a provider, None where it has none. Raises ProviderRefused when it is nowhere."""
    if not row["secret"]:
        return None
    secret = os.environ.get(f"DATAPUNK_SECRET_{row['secret']}") or row["value"]
    if not secret:
        raise ProviderRefused(
            f"the provider {row['name']} needs the secret {row['secret']}, which is not set",
            hint=f"Set DATAPUNK_SECRET_{row['secret']} for the workers, or call cortex_secret_set.",
        )
    return str(secret)


def read_provider(row: Row, dimensions: int | None = None) -> RemoteProvider:
    """Return an endpoint from its row. Raises ProviderRefused when its secret is nowhere."""
    options = json.loads(row["options"])
    secret = secret_of(row)
    asked = options.get("dimensions")
    return RemoteProvider(
        name=row["name"], base_url=row["base_url"], model=row["model"], secret=secret,
        timeout_s=float(options.get("timeout_s", 60)), batch=int(options.get("batch", 128)),
        dimensions=dimensions or asked, asked_dimensions=asked,
    )  # fmt: skip


class Embedders:
    """Finds who embeds for a model, and keeps it while a backlog is worked off."""

    def __init__(self, connection: psycopg.Connection[Any], host: BatchEmbedder) -> None:
        self._db, self._host = PsycopgDb(connection), host
        self._found: dict[tuple[str, int | None], BatchEmbedder] = {}
        self.remote: set[str] = set()

    def of(self, model: str, dimensions: int | None = None) -> BatchEmbedder:
        """Return the embedder of a model or provider. Raises ProviderRefused, NotReady."""
        key = (model, dimensions)
        if key not in self._found:
            self._found[key] = self._find(model, dimensions)
        return self._found[key]

    def _find(self, model: str, dimensions: int | None) -> BatchEmbedder:
        rows = self._db.rows(Q.provider_of, model)
        if rows and rows[0]["kind"] == "openai":
            self.remote.add(model)
            return RemoteEmbedder(read_provider(rows[0], dimensions), json.loads(rows[0]["options"]))
        if rows and rows[0]["kind"] == "sentence_transformers":
            device = torch_device(json.loads(rows[0]["options"]).get("device", "auto"))
            if device is not None:
                config = StoredArtifacts(self._db).manifest(model).config
                return TorchEmbedder(rows[0]["model"], device, config)
        return self._host
