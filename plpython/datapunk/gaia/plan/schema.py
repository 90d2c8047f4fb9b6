"""The JSON Schema of a plan, for whoever writes plans: people, programs, and models with structured output.

It says what `reading` checks of a document's form; that references lead somewhere and types agree only `reading` can
tell.
"""

from typing import Any

from datapunk.gaia.plan import model
from datapunk.gaia.plan.reading import TYPES, UNITS

_NAME = "^[a-z][a-z0-9_]{0,62}$"


def _object(properties: dict[str, Any], required: tuple[str, ...] = (), told: str = "") -> dict[str, Any]:
    schema = {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}
    return schema | ({"description": told} if told else {})


def _whole(most: int, least: int = 0) -> dict[str, Any]:
    return {"type": "integer", "minimum": least, "maximum": most}


def plan_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a plan."""
    value = {"$ref": "#/$defs/value"}
    condition = {"$ref": "#/$defs/condition"}
    paths = {"type": "string", "pattern": r"^[^.\s]+(\.[^.\s]+)*$"}
    reference = _object(
        {
            "from": {"anyOf": [paths, {"type": "array", "items": paths, "minItems": 1}]},
            "default": {},
            "shift": _object({unit: _whole(1000, -1000) for unit in UNITS}),
        },
        ("from",),
        "An output of a step (STEP.people, STEP.data.rows.0.value), an input (input.NAME), or each of foreach.",
    )
    conditions = {"type": "array", "items": condition, "minItems": 1}
    there = {"anyOf": [{"type": "string"}, reference]}
    forms = {
        "exists": there, "empty": there, "all": conditions, "any": conditions, "not": condition,
        "equals": {"type": "array", "prefixItems": [value, value], "minItems": 2, "maxItems": 2},
        "compare": {
            "type": "array", "prefixItems": [value, {"enum": ["<", "<=", ">", ">="]}, value], "minItems": 3,
            "maxItems": 3,
        },
    }  # fmt: skip
    budget = _object({"ms": _whole(model.MOST_MILLISECONDS, 1), "rows": _whole(model.MOST_ROWS, 1)})
    step = _object(
        {
            "id": {"type": "string", "pattern": _NAME},
            "subroutine": {"type": "string"},
            "handler": {"type": "string", "pattern": r"^[a-z_][a-z0-9_$]*\.[a-z_][a-z0-9_$]*$"},
            "input": {"type": "object", "additionalProperties": value},
            "when": condition,
            "after": {"type": "array", "items": {"type": "string"}},
            "retries": _whole(model.MOST_RETRIES),
            "budget": budget,
            "cache": _object({"ttl": _whole(model.LONGEST_TTL_S, 1)}, ("ttl",)),
            "foreach": _object({"in": value, "most": _whole(model.MOST_EACH, 1)}, ("in", "most")),
            "repeat": _object({"until": condition, "rounds": _whole(model.MOST_ROUNDS, 1)}, ("until", "rounds")),
            "question": {"type": "string"},
        },
        ("id",),
    )
    step["oneOf"] = [{"required": ["subroutine"]}, {"required": ["handler"]}]
    declared = {"anyOf": [{"enum": list(TYPES)}, _object({"type": {"enum": list(TYPES)}, "default": {}})]}
    plan = _object(
        {
            "description": {"type": "string"},
            "examples": {"type": "array", "items": {"type": "string"}},
            "input": {"type": "object", "propertyNames": {"pattern": _NAME}, "additionalProperties": declared},
            "steps": {"type": "array", "items": step, "minItems": 1, "maxItems": model.MOST_STEPS},
            "output": {"type": "object", "additionalProperties": value},
            "answer": {"type": "string"},
            "budget": budget,
        },
        ("steps",),
    )
    plain = {"type": "object", "not": {"required": ["from"]}, "additionalProperties": value}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Plan",
        **plan,
        "$defs": {
            "value": {"anyOf": [
                reference, {"type": ["string", "number", "boolean", "null"]}, {"type": "array", "items": value}, plain,
            ]},
            "condition": {"oneOf": [_object({name: form}, (name,)) for name, form in forms.items()]},
        },
    }  # fmt: skip
