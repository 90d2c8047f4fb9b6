"""Options of a recipe: their schema is a row of forge.recipe, and what a caller gives is checked against it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, cast

from datapunk.errors import InvalidArgument

OptionType = Literal["text", "texts", "integer", "number", "boolean", "interval", "instant", "object"]
_PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "text": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "texts": (list,),
    "interval": (str,),
    "instant": (str,),
    "object": (dict,),
}
_DURATION = re.compile(r"^\s*(\d{1,6}(?:\.\d{1,3})?)\s*(second|minute|hour|day|week)s?\s*$")
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}


_EXAMPLES = {
    "texts": "list of texts", "interval": "as in 12 hours, 7 days", "instant": "as in 2026-03-01T08:30:00+01:00",
}  # fmt: skip


def duration_seconds(text: str) -> float | None:
    """Return the seconds of a duration as in 7 days; None for what is none."""
    match = _DURATION.match(text)
    return float(match[1]) * _SECONDS[match[2]] if match else None


def instant(text: str) -> str | None:
    """Return an ISO instant in UTC, which one without a zone is taken for; None for what is none."""
    try:
        at = datetime.fromisoformat(text.strip())
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        return None


@dataclass(frozen=True, kw_only=True)
class Option:
    """One option: its type, its default (None where there is none) and its bounds; an object has fields."""

    name: str
    type: OptionType
    default: object = None
    allowed: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    fields: tuple["Option", ...] = ()

    def describe(self) -> str:
        """Return name, type and bounds, as a hint shows them."""
        if self.allowed:
            return f"{self.name} ({' or '.join(self.allowed)})"
        if self.minimum is not None and self.maximum is not None:
            return f"{self.name} ({self.type} from {self.minimum:.10g} to {self.maximum:.10g})"
        if self.fields:
            return f"{self.name} (object of {', '.join(f.describe() for f in self.fields)})"
        if self.type in _EXAMPLES:
            return f"{self.name} ({_EXAMPLES[self.type]})"
        return f"{self.name} ({self.type})"

    def check(self, value: object) -> object:
        """Return `value` when it fits; one text is a list of one. Raises InvalidArgument when it does not."""
        if self.type == "texts" and isinstance(value, str):
            value = [value]
        fits = isinstance(value, _PYTHON_TYPES[self.type])
        if isinstance(value, bool) and self.type != "boolean":
            fits = False
        if fits and self.allowed:
            fits = value in self.allowed
        if fits and isinstance(value, (int, float)) and not isinstance(value, bool):
            fits = (self.minimum is None or value >= self.minimum) and (self.maximum is None or value <= self.maximum)
        if fits and isinstance(value, str):
            fits = bool(value.strip())
        if fits and isinstance(value, list):
            fits = bool(value) and all(isinstance(v, str) and v.strip() for v in value)
        if fits and self.type == "interval":
            seconds = duration_seconds(str(value))
            fits = seconds is not None and seconds >= (self.minimum or 0)
        if fits and isinstance(value, dict):
            fits = bool(checked_options(self.fields, value))
        if fits and self.type == "instant":
            at = instant(str(value))
            fits, value = at is not None, at or value
        if not fits:
            raise InvalidArgument(f"option {self.name!r} is {value!r}", hint=f"Give {self.describe()}.")
        return value


def parse_options(schema: Mapping[str, Any]) -> tuple[Option, ...]:
    """Read the `options` of a recipe's row."""
    return tuple(
        Option(
            name=name,
            type=cast(OptionType, entry["type"]),
            default=entry.get("default"),
            allowed=tuple(entry.get("allowed", ())),
            minimum=entry.get("minimum"),
            maximum=entry.get("maximum"),
            fields=parse_options(entry.get("fields", {})),
        )
        for name, entry in schema.items()
    )


def checked_options(options: tuple[Option, ...], given: object) -> dict[str, object]:
    """Return the given options with defaults filled in.

    Raises InvalidArgument for an unknown name, a wrong type or a value out of bounds; the hint lists what is allowed.
    """
    listed = "Options: " + ", ".join(sorted(o.describe() for o in options)) + "."
    if not isinstance(given, dict):
        raise InvalidArgument("options must be a JSON object", hint=listed)
    known = {o.name: o for o in options}
    for name in given:
        if name not in known:
            raise InvalidArgument(f"unknown option {name!r}", hint=listed)
    values = {o.name: o.default for o in options if o.default is not None}
    for name, value in given.items():
        if value is not None:
            values[name] = known[name].check(value)
    return values
