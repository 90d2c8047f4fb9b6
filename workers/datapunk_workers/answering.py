"""Answering questions in the background, with the rights of who asked.

Answer and end of the question are written in one transaction that checks the fencing token: a worker that was paused
past its lease, or a message that comes twice, leaves one answer. A second connection keeps the lease and looks whether
the owner cancels; then the statement, or the request to a language model, is cancelled.
"""

import json
import logging
import threading
from typing import Any, ClassVar

import psycopg

from datapunk.db import Row, one
from datapunk.db.psycopg_db import PsycopgDb
from datapunk.errors import DatapunkError
from datapunk.inference import InferenceClient
from datapunk.inference.chat.errors import CallCancelled
from datapunk_workers.connection import act_as, open_connection
from datapunk_workers.model_calls import read_chat_model, tell_failure
from datapunk_workers.queue import Message, Q, RetryLater
from datapunk_workers.wording import Wording

log = logging.getLogger(__name__)
_TIMEOUT_S = 120
_BEAT_S = 0.3
# What another attempt may mend: a lost connection, a conflict, no memory, no model host.
_RETRIABLE = ("08", "40", "53", "57P", "DP001")


class Pulse(threading.Thread):
    """Keeps the lease of a question while it is answered, and cancels the statement when its owner says so."""

    def __init__(
        self, dsn: str, owner: str, task_id: int, token: int, lease_s: int, work: psycopg.Connection[Any],
        ending: threading.Event,
    ) -> None:  # fmt: skip
        super().__init__(name=f"pulse of question {task_id}", daemon=True)
        self._dsn, self._owner, self._work = dsn, owner, work
        self._beat = (task_id, token, lease_s)
        self._ended, self._ending = threading.Event(), ending
        self.stop = threading.Event()
        self.verdict = "go"

    def run(self) -> None:
        """Beat until `end`; without a connection the lease runs out and the token protects what is written."""
        try:
            with open_connection(self._dsn) as connection:
                act_as(connection, self._owner)
                db = PsycopgDb(connection)
                while not self._ended.wait(_BEAT_S):
                    if self._ending.is_set():
                        # A language model is not waited for by a worker that is to end.
                        self.stop.set()
                    self.verdict = str(one(db.rows(Q.heartbeat_task, *self._beat))["verdict"])
                    if self.verdict != "go":
                        self.stop.set()
                        self._work.cancel()
                        return
        except psycopg.OperationalError as exc:
            log.warning("question %s: its lease cannot be kept: %s", self._beat[0], exc)

    def end(self) -> None:
        """Stop beating."""
        self._ended.set()
        self.join()


class AnswerHandler:
    """Handles the queue `asking`; a message names a question and its owner."""

    queue: ClassVar[str] = "asking"

    def __init__(
        self, dsn: str, worker: str, stop: threading.Event | None = None, *, lease_s: int = 10,
        timeout_s: int = _TIMEOUT_S,
    ) -> None:  # fmt: skip
        self.lease_s = lease_s
        self._stop = stop or threading.Event()
        self._dsn, self._worker, self._timeout_s = dsn, worker, timeout_s

    def handle(
        self, message: Message, connection: psycopg.Connection[Any], inference: InferenceClient
    ) -> RetryLater | None:
        """Answer the question; returns when it is to be tried again, None when there is nothing left to do.

        Raises psycopg.OperationalError when the connection is lost.
        """
        connection.prepare_threshold = None
        task_id = int(message["task_id"])
        claim = one(PsycopgDb(connection).rows(Q.claim_task, task_id, self._worker, self.lease_s))
        if claim["state"] == "finished":
            return None
        if claim["state"] == "held":
            return RetryLater(seconds=self.lease_s, reason="another worker answers it")
        pulse = Pulse(
            self._dsn, str(message["owner_id"]), task_id, int(claim["token"]), self.lease_s, connection, self._stop
        )
        pulse.start()
        try:
            model = self._chat_model(connection, claim)
            if model is None or not self._word(connection, task_id, claim, model, inference, pulse):
                self._answer(connection, task_id, claim, without_model=model is not None)
        except (psycopg.Error, DatapunkError) as exc:
            pulse.end()
            if connection.closed:
                raise
            return self._settle(connection, task_id, claim, exc, pulse.verdict)
        finally:
            pulse.end()
            if not connection.closed:
                connection.execute("discard all")
        return None

    def _chat_model(self, connection: psycopg.Connection[Any], claim: Row) -> str | None:
        """The language model that is to word the answer, None where none is."""
        db = PsycopgDb(connection)
        with connection.transaction():
            db.execute(Q.answer_as, claim["role_name"], str(self._timeout_s * 1000), claim["settings"])
            name = one(db.rows(Q.chat_model, claim["options"]))["name"]
        return None if name is None else str(name)

    def _word(
        self, connection: psycopg.Connection[Any], task_id: int, claim: Row, name: str, inference: InferenceClient,
        pulse: Pulse,
    ) -> bool:  # fmt: skip
        """Have a language model word the answer; returns whether there was anything to word."""
        db = PsycopgDb(connection)
        row, optional = one(db.rows(Q.provider_of, name)), not json.loads(claim["options"]).get("model")
        refusal = None
        try:
            model = read_chat_model(row)
        except DatapunkError as exc:
            tell_failure(db, name, exc)
            if not optional:
                raise
            model, refusal = read_chat_model({**row, "secret": None}), exc
        wording = Wording(
            connection=connection, inference=inference, model=model, task_id=task_id, claim=claim, stop=pulse.stop,
            optional=optional, refusal=refusal,
        )  # fmt: skip
        return wording.answer() is not None

    def _answer(
        self, connection: psycopg.Connection[Any], task_id: int, claim: Row, *, without_model: bool = False
    ) -> None:
        db = PsycopgDb(connection)
        options = json.loads(claim["options"])
        if without_model:
            options.pop("model", None)
        with connection.transaction():
            db.execute(Q.answer_as, claim["role_name"], str(self._timeout_s * 1000), claim["settings"])
            row = one(db.rows(Q.answer_question, claim["question"], json.dumps(options)))
            db.execute(Q.own_role)
            kept = one(db.rows(Q.finish_task, task_id, claim["token"], row["answer_id"], None, None, None))["kept"]
            if not kept:
                # Somebody else answers it by now, so this answer is not to stay.
                raise psycopg.Rollback

    def _settle(
        self,
        connection: psycopg.Connection[Any],
        task_id: int,
        claim: Row,
        error: psycopg.Error | DatapunkError,
        verdict: str,
    ) -> RetryLater | None:
        sqlstate = error.sqlstate or "XX000"
        by_database = isinstance(error, psycopg.Error)
        reason = (error.diag.message_primary or str(error)) if isinstance(error, psycopg.Error) else error.message
        log.warning("question %s: %s", task_id, reason)
        if verdict == "go" and isinstance(error, CallCancelled):
            return RetryLater(seconds=self.lease_s, reason="the worker ends")
        if verdict == "lost":
            return RetryLater(seconds=self.lease_s, reason="its lease was lost")
        # A language model was tried again where that may help.
        if verdict == "go" and by_database and sqlstate.startswith(_RETRIABLE):
            return RetryLater(seconds=self.lease_s, reason=reason)
        if verdict == "cancel":
            sqlstate, reason = "57014", "cancelled"
        elif sqlstate == "57014":
            # Nobody cancelled it: it took too long.
            sqlstate, reason = "57P05", f"the answer took longer than {self._timeout_s} s"
        hint = error.diag.message_hint if isinstance(error, psycopg.Error) else error.hint
        PsycopgDb(connection).execute(Q.finish_task, task_id, claim["token"], None, sqlstate, reason, hint)
        return None
