"""What words that point back stand for: references to outputs of earlier parts, by type. Pure."""

from collections.abc import Mapping
from typing import Any

from datapunk.gaia.plan.anaphora import Link
from datapunk.gaia.plan.draft import Asked, Draft, of_sides, ranks
from datapunk.gaia.plan.part import Part
from datapunk.gaia.plan.values import moved

_LOOKS_AT_TIME = ("count", "top", "timeline", "compare", "trend", "people", "places", "summarize", "when", "search")
_MANY = {"person": "people", "place": "places", "channel": "channels", "site": "sites"}
_PLACED = ("event", "place_visit", None)


def resolved(part: Part, own: Mapping[str, Any], subroutine: str, draft: Draft) -> dict[str, Any] | None:
    """The parameters of a part with its words that point back as references; None where a firm one finds nothing."""
    parameters = dict(own)
    for link in part.links:
        found = _meant(link, part, parameters, subroutine, draft)
        if found is None:
            if link.is_firm:
                return None
            continue
        if link.kind == "time":
            # The time that is meant takes the place of one that is taken over.
            parameters = {name: value for name, value in parameters.items() if name not in ("since", "until", "phrase")}
        parameters |= found
    return parameters


def goes_on(part: Part, own: Mapping[str, Any], subroutine: str, draft: Draft) -> bool:
    """Whether a part narrows what the one before counts: how many of them were from Anna."""
    if subroutine != "count" or not draft.asked or draft.asked[-1].read.subroutine != "count":
        return False
    if own.get("kind") not in (None, draft.asked[-1].read.parameters.get("kind")):
        return False
    said = [part.text[link.start : link.end].lower() for link in part.links if link.kind in ("people", "title")]
    return any(words in ("of them", "of those", "of these") for words in said)


def winner(asked: Asked, draft: Draft) -> dict[str, Any] | None:
    """What a ranking puts first, as the parameter of another part; None where it ranks no names."""
    kind = ranks(asked)
    return _named(kind, asked, draft) if kind in _MANY and asked.read.subroutine == "top" else None


def _meant(
    link: Link, part: Part, parameters: Mapping[str, Any], subroutine: str, draft: Draft
) -> dict[str, Any] | None:
    """The parameters that a word stands for, by the nearest part before that gives its type."""
    for asked in reversed(draft.asked):
        found: dict[str, Any] | None = None
        match link.kind:
            case "people" | "person":
                found = _person(link, part, parameters, asked, draft)
            case "place":
                found = _place(parameters, asked, draft)
            case "channel" | "site":
                found = _named(link.kind, asked, draft)
            case "title":
                found = _thing(link, part, asked, draft, subroutine)
            case "time":
                found = time_of(link, part, asked, draft, subroutine)
        if found is not None:
            return found
    if link.kind == "people":
        # "How many of them did I watch": what is ranked or named may be things.
        return next((f for asked in reversed(draft.asked) if (f := _of_things(asked, draft))), None)
    return None


def _of_things(asked: Asked, draft: Draft) -> dict[str, Any] | None:
    return winner(asked, draft) or next((f for kind in ("channel", "site") if (f := _named(kind, asked, draft))), None)


def _named(kind: str, asked: Asked, draft: Draft, *, many: bool = False) -> dict[str, Any] | None:
    if ranks(asked) == kind:
        return {kind: draft.paths(asked, _MANY[kind] if many else kind)}
    constant = asked.read.parameters.get(kind) or of_sides(asked.read.parameters.get("sides") or ()).get(kind)
    return {kind: constant} if constant else None


def _person(link: Link, part: Part, parameters: Mapping[str, Any], asked: Asked, draft: Draft) -> dict[str, Any] | None:
    if parameters.get("person") and not link.is_firm:
        return {}
    # A ranking's first is meant; of those who were there, all are.
    superlative = asked.read.subroutine == "top" or " most" in asked.part.text.lower()
    found = _named("person", asked, draft, many=link.kind == "people" and not superlative)
    if found is None:
        return None
    said = part.text[link.start : link.end].lower()
    if parameters.get("kind") == "mail" and not parameters.get("direction"):
        # Who writes comes before the verb, to whom after it.
        if said in ("they", "he", "she") or said.startswith("from "):
            found["direction"] = "received"
        elif said.startswith("to "):
            found["direction"] = "sent"
    # With somebody one exchanges mails.
    return found | {"direction": None} if said.startswith("with ") else found


def _place(parameters: Mapping[str, Any], asked: Asked, draft: Draft) -> dict[str, Any] | None:
    found = _named("place", asked, draft)
    if found is None:
        return None
    if parameters.get("kind") in _PLACED:
        return found
    # A page or a mail lies at no place: what is meant is the time that was spent there.
    return {"since": draft.paths(asked, "since"), "until": draft.paths(asked, "until"), "phrase": "during that time"}


def _thing(link: Link, part: Part, asked: Asked, draft: Draft, subroutine: str) -> dict[str, Any] | None:
    """What "it" is: the channel, site or place that a part ranks, else what its answer is called.

    On it and in it are times where a part tells one; when it was asks about the event that a part is timed by.
    """
    said = part.text[link.start : link.end].lower()
    if asked.read.subroutine == "trend":
        unit = asked.part.unit or "day"
        within = {name: draft.paths(asked, f"{unit}.{name}") for name in ("since", "until")}
        phrase = f"{'on' if unit == 'day' else 'in'} that {unit}"
        return {**within, "phrase": phrase} if said.startswith(("on ", "in ")) else None
    if said == "on it" and asked.read.subroutine == "when":
        return time_of(Link(kind="time", start=link.start, end=link.end, unit="day"), part, asked, draft, subroutine)
    if subroutine == "when" and (event := asked.read.parameters.get("event")):
        return {"kind": "event", "topic": event}
    kind = ranks(asked)
    if kind in ("channel", "site", "place"):
        return _named(kind, asked, draft)
    if kind in ("title", "query") or asked.read.subroutine in ("when", "search", "similar"):
        return {"topic": draft.paths(asked, "title")}
    return next((found for name in ("channel", "site") if (found := _named(name, asked, draft))), None)


def time_of(link: Link, part: Part, asked: Asked, draft: Draft, subroutine: str) -> dict[str, Any] | None:
    """The time that a part before gives, at, after or before what it is about; None where it gives none."""
    if subroutine not in _LOOKS_AT_TIME:
        return None
    own = asked.read.parameters
    bounds = {name: own.get(name) for name in ("since", "until")}
    phrase = " ".join(part.text[link.start : link.end].split())
    if link.relation == "at":
        stretch = {"date": "day", "day": "day", "week": "week", "month": "month", "year": "year"}.get(link.unit)
        # What the part before says itself: in 2024 ... that year. The day of a ranking is that of its first.
        finds_days = asked.read.subroutine in ("when", "trend") or (stretch == "day" and asked.read.subroutine == "top")
        if all(bounds.values()) and not finds_days:
            return {**bounds, "phrase": str(own.get("phrase") or phrase)}
        if stretch is None:
            stretch = "day" if asked.read.subroutine == "when" else None
        name = f"{stretch}." if stretch else ""
        return {edge: draft.paths(asked, f"{name}{edge}") for edge in ("since", "until")} | {"phrase": phrase}
    edge = "until" if link.relation == "after" else "since"
    # "Before I moved, and how many since": the part before ends where this one begins.
    if len(found_bounds := [bound for bound in bounds.values() if isinstance(bound, str)]) == 1 and not link.number:
        (one,) = found_bounds
        return {"since" if link.relation == "after" else "until": one, "phrase": phrase}
    bound = bounds[edge] if all(bounds.values()) and asked.read.subroutine != "when" else draft.paths(asked, edge)
    far = {f"{link.unit}s": link.number if link.relation == "after" else -link.number}
    if link.relation == "after":
        found = {"since": bound}
        if link.number:
            found["until"] = _shifted(bound, far)
    else:
        found = {"until": bound}
        if link.number:
            found["since"] = _shifted(bound, far)
    return {**found, "phrase": phrase}


def _shifted(bound: Any, far: dict[str, int]) -> Any:
    return {**bound, "shift": far} if isinstance(bound, dict) else moved(bound, list(far.items()))
