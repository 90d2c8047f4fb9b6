"""The loop of one queue: take a message, handle it, settle it; come back when PostgreSQL does."""

import logging
import threading
from typing import Any

import psycopg

from datapunk.db import load_queries
from datapunk.db.psycopg_db import PsycopgDb
from datapunk.errors import DatapunkError
from datapunk.inference import connect
from datapunk.settings import Settings
from datapunk_workers.connection import WorkerArtifacts, act_as, open_connection
from datapunk_workers.queue import Handler, Message, Queue

log = logging.getLogger(__name__)
# How often a queue is looked at without a notification: messages whose lease ended come back in silence.
_POLL_S = 1.0
_MAX_BACKOFF_S = 10.0
_MAX_RETRY_S = 60
_MAX_READS = 10


class QueueLoop:
    """Works off one queue, in a thread of its own, until `stop` is set. `wake` says that a message may be there."""

    def __init__(self, dsn: str, handler: Handler, stop: threading.Event) -> None:
        self._dsn, self._handler, self._stop = dsn, handler, stop
        self._thread = threading.Thread(target=self._run, name=f"queue {handler.queue}")
        self.wake = threading.Event()
        self.handled = self.failed = 0

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def join(self) -> None:
        """Wait until the loop has ended."""
        self._thread.join()

    def is_alive(self) -> bool:
        """Whether the loop has begun and not ended."""
        return self._thread.is_alive()

    def _run(self) -> None:
        """Work until stopped; connect again, ever more slowly, while PostgreSQL is away."""
        pause = 0.5
        while not self._stop.is_set():
            try:
                with open_connection(self._dsn) as connection:
                    pause = 0.5
                    self._work(connection)
            except psycopg.OperationalError as exc:
                log.warning("queue %s: PostgreSQL is away, again in %.1f s: %s", self._handler.queue, pause, exc)
                self._stop.wait(pause)
                pause = min(pause * 2, _MAX_BACKOFF_S)

    def _work(self, connection: psycopg.Connection[Any]) -> None:
        queue = Queue(connection, self._handler.queue)
        # By owner: what a client keeps of models must not serve somebody else's.
        caches: dict[str, dict[str, Any]] = {}
        while not self._stop.is_set():
            self.wake.clear()
            messages = queue.receive(self._handler.lease_s)
            if not messages:
                self.wake.wait(_POLL_S)
            for message in messages:
                self._handle(connection, queue, message, caches)

    def _handle(
        self, connection: psycopg.Connection[Any], queue: Queue, message: Message, caches: dict[str, dict[str, Any]]
    ) -> None:
        try:
            owner = str(message["owner_id"])
            act_as(connection, owner)
            settings = Settings.from_mapping(PsycopgDb(connection).rows(load_queries("datapunk.db").settings)[0])
            cache = caches.setdefault(owner, {})
            inference = connect(settings, cache, WorkerArtifacts(connection))
            again = self._handler.handle(message, connection, inference)
        except psycopg.OperationalError:
            if connection.closed:
                raise
            self._settle_failure(queue, message, "lost a resource of PostgreSQL")
        except Exception as exc:
            # Whatever a handler meets must not end the loop: the message is tried again, then put aside.
            log.exception("queue %s: message %s failed", queue.name, message.id)
            self._settle_failure(queue, message, exc.message if isinstance(exc, DatapunkError) else repr(exc))
        else:
            self.handled += 1
            if again is None:
                queue.done(message)
            else:
                log.info("queue %s: message %s again in %s s: %s", queue.name, message.id, again.seconds, again.reason)
                queue.extend(message, again.seconds)

    def _settle_failure(self, queue: Queue, message: Message, reason: str) -> None:
        self.failed += 1
        if message.read_count >= _MAX_READS:
            queue.bury(message, reason)
        else:
            queue.extend(message, min(2**message.read_count, _MAX_RETRY_S))
