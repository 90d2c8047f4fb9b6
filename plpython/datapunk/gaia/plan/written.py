"""Plans that a language model has written: what it may use, what its words stand for, and running them, read only."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from datapunk.clock import zone as named_zone
from datapunk.db import Db, Row
from datapunk.errors import InvalidArgument
from datapunk.gaia.anchors import resolve_anchors
from datapunk.gaia.languages import ENGLISH
from datapunk.gaia.languages.reading import read
from datapunk.gaia.names import known_names, near_names
from datapunk.gaia.plan.draft import Asked, Planned, Read
from datapunk.gaia.plan.model import Plan
from datapunk.gaia.plan.offers import ALWAYS, NEVER, Offer, offer_of
from datapunk.gaia.plan.part import Part
from datapunk.gaia.plan.planning import widen
from datapunk.gaia.plan.reading import plan_of
from datapunk.gaia.plan.running import Known, Q
from datapunk.gaia.plan.sketch import Sketched, spec_of
from datapunk.gaia.times import times_of
from datapunk.inference import InferenceClient
from datapunk.settings import Settings

_LEAD = r"(?:\b(?:in|on|at|during|over|within|throughout|since|until|before|after|from|between|of)\s+(?:the\s+)?)?"


def offers(db: Db, tools: Sequence[str]) -> list[Offer]:
    """Return what the current owner lets a language model put into a plan; `tools` are those of the policy."""
    wanted = list(dict.fromkeys([*ALWAYS, *tools]))
    found = [
        offer_of(
            str(row["name"]), str(row["description"]), json.loads(row["input_schema"] or "{}"),
            is_builtin=row["source"] == "builtin",
        )
        for row in db.rows(Q.offers, wanted, list(NEVER))
    ]  # fmt: skip
    return sorted(found, key=lambda offer: wanted.index(offer.name))


def checked(plan: Mapping[str, Any], offered: Sequence[Offer], known: Known) -> Plan:
    """Return a plan of steps that call nothing but what is offered. Raises InvalidArgument with the step."""
    allowed = {offer.name for offer in offered}
    steps = plan.get("steps") or []
    if handlers := [str(step.get("id")) for step in steps if "handler" in step]:
        raise InvalidArgument(
            f"step {handlers[0]!r} calls a function", hint="A plan of a language model calls subroutines alone."
        )
    signatures = {name: signature for name, signature in known.signatures.items() if name in allowed}
    return plan_of(dict(plan), signatures)


def planned(sketched: Sketched) -> Planned:
    """Return the steps with the parts that they answer; nobody measured how sure a model is."""
    by_id = {step["id"]: step for step in sketched.steps}
    asked = []
    for part in sketched.parts:
        first = by_id[part["steps"][0]]
        asked.append(Asked(
            part=Part(text=part["asks"], is_support=not part["asked"]), steps=tuple(part["steps"]),
            read=Read(subroutine=first["subroutine"], score=0.0, parameters=_constants(first["input"])),
        ))  # fmt: skip
    return Planned(spec=sketched.spec, asked=tuple(asked), confidence=None)


def _constants(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if not (isinstance(value, dict) and "from" in value)}


@dataclass(frozen=True, kw_only=True)
class OwnFacts:
    """See sketch.Facts: times as questions have them, names as the owner's data have them."""

    db: Db
    inference: InferenceClient
    settings: Settings
    context: Row
    question: str
    phrase: str

    def time(self, words: str) -> Mapping[str, str] | None:
        """See sketch.Facts."""
        zone = named_zone(self.settings.timezone)
        today = datetime.fromisoformat(str(self.context["now"])).astimezone(zone).date()
        spans = times_of(self.inference, self.settings, words, self.context)
        spans, lost = resolve_anchors(self.db, read(words, ENGLISH), spans, zone, today)
        if lost or len(spans) != 1:
            return None
        bounds = {"since": spans[0]["start"], "until": spans[0]["end"]}
        said = re.search(rf"{_LEAD}{re.escape(words)}", self.question, re.IGNORECASE)
        return {name: at for name, at in bounds.items() if at} | {"phrase": said.group() if said else self.phrase}

    def named(self, field: str, value: str) -> Sequence[str]:
        """See sketch.Facts; a name that is misspelled by a letter stands for the one that is meant."""
        found = [name.value for name in known_names(self.db, value, self.context) if name.field == field]
        found = found or [name.value for name in near_names(self.db, value, value) if name.field == field]
        return list(dict.fromkeys(found)) or [value]


def sketched(
    sketch: Mapping[str, Any], offered: Sequence[Offer], known: Known, facts: OwnFacts
) -> Sketched:  # fmt: skip
    """Return the plan that a sketch describes, checked. Raises InvalidArgument with the step."""
    zone = named_zone(facts.settings.timezone)
    made = spec_of(sketch, {offer.name: offer for offer in offered}, facts, zone)
    widen(made.steps)
    if made.steps:
        checked(made.spec, offered, known)
    return made
