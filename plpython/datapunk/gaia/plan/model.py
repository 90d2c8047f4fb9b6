"""What a plan is made of. `reading` makes plans from JSON and checks them; nothing else does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Type = Literal["string", "integer", "number", "boolean", "array", "object", "any"]
#: What a reference may begin with beside the id of a step.
INPUT, EACH = "input", "each"
Operator = Literal["exists", "empty", "equals", "compare", "all", "any", "not"]
Comparison = Literal["<", "<=", ">", ">="]

MOST_STEPS = 50
MOST_RETRIES = 5
MOST_ROUNDS = 20
MOST_EACH = 100
MOST_MILLISECONDS = 600_000
MOST_ROWS = 10_000
LONGEST_TTL_S = 30 * 24 * 3600

#: What every step gives, with its type. The lists of names are those that its figures rank or its input names.
OUTPUTS: Mapping[str, Type] = {
    "status": "string", "found": "boolean", "data": "object", "citations": "array", "answer": "string",
    "person": "array", "people": "array", "place": "array", "places": "array", "channel": "array", "channels": "array",
    "site": "array", "sites": "array", "title": "string", "since": "string", "until": "string", "day": "object",
    "week": "object", "month": "object", "year": "object", "each": "array", "rounds": "integer",
}  # fmt: skip
#: Outputs that are stretches of time: a field since and a field until.
STRETCHES = ("day", "week", "month", "year")


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A value that comes from elsewhere: the first of `paths` that leads to one, moved in time by `shift`.

    A path begins with the id of a step, `input`, or `each`. Without a default, a step whose reference leads to nothing
    is skipped.
    """

    paths: tuple[tuple[str, ...], ...]
    default: Any = None
    has_default: bool = False
    shift: tuple[tuple[str, int], ...] = ()

    @property
    def sources(self) -> tuple[str, ...]:
        """What the paths begin with."""
        return tuple(path[0] for path in self.paths)


@dataclass(frozen=True, kw_only=True)
class Condition:
    """A condition over outputs; `operands` are values, or conditions of all, any and not."""

    operator: Operator
    operands: tuple[Any, ...]
    comparison: Comparison | None = None


@dataclass(frozen=True, kw_only=True)
class Budget:
    """What may be spent: no try, round or element begins after `ms`; of rows and citations the first `rows` stay."""

    ms: int | None = None
    rows: int | None = None


@dataclass(frozen=True, kw_only=True)
class ForEach:
    """A step once for each of some values, `most` of them at most."""

    values: Any
    most: int


@dataclass(frozen=True, kw_only=True)
class Repeat:
    """A cycle: its steps run again until the condition holds, `rounds` times at most."""

    until: Condition
    rounds: int


@dataclass(frozen=True, kw_only=True)
class Step:
    """One call of a subroutine (by name) or a handler (SCHEMA.FUNCTION)."""

    id: str
    subroutine: str | None = None
    handler: str | None = None
    input: Mapping[str, Any] = field(default_factory=dict)
    when: Condition | None = None
    after: tuple[str, ...] = ()
    retries: int = 0
    budget: Budget = Budget()
    cache_s: int | None = None
    foreach: ForEach | None = None
    repeat: Repeat | None = None
    question: str | None = None

    @property
    def called(self) -> str:
        """What the step calls, as a person names it."""
        return self.subroutine or self.handler or ""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Checked steps. `order` holds the groups of steps that form a cycle, mostly of one, each after what it needs."""

    steps: Mapping[str, Step]
    order: tuple[tuple[str, ...], ...]
    needs: Mapping[str, frozenset[str]]
    inputs: Mapping[str, Type] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    output: Mapping[str, Any] = field(default_factory=dict)
    answer: str | None = None
    budget: Budget = Budget()

    @property
    def levels(self) -> tuple[tuple[tuple[str, ...], ...], ...]:
        """The groups by when they may run: those of one level need nothing of each other."""
        depth: dict[str, int] = {}
        levels: list[list[tuple[str, ...]]] = []
        for group in self.order:
            outside = {need for step in group for need in self.needs[step]} - set(group)
            level = max((depth[need] + 1 for need in outside), default=0)
            depth |= dict.fromkeys(group, level)
            while len(levels) <= level:
                levels.append([])
            levels[level].append(group)
        return tuple(tuple(level) for level in levels)


@dataclass(frozen=True, kw_only=True)
class Signature:
    """What is known of a subroutine: the types of the parameters that it reads, by name, and whether others are wrong.

    Of each group in `required` an input must be given. `is_volatile` says that it writes, so that its result must not
    come from a cache.
    """

    parameters: Mapping[str, Type] = field(default_factory=dict)
    required: tuple[tuple[str, ...], ...] = ()
    is_closed: bool = False
    is_volatile: bool = False


def references(value: Any) -> tuple[Reference, ...]:
    """All references within a value or condition."""
    if isinstance(value, Reference):
        return (value,)
    if isinstance(value, Condition):
        return tuple(r for operand in value.operands for r in references(operand))
    if isinstance(value, Mapping):
        return tuple(r for part in value.values() for r in references(part))
    if isinstance(value, (list, tuple)):
        return tuple(r for part in value for r in references(part))
    return ()
