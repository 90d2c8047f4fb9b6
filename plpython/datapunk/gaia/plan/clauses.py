"""Reads the clauses of a question: for each the subroutine that has all it needs, references included."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from datapunk.gaia.follow_up import merged
from datapunk.gaia.plan.anaphora import Link, spelled_out, without
from datapunk.gaia.plan.binding import goes_on, resolved, time_of, winner
from datapunk.gaia.plan.decompose import asks_for_each
from datapunk.gaia.plan.distributing import of_one
from datapunk.gaia.plan.draft import NAMES, ROUTES, STAYED, WRITTEN, Draft, Read, Reader, of_sides
from datapunk.gaia.plan.part import Part
from datapunk.gaia.understanding import can_run
from datapunk.gaia.vocabulary import GROUPS

_ELIDED = re.compile(r"\s*(?:and\s+)?how\s+(?:many|often|much)\s+(?:did|do|have|had|was|were|of)\b", re.IGNORECASE)
_TIME = ("since", "until", "phrase")
_RANKING = ("order", "measure", "k", "group_by", "present")
_WHICH = re.compile(r"\s*(?:what|which)\s+(\w+)", re.IGNORECASE)
# The certainty of a clause of which every word is read as kind, time or name, where the router has none.
_FULLY_READ = 0.6


def read_clause(part: Part, reader: Reader, draft: Draft) -> Read | None:
    """Read a whole clause: the first subroutine that has all it needs, references included."""
    sides = reader.sides(part.text) if asks_for_each(part.text) and not part.links else []
    if sides:
        part = replace(part, text=of_one(part.text, sides))
    text = without(part.text, part.links)
    tried = [(part.wanted, 1.0)] if part.wanted else _routes(part, reader)
    tried += [] if part.wanted else [(name, _FULLY_READ) for name in _contents(text)]
    for subroutine, score in tried:
        if subroutine not in ROUTES:
            continue
        parameters = reader.parameters(text, subroutine)
        if part.unit:
            parameters["unit"] = part.unit
        if _is_timed_by_place(parameters):
            # "While I was in Tokyo": the time tells where.
            del parameters["place"]
        if goes_on(part, parameters, subroutine, draft):
            linked: dict[str, Any] | None = merged(_of_before(draft), parameters, None)
        else:
            linked = resolved(part, parameters, subroutine, draft)
        linked = linked if linked is None else _continued(part, linked, subroutine, draft)
        if linked is not None and _can_run(subroutine, linked) and _has_words(text, subroutine, score, linked):
            return Read(subroutine=subroutine, score=score, parameters=linked)
    return None


def _is_timed_by_place(parameters: Mapping[str, Any]) -> bool:
    phrase = str(parameters.get("phrase") or "")
    places = parameters.get("place") or []
    return bool(parameters.get("since")) and any(str(place) in phrase for place in places)


def _continued(part: Part, own: dict[str, Any], subroutine: str, draft: Draft) -> dict[str, Any]:
    """The parameters of a part that says nothing of its own where it goes on with the part before.

    "... and how many were there in 2024" counts the same things; "... and who came along" asks about that time.
    """
    before = draft.asked[-1] if draft.asked else None
    if before and _ELIDED.match(part.text) and not any(own.get(name) for name in ("since", "until")):
        # "How many did I send him": in the same time.
        own = own | {name: value for name in _TIME if (value := before.read.parameters.get(name))}
    if not before or any(own.get(name) for name in ("topic", "quoted", *NAMES)):
        return own
    is_elided = bool(_ELIDED.match(part.text)) and bool(before.read.parameters.get("kind"))
    if subroutine == "count" and not own.get("kind") and (is_elided or before.read.subroutine == "count"):
        return merged(_of_before(draft), own, None)
    if subroutine in ("people", "places") and not (own.get("since") or own.get("until")):
        time = time_of(Link(kind="time", start=0, end=0), part, before, draft, subroutine) or {}
        return {**own, **time, "phrase": str(time.get("phrase") or "then")}
    return own


def _of_before(draft: Draft) -> dict[str, Any]:
    """The filters of the part before."""
    before = draft.asked[-1].read.parameters
    return {k: v for k, v in before.items() if k not in ("order", "measure", "k", "group_by")}


def _routes(part: Part, reader: Reader) -> list[tuple[str, float]]:
    """The subroutines for a part as it stands and with its words that point back spelled out, by the surer reading."""
    texts = dict.fromkeys([part.text, spelled_out(part.text, part.links)])
    readings = [list(found) for text in texts if (found := reader.routes(text))]
    return max(readings, key=lambda found: found[0][1], default=[])


def _can_run(subroutine: str, parameters: dict[str, Any]) -> bool:
    """Whether a subroutine has what it needs; the time of a stay is looked up where a part names the place alone."""
    placed = {"since": "stay"} if subroutine in STAYED and parameters.get("place") else {}
    return can_run(subroutine, {**placed, **parameters})


def _contents(text: str) -> tuple[str, ...]:
    """The subroutines that tell what things hold, for a clause that asks what, of which words tell the rest."""
    asks = re.match(r"\s*(?:what|which)\b", text, re.IGNORECASE)
    return ("top", "summarize", "timeline") if asks else ()


def _has_words(text: str, subroutine: str, score: float, parameters: Mapping[str, Any]) -> bool:
    """Whether there is something to search for; or, of what is told by its kind and time alone, nothing else."""
    is_bound = any(isinstance(value, dict) for value in parameters.values())
    if subroutine == "search" and is_bound:
        return bool(parameters.get("topic") or parameters.get("quoted"))
    if score == _FULLY_READ:
        is_written = parameters.get("kind") in WRITTEN
        named = _WHICH.match(text)
        is_ranked = bool(named) and GROUPS.get(str(named and named.group(1)).lower()) in (
            "channel",
            "site",
            "person",
            "place",
        )
        fits = {"top": is_ranked, "summarize": is_written, "timeline": not is_written}[subroutine]
        return fits and is_bound and bool(parameters.get("kind")) and not parameters.get("topic")
    return True


def read_bare(part: Part, reader: Reader, draft: Draft) -> Read | None:
    """Read a clause that leaves out what the one before says: and when, with whom, how many in 2024."""
    if not draft.asked:
        return None
    before = draft.asked[-1]
    first = part.text.lower().strip(" ?.!").split()
    wanted = part.wanted
    if wanted is None:
        wanted = _asked_by(first)
    subroutine = wanted or before.read.subroutine
    own = reader.parameters(without(part.text, part.links), subroutine)
    is_same = subroutine == before.read.subroutine and own.get("kind") in (None, before.read.parameters.get("kind"))
    # The same ranking, of another time.
    base = {k: v for k, v in before.read.parameters.items() if is_same or k not in _RANKING}
    sides = base.pop("sides", None)
    if sides and subroutine != "compare":
        base |= of_sides(sides)
    parameters = merged(base, own, None)
    if subroutine == "people":
        parameters["present"] = True if before.read.parameters.get("kind") in (None, "event") else None
    if subroutine in ("people", "places") and before.read.subroutine == "when":
        stretch = {name: draft.paths(before, f"day.{name}") for name in ("since", "until")}
        parameters = {"present": parameters.get("present"), **stretch, "phrase": "then"}
    if subroutine == "when":
        parameters = {**parameters, "order": own.get("order") or "last"}
        if parameters["order"] == "next":
            # What is to come lies in no time that was.
            parameters = {name: value for name, value in parameters.items() if name not in _TIME}
    if subroutine == "summarize" and before.read.subroutine == "when":
        parameters |= {**{name: draft.paths(before, f"day.{name}") for name in ("since", "until")}, "phrase": "then"}
    if not part.links and not any(own.get(name) for name in (*NAMES, "topic")) and _is_of_winner(part, subroutine):
        # "Which channel did I watch most, and how often?": the one that is found.
        parameters |= winner(before, draft) or {}
    parameters = {name: value for name, value in parameters.items() if value is not None}
    if part.links:
        linked = resolved(part, parameters, subroutine, draft)
        if linked is None:
            return None
        parameters = linked
    if not can_run(subroutine, parameters):
        return None
    return Read(subroutine=subroutine, score=before.read.score, parameters=parameters)


def _is_of_winner(part: Part, subroutine: str) -> bool:
    asks = re.match(r"\s*(?:and\s+)?(?:how\s+(?:often|many\s+times)|when|since\s+when)\b", part.text, re.IGNORECASE)
    return asks is not None or subroutine == "summarize"


def _asked_by(words: Sequence[str]) -> str | None:
    """The subroutine that a word of asking leaves alone."""
    text = " ".join(words).strip(" ?.!")
    if "whom" in words or "who" in words:
        return "people"
    if text.startswith(("when", "since when", "on which day")):
        return "when"
    if text.startswith(("where", "in which place")):
        return "places"
    return "count" if text.startswith(("how many", "how often")) else None
