"""A plan for a question, written by a language model: asked for in no transaction, checked, asked for once more."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg

from datapunk.db import Row, one
from datapunk.db.psycopg_db import PsycopgDb
from datapunk.errors import DatapunkError, InvalidArgument
from datapunk.gaia.plan.briefing import offers_of, plan_request
from datapunk.gaia.plan.schema import plan_schema
from datapunk.gaia.plan.sketch import MOST_STEPS, sketch_schema
from datapunk.gaia.watch import Watch
from datapunk.inference.chat import ChatReply, ChatRequest, Unfit, complete_json, unfit, validator_of
from datapunk.inference.chat.errors import CallCancelled, KeyRefused, ModelUnavailable, ModelUnknown
from datapunk_workers.model_calls import ModelCalls
from datapunk_workers.queue import Q

_PLAN_TOKENS = 2048
_TIMEOUT_MS = "20000"
_WRONG = "22023"
# A model that is away, unknown or refuses its key does not word an answer either.
_AWAY = (KeyRefused, ModelUnavailable, ModelUnknown)


@dataclass(frozen=True, kw_only=True)
class Planning:
    """One question, one model, what may be called. `planner` is what gaia.gather told for it."""

    connection: psycopg.Connection[Any]
    calls: ModelCalls
    claim: Row
    planner: Mapping[str, Any]
    language: str
    zone: str
    watch: Watch

    def plan(self) -> tuple[dict[str, Any] | None, dict[str, Any]]:
        """Return the plan, None where none came of it, and what is told of that.

        Raises CallCancelled, and DatapunkError where the model cannot be asked at all.
        """
        told: dict[str, Any] = {"reason": self.planner["reason"]}
        try:
            return self._asked(told), told
        except CallCancelled:
            raise
        except Unfit as exc:
            told |= {"outcome": "unfit", "refused": list(exc.refused)}
        except DatapunkError as exc:
            if isinstance(exc, _AWAY):
                raise
            told |= {"outcome": "failed", "error": exc.message, "sqlstate": exc.sqlstate}
        return None, told

    def _asked(self, told: dict[str, Any]) -> dict[str, Any] | None:
        offers = offers_of(self.planner["offers"])
        model = self.calls.model
        request = plan_request(
            self.claim["question"], offers, before=self.planner["before"], now=self.planner["now"], zone=self.zone,
            max_tokens=min(_PLAN_TOKENS, model.max_tokens), form=model.structured,
        )  # fmt: skip
        done = complete_json(self._ask, request, sketch_schema(offers), self._checked)
        written = done.value
        told |= {
            "outcome": "planned" if written["steps"] else "empty", "answers": done.answers, "form": done.form,
            "refused": list(done.refused),
        }  # fmt: skip
        by = f"{model.name} ({self.calls.answered_by})"
        return {**written, "written_by": by} if written["steps"] else None

    def _ask(self, request: ChatRequest) -> ChatReply:
        with self.watch.span("model") as detail:
            reply = self.calls.ask(request, "plan")
            detail.update(
                purpose="plan", form=request.form, model=reply.model, tokens_in=reply.usage.tokens_in,
                tokens_out=reply.usage.tokens_out,
            )  # fmt: skip
        return reply

    def _checked(self, sketch: dict[str, Any]) -> dict[str, Any]:
        """The plan that a sketch stands for, checked with the rights of who asked. Raises InvalidArgument."""
        if len(sketch["steps"]) > MOST_STEPS:
            raise InvalidArgument(f"the plan has {len(sketch['steps'])} steps", hint=f"At most {MOST_STEPS}.")
        db = PsycopgDb(self.connection)
        try:
            with self.connection.transaction():
                db.execute(Q.answer_as, self.claim["role_name"], _TIMEOUT_MS, self.claim["settings"])
                raw = one(db.rows(Q.check_sketch, self.claim["question"], json.dumps(sketch), self.language))["written"]
                db.execute(Q.own_role)
        except psycopg.Error as exc:
            if exc.sqlstate != _WRONG:
                raise
            raise InvalidArgument(
                exc.diag.message_primary or "the plan is wrong", hint=exc.diag.message_hint or "Mend it."
            ) from exc
        written: dict[str, Any] = json.loads(raw)
        if written["steps"] and (reason := unfit(validator_of(plan_schema()), {"steps": written["steps"]})):
            raise InvalidArgument(f"that is no plan: {reason}", hint="Mend the step.")
        return written
