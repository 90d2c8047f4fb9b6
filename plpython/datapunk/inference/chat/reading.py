"""Reading answers of others without trusting their form."""

import json
from collections.abc import Mapping
from typing import Any

from datapunk.inference.chat.errors import AnswerUnusable

_HINT = "Check the provider's address and protocol."


def mapping(of: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return an object's object; an empty one where there is none. Raises AnswerUnusable for anything else."""
    value = of.get(name)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise AnswerUnusable(f"the answer's {name} is no object", hint=_HINT)
    return value


def array(of: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """Return an object's list of objects; an empty one where there is none. Raises AnswerUnusable."""
    value = of.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(entry, Mapping) for entry in value):
        raise AnswerUnusable(f"the answer's {name} is no list of objects", hint=_HINT)
    return value


def text(of: Mapping[str, Any], name: str) -> str:
    """Return an object's text; an empty one where there is none. Raises AnswerUnusable."""
    value = of.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise AnswerUnusable(f"the answer's {name} is no text", hint=_HINT)
    return value


def count(of: Mapping[str, Any], name: str) -> int:
    """Return an object's count of tokens; 0 where there is none. Raises AnswerUnusable."""
    value = of.get(name, 0)
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise AnswerUnusable(f"the answer's {name} is no count", hint=_HINT)
    return value


def arguments_of(given: Any) -> Mapping[str, Any]:
    """Return the arguments of a tool, which are a text of JSON or an object. Raises AnswerUnusable."""
    if given is None or given == "":
        return {}
    try:
        value = json.loads(given) if isinstance(given, str) else given
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise AnswerUnusable("the model gave a tool arguments that are no JSON object", hint="Ask again.")
    return value
