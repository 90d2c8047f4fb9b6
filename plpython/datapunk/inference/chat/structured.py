"""Answers as JSON that fit a schema: asked for by the protocol's own means, and checked here all the same."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

import jsonschema

from datapunk.errors import InvalidArgument
from datapunk.inference.chat.errors import AnswerUnusable, RequestRefused
from datapunk.inference.chat.types import ANSWER, ChatReply, ChatRequest, Form, Message

T = TypeVar("T")

_FENCED = re.compile(r"\s*```(?:json)?\s*\n(.*?)\n?```\s*", re.DOTALL)
# What models that reason in their answer write before it.
_THOUGHTS = re.compile(r"\s*<think>.*?</think>", re.DOTALL)
_LONGEST_REASON = 600
# A server that does not know one form is asked in the next.
_PLAINER: dict[Form, Form] = {"schema": "json", "json": "text"}


@dataclass(frozen=True, kw_only=True)
class Structured(Generic[T]):
    """A value that a model answered with, after how many answers, in which form, and why earlier ones did not fit."""

    value: T
    answers: int
    form: Form
    refused: tuple[str, ...] = ()


class Unfit(AnswerUnusable):
    """DP032: none of a model's answers fits. `refused` says of each why."""

    def __init__(self, refused: tuple[str, ...]) -> None:
        super().__init__(
            f"the model's answer does not fit the schema: {refused[-1]}", hint="Use a model that follows schemas."
        )
        self.refused = refused


def complete_json(
    ask: Callable[[ChatRequest], ChatReply], request: ChatRequest, schema: Mapping[str, Any],
    read: Callable[[dict[str, Any]], T], *, attempts: int = 2,
) -> Structured[T]:  # fmt: skip
    """Return what `read` makes of the JSON object that a model answers with, valid by `schema` (JSON Schema 2020-12).

    `ask` is what asks a model, as `ChatClient.ask`. `read` may refuse what the schema cannot tell, by InvalidArgument;
    an answer that does not fit goes back with the reason, until there were `attempts`. Where the provider refuses the
    request's form, the next plainer one is taken.
    Raises InvalidArgument (the schema is none), Unfit (no answer fits), and what `ask` raises.
    """
    validator = validator_of(schema)
    asked = _in_form(request, schema, request.form)
    turns: tuple[Message, ...] = ()
    refused: list[str] = []
    while len(refused) < attempts:
        try:
            reply = ask(replace(asked, messages=(*asked.messages, *turns)))
        except RequestRefused:
            if asked.form not in _PLAINER:
                raise
            asked = _in_form(request, schema, _PLAINER[asked.form])
            continue
        value, reason = _object(reply, validator)
        if value is not None:
            try:
                return Structured(
                    value=read(value), answers=len(refused) + 1, form=asked.form, refused=tuple(refused)
                )  # fmt: skip
            except InvalidArgument as exc:
                reason = f"{exc.message}. {exc.hint}"[:_LONGEST_REASON]
        refused.append(reason)
        again = Message(role="user", text=f"That does not fit: {reason}\nAnswer with the whole JSON object, mended.")
        turns = (Message(role="assistant", text=_said(reply) or "{}"), again)
    raise Unfit(tuple(refused))


def validator_of(schema: Mapping[str, Any]) -> jsonschema.Draft202012Validator:
    """Return what checks values by a schema, which refers to nothing outside of itself. Raises InvalidArgument."""
    try:
        jsonschema.Draft202012Validator.check_schema(schema)
    except jsonschema.SchemaError as exc:
        raise InvalidArgument(f"this is no JSON Schema: {exc.message}", hint="See json-schema.org.") from exc
    if foreign := [r for r in _references(schema) if not r.startswith("#")]:
        raise InvalidArgument(f"the schema refers to {foreign[0]}", hint="Schemas refer to their own parts alone.")
    return jsonschema.Draft202012Validator(schema)


def unfit(validator: jsonschema.Draft202012Validator, value: object) -> str | None:
    """Return why a value does not fit, None where it does."""
    error = jsonschema.exceptions.best_match(validator.iter_errors(value))
    return None if error is None else f"{error.json_path}: {error.message}"[:_LONGEST_REASON]


def _in_form(request: ChatRequest, schema: Mapping[str, Any], form: Form) -> ChatRequest:
    """The request in a form; where the provider does not get the schema, the model reads it."""
    if form == "schema":
        return replace(request, schema=schema, form=form)
    told = f"Answer with one JSON object that fits this JSON Schema, and nothing else:\n{json.dumps(schema)}"
    return replace(request, schema=schema, form=form, system=f"{request.system}\n\n{told}")


def _said(reply: ChatReply) -> str:
    """The text of an answer, wherever it came."""
    answers = [call.arguments for call in reply.calls if call.name == ANSWER]
    if answers and not reply.text.strip().startswith("{"):
        return json.dumps(answers[0], ensure_ascii=False)
    return reply.text


def _object(
    reply: ChatReply, validator: jsonschema.Draft202012Validator
) -> tuple[dict[str, Any] | None, str]:  # fmt: skip
    said = _THOUGHTS.sub("", _said(reply), count=1)
    fenced = _FENCED.fullmatch(said)
    try:
        value = json.loads(fenced[1] if fenced else said)
    except (ValueError, RecursionError) as exc:
        return None, "it was cut off" if reply.truncated else f"it is no JSON ({exc})"
    if not isinstance(value, dict):
        return None, "it is no object"
    reason = unfit(validator, value)
    return (None, reason) if reason else (value, "")


def _references(schema: Any) -> list[str]:
    if isinstance(schema, Mapping):
        own = [str(schema["$ref"])] if isinstance(schema.get("$ref"), str) else []
        return own + [found for value in schema.values() for found in _references(value)]
    if isinstance(schema, list):
        return [found for value in schema for found in _references(value)]
    return []
