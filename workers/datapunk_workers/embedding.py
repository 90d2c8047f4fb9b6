"""Embedding what is new: takes an owner's texts off the backlog, asks the model, stores the vectors.

No transaction is open while the model works: it is asked in threads of their own, while the connection stores what came
before. A text that no model can embed is found by halving its batch; the rest lands. Every statement may run twice, so
a worker that dies leaves nothing to clean up: its lease ends.
"""

import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any, ClassVar, LiteralString

import psycopg

from datapunk.errors import DatapunkError, HostUnreachable, InvalidArgument, NoSuchModel, NotReady
from datapunk.inference import vector_literal
from datapunk.inference.remote import ProviderRefused, ProviderUnavailable
from datapunk_workers.embedders import BatchEmbedder, Embedders, RemoteEmbedder, TorchEmbedder
from datapunk_workers.queue import Message, RetryLater

# Texts in a request; taken in windows of several, sorted by length, so that a request to the model pads little.
_BATCH = 128
_WINDOW = 8 * _BATCH
# Requests under way: one that the model works on and one that waits for it. More would only hold texts back.
_IN_FLIGHT = 2
# Texts that wait before there is an index worth the name: it is built after them.
_BULK = 5_000
_LEASE_S = 300
# A long backlog goes on with a message of its own after this, so that it outlives no lease and other owners get a turn.
_TURN_S = 60.0
# Later attempts at a text that failed, and at a host that was away, come with a message of the queue's own.
_HOST_AWAY_S = 5
_MOST_S = 3600
# A provider that fails is left alone twice as long each time.
_LONGEST_PAUSE_S = 300
_REFUSED_PAUSE_S = 60
# So many texts in a row that each fail alone are not to blame themselves.
_SUSPICIOUS = 8

_CLAIM: LiteralString = "select generation_id, model, text_id, body from cortex.claim_texts(%s, %s)"
_STORE: LiteralString = "select cortex.store_embeddings(%s, %s, %s)"
_FAIL: LiteralString = "select cortex.fail_text(%s, %s, %s)"
_RELEASE: LiteralString = "select cortex.release_texts(%s, %s)"
_GO_ON: LiteralString = "select cortex.enqueue_embedding()"
_DIMENSIONS: LiteralString = "select dimensions from cortex.generation_state(%s)"
_PAUSE: LiteralString = "select cortex.pause_provider(%s, %s, %s)"
_NEWER: LiteralString = "select cortex.newer_message(%s, %s)"
_RECALL: LiteralString = "select cortex.enqueue_maintenance('recall') where cortex.recall_due()"


@dataclass(frozen=True, kw_only=True)
class _Text:
    id: int
    body: str


@dataclass(frozen=True, kw_only=True)
class _Batch:
    generation: int
    model: str
    embedder: BatchEmbedder
    texts: Sequence[_Text]

    @property
    def ids(self) -> list[int]:
        return [text.id for text in self.texts]

    def embed(self) -> list[str]:
        texts = [text.body for text in self.texts]
        return [vector_literal(raw) for raw in self.embedder.embed(texts, self.model, "document")]

    def halves(self) -> tuple["_Batch", "_Batch"]:
        middle = len(self.texts) // 2
        return self._part(self.texts[:middle]), self._part(self.texts[middle:])

    def _part(self, texts: Sequence[_Text]) -> "_Batch":
        return _Batch(generation=self.generation, model=self.model, embedder=self.embedder, texts=texts)


class _GenerationGone(Exception):
    """The generation was dropped while its texts were embedded."""


class EmbeddingHandler:
    """Works off messages {owner_id} of the queue `embedding`; between two batches it heeds `stop`."""

    queue: ClassVar[str] = "embedding"
    lease_s: ClassVar[int] = _LEASE_S

    def __init__(self, stop: threading.Event | None = None) -> None:
        self._stop = stop or threading.Event()
        # Kept, as each of its threads keeps a connection to the model host.
        self._pool = ThreadPoolExecutor(_IN_FLIGHT, thread_name_prefix="model")

    def handle(
        self, message: Mapping[str, Any], connection: psycopg.Connection[Any], inference: BatchEmbedder
    ) -> RetryLater | None:
        """Embed all that the message's owner has waiting.

        `connection` is in autocommit mode and logged in as datapunk_worker. Returns None when the message is done.
        """
        connection.execute("select set_config('datapunk.owner', %s, false)", (str(message["owner_id"]),))
        again = _Turn(connection, Embedders(connection, inference), self._pool, self._stop).work()
        if again is None:
            connection.execute("select cortex.compact()")
            connection.execute(_RECALL)
            row = connection.execute("select cortex.next_retry_s()").fetchone()
            if row is None or row[0] is None:
                return None
            again = RetryLater(seconds=min(int(row[0]), _MOST_S), reason="texts that failed are tried again then")
        if again.seconds < 0 or (again.seconds > 0 and self._comes_later(connection, message, again.seconds)):
            return None
        return again

    @staticmethod
    def _comes_later(connection: psycopg.Connection[Any], message: Mapping[str, Any], seconds: int) -> bool:
        """Whether another message brings a worker back to the owner's backlog, so that they do not pile up."""
        if not isinstance(message, Message):
            return False
        row = connection.execute(_NEWER, (message.id, seconds)).fetchone()
        return bool(row and row[0])


class _Turn:
    """One turn at an owner's backlog."""

    def __init__(
        self, connection: psycopg.Connection[Any], embedders: Embedders, pool: ThreadPoolExecutor, stop: threading.Event
    ) -> None:
        self._connection, self._embedders, self._pool, self._stop = connection, embedders, pool, stop
        self._ends = time.monotonic() + _TURN_S
        # Taken and neither stored nor failed, by generation: given back when the turn ends early.
        self._held: dict[int, set[int]] = {}
        self._failing = 0
        self._model = ""

    def work(self) -> RetryLater | None:
        """Embed until nothing is left (None), or until there is a reason to stop. Negative seconds: goes on anew."""
        self._connection.execute("select cortex.defer_index(%s)", (_BULK,))
        running: deque[tuple[_Batch, Future[list[str]]]] = deque()
        try:
            for batch in self._batches():
                running.append((batch, self._pool.submit(batch.embed)))
                if len(running) >= _IN_FLIGHT:
                    self._settle(*running.popleft())
                    if (reason := self._reason_to_stop()) is not None:
                        return reason
            while running:
                self._settle(*running.popleft())
        except _GenerationGone:
            return RetryLater(seconds=0, reason="the generation was dropped meanwhile")
        except (HostUnreachable, NoSuchModel, NotReady) as exc:
            return self._away(exc)
        finally:
            for _, future in running:
                if not future.cancel():
                    # The connection's owner must not change under what still runs.
                    wait([future])
            for generation, ids in self._held.items():
                if ids:
                    self._connection.execute(_RELEASE, (generation, list(ids)))
        return None

    def _batches(self) -> Iterator[_Batch]:
        while rows := self._connection.execute(_CLAIM, (_WINDOW, _LEASE_S)).fetchall():
            generation, self._model = int(rows[0][0]), str(rows[0][1])
            self._held.setdefault(generation, set()).update(int(row[2]) for row in rows)
            dimensions = self._connection.execute(_DIMENSIONS, (generation,)).fetchone()
            embedder = self._embedders.of(self._model, dimensions[0] if dimensions else None)
            size = _BATCH
            if isinstance(embedder, RemoteEmbedder):
                # What a provider takes at once fails at once.
                size = min(_BATCH, embedder.provider.batch)
            elif isinstance(embedder, TorchEmbedder) and embedder.device != "cpu":
                # As many as there are: a GPU divides them by its memory.
                size = _WINDOW
            for start in range(0, len(rows), size):
                texts = [_Text(id=row[2], body=row[3]) for row in rows[start : start + size]]
                yield _Batch(generation=generation, model=self._model, embedder=embedder, texts=texts)

    def _settle(self, batch: _Batch, future: "Future[list[str]]") -> None:
        """Store what a batch became, or find the texts that spoil it."""
        self._model = batch.model
        try:
            vectors = future.result()
            stored = self._connection.execute(_STORE, (batch.generation, batch.ids, vectors)).fetchone()
        except (HostUnreachable, NoSuchModel, NotReady, psycopg.OperationalError):
            # Not the fault of a text.
            raise
        except (DatapunkError, psycopg.Error, ValueError, RuntimeError) as exc:
            self._halve(batch, exc)
            return
        if stored == (None,):
            raise _GenerationGone
        self._failing = 0
        self._held[batch.generation].difference_update(batch.ids)
        if batch.model in self._embedders.remote:
            self._connection.execute(_PAUSE, (batch.model, 0, None))

    def _halve(self, batch: _Batch, error: Exception) -> None:
        if len(batch.texts) > 1:
            for half in batch.halves():
                self._settle(half, self._pool.submit(half.embed))
            return
        if batch.model in self._embedders.remote and isinstance(error, InvalidArgument):
            self._failing += 1
            if self._failing >= _SUSPICIOUS:
                raise ProviderRefused(
                    f"{_SUSPICIOUS} texts in a row were refused, the last one: {error}", hint="Check model and address."
                ) from error
        self._connection.execute(_FAIL, (batch.generation, batch.texts[0].id, f"{type(error).__name__}: {error}"))
        self._held[batch.generation].difference_update(batch.ids)

    def _reason_to_stop(self) -> RetryLater | None:
        if self._stop.is_set():
            return RetryLater(seconds=0, reason="the worker stops")
        if time.monotonic() >= self._ends:
            self._connection.execute(_GO_ON)
            return RetryLater(seconds=-1, reason="goes on with a message of its own")
        return None

    def _away(self, error: DatapunkError) -> RetryLater:
        """Leave a provider alone for a while; the host is asked again soon."""
        if self._model not in self._embedders.remote and not isinstance(error, ProviderRefused):
            return RetryLater(seconds=_HOST_AWAY_S, reason=error.message)
        pause: float = _REFUSED_PAUSE_S
        if isinstance(error, ProviderUnavailable):
            row = self._connection.execute("select failures from cortex.provider_of(%s)", (self._model,)).fetchone()
            failures = int(row[0]) if row else 0
            wanted = error.retry_after if error.retry_after is not None else 2.0 ** min(failures, 9)
            pause = min(max(wanted, 0.5), _MOST_S if error.retry_after is not None else _LONGEST_PAUSE_S)
        self._connection.execute(_PAUSE, (self._model, pause, error.message))
        # Other generations go on meanwhile; what waits for this one comes back when its pause is over.
        return RetryLater(seconds=min(max(1, round(pause)), _HOST_AWAY_S), reason=error.message)
