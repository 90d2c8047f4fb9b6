"""Options of a recipe: their schema is a row of forge.recipe, and what a caller gives is checked against it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from datapunk.errors import InvalidArgument

OptionType = Literal["text", "integer", "number", "boolean"]
_PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "text": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}


@dataclass(frozen=True, kw_only=True)
class Option:
    """One option: its type, its default (None where there is none) and its bounds."""

    name: str
    type: OptionType
    default: object = None
    allowed: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None

    def describe(self) -> str:
        """Return name, type and bounds, as a hint shows them."""
        if self.allowed:
            return f"{self.name} ({' or '.join(self.allowed)})"
        if self.minimum is not None and self.maximum is not None:
            return f"{self.name} ({self.type} from {self.minimum:.10g} to {self.maximum:.10g})"
        return f"{self.name} ({self.type})"

    def check(self, value: object) -> object:
        """Return `value` when it fits. Raises InvalidArgument when not."""
        fits = isinstance(value, _PYTHON_TYPES[self.type])
        if isinstance(value, bool) and self.type != "boolean":
            fits = False
        if fits and self.allowed:
            fits = value in self.allowed
        if fits and isinstance(value, (int, float)) and not isinstance(value, bool):
            fits = (self.minimum is None or value >= self.minimum) and (self.maximum is None or value <= self.maximum)
        if fits and isinstance(value, str):
            fits = bool(value.strip())
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
