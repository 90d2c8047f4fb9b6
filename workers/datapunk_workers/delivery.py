"""Delivering messages: a subscriber's function is called with their rights, in a transaction of its own.

The delivery's row is deleted in that transaction, so what a handler writes is written once, however often the queue
hands the message out. What it does outside of the database may happen again.
"""

import logging
from typing import Any, ClassVar

import psycopg
from psycopg import sql

from datapunk.db import Row, one
from datapunk.db.psycopg_db import PsycopgDb
from datapunk.inference import InferenceClient
from datapunk_workers.queue import Message, Q, RetryLater

log = logging.getLogger(__name__)
MAX_ATTEMPTS = 5
_FIRST_RETRY_S = 2
_TIMEOUT_S = 60


class DeliveryHandler:
    """Handles the queue `delivery`; a message names a delivery and its owner."""

    queue: ClassVar[str] = "delivery"

    def __init__(self, *, lease_s: int = 10, timeout_s: int = _TIMEOUT_S) -> None:
        # Shorter than a call may take: while one runs, others find its row locked and leave it.
        self.lease_s = lease_s
        self._timeout_s = timeout_s

    def handle(
        self, message: Message, connection: psycopg.Connection[Any], inference: InferenceClient
    ) -> RetryLater | None:
        """Call the subscriber's function; returns when it is to be tried again, None when there is nothing left to do.

        Raises psycopg.OperationalError when the connection is lost.
        """
        del inference  # handlers are SQL functions, which bring their own
        # psycopg does not notice each time that `discard all` has discarded what it had prepared.
        connection.prepare_threshold = None
        db = PsycopgDb(connection)
        delivery_id = int(message["delivery_id"])
        claim = one(db.rows(Q.claim_delivery, delivery_id, MAX_ATTEMPTS))
        if claim["state"] == "finished":
            return None
        if claim["state"] == "held":
            return RetryLater(seconds=self.lease_s, reason="its handler runs in another worker")
        attempt = int(claim["attempt"])
        try:
            delivered = self._call(connection, delivery_id, attempt, claim)
        except psycopg.Error as exc:
            if connection.closed:
                raise
            return self._settle(db, delivery_id, attempt, claim, exc)
        finally:
            if not connection.closed:
                # Nothing that a handler has set may meet the next one, which is perhaps somebody else's.
                connection.execute("discard all")
        return None if delivered else RetryLater(seconds=self.lease_s, reason="another attempt has begun")

    def _call(self, connection: psycopg.Connection[Any], delivery_id: int, attempt: int, claim: Row) -> bool:
        db = PsycopgDb(connection)
        with connection.transaction():
            if not one(db.rows(Q.finish_delivery, delivery_id, attempt))["held"]:
                return False
            db.execute(Q.lend_role, claim["role_name"], str(self._timeout_s * 1000), str(claim["depth"]))
            handler = sql.Identifier(*str(claim["handler"]).split("."))
            connection.execute(sql.SQL("select {}(%s::jsonb)").format(handler), (claim["event"],))
        return True

    def _settle(
        self, db: PsycopgDb, delivery_id: int, attempt: int, claim: Row, error: psycopg.Error
    ) -> RetryLater | None:
        give_up = attempt >= MAX_ATTEMPTS
        reason = error.diag.message_primary or str(error)
        log.warning("delivery %s: attempt %s at %s failed: %s", delivery_id, attempt, claim["handler"], reason)
        row = one(db.rows(Q.fail_delivery, delivery_id, attempt, error.sqlstate, reason, give_up))
        if give_up and row["kept"]:
            return None
        return RetryLater(seconds=_FIRST_RETRY_S * 4 ** (attempt - 1), reason=reason)
