"""The tail of the lexical index: batches of items that a large statement left to be indexed right after.

Each batch is a transaction of its own, in which its note goes: a worker that is killed leaves it to the next, and two
that come at once take different ones.
"""

import threading
from typing import Any, ClassVar

import psycopg

from datapunk.db import one
from datapunk.db.psycopg_db import PsycopgDb
from datapunk.inference import InferenceClient
from datapunk_workers.queue import Message, Q, RetryLater

_HELD_S = 1


class IndexingHandler:
    """Handles the queue `indexing`: messages {owner_id, task}; the task `names` takes the items' names in as well."""

    queue: ClassVar[str] = "indexing"
    lease_s: ClassVar[int] = 60

    def __init__(self, stop: threading.Event | None = None) -> None:
        self._stop = stop or threading.Event()

    def handle(
        self, message: Message, connection: psycopg.Connection[Any], inference: InferenceClient
    ) -> RetryLater | None:
        """Index until the owner has no batch that nobody works on."""
        del inference
        db = PsycopgDb(connection)
        while (items := one(db.rows(Q.index_batch))["items"]) is not None:
            if items < 0:
                return RetryLater(seconds=_HELD_S, reason="others hold what is left")
            if self._stop.is_set():
                return RetryLater(seconds=0, reason="the worker stops")
        if message["task"] == "names":
            db.rows(Q.take_names)
        return None
