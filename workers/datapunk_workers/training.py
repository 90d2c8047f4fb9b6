"""Training jobs: claimed with a token, run in a process of their own, watched, written once."""

import json
import logging
import signal
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg

from datapunk.db import Row, one
from datapunk.db.psycopg_db import PsycopgDb
from datapunk.errors import DatapunkError
from datapunk.inference import InferenceClient
from datapunk_workers.child_process import ChildProcess, News, Spare
from datapunk_workers.queue import Message, Q, Queue, RetryLater
from datapunk_workers.resealing import reseal
from datapunk_workers.scheduling import COUNT_S, look_again
from datapunk_workers.versions import Claim, write_version

log = logging.getLogger(__name__)
_HEARTBEAT_S = 0.5
_EXTEND_S = 3.0
_FIRST_RETRY_S = 2
_HELD_S = 2


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why an attempt ended without a result. `retry` says whether another attempt can succeed."""

    sqlstate: str
    message: str
    hint: str | None = None
    retry: bool = False
    usage: Mapping[str, float] | None = None


class TrainingHandler:
    """Handles the queue `training`; a message names a job and its owner."""

    queue = "training"

    def __init__(self, dsn: str, worker: str, stop: threading.Event, *, lease_s: int = 10) -> None:
        self._dsn, self._worker, self._stop = dsn, worker, stop
        self.lease_s = lease_s
        self.job_id: int | None = None
        self._spare = Spare()

    def handle(
        self, message: Message, connection: psycopg.Connection[Any], inference: InferenceClient
    ) -> RetryLater | None:
        """Train; returns when the job is to be tried again, None when it has ended."""
        del inference  # the training process has its own
        db = PsycopgDb(connection)
        if "schedule" in message:
            Queue(connection, self.queue).extend(message, COUNT_S + self.lease_s)
            look_again(connection, str(message["schedule"]))
            return None
        if "reseal" in message:
            log.info("%s artefacts sealed again", reseal(db))
            return None
        job_id = int(message["job_id"])
        job = one(db.rows(Q.claim_job, job_id, self._worker, self.lease_s))
        if job["state"] == "held":
            return RetryLater(seconds=_HELD_S, reason="another worker holds the job")
        if job["state"] != "claimed":
            return None
        claim = Claim(job_id=job_id, token=int(job["token"]))
        log.info("job %s: attempt %s of %s with recipe %s", job_id, job["attempt"], job["model"], job["recipe"])
        self.job_id = job_id
        options = json.loads(job["options"])
        order = {
            "dsn": self._dsn, "owner_id": str(message["owner_id"]), "role_name": job["role_name"],
            "model": job["model"], "recipe": job["recipe"], "query": job["query"], "options": options,
            "job_id": job_id, "token": claim.token,
            "timeout_s": job["timeout_s"], "memory_mb": job["memory_mb"],
        }  # fmt: skip
        child = self._spare.take(order)
        try:
            outcome = self._watch(child, claim, Queue(connection, self.queue), message, db, job)
        finally:
            child.end()
            self.job_id = None
        if not self._stop.is_set():
            self._spare.prepare()
        if (log_tail := child.log_tail()) is not None:
            db.rows(Q.report_log, claim.job_id, claim.token, log_tail)
        if isinstance(outcome, News):
            return self._write(connection, claim, outcome, options.get("seed"), int(job["attempt"]))
        return self._settle(db, claim, outcome, int(job["attempt"]))

    def _watch(
        self, child: ChildProcess, claim: Claim, queue: Queue, message: Message, db: PsycopgDb, job: Row
    ) -> News | Failure | None:
        """Pass news on and keep the lease until there is a result or a reason to end; None when the lease was lost."""
        deadline = time.monotonic() + job["timeout_s"]
        next_beat = next_extension = 0.0
        while True:
            now = time.monotonic()
            if self._stop.is_set():
                return Failure(sqlstate="57P01", message="the worker was stopped", retry=True)
            if now > deadline:
                hint = "Raise the option timeout, or train on fewer rows."
                return Failure(
                    sqlstate="57014", message=f"the training took longer than {job['timeout_s']} s", hint=hint
                )
            if now >= next_beat:
                if (verdict := self._verdict(db, claim)) != "go":
                    return _ended(verdict)
                if (log_tail := child.log_tail()) is not None:
                    db.rows(Q.report_log, claim.job_id, claim.token, log_tail)
                next_beat = now + _HEARTBEAT_S
            if now >= next_extension:
                queue.extend(message, self.lease_s)
                next_extension = now + min(_EXTEND_S, self.lease_s / 3)
            news = child.news(timeout=max(min(next_beat, deadline) - time.monotonic(), 0.01))
            if news is None:
                continue
            if news.type == "progress":
                fields = news.fields
                used = {name: round(fields["usage"][name], 1) for name in ("cpu_s", "memory_mb")}
                figures = json.dumps({**fields["figures"], **used})
                db.rows(Q.report_progress, claim.job_id, claim.token, fields["share"], fields["stage"], figures)
            elif news.type == "result":
                queue.extend(message, self.lease_s)
                verdict = self._verdict(db, claim)
                return news if verdict == "go" else _ended(verdict)
            else:
                return _failure(news, job)

    def _verdict(self, db: PsycopgDb, claim: Claim) -> str:
        return str(one(db.rows(Q.heartbeat_job, claim.job_id, claim.token, self.lease_s))["verdict"])

    def _write(
        self, connection: psycopg.Connection[Any], claim: Claim, result: News, seed: object, attempt: int
    ) -> RetryLater | None:  # fmt: skip
        fields = result.fields
        try:
            version = write_version(connection, claim, result.content, fields["dataset"], seed, fields["usage"])
        except psycopg.errors.ObjectNotInPrerequisiteState:
            log.warning("job %s: its late result was refused", claim.job_id)
            return self._left()
        except Exception as exc:
            # Without a connection nothing can be settled: the lease ends, and another attempt takes over.
            if connection.closed:
                raise
            log.exception("job %s: its result could not be written", claim.job_id)
            return self._settle(PsycopgDb(connection), claim, _unwritten(exc, fields["usage"]), attempt)
        log.info("job %s: version %s", claim.job_id, version)
        return None

    def _left(self) -> RetryLater:
        """Leave the message to who holds the job now, or the job would wait for ever if that worker went away too."""
        return RetryLater(seconds=self.lease_s, reason="another worker holds the job")

    def _settle(self, db: PsycopgDb, claim: Claim, failure: Failure | None, attempt: int) -> RetryLater | None:
        if failure is None:
            log.warning("job %s: another attempt has taken it over", claim.job_id)
            return self._left()
        retry_s = None
        if failure.retry:
            retry_s = 0 if self._stop.is_set() else _FIRST_RETRY_S * 2 ** (attempt - 1)
        row = one(
            db.rows(
                Q.fail_job, claim.job_id, claim.token, failure.sqlstate, failure.message, failure.hint, retry_s,
                json.dumps(failure.usage or {}),
            )
        )  # fmt: skip
        log.warning("job %s: %s, now %s", claim.job_id, failure.message, row["status"])
        if row["status"] != "queued" or retry_s is None:
            return None
        return RetryLater(seconds=retry_s, reason=failure.message)


def _ended(verdict: str) -> Failure | None:
    return Failure(sqlstate="57014", message="cancelled") if verdict == "cancel" else None


def _unwritten(exc: Exception, usage: Mapping[str, float]) -> Failure:
    """Return why a result became no version; the server's own troubles (not what exceeds a limit of it) may pass."""
    if isinstance(exc, DatapunkError):
        return Failure(sqlstate=exc.sqlstate, message=exc.message, hint=exc.hint, usage=usage)
    if not isinstance(exc, psycopg.Error):
        return Failure(
            sqlstate="DP022", message=f"the version could not be written: {type(exc).__name__}: {exc}",
            hint="See the worker's log.", usage=usage,
        )  # fmt: skip
    retry = isinstance(exc, psycopg.OperationalError) and not isinstance(exc, psycopg.errors.ProgramLimitExceeded)
    return Failure(
        sqlstate=(exc.sqlstate if retry else None) or "DP022",
        message=f"the version could not be written: {exc.diag.message_primary or exc}",
        hint=exc.diag.message_hint or "See the worker's log.", retry=retry, usage=usage,
    )  # fmt: skip


def _failure(news: News, job: Row) -> Failure:
    if news.type == "error":
        fields = news.fields
        return Failure(
            sqlstate=fields["sqlstate"], message=fields["message"], hint=fields["hint"], retry=fields["retry"],
            usage=fields["usage"],
        )  # fmt: skip
    status = int(news.fields["status"])
    if -status == signal.SIGXCPU:
        return Failure(sqlstate="57014", message="the training took more processor time than its timeout allows")
    reason = f"signal {signal.Signals(-status).name}" if status < 0 else f"status {status}"
    return Failure(
        sqlstate="DP022",
        message=f"the training process ended by {reason}, as it does when it needs more than {job['memory_mb']} MiB",
        hint="Raise the option memory_mb, or train on fewer rows; see the worker's log.",
    )
