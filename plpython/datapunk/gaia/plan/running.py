"""Runs the steps of a plan in the database: with the caller's rights, in savepoints, kept where a step says so."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from datapunk.db import Db, Row, callable_handler, load_queries, one
from datapunk.db.failure import Failure
from datapunk.errors import DatapunkError, InvalidArgument
from datapunk.gaia.calling import PIPELINE, Called, call, called, cited_items
from datapunk.gaia.material import Cited
from datapunk.gaia.plan.executor import Output, StepFailed
from datapunk.gaia.plan.model import Plan, Signature, Step, Type
from datapunk.gaia.plan.outputs import output_of
from datapunk.gaia.plan.reading import parameters_of
from datapunk.settings import Settings

Q = load_queries("datapunk.gaia.plan")
# What another try may mend: a lost connection to the host, a deadlock, no memory, a model that is not loaded yet.
_TRANSIENT = ("08", "40P01", "53", "55P03", "DP001", "DP002")
# These end the whole statement: cancelled, shut down, or a conflict that only the whole transaction can repeat.
_FATAL = ("57014", "57P", "40001", "25006")
_READ_ONLY = "25006"
# What built-in subroutines read beside the parameters in their schema.
_SHARED: dict[str, Type] = {
    "question": "string", "phrase": "string", "quoted": "string", "size": "string", "measure": "string",
    "unit": "string",
    "group_by": "string", "order": "string", "present": "boolean", "k": "integer", "sides": "array", "note": "string",
    "stepwise": "boolean", "listing": "string", "model": "string", "conversation_id": "string",
}  # fmt: skip
_REQUIRED: dict[str, tuple[tuple[str, ...], ...]] = {
    "compare": (("sides",),), "trend": (("kind",),), "top": (("kind",), ("group_by",)), "similar": (("quoted",
        "topic"),),
    "remember": (("note",),), "forget": (("note",),), "search": (("question", "topic", "quoted"),),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Known:
    """The subroutines that a plan may call: what they read, and the functions behind them."""

    signatures: Mapping[str, Signature]
    handlers: Mapping[str, str]


class Spans(Protocol):
    """Where the time of each step is written down."""

    def span(self, name: str) -> AbstractContextManager[dict[str, Any]]:
        """Time a block; what it puts into the dictionary is kept."""
        ...


@dataclass(frozen=True, kw_only=True)
class Told:
    """One call of a step, as a sentence is made of it."""

    subroutine: str
    given: Mapping[str, Any]
    called: Called
    cited: Sequence[Cited]


def known_subroutines(db: Db) -> Known:
    """Look up what the current owner's plans may call."""
    rows = db.rows(Q.signatures)
    return Known(
        signatures={str(row["name"]): _signature(row) for row in rows},
        handlers={str(row["name"]): str(row["handler"]) for row in rows},
    )


def _signature(row: Row) -> Signature:
    schema = json.loads(row["input_schema"] or "{}")
    parameters = parameters_of(schema)
    if row["source"] == "builtin":
        return Signature(
            parameters={**parameters, **_SHARED}, required=_REQUIRED.get(str(row["name"]), ()), is_closed=True,
            is_volatile=bool(row["is_volatile"]),
        )  # fmt: skip
    required = schema.get("required")
    return Signature(
        parameters=parameters, is_closed=schema.get("additionalProperties") is False,
        required=tuple((str(name),) for name in required) if isinstance(required, list) else (),
        is_volatile=bool(row["is_volatile"]),
    )  # fmt: skip


def check_handlers(db: Db, plan: Plan) -> dict[str, str]:
    """Return the functions that steps name, quoted. Raises as callable_handler, and for a cache of what writes."""
    found: dict[str, str] = {}
    for step in plan.steps.values():
        if step.handler is None:
            continue
        schema, name = callable_handler(db, step.handler).split(".")
        row = one(db.rows(Q.handler_of, schema, name))
        if step.cache_s is not None and row["is_volatile"]:
            raise InvalidArgument(
                f"step {step.id!r} keeps what a volatile function returns",
                hint=f"Leave out cache in step {step.id!r}, or declare {step.handler} stable.",
            )
        found[step.handler] = str(row["handler"])
    return found


@dataclass(frozen=True, kw_only=True)
class Runner:
    """Runs steps one after another: a backend has one connection. `told` grows with each call."""

    db: Db
    settings: Settings
    zone: ZoneInfo
    data_version: str
    handlers: Mapping[str, str]
    watch: Spans
    nested: Callable[[str, dict[str, Any]], Called]
    told: dict[str, list[Told]] = field(default_factory=dict)
    # Steps cannot write; one that tries to fails by itself.
    is_read_only: bool = False

    def __call__(self, step: Step, given: dict[str, Any]) -> Output:
        """See executor.RunStep."""
        asked = {**given, "question": given.get("question") or step.question or as_question(given)}
        with self.watch.span("step") as detail:
            detail.update(step=step.id, calls=step.called, input=given)
            try:
                result, detail["cached"] = self._result(step, asked)
            except StepFailed as exc:
                detail.update(status="failed", sqlstate=exc.sqlstate, reason=exc.message)
                raise
            result = _cut(result, step.budget.rows)
            cited = cited_items(self.db, result.citations)
            detail.update(status="done", citations=len(cited))
        name = step.subroutine or ""
        self.told.setdefault(step.id, []).append(Told(subroutine=name, given=asked, called=result, cited=cited))
        return output_of(name, given, result.data, cited, result.said, self.zone)

    def _result(self, step: Step, asked: dict[str, Any]) -> tuple[Called, bool]:
        if step.cache_s is None:
            return self._call(step, asked), False
        settings = [self.settings.timezone, self.settings.language]
        text = json.dumps([step.called, asked, settings], sort_keys=True)
        key = hashlib.sha256(text.encode()).hexdigest()
        if kept := self.db.rows(Q.result_kept, key, self.data_version):
            return called(json.loads(kept[0]["result"])), True
        result = self._call(step, asked)
        self.db.execute(
            Q.result_keep, key, step.called, self.data_version, json.dumps(result.as_json()), step.cache_s
        )  # fmt: skip
        return result, False

    def _call(self, step: Step, asked: dict[str, Any]) -> Called:
        handler = self.handlers[step.handler or step.subroutine or ""]
        try:
            with self.db.savepoint():
                if handler == PIPELINE and step.subroutine:
                    return self.nested(step.subroutine, asked)
                return call(self.db, handler, asked, is_read_only=self.is_read_only)
        except DatapunkError as exc:
            raise StepFailed(exc.message, sqlstate=exc.sqlstate, is_transient=_is(exc.sqlstate, _TRANSIENT)) from exc
        except Exception as exc:
            # Errors of statements come as classes of PL/Python or psycopg, which both carry an SQLSTATE.
            if not (getattr(exc, "spidata", None) or getattr(exc, "sqlstate", None)):
                raise
            failure = Failure.of_statement(exc)
            if _is(failure.sqlstate, _FATAL) and not (self.is_read_only and failure.sqlstate == _READ_ONLY):
                raise
            raise StepFailed(
                failure.message, sqlstate=failure.sqlstate, is_transient=_is(failure.sqlstate, _TRANSIENT)
            ) from exc


def _is(sqlstate: str, among: tuple[str, ...]) -> bool:
    return sqlstate.startswith(among)


def _cut(result: Called, rows: int | None) -> Called:
    if rows is None:
        return result
    data = {name: value[:rows] if isinstance(value, list) else value for name, value in result.data.items()}
    if data != result.data:
        data["cut"] = True
    return replace(result, data=data, citations=result.citations[:rows])


def as_question(given: Mapping[str, Any]) -> str:
    """The words of an input, for subroutines that look at the question itself."""
    words = [given.get("topic"), *(given.get(name) for name in ("person", "place", "channel", "site", "title"))]
    flat = [part for word in words for part in (word if isinstance(word, list) else [word])]
    return " ".join(str(part) for part in flat if part)
