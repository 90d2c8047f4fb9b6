"""Answers as JSON that fit a schema: asked for by the protocol's own means, and checked here all the same."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import jsonschema

from datapunk.errors import InvalidArgument
from datapunk.inference.chat.errors import AnswerUnusable
from datapunk.inference.chat.types import ChatReply, ChatRequest, Message

_FENCED = re.compile(r"\s*```(?:json)?\s*\n(.*?)\n?```\s*", re.DOTALL)
_LONGEST_REASON = 300


def complete_json(
    ask: Callable[[ChatRequest], ChatReply], request: ChatRequest, schema: Mapping[str, Any], *, attempts: int = 2
) -> dict[str, Any]:
    """Return the JSON object that a model answers with, valid by `schema` (JSON Schema 2020-12).

    `ask` is what asks a model, as `ChatClient.ask`. An answer that does not fit goes back once with the reason.
    Raises InvalidArgument (the schema is none), AnswerUnusable (still unfit), and what `ask` raises.
    """
    validator = validator_of(schema)
    asked = replace(request, schema=schema)
    reason = ""
    for _ in range(attempts):
        reply = ask(asked)
        value, reason = _read(reply, validator)
        if value is not None:
            return value
        again = Message(role="user", text=f"That does not fit: {reason}. Answer with the JSON object alone.")
        said = Message(role="assistant", text=reply.text or "{}")
        asked = replace(asked, messages=(*request.messages, said, again))
    raise AnswerUnusable(
        f"the model's answer does not fit the schema: {reason}", hint="Use a model that follows schemas."
    )


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


def _read(reply: ChatReply, validator: jsonschema.Draft202012Validator) -> tuple[dict[str, Any] | None, str]:
    fenced = _FENCED.fullmatch(reply.text)
    try:
        value = json.loads(fenced[1] if fenced else reply.text)
    except ValueError as exc:
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
