"""Calls of a language model with their ledger: reserved before, settled after, and no transaction between."""

import json
import threading
from typing import Any

import psycopg

from datapunk.db import Row, one
from datapunk.db.psycopg_db import PsycopgDb
from datapunk.errors import DatapunkError
from datapunk.inference.chat import PROTOCOLS, ChatClient, ChatModel, ChatReply, ChatRequest
from datapunk.inference.chat.errors import CallCancelled, LimitReached, TimedOut
from datapunk_workers.embedders import secret_of
from datapunk_workers.queue import Q

_TIMEOUT_S, _MAX_TOKENS = 120.0, 1024
# Tokens are longer than this in any language and vocabulary, on the average of a request.
_BYTES_A_TOKEN = 3


def read_chat_model(row: Row) -> ChatModel:
    """Return a language model from the row of its provider. Raises ProviderRefused when its secret is nowhere."""
    options = json.loads(row["options"])
    return ChatModel(
        name=row["name"], protocol=row["protocol"], base_url=row["base_url"], model=row["model"],
        secret=secret_of(row), timeout_s=float(options.get("timeout_s", _TIMEOUT_S)),
        max_tokens=int(options.get("max_tokens", _MAX_TOKENS)), context_tokens=options.get("context_tokens"),
        price_in=row["price_in"], price_out=row["price_out"], options=options.get("options", {}),
        structured=options.get("structured", "schema"),
    )  # fmt: skip


def tell_failure(db: PsycopgDb, name: str, error: DatapunkError) -> None:
    """Have the view providers say why a language model did not answer; it is asked again at the next question."""
    db.execute(Q.pause_provider, name, 0.0, f"{error.message} ({error.sqlstate})")


class ModelCalls:
    """Asks one model for one question of the current owner, over a connection in autocommit mode."""

    def __init__(
        self, connection: psycopg.Connection[Any], model: ChatModel, *, task_id: int, stop: threading.Event
    ) -> None:
        self._connection, self._task_id = connection, task_id
        self._client = ChatClient(model, stop=stop)
        self.model = model
        self.tokens_in = self.tokens_out = self.calls = 0
        self.cost = 0.0
        self.answered_by = ""

    def ask(self, request: ChatRequest, purpose: str) -> ChatReply:
        """Return the model's answer.

        Raises LimitReached when a budget would be passed, before anything is sent; else as `ChatClient.ask`.
        """
        db = PsycopgDb(self._connection)
        usage = self._reserve(db, request, purpose)
        assert self._connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
        try:
            reply = self._client.ask(request)
        except DatapunkError as exc:
            # What was broken off may have been worked on: then what was reserved stays counted.
            may_have_worked = isinstance(exc, (CallCancelled, TimedOut))
            used = ("settled", None, None) if may_have_worked else ("released", 0, 0)
            db.execute(Q.settle_usage, usage, *used, exc.sqlstate)
            if not isinstance(exc, CallCancelled):
                tell_failure(db, self.model.name, exc)
            raise
        db.execute(Q.pause_provider, self.model.name, 0.0, None)
        # Servers that count nothing leave the reservation as it was.
        counted = reply.usage.tokens_in + reply.usage.tokens_out > 0
        read, written = (reply.usage.tokens_in, reply.usage.tokens_out) if counted else (None, None)
        self.cost += float(one(db.rows(Q.settle_usage, usage, "settled", read, written, None))["cost"] or 0)
        self.calls += 1
        self.tokens_in += reply.usage.tokens_in
        self.tokens_out += reply.usage.tokens_out
        self.answered_by = reply.model or self.model.model
        return reply

    def estimated_tokens(self, request: ChatRequest) -> int:
        """Return how many tokens a request has at most, as a rule."""
        body = PROTOCOLS[self.model.protocol].body(self.model, request)
        return len(json.dumps(body, ensure_ascii=False).encode()) // _BYTES_A_TOKEN + 1

    def _reserve(self, db: PsycopgDb, request: ChatRequest, purpose: str) -> int:
        try:
            row = one(
                db.rows(
                    Q.reserve_usage, self.model.name, purpose, self.estimated_tokens(request), request.max_tokens,
                    self._task_id,
                )
            )  # fmt: skip
        except psycopg.errors.ConfigurationLimitExceeded as exc:
            raise LimitReached(
                exc.diag.message_primary or "the budget is used up", hint=exc.diag.message_hint or ""
            ) from exc
        return int(row["id"])

    def as_json(self) -> dict[str, Any]:
        """What the calls came to."""
        return {
            "provider": self.model.name, "model": self.answered_by, "calls": self.calls, "tokens_in": self.tokens_in,
            "tokens_out": self.tokens_out, "cost": round(self.cost, 6),
        }  # fmt: skip
