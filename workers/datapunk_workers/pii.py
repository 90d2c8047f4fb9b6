"""Looking through items for personal data: takes an owner's items, has their texts read, stores what was found.

No transaction is open meanwhile. An item that cannot be read is found by halving its batch and kept with the reason;
the rest lands. Every statement may run twice, so a worker that dies leaves nothing to clean up.
"""

import json
import logging
import threading
import time
from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple, Protocol

import psycopg

from datapunk.db.psycopg_db import PsycopgDb
from datapunk.errors import NotReady
from datapunk.inference import InferenceClient
from datapunk.pii import Span
from datapunk_workers.pii_process import PiiProcess, TextRefused
from datapunk_workers.queue import Message, Q, RetryLater

log = logging.getLogger(__name__)
_BATCH = 100
_LEASE_S = 600
# A long backlog goes on with a message of its own after this, so that other owners get a turn.
_TURN_S = 60.0
_NOT_READY_S = 60


class Finds(Protocol):
    """What looks for personal data."""

    model: str

    def find(self, texts: Sequence[str], model: str, least_score: float) -> list[list[Span]]:
        """Return the spans of each text. Raises TextRefused, NotReady."""
        ...


class _Item(NamedTuple):
    id: int
    revision: int
    texts: dict[str, str]


class PiiHandler:
    """Handles the queue `pii`; a message names an owner."""

    queue: ClassVar[str] = "pii"
    lease_s = _LEASE_S

    def __init__(self, stop: threading.Event | None = None, finds: Finds | None = None) -> None:
        self._stop = stop or threading.Event()
        self._finds: Finds = finds or PiiProcess()

    def handle(
        self, message: Message, connection: psycopg.Connection[Any], inference: InferenceClient
    ) -> RetryLater | None:
        """Look through what waits; returns when to come back, None when nothing is left."""
        del message, inference
        db = PsycopgDb(connection)
        settings = db.rows(Q.pii_settings)[0]
        turn = _Turn(db, self._finds, str(settings["model"]), float(settings["least_score"]))
        ends = time.monotonic() + _TURN_S
        while rows := db.rows(Q.claim_pii, _BATCH, _LEASE_S):
            items = [_Item(row["item_id"], row["revision"], json.loads(row["texts"])) for row in rows]
            try:
                turn.settle(items)
            except NotReady as exc:
                db.rows(Q.release_pii, [item.id for item in items])
                log.warning("personal data: %s", exc.message)
                return RetryLater(seconds=_NOT_READY_S, reason=exc.message)
            if self._stop.is_set():
                return RetryLater(seconds=0, reason="the worker stops")
            if time.monotonic() >= ends:
                db.rows(Q.enqueue_pii)
                return None
        return None


class _Turn:
    def __init__(self, db: PsycopgDb, finds: Finds, model: str, least_score: float) -> None:
        self._db, self._finds, self._model, self._least_score = db, finds, model, least_score

    def settle(self, items: Sequence[_Item]) -> None:
        """Store what items hold, or find the one that spoils the batch. Raises NotReady."""
        texts = [text for item in items for text in item.texts.values()]
        try:
            spans = iter(self._finds.find(texts, self._model, self._least_score))
            results = [
                {
                    "item_id": item.id, "revision": item.revision,
                    "found": [_row(field, span) for field in item.texts for span in next(spans)],
                }
                for item in items
            ]  # fmt: skip
            self._db.rows(Q.store_pii, json.dumps(results), self._finds.model)
        except (TextRefused, psycopg.DataError) as exc:
            if len(items) == 1:
                log.warning("personal data: item %s: %s", items[0].id, type(exc).__name__)
                self._db.rows(Q.fail_pii, items[0].id, items[0].revision, str(exc))
                return
            half = len(items) // 2
            self.settle(items[:half])
            self.settle(items[half:])


def _row(field: str, span: Span) -> dict[str, object]:
    return {
        "field": field, "start_offset": span.start, "end_offset": span.end, "entity_type": span.type,
        "score": span.score, "recogniser": span.recogniser,
    }  # fmt: skip
