"""A plan as a language model writes it: the narrowest form of JSON that every provider can enforce, and what it means.

Providers that follow a schema while a model writes take a part of JSON Schema only: closed objects with all fields
required, no unions, no recursion, no bounds. So an input is a list of named values instead of an object, and each value
a text. `spec_of` makes the plan's own JSON of it, in the types that the subroutines declare; `reading` checks that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from datapunk.gaia.plan.offers import LEFT_OUT, SIDED, Offer
from datapunk.gaia.plan.sketch_values import LONGEST, Facts, Values, wrong

MOST_STEPS = 8
MOST_EACH = 20
_MOST_INPUTS = 24
_MOST_MILLISECONDS = 60_000
_SIDES = ("first", "second")
_ROLES = ("plain", "not", *_SIDES)


@dataclass(frozen=True, kw_only=True)
class Sketched:
    """A plan's steps as JSON, and the parts of the question: their words, steps, and whether they were asked for."""

    steps: Sequence[dict[str, Any]]
    parts: Sequence[dict[str, Any]]

    def as_json(self) -> dict[str, Any]:
        """What is stored with an answer, and run again by gaia_replay."""
        return {"steps": list(self.steps), "parts": list(self.parts)}

    @property
    def spec(self) -> dict[str, Any]:
        """The plan as `reading.plan_of` takes it."""
        return {"steps": list(self.steps), "budget": {"ms": _MOST_MILLISECONDS}}


def sketch_schema(offers: Sequence[Offer]) -> dict[str, Any]:
    """Return the JSON Schema of a sketch over what is offered."""
    text, texts = {"type": "string"}, {"type": "array", "items": {"type": "string"}}
    names = sorted({name for offer in offers for name in offer.parameters})
    given = _closed({
        "name": {"type": "string", "enum": names}, "role": {"type": "string", "enum": list(_ROLES)}, "values": texts,
        "from": text, "shift_days": {"type": "integer"},
    })  # fmt: skip
    step = _closed({
        "id": text, "asks": text, "asked": {"type": "boolean"},
        "subroutine": {"type": "string", "enum": [offer.name for offer in offers]},
        "input": {"type": "array", "items": given}, "each": text, "if_found": texts, "if_empty": texts,
    })  # fmt: skip
    return _closed({"steps": {"type": "array", "items": step}})


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object", "properties": properties, "required": list(properties), "additionalProperties": False,
    }  # fmt: skip


def spec_of(sketch: Mapping[str, Any], offers: Mapping[str, Offer], facts: Facts, zone: ZoneInfo) -> Sketched:
    """Return the plan that a sketch, valid by its schema, describes. Raises InvalidArgument with the step."""
    listed = sketch["steps"]
    if len(listed) > MOST_STEPS:
        wrong(f"the plan has {len(listed)} steps", f"At most {MOST_STEPS}.")
    reader = _Reader(offers, facts, Values(facts=facts, zone=zone))
    steps = [reader.step(step) for step in listed]
    parts: dict[str, dict[str, Any]] = {}
    for step in listed:
        part = parts.setdefault(step["asks"].strip(), {"asks": step["asks"].strip(), "asked": False, "steps": []})
        part["steps"].append(step["id"])
        part["asked"] = part["asked"] or step["asked"]
    if steps and not any(part["asked"] for part in parts.values()):
        wrong("no step has asked: true", "Say which steps answer what the person asked.")
    return Sketched(steps=steps, parts=list(parts.values()))


@dataclass(frozen=True)
class _Reader:
    """Reads the steps of one sketch."""

    offers: Mapping[str, Offer]
    facts: Facts
    values: Values

    def step(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """One step as JSON of a plan."""
        where = f"step {str(told['id'])[:60]!r}"
        offer = self.offers.get(told["subroutine"])
        if offer is None:
            wrong(
                f"{where} calls {str(told['subroutine'])[:60]!r}, which is not offered",
                f"For {where} there are: {', '.join(self.offers)}.",
            )
        if not 0 < len(told["asks"].strip()) <= LONGEST:
            wrong(f"asks of {where} is empty or too long", f"Give {where} the words of the question that it answers.")
        step: dict[str, Any] = {"id": told["id"], "subroutine": offer.name, "question": told["asks"].strip()}
        step["input"] = self._input(told["input"], offer, where)
        if told["each"]:
            step["foreach"] = {"in": {"from": told["each"]}, "most": MOST_EACH}
        conditions = [{"exists": name} for name in told["if_found"]] + [{"empty": name} for name in told["if_empty"]]
        if conditions:
            step["when"] = conditions[0] if len(conditions) == 1 else {"all": conditions}
        return step

    def _input(self, entries: Sequence[Mapping[str, Any]], offer: Offer, where: str) -> dict[str, Any]:
        given: dict[str, Any] = {}
        sides: dict[str, dict[str, Any]] = {}
        if len(entries) > _MOST_INPUTS:
            wrong(f"{where} has {len(entries)} inputs", f"At most {_MOST_INPUTS} in {where}.")
        for entry in entries:
            name, role = entry["name"], entry["role"]
            if name not in offer.parameters:
                allowed = ", ".join(sorted(offer.parameters)) or "none"
                wrong(f"{offer.name} of {where} reads no {name!r}", f"Allowed in input of {where}: {allowed}.")
            _check_role(entry, offer, where)
            into = given
            if role == "not":
                into = given.setdefault("not", {})
            elif role in _SIDES:
                into = sides.setdefault(role, {"label": ", ".join(entry["values"])})
            found = self.values.read(entry, offer.parameters[name], where)
            if found.keys() & into.keys():
                wrong(f"{name} of {where} is given twice", f"Give all values of {name} in {where} together.")
            into |= found
        if sides:
            if len(sides) < len(_SIDES):
                wrong(f"{where} has one side", f"Give {where} a first and a second.")
            given["sides"] = [sides[role] for role in _SIDES]
        if not offer.has_phrase:
            given.pop("phrase", None)
        elif {"since", "until"} & given.keys():
            given.setdefault("phrase", self.facts.phrase)
        return given


def _check_role(entry: Mapping[str, Any], offer: Offer, where: str) -> None:
    name, role = entry["name"], entry["role"]
    if bool(entry["values"]) == bool(entry["from"]):
        wrong(f"{name} of {where} has values and from, or neither", f"Give {name} of {where} one of the two.")
    if role == "not" and (name not in LEFT_OUT or entry["from"]):
        wrong(f"{name} of {where} cannot be left out", f"not is for values of: {', '.join(LEFT_OUT)}; see {where}.")
    if role in _SIDES and (not offer.is_sided or name not in SIDED or entry["from"]):
        wrong(
            f"{name} of {where} is no side",
            f"first and second are for compare, with values of: {', '.join(SIDED)}; see {where}.",
        )
