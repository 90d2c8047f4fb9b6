"""A plan in the making: parts of a question as they are read, and the steps for them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from datapunk.gaia.plan.part import Part

Spec = dict[str, Any]
#: Who wrote a plan, where no language model did.
GRAMMAR = "grammar"

# What a part of a question may be routed to: what finds and counts. The rest writes, or speaks of Gaia.
ROUTES = ("count", "top", "when", "timeline", "compare", "trend", "people", "places", "summarize", "search", "similar")
# What may be about the time that was spent at a place.
STAYED = ("people", "timeline", "count", "top")
WRITTEN = ("mail", "message", "note", "document", "highlight")
NAMES = ("person", "place", "channel", "site")


@dataclass(frozen=True, kw_only=True)
class Read:
    """What one part asks for: subroutine, its probability, parameters."""

    subroutine: str
    score: float
    parameters: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of several names of a kind that a text strings together, at the characters [start, end)."""

    start: int
    end: int
    kind: str
    values: list[str]


class Reader(Protocol):
    """Routes and understands a part by itself."""

    def routes(self, text: str) -> Sequence[tuple[str, float]]:
        """Return the subroutines that a text may be for, best first, those that may be tried."""
        ...

    def parameters(self, text: str, subroutine: str) -> dict[str, Any]:
        """Return what a text says, as a subroutine receives it."""
        ...

    def sides(self, text: str) -> list[Side]:
        """Return the names of one kind at two or more places of a text, in their order."""
        ...


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A part with the steps that answer it: the last of them that found something does. None: it is not read."""

    part: Part
    read: Read
    steps: tuple[str, ...]

    @property
    def is_read(self) -> bool:
        """Whether there is a subroutine for it."""
        return bool(self.steps)


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A plan for a question as JSON, with what its steps are for. `confidence` is that of the least sure part.

    It is None where nobody knows: a language model says nothing of how sure it is.
    """

    spec: Spec
    asked: tuple[Asked, ...]
    confidence: float | None


@dataclass(kw_only=True)
class Draft:
    """What has been planned so far; grows part by part."""

    steps: list[Spec] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)

    def paths(self, asked: Asked, name: str) -> Any:
        """A reference to an output of a part, whichever of its steps gives it."""
        paths = [f"{step}.{name}" for step in reversed(asked.steps)]
        return {"from": paths[0] if len(paths) == 1 else paths}


def of_sides(sides: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The names of all sides of a comparison, by kind."""
    joined: dict[str, Any] = {}
    for side in sides:
        for name, value in side.items():
            if isinstance(value, list):
                joined.setdefault(name, []).extend(value)
    return joined


def ranks(asked: Asked) -> str | None:
    """Of which kind the names are that a part finds."""
    if asked.read.subroutine in ("people", "places"):
        return {"people": "person", "places": "place"}[asked.read.subroutine]
    group = asked.read.parameters.get("group_by")
    return str(group) if asked.read.subroutine == "top" and group else None
