"""Embedding what is new: takes an owner's texts off the backlog, asks the model, stores the vectors.

No transaction is open while the model works. A text that no model can embed is found by halving its batch; the rest
lands. Every statement may run twice, so a worker that dies leaves nothing to clean up: its lease ends.
"""

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, LiteralString

import psycopg

from datapunk.errors import DatapunkError, HostUnreachable, NoSuchModel
from datapunk.inference import InferenceClient, vector_literal
from datapunk_workers.queue import RetryLater

# Texts claimed together; sorted by length, so that a request to the model pads little.
_BATCH = 128
_LEASE_S = 300
# A long backlog goes on with a message of its own after this, so that it outlives no lease and other owners get a turn.
_TURN_S = 60.0
# Later attempts at a text that failed, and at a host that was away, come with a message of the queue's own.
_HOST_AWAY_S = 5
_MOST_S = 3600

_CLAIM: LiteralString = "select generation_id, model, text_id, body from cortex.claim_texts(%s, %s)"
_STORE: LiteralString = "select cortex.store_embeddings(%s, %s, %s)"
_FAIL: LiteralString = "select cortex.fail_text(%s, %s, %s)"
_RELEASE: LiteralString = "select cortex.release_texts(%s, %s)"
_GO_ON: LiteralString = "select cortex.enqueue_embedding()"


@dataclass(frozen=True, kw_only=True)
class _Text:
    id: int
    body: str


class EmbeddingHandler:
    """Works off messages {owner_id} of the queue `embedding`; between two batches it heeds `stop`."""

    queue: ClassVar[str] = "embedding"
    lease_s: ClassVar[int] = _LEASE_S

    def __init__(self, stop: threading.Event | None = None) -> None:
        self._stop = stop or threading.Event()

    def handle(
        self, message: Mapping[str, Any], connection: psycopg.Connection[Any], inference: InferenceClient
    ) -> RetryLater | None:
        """Embed all that the message's owner has waiting.

        `connection` is in autocommit mode and logged in as datapunk_worker. Returns None when the message is done.
        """
        connection.execute("select set_config('datapunk.owner', %s, false)", (str(message["owner_id"]),))
        turn_ends = time.monotonic() + _TURN_S
        while rows := connection.execute(_CLAIM, (_BATCH, _LEASE_S)).fetchall():
            generation, model = int(rows[0][0]), str(rows[0][1])
            texts = [_Text(id=row[2], body=row[3]) for row in rows]
            try:
                self._embed(connection, inference, generation, model, texts)
            except (HostUnreachable, NoSuchModel) as exc:
                connection.execute(_RELEASE, (generation, [text.id for text in texts]))
                return RetryLater(seconds=_HOST_AWAY_S, reason=exc.message)
            if self._stop.is_set():
                return RetryLater(seconds=0, reason="the worker stops")
            if time.monotonic() >= turn_ends:
                connection.execute(_GO_ON)
                return None
        connection.execute("select cortex.compact()")
        wait = connection.execute("select cortex.next_retry_s()").fetchone()
        if wait is None or wait[0] is None:
            return None
        return RetryLater(seconds=min(int(wait[0]), _MOST_S), reason="texts that failed are tried again then")

    def _embed(
        self,
        connection: psycopg.Connection[Any],
        inference: InferenceClient,
        generation: int,
        model: str,
        texts: Sequence[_Text],
    ) -> None:
        """Embed and store `texts`; those that fail alone are recorded. Raises HostUnreachable, NoSuchModel."""
        try:
            vectors = [vector_literal(raw) for raw in inference.embed([text.body for text in texts], model)]
            connection.execute(_STORE, (generation, [text.id for text in texts], vectors))
        except (HostUnreachable, NoSuchModel, psycopg.OperationalError):
            # Not the fault of a text.
            raise
        except (DatapunkError, psycopg.Error, ValueError, RuntimeError) as exc:
            if len(texts) == 1:
                connection.execute(_FAIL, (generation, texts[0].id, f"{type(exc).__name__}: {exc}"))
                return
            middle = len(texts) // 2
            self._embed(connection, inference, generation, model, texts[:middle])
            self._embed(connection, inference, generation, model, texts[middle:])
