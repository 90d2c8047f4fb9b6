"""A worker: one process, a loop for each queue, woken by notifications, reporting that it lives."""

import json
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Collection
from types import FrameType
from typing import Any

import psycopg

from datapunk import __version__
from datapunk.db.psycopg_db import PsycopgDb
from datapunk.errors import InvalidArgument
from datapunk_workers.answering import AnswerHandler
from datapunk_workers.batches import IndexingHandler
from datapunk_workers.connection import check_schema, open_connection
from datapunk_workers.delivery import DeliveryHandler
from datapunk_workers.embedding import EmbeddingHandler
from datapunk_workers.loop import QueueLoop
from datapunk_workers.maintenance import MaintenanceHandler
from datapunk_workers.pii import PiiHandler
from datapunk_workers.providers import ProviderNews
from datapunk_workers.queue import Handler, Q
from datapunk_workers.training import TrainingHandler

log = logging.getLogger(__name__)
_REPORT_S = 5.0
# How often uploads that were abandoned are thrown away.
_EXPIRY_S = 3_600.0
# How long a stop may go unnoticed.
_LISTEN_S = 0.5
_MAX_BACKOFF_S = 10.0


class Worker:
    """Loops for the queues of embedding, training, delivery, maintenance, asking, indexing and pii, or for those of
    them that `queues` names; `run` returns after `stop`."""

    def __init__(self, dsn: str, *, lease_s: int = 10, queues: Collection[str] = ()) -> None:
        self.name = f"worker {socket.gethostname()} {os.getpid()}"
        self._dsn = dsn
        self._stop = threading.Event()
        self._training = TrainingHandler(dsn, self.name, self._stop, lease_s=lease_s)
        handlers: tuple[Handler, ...] = (
            self._training,
            EmbeddingHandler(self._stop),
            DeliveryHandler(lease_s=lease_s),
            MaintenanceHandler(dsn, self._stop),
            AnswerHandler(dsn, self.name, self._stop, lease_s=lease_s),
            IndexingHandler(self._stop),
            PiiHandler(self._stop),
        )
        if unknown := set(queues) - {handler.queue for handler in handlers}:
            raise InvalidArgument(
                f"no queue {', '.join(sorted(unknown))}",
                hint=f"There are {', '.join(handler.queue for handler in handlers)}.",
            )
        self._loops = {
            handler.queue: QueueLoop(dsn, handler, self._stop)
            for handler in handlers
            if not queues or handler.queue in queues
        }
        self._news = ProviderNews()

    def stop(self) -> None:
        """End after the message in hand; a training is given back."""
        self._stop.set()
        for loop in self._loops.values():
            loop.wake.set()

    def run(self) -> None:
        """Work until `stop`. Raises NotReady when the database's tables are newer than this code, and RuntimeError when
        a loop has died: then the supervisor starts the worker anew.
        """
        try:
            self._run()
        finally:
            self.stop()
            for loop in self._loops.values():
                if loop.is_alive():
                    loop.join()

    def _run(self) -> None:
        started = False
        pause = 0.5
        while not self._stop.is_set():
            try:
                with open_connection(self._dsn) as connection:
                    check_schema(connection)
                    pause = 0.5
                    if not started:
                        for loop in self._loops.values():
                            loop.start()
                        started = True
                        log.info("%s is ready for the queues %s", self.name, ", ".join(self._loops))
                    self._listen(connection)
            except psycopg.OperationalError as exc:
                log.warning("PostgreSQL is away, again in %.1f s: %s", pause, exc)
                self._stop.wait(pause)
                pause = min(pause * 2, _MAX_BACKOFF_S)

    def _listen(self, connection: psycopg.Connection[Any]) -> None:
        """Wake the loops for new messages, and report every few seconds; both over this connection."""
        connection.execute("listen datapunk_queue")
        for loop in self._loops.values():
            loop.wake.set()
        db = PsycopgDb(connection)
        next_report = next_expiry = 0.0
        while not self._stop.is_set():
            dead = [name for name, loop in self._loops.items() if not loop.is_alive()]
            if dead and not self._stop.is_set():
                raise RuntimeError(f"the loop of queue {', '.join(dead)} has died")
            if time.monotonic() >= next_report:
                db.execute(Q.process_report, self.name, __version__, json.dumps(self._detail()))
                self._news.tell(connection)
                next_report = time.monotonic() + _REPORT_S
            if time.monotonic() >= next_expiry:
                db.execute(Q.expire_uploads)
                next_expiry = time.monotonic() + _EXPIRY_S
            for notice in connection.notifies(timeout=_LISTEN_S, stop_after=1):
                if notice.payload in self._loops:
                    self._loops[notice.payload].wake.set()

    def _detail(self) -> dict[str, object]:
        counts = {name: {"handled": loop.handled, "failed": loop.failed} for name, loop in self._loops.items()}
        return {"queues": counts, "training": self._training.job_id}


def main(dsn: str) -> None:
    """Run a worker until SIGTERM or SIGINT. DATAPUNK_QUEUES, names with commas, keeps it to some queues."""
    lease_s = int(os.environ.get("DATAPUNK_LEASE_S", "10"))
    # A worker of some queues leaves the processor to them: an import waits for indexing, and nobody for embedding.
    queues = [name.strip() for name in os.environ.get("DATAPUNK_QUEUES", "").split(",") if name.strip()]
    worker = Worker(dsn, lease_s=lease_s, queues=queues)

    def on_signal(number: int, _frame: FrameType | None) -> None:
        log.info("stopping on %s", signal.Signals(number).name)
        worker.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    worker.run()
