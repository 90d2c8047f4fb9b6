"""The values of a sketch, which are texts, in the types that subroutines declare."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn, Protocol
from zoneinfo import ZoneInfo

from datapunk.errors import InvalidArgument
from datapunk.gaia.plan.draft import NAMES
from datapunk.gaia.plan.model import STRETCHES, Type
from datapunk.gaia.plan.offers import CHOICES, TIME

_MOST_VALUES = 20
LONGEST = 300
_MOST = 10_000


class Facts(Protocol):
    """What the owner's data say to the words of a plan."""

    @property
    def phrase(self) -> str:
        """What stands for a time that has no words of its own."""
        ...

    def time(self, words: str) -> Mapping[str, str] | None:
        """Return since, until or both, and the phrase for them; None where the words are not understood."""
        ...

    def named(self, field: str, value: str) -> Sequence[str]:
        """Return the names of a field (person, channel, site, place) that a name may stand for, or itself."""
        ...


def wrong(message: str, hint: str) -> NoReturn:
    """Refuse a sketch. Raises InvalidArgument."""
    raise InvalidArgument(message, hint=hint)


@dataclass(frozen=True, kw_only=True)
class Values:
    """Reads the entries of steps' inputs."""

    facts: Facts
    zone: ZoneInfo

    def read(self, entry: Mapping[str, Any], of: Type, where: str) -> dict[str, Any]:
        """Return the parameters that an entry stands for. Raises InvalidArgument."""
        name, values = entry["name"], [str(value).strip() for value in entry["values"]]
        if entry["from"]:
            return _reference(name, entry["from"], entry["shift_days"], of)
        if len(values) > _MOST_VALUES or not all(0 < len(value) <= LONGEST for value in values):
            wrong(
                f"values of {name} in {where} are empty, too long or too many",
                f"At most {_MOST_VALUES} of {LONGEST} characters each in {where}.",
            )
        if name in CHOICES and (unknown := [value for value in values if value not in CHOICES[name]]):
            wrong(f"{name} of {where} is {unknown[0]!r}", f"Allowed for {name} in {where}: {', '.join(CHOICES[name])}.")
        if name in NAMES:
            return {name: list(dict.fromkeys(n for value in values for n in self.facts.named(name, value)))}
        if of == "array":
            return {name: [_whole(v, name, where, 1, 7) for v in values] if name == "weekday" else values}
        if len(values) != 1:
            wrong(f"{name} of {where} has {len(values)} values", f"Give {name} of {where} one.")
        return self._one(values[0], name, of, where)

    def _one(self, value: str, name: str, of: Type, where: str) -> dict[str, Any]:
        if name == TIME:
            return self._time(value, where)
        readers: dict[str, Callable[[], Any]] = {
            "integer": lambda: _whole(value, name, where, 0, _MOST), "number": lambda: _number(value, name, where),
            "boolean": lambda: _truth(value, name, where),
        }  # fmt: skip
        if name in ("since", "until"):
            return {name: self._instant(value, name, where)}
        return {name: readers.get(of, lambda: value)()}

    def _time(self, words: str, where: str) -> dict[str, Any]:
        found = self.facts.time(words)
        if not found:
            wrong(
                f"the time {words!r} of {where} is not understood",
                f"Give {where} one time in plain English words, as in 'last spring', or since and until in ISO 8601.",
            )
        return dict(found)

    def _instant(self, value: str, name: str, where: str) -> str:
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            wrong(f"{name} of {where} is {value!r}", f"Write {name} of {where} in ISO 8601, as in 2024-03-01.")
        return (at if at.tzinfo else at.replace(tzinfo=self.zone)).isoformat()


def _reference(name: str, path: str, days: int, of: Type) -> dict[str, Any]:
    shift = {"shift": {"days": days}} if days else {}
    if name == TIME:
        # The time of a step, or one around it: trip, trip.since and trip.day all tell of a stretch.
        stretch = path if path.rpartition(".")[2] in STRETCHES or "." not in path else path.rpartition(".")[0]
        return {edge: {"from": f"{stretch}.{edge}"} | shift for edge in ("since", "until")}
    if path == "each" and of == "array":
        return {name: [{"from": path}]}
    return {name: {"from": path} | shift}


def _truth(value: str, name: str, where: str) -> bool:
    if value not in ("true", "false"):
        wrong(f"{name} of {where} is {value!r}", f"Allowed for {name} in {where}: true, false.")
    return value == "true"


def _number(value: str, name: str, where: str) -> float:
    try:
        return float(value)
    except ValueError:
        wrong(f"{name} of {where} is {value!r}", f"Give {name} of {where} a number.")


def _whole(value: str, name: str, where: str, least: int, most: int) -> int:
    try:
        number = int(value)
    except ValueError:
        number = least - 1
    if not least <= number <= most:
        wrong(f"{name} of {where} is {value!r}", f"Allowed for {name} in {where}: {least} to {most}.")
    return number
