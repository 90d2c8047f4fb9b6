"""What the references and conditions of a step come to, given the outputs so far. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from datapunk.errors import InvalidArgument
from datapunk.gaia.plan.model import Condition, Reference

#: The outputs by step, beside them the plan's inputs as `input` and the element of foreach as `each`.
Scope = Mapping[str, Any]


class Nothing(Exception):
    """A reference without default leads to nothing."""

    def __init__(self, reference: Reference) -> None:
        super().__init__(", ".join(".".join(path) for path in reference.paths))
        self.reference = reference


def resolved(value: Any, scope: Scope) -> Any:
    """Return a value with its references replaced. Raises Nothing."""
    if isinstance(value, Reference):
        found = look_up(value, scope)
        if is_empty(found):
            if not value.has_default:
                raise Nothing(value)
            return value.default
        return found
    if isinstance(value, Mapping):
        return {key: resolved(part, scope) for key, part in value.items()}
    return [resolved(part, scope) for part in value] if isinstance(value, (list, tuple)) else value


def look_up(reference: Reference, scope: Scope) -> Any:
    """Return what the first path finds that finds anything; None where none does."""
    for path in reference.paths:
        found = _walk(scope, path)
        if not is_empty(found):
            return moved(found, reference.shift) if reference.shift else found
    return None


def _walk(value: Any, path: Sequence[str]) -> Any:
    for place, part in enumerate(path):
        if isinstance(value, Mapping):
            value = value.get(part)
        elif isinstance(value, list) and part == "*":
            return [found for entry in value if not is_empty(found := _walk(entry, path[place + 1 :]))]
        elif isinstance(value, list) and part.isdigit():
            value = value[int(part)] if int(part) < len(value) else None
        else:
            return None
    return value


def is_empty(value: Any) -> bool:
    """Whether a value is null, or a text, array or object without content."""
    return value is None or (isinstance(value, (str, list, Mapping)) and not value)


def moved(instant: Any, shift: Sequence[tuple[str, int]]) -> str:
    """Return an ISO timestamp so many days, weeks, months or years later; the last day of a month stays its last.

    Raises InvalidArgument for anything else.
    """
    try:
        at = datetime.fromisoformat(instant)
    except (TypeError, ValueError):
        raise InvalidArgument(f"shift of {instant!r}", hint="Only a time can be shifted, as since of a step.") from None
    for unit, number in shift:
        if unit in ("days", "weeks"):
            at += timedelta(days=number * (7 if unit == "weeks" else 1))
            continue
        month = at.year * 12 + at.month - 1 + number * (12 if unit == "years" else 1)
        first = at.replace(year=month // 12, month=month % 12 + 1, day=1)
        after = (first + timedelta(days=31)).replace(day=1)
        at = first.replace(day=min(at.day, (after - timedelta(days=1)).day))
    return at.isoformat()


def holds(condition: Condition, scope: Scope) -> bool:  # noqa: PLR0911 - one line an operator
    """Whether a condition holds; a reference that leads to nothing counts as null."""
    match condition.operator:
        case "all":
            return all(holds(part, scope) for part in condition.operands)
        case "any":
            return any(holds(part, scope) for part in condition.operands)
        case "not":
            return not holds(condition.operands[0], scope)
        case "exists":
            return _is_there(condition.operands[0], scope)
        case "empty":
            return not _is_there(condition.operands[0], scope)
        case "equals":
            one, other = (_or_null(part, scope) for part in condition.operands)
            return bool(one == other)
    one, other = (_or_null(part, scope) for part in condition.operands)
    numbers = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in (one, other))
    if not numbers and not (isinstance(one, str) and isinstance(other, str)):
        return False
    match condition.comparison:
        case "<":
            return bool(one < other)
        case "<=":
            return bool(one <= other)
        case ">":
            return bool(one > other)
    return bool(one >= other)


def _is_there(value: Any, scope: Scope) -> bool:
    if isinstance(value, Reference) and any(len(path) == 1 for path in value.paths):
        # A whole step: whether it found something.
        return any(
            bool((scope.get(path[0]) or {}).get("found")) if len(path) == 1 else not is_empty(_walk(scope, path))
            for path in value.paths
        )
    return not is_empty(_or_null(value, scope))


def _or_null(value: Any, scope: Scope) -> Any:
    try:
        return resolved(value, scope)
    except Nothing:
        return None
