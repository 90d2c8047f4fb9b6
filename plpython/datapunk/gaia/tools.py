"""What a language model may ask to be run: the owner's subroutines, and a query where the owner allows it. Pure.

A model that has tools never sees text of the lake: results come back *sealed*, figures and dates as they are and every
other text as a handle (`text#1`), which may be passed on as an argument. So no text of a stranger, whatever it says,
can bring a tool about or choose its arguments; only the question can.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from datapunk.inference.chat.types import ToolSpec

SQL = "sql"
_INSTANT = re.compile(r"\d{4}-\d\d(?:-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d(?::?\d\d)?)?)?)?")
_FIGURE = re.compile(r"[-+]?\d{1,15}(?:\.\d{1,15})?")
_HANDLE = re.compile(r"text#(\d{1,6})")
# Names of the project's own, which stand in data: what a figure is of. Anything else is a text of the lake.
_WORDS_NAMES = """
visit search watch listen message mail event place_visit movement document note highlight contact app_use purchase
security_event photo task channel site query person place title sent received first last next nearest day week month
year hour items days hours average share long short
"""
_WORDS = frozenset(_WORDS_NAMES.split())
# What the keys of results are like; a name of the lake that reads so is two words, and no instruction.
_KEY = re.compile(r"[a-z]{1,20}(?:_[a-z]{1,20}){0,2}")
_MEANINGS = {
    "kind": "kind of thing: watch (videos), search, visit (pages), mail, message, event, note, document, purchase, ...",
    "since": "first instant, ISO 8601", "until": "end, not included, ISO 8601",
    "weekday": "days of the week, 1 for Monday", "topic": "words that it is about",
    "channel": "names of channels", "site": "hosts of sites", "person": "names of people", "place": "names of places",
    "direction": "sent or received, of mail", "group_by": "channel, site, query, place, person or title",
    "k": "how many", "measure": "items, days, hours, average or share", "unit": "day, week, month, quarter or year",
}  # fmt: skip
_LONGEST_RESULT = 8000


@dataclass(kw_only=True)
class Seal:
    """Texts of the lake behind handles."""

    texts: list[str] = field(default_factory=list)

    def close(self, value: Any) -> Any:
        """Return a result with every text that may be somebody's replaced by its handle; keys of objects too."""
        if isinstance(value, Mapping):
            return {self._key(str(key)): self.close(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.close(inner) for inner in value]
        return self._word(value) if isinstance(value, str) else value

    def open(self, value: Any) -> Any:
        """Return arguments with handles replaced by their texts; a handle that was never given stays."""
        if isinstance(value, Mapping):
            return {key: self.open(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.open(inner) for inner in value]
        if isinstance(value, str) and (found := _HANDLE.fullmatch(value)) and 0 < int(found[1]) <= len(self.texts):
            return self.texts[int(found[1]) - 1]
        return value

    def _key(self, text: str) -> str:
        return text if _KEY.fullmatch(text) else self._word(text)

    def _word(self, text: str) -> str:
        if text in _WORDS or _INSTANT.fullmatch(text) or _FIGURE.fullmatch(text):
            return text
        if text not in self.texts:
            self.texts.append(text)
        return f"text#{self.texts.index(text) + 1}"


def spec_of(name: str, description: str, input_schema: Mapping[str, Any]) -> ToolSpec:
    """Return a subroutine as a tool. Its schema is a JSON Schema, or names parameters with their types."""
    if "properties" in input_schema or "$ref" in input_schema:
        return ToolSpec(name=name, description=description, parameters=input_schema)
    properties = {
        parameter: _property(parameter, str(kind))
        for parameter, kind in input_schema.items()
        if parameter not in ("model", "conversation_id")
    }
    schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return ToolSpec(name=name, description=description, parameters=schema)


def sql_spec(views: Mapping[str, list[str]]) -> ToolSpec:
    """Return the tool that runs a query; `views` are those that may be read, with their columns."""
    listed = "; ".join(f"{view} ({', '.join(columns)})" for view, columns in views.items())
    return ToolSpec(
        name=SQL,
        description=f"Runs one SELECT in PostgreSQL over these views of the person's own data: {listed}.",
        parameters={
            "type": "object", "properties": {"query": {"type": "string", "description": "the SELECT"}},
            "required": ["query"], "additionalProperties": False,
        },
    )  # fmt: skip


def as_text(result: Any) -> str:
    """Return a result as JSON text of bounded length."""
    text = json.dumps(result, ensure_ascii=False)
    return text if len(text) <= _LONGEST_RESULT else json.dumps({"too_long": True, "begins": text[:_LONGEST_RESULT]})


def _property(name: str, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = {"type": kind}
    if kind == "array":
        found["items"] = {"type": "integer" if name == "weekday" else "string"}
    if name in _MEANINGS:
        found["description"] = _MEANINGS[name]
    return found
