"""The arguments of questions, checked."""

import json
import re
from dataclasses import dataclass
from typing import Any

from datapunk.errors import InvalidArgument
from datapunk.gaia.languages import LANGUAGES
from datapunk.gaia.vocabulary import KINDS

_ALLOWED = ("conversation_id", "subroutine", "model", "mode", "max_tokens", "language", "kind")
_HINT = f"Allowed options: {', '.join(_ALLOWED)}."
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
LONGEST_QUESTION = 4000


@dataclass(frozen=True, kw_only=True)
class AskOptions:
    """How to answer. `max_tokens` bounds the words of the answer; `model` names the recommender or model to use.

    `kind` is the kind of thing that the question is about, whatever its words say. `mode` is fast (one subroutine),
    deliberate (a plan), or None to leave that to Gaia.
    """

    conversation_id: str | None = None
    subroutine: str | None = None
    model: str | None = None
    max_tokens: int | None = None
    language: str | None = None
    kind: str | None = None
    mode: str | None = None


def checked_question(question: str | None) -> str:
    """Return the question without surrounding white space. Raises InvalidArgument for an empty or overlong one."""
    text = (question or "").strip()
    if not text:
        raise InvalidArgument("the question is empty", hint="Ask something, as in 'when did I last watch ...?'")
    if len(text) > LONGEST_QUESTION:
        raise InvalidArgument(
            f"the question has {len(text)} characters", hint=f"At most {LONGEST_QUESTION}; import longer texts."
        )
    return text


def ask_options(options: str | None) -> AskOptions:
    """Read the options of a question from JSON text.

    Raises InvalidArgument for anything unknown or of a wrong type.
    """
    given = json_object(options)
    unknown = sorted(set(given) - set(_ALLOWED))
    if unknown:
        raise InvalidArgument(f"unknown option: {', '.join(unknown)}", hint=_HINT)
    texts = {
        name: _text(given, name) for name in ("conversation_id", "subroutine", "model", "mode", "language", "kind")
    }
    if texts["mode"] not in (None, "fast", "deliberate", "auto"):
        raise InvalidArgument(f"mode is {texts['mode']!r}", hint="Allowed: fast, deliberate, auto.")
    if texts["mode"] == "auto":
        texts["mode"] = None
    if (conversation := texts["conversation_id"]) and not _UUID.fullmatch(conversation):
        raise InvalidArgument(f"conversation_id is {conversation!r}", hint="Take it from a row of gaia_answer.")
    if texts["language"] not in (None, *LANGUAGES):
        raise InvalidArgument(f"language is {texts['language']!r}", hint=f"Allowed: {', '.join(LANGUAGES)}.")
    if texts["kind"] not in (None, *KINDS):
        raise InvalidArgument(f"no such kind: {texts['kind']}", hint=f"Allowed: {', '.join(KINDS)}.")
    most = given.get("max_tokens")
    if most is not None and (isinstance(most, bool) or not isinstance(most, int) or not 20 <= most <= 100_000):
        raise InvalidArgument(f"max_tokens is {most!r}", hint="Allowed: a whole number from 20 to 100000.")
    return AskOptions(max_tokens=most, **texts)


def route_options(options: str | None) -> tuple[bool, AskOptions]:
    """Read the options of gaia_route: those of a question, and whether to explain. Raises InvalidArgument."""
    given = json_object(options)
    explain = given.pop("explain", False)
    if not isinstance(explain, bool):
        raise InvalidArgument(f"explain is {explain!r}", hint="Allowed: true, false.")
    return explain, ask_options(json.dumps(given))


def run_options(options: str | None) -> AskOptions:
    """Read the options of gaia_run from JSON text. Raises InvalidArgument."""
    given = json_object(options)
    if unknown := sorted(set(given) - {"conversation_id", "max_tokens"}):
        raise InvalidArgument(f"unknown option: {', '.join(unknown)}", hint="Allowed: conversation_id, max_tokens.")
    return ask_options(options)


def input_object(given: str | None) -> dict[str, Any]:
    """Read the input of a pipeline from JSON text. Raises InvalidArgument."""
    read = json.loads(given) if given else {}
    if not isinstance(read, dict):
        raise InvalidArgument("input is not a JSON object", hint='Give the inputs by name, as in {"year": 2024}.')
    return read


def json_object(options: str | None) -> dict[str, Any]:
    """Parse JSON text that must be an object; nothing counts as empty. Raises InvalidArgument."""
    given = json.loads(options) if options else {}
    if not isinstance(given, dict):
        raise InvalidArgument("options is not a JSON object", hint=_HINT)
    return given


def _text(given: dict[str, Any], name: str) -> str | None:
    value = given.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not value.strip():
        raise InvalidArgument(f"{name} is {value!r}", hint=f"{name} is a text.")
    return value.strip()
