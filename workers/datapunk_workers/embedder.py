"""Embeddings for a training: through the model host, over a connection of its own that is opened at the first text."""

from collections.abc import Sequence
from types import TracebackType
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray

from datapunk.db import load_queries
from datapunk.db.psycopg_db import PsycopgDb
from datapunk.inference import InferenceClient, connect
from datapunk.settings import Settings
from datapunk_workers.connection import WorkerArtifacts, act_as, open_connection


class Embedder:
    """Embeds texts as an owner; a context manager."""

    def __init__(self, dsn: str, owner_id: str) -> None:
        self._dsn, self._owner_id = dsn, owner_id
        self._connection: psycopg.Connection[Any] | None = None
        self._client: InferenceClient | None = None

    def __enter__(self) -> "Embedder":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is not None:
            self._connection.close()

    def embed(self, texts: Sequence[str], model: str) -> NDArray[np.float32]:
        """Return unit vectors, shape (texts, dimensions). Raises NoSuchModel, HostUnreachable."""
        if self._client is None:
            self._connection = open_connection(self._dsn)
            act_as(self._connection, self._owner_id)
            settings = Settings.from_mapping(PsycopgDb(self._connection).rows(load_queries("datapunk.db").settings)[0])
            self._client = connect(settings, {}, WorkerArtifacts(self._connection))
        vectors = self._client.embed(texts, model)
        return np.frombuffer(b"".join(vectors), dtype="<f4").reshape(len(texts), -1)
