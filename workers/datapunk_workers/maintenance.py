"""Upkeep of generations: building one beside the active one, switching, catching up, indexing, measuring.

Each message may be delivered twice or to two workers: a lock in the database lets one of them work at a time, and every
step looks first at what is there.
"""

import json
import logging
import threading
from collections.abc import Mapping
from typing import Any, ClassVar

import psycopg

from datapunk.db import Row
from datapunk.db.psycopg_db import PsycopgDb
from datapunk.errors import DatapunkError, HostUnreachable, NoSuchModel
from datapunk.inference import InferenceClient
from datapunk_workers.comparing import compare, measure_recall
from datapunk_workers.connection import act_as
from datapunk_workers.embedders import Embedders
from datapunk_workers.indexing import ensure_index
from datapunk_workers.preparing import prepare
from datapunk_workers.providers import ProviderNews
from datapunk_workers.queue import Q, RetryLater

log = logging.getLogger(__name__)
_LEASE_S = 60
_FILL = 5000
_SOON_S = 1
_WATCH_S = 2
# Transactions that began before a generation was there may still add texts that do not wait for it.
_SETTLE_S = 30
_LONGEST_PAUSE_S = 300
# More texts than this share failing is no accident of single texts.
_MOST_FAILED = 0.02


class MaintenanceHandler:
    """Handles the queue `maintenance`: messages {owner_id, task, subject}."""

    queue: ClassVar[str] = "maintenance"
    lease_s: ClassVar[int] = _LEASE_S

    def __init__(self, dsn: str, stop: threading.Event | None = None) -> None:
        self._dsn = dsn
        self._stop = stop or threading.Event()

    def handle(
        self, message: Mapping[str, Any], connection: psycopg.Connection[Any], inference: InferenceClient
    ) -> RetryLater | None:
        """Do one task, or one step of it; returns when to come back."""
        task, subject = str(message["task"]), message["subject"]
        upkeep = _Upkeep(self._dsn, connection, inference, str(message["owner_id"]), self._stop)
        if not upkeep.lock(task, subject):
            return RetryLater(seconds=_WATCH_S, reason="another worker is at it")
        try:
            if task == "build":
                return upkeep.build(int(subject))
            if task == "sweep":
                return upkeep.sweep()
            if task == "recall":
                return upkeep.recall()
            if task == "prepare":
                return upkeep.prepare(str(subject))
        finally:
            upkeep.unlock()
        log.warning("maintenance: no task %r", task)
        return None


class _Upkeep:
    def __init__(
        self,
        dsn: str,
        connection: psycopg.Connection[Any],
        inference: InferenceClient,
        owner: str,
        stop: threading.Event,
    ) -> None:
        self._dsn, self._connection, self._inference = dsn, connection, inference
        self._owner, self._stop = owner, stop
        self._db = PsycopgDb(connection)
        self._key = ""

    def lock(self, task: str, subject: str | None) -> bool:
        self._key = f"cortex.maintenance {'generations' if task in ('build', 'sweep') else f'{task} {subject}'}"
        return bool(self._db.rows(Q.try_lock, self._key)[0]["locked"])

    def unlock(self) -> None:
        act_as(self._connection, self._owner)
        self._db.rows(Q.unlock, self._key)

    def build(self, generation: int) -> RetryLater | None:
        """Take a generation one step on. Errors are kept with it and tried again, later each time."""
        state = self._db.rows(Q.generation_state, generation)[0]
        if state["state"] != "building":
            return None
        try:
            return self._step(generation, state)
        except psycopg.OperationalError:
            if self._connection.closed:
                raise
            return RetryLater(seconds=_WATCH_S, reason="lost a resource of PostgreSQL")
        except (DatapunkError, psycopg.Error, OSError, ValueError) as exc:
            reason = exc.message if isinstance(exc, DatapunkError) else f"{type(exc).__name__}: {exc}"
            log.warning("generation %s: %s", generation, reason)
            act_as(self._connection, self._owner)
            self._report(generation, None, error=reason)
            return RetryLater(seconds=min(2 ** (1 + int(state["failures"])), _LONGEST_PAUSE_S), reason=reason)

    def _step(self, generation: int, state: Row) -> RetryLater | None:
        model = str(state["model"])
        if state["ready"]:
            # Stays up to date until somebody switches to it.
            self._fill(generation)
            return RetryLater(seconds=_SETTLE_S, reason="waits for cortex_switch")
        if state["stage"] == "prepare":
            prepare(self._db, model)
            embedder = Embedders(self._connection, self._inference).of(model)
            dimensions = len(embedder.embed(["dimensions"], model)[0]) // 4
            if state["dimensions"] not in (None, dimensions):
                raise NoSuchModel(
                    f"{model} gives {dimensions} dimensions now and gave {state['dimensions']} before",
                    hint="Call cortex_switch with the option rebuild.",
                )
            self._db.rows(Q.create_partition, generation)
            self._report(generation, "embed", dimensions=dimensions)
        waiting, failed, embedded = self._fill(generation)
        if waiting:
            seconds = min(max(_WATCH_S, waiting // 1000), _SETTLE_S)
            return RetryLater(seconds=seconds, reason=f"generation {generation}: {waiting} texts wait")
        if failed > max(1, _MOST_FAILED * (failed + embedded)):
            raise NoSuchModel(
                f"{failed} of {failed + embedded} texts could not be embedded",
                hint="cortex.pending says why; cortex_requeue tries them again.",
            )
        self._report(generation, "index")
        ensure_index(self._dsn, generation)
        self._report(generation, "compare")
        # Searches embed their questions through the model host, which has to know the provider by then.
        ProviderNews().tell(self._connection)
        self._inference.embed([f"question of generation {generation}"], model)
        report = compare(
            self._db, self._inference, int(state["active_id"]), str(state["active_model"]), generation, model
        )
        act_as(self._connection, self._owner)
        # What came while the index was built.
        waiting, _, _ = self._fill(generation)
        if waiting:
            return RetryLater(seconds=_SOON_S, reason=f"generation {generation}: {waiting} texts came meanwhile")
        self._report(generation, "ready", report=report)
        if (doubt := self._doubt(state, report)) is not None:
            return RetryLater(seconds=_WATCH_S, reason=f"{doubt}waits for cortex_switch")
        self._db.rows(Q.activate_generation, generation)
        self._db.rows(Q.enqueue_maintenance, "sweep", None)
        return None

    def _doubt(self, state: Row, report: Mapping[str, Any]) -> str | None:
        """Return why somebody has to want a generation that is ready, None where it may take over."""
        if state["activation"] == "manual":
            return ""
        if report.get("ndcg_after", 0.0) < report.get("ndcg_before", 0.0):
            return "worse by the judgments: "
        if not report["judged"] and self._db.rows(Q.is_trained, str(state["model"]))[0]["trained"]:
            return "trained here and not judged: "
        return None

    def _fill(self, generation: int) -> tuple[int, int, int]:
        """Put what the generation lacks, of all owners, into the backlog; returns how many wait, failed, are done."""
        sums = [0, 0, 0]
        for owner in [str(row["name"]) for row in self._db.rows(Q.holders)]:
            act_as(self._connection, owner)
            row = self._db.rows(Q.owner_backlog, generation)[0]
            # All texts are looked at when nothing is known to wait, not each time somebody asks how far it is.
            if not row["waiting"] and self._fill_owner(generation):
                row = self._db.rows(Q.owner_backlog, generation)[0]
            sums = [sums[0] + row["waiting"], sums[1] + row["failed"], sums[2] + row["embedded"]]
        act_as(self._connection, self._owner)
        return sums[0], sums[1], sums[2]

    def _fill_owner(self, generation: int) -> int:
        last, added = 0, 0
        while rows := self._db.rows(Q.fill_pending, generation, last, _FILL):
            last, added = int(rows[0]["last_id"]), added + int(rows[0]["added"])
        if added:
            self._db.rows(Q.enqueue_embedding)
        return added

    def _report(
        self,
        generation: int,
        stage: str | None,
        *,
        dimensions: int | None = None,
        report: Mapping[str, Any] | None = None,
        error: str | None = None,
    ) -> None:
        self._db.rows(Q.report_generation, generation, stage, dimensions, json.dumps(report) if report else None, error)

    def sweep(self) -> RetryLater | None:
        """After a switch: what the active generation lacks is embedded, and what nobody needs any more goes."""
        state = self._db.rows(Q.generation_state, None)[0]
        waiting, _, _ = self._fill(int(state["active_id"]))
        for owner in [str(row["name"]) for row in self._db.rows(Q.holders)]:
            act_as(self._connection, owner)
            self._db.rows(Q.drop_backlog)
        act_as(self._connection, self._owner)
        left = 0
        for generation in state["expired"]:
            try:
                self._db.rows(Q.drop_generation, generation)
            except psycopg.errors.LockNotAvailable:
                left += 1
        if waiting or left:
            return RetryLater(seconds=_WATCH_S, reason=f"{waiting} texts wait, {left} generations are in use")
        ensure_index(self._dsn, int(state["active_id"]))
        return None

    def recall(self) -> RetryLater | None:
        """Compare the index of the active generation with the exact scan, for one owner."""
        if not self._db.rows(Q.recall_due)[0]["due"]:
            return None
        state = self._db.rows(Q.generation_state, None)[0]
        ensure_index(self._dsn, int(state["active_id"]))
        try:
            measure_recall(self._db, self._inference, int(state["active_id"]), str(state["active_model"]))
        except (HostUnreachable, NoSuchModel) as exc:
            return RetryLater(seconds=_SETTLE_S, reason=exc.message)
        return None

    def prepare(self, provider: str) -> RetryLater | None:
        """Make a provider's model ready; why that failed stands with the provider."""
        try:
            prepare(self._db, provider)
        except DatapunkError as exc:
            self._db.rows(Q.pause_provider, provider, 0.0, exc.message)
        return None
