"""From the parts of a question to a plan: each part becomes a step, each word that points back a reference by type.

The parts are read by the router and the parameter reader, which the caller brings. Where a word points back to nothing
that has its type, or a part has no subroutine, there is no plan. Pure but for what `Reader` does.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from datapunk.gaia.follow_up import merged
from datapunk.gaia.plan.anaphora import Link, spelled_out, without
from datapunk.gaia.plan.decompose import Part
from datapunk.gaia.understanding import can_run
from datapunk.gaia.vocabulary import GROUPS

Spec = dict[str, Any]

# What a part of a question may be routed to: what finds and counts. The rest writes, or speaks of Gaia.
ROUTES = ("count", "top", "when", "timeline", "compare", "trend", "people", "places", "summarize", "search", "similar")
_LOOKS_AT_TIME = ("count", "top", "timeline", "compare", "trend", "people", "places", "summarize", "when", "search")
_NAMES = ("person", "place", "channel", "site")
_MANY = {"person": "people", "place": "places", "channel": "channels", "site": "sites"}
# What may be about the time that was spent at a place.
_STAYED = ("people", "timeline", "count", "top")
_PLACED = ("event", "place_visit", None)
_WRITTEN = ("mail", "message", "note", "document", "highlight")
_WHICH = re.compile(r"\s*(?:what|which)\s+(\w+)", re.IGNORECASE)
# The certainty of a clause of which every word is read as kind, time or name, where the router has none.
_FULLY_READ = 0.6
# As many as a later part may mean; an answer names the first of them.
_MOST_MEANT = 50
_MOST_EACH = 20


@dataclass(frozen=True, kw_only=True)
class Read:
    """What one part asks for: subroutine, its probability, parameters."""

    subroutine: str
    score: float
    parameters: dict[str, Any]


class Reader(Protocol):
    """Routes and understands a part by itself."""

    def routes(self, text: str) -> Sequence[tuple[str, float]]:
        """Return the subroutines that a text may be for, best first, those that may be tried."""
        ...

    def parameters(self, text: str, subroutine: str) -> dict[str, Any]:
        """Return what a text says, as a subroutine receives it."""
        ...

    def sides(self, text: str) -> list[dict[str, list[str]]]:
        """Return the names of one kind at two or more places of a text, each as parameters."""
        ...


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A part with the steps that answer it: the last of them that found something does."""

    part: Part
    read: Read
    steps: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A plan for a question as JSON, with what each of its steps is for. `confidence` is that of the least sure part."""

    spec: Spec
    asked: tuple[Asked, ...]
    confidence: float


@dataclass(kw_only=True)
class _Draft:
    """What has been planned so far; grows part by part."""

    steps: list[Spec] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)

    def paths(self, asked: Asked, name: str) -> Any:
        """A reference to an output of a part, whichever of its steps gives it."""
        paths = [f"{step}.{name}" for step in reversed(asked.steps)]
        return {"from": paths[0] if len(paths) == 1 else paths}


def plan_question(parts: Sequence[Part], reader: Reader) -> Planned | None:
    """Return the plan for the parts of a question; None where one of them cannot be read, or points back to nothing."""
    draft = _Draft()
    for number, part in enumerate(parts, 1):
        read = _bare(part, reader, draft) if part.form == "bare" else _clause(part, reader, draft)
        if read is None:
            return None
        parameters = dict(read.parameters)
        if parameters.get("lost") or parameters.get("unread"):
            return None
        _extend(draft, part, read, f"part{number}", reader)
    _check_moments(draft)
    _share_time(draft)
    _widen(draft)
    return Planned(
        spec={"steps": draft.steps}, asked=tuple(draft.asked), confidence=min(a.read.score for a in draft.asked)
    )


def plan_alternatives(question: str, tried: Sequence[Read]) -> Planned:
    """Return the plan for a question of one part: the best subroutine, then each of the others where none found anything."""
    draft = _Draft()
    names: list[str] = []
    for number, read in enumerate(tried, 1):
        name = "part1" if number == 1 else f"part1_other{number - 1}"
        step: Spec = {"id": name, "subroutine": read.subroutine, "input": _input(read.parameters), "question": question}
        if names:
            step["when"] = {"all": [{"empty": before} for before in names]}
        draft.steps.append(step)
        names.append(name)
    part = Part(text=question)
    asked = Asked(part=part, read=tried[0], steps=tuple(names))
    return Planned(spec={"steps": draft.steps}, asked=(asked,), confidence=tried[0].score)


def _clause(part: Part, reader: Reader, draft: _Draft) -> Read | None:
    """Read a whole clause: the first subroutine that has all it needs, references included."""
    text = without(part.text, part.links)
    tried = [(part.wanted, 1.0)] if part.wanted else _routes(part, reader)
    tried += [] if part.wanted else [(name, _FULLY_READ) for name in _contents(text)]
    for subroutine, score in tried:
        if subroutine not in ROUTES:
            continue
        parameters = reader.parameters(text, subroutine)
        if part.unit:
            parameters["unit"] = part.unit
        linked = _resolved(part, parameters, subroutine, draft)
        if linked is not None and _can_run(subroutine, linked) and _has_words(text, subroutine, score, linked):
            return Read(subroutine=subroutine, score=score, parameters=linked)
    return None


def _routes(part: Part, reader: Reader) -> list[tuple[str, float]]:
    """The subroutines for a part as it stands and with its words that point back spelled out, by the surer reading."""
    texts = dict.fromkeys([part.text, spelled_out(part.text, part.links)])
    readings = [found for text in texts if (found := reader.routes(text))]
    return list(max(readings, key=lambda found: found[0][1], default=[]))


def _can_run(subroutine: str, parameters: dict[str, Any]) -> bool:
    """Whether a subroutine has what it needs; the time of a stay is looked up where a part names the place alone."""
    placed = {"since": "stay"} if subroutine in _STAYED and parameters.get("place") else {}
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
        is_written = parameters.get("kind") in _WRITTEN
        named = _WHICH.match(text)
        is_ranked = bool(named) and GROUPS.get(str(named and named.group(1)).lower()) in ("channel", "site", "person", "place")
        fits = {"top": is_ranked, "summarize": is_written, "timeline": not is_written}[subroutine]
        return fits and is_bound and bool(parameters.get("kind")) and not parameters.get("topic")
    return True


def _bare(part: Part, reader: Reader, draft: _Draft) -> Read | None:
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
    base = {
        k: v for k, v in before.read.parameters.items() if k not in ("order", "measure", "k", "group_by", "present")
    }
    sides = base.pop("sides", None)
    if sides and subroutine != "compare":
        base |= _of_sides(sides)
    parameters = merged(base, own, None)
    if subroutine == "people":
        parameters["present"] = True if before.read.parameters.get("kind") in (None, "event") else None
    if subroutine in ("people", "places") and before.read.subroutine == "when":
        stretch = {name: draft.paths(before, f"day.{name}") for name in ("since", "until")}
        parameters = {"present": parameters.get("present"), **stretch, "phrase": "then"}
    if subroutine == "when":
        parameters = {**parameters, "order": own.get("order") or "last"}
    parameters = {name: value for name, value in parameters.items() if value is not None}
    if part.links:
        linked = _resolved(part, parameters, subroutine, draft)
        if linked is None:
            return None
        parameters = linked
    if not can_run(subroutine, parameters):
        return None
    return Read(subroutine=subroutine, score=before.read.score, parameters=parameters)


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


def _of_sides(sides: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    joined: dict[str, Any] = {}
    for side in sides:
        for name, value in side.items():
            if isinstance(value, list):
                joined.setdefault(name, []).extend(value)
    return joined


def _resolved(part: Part, own: Mapping[str, Any], subroutine: str, draft: _Draft) -> dict[str, Any] | None:
    """The parameters of a part with its words that point back as references; None where a firm one finds nothing."""
    parameters = dict(own)
    for link in part.links:
        found = _meant(link, part, parameters, subroutine, draft)
        if found is None:
            if link.is_firm:
                return None
            continue
        parameters |= found
    return parameters


def _meant(
    link: Link, part: Part, parameters: Mapping[str, Any], subroutine: str, draft: _Draft
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
                found = _thing(asked, draft)
            case "time":
                found = _time(link, part, asked, draft, subroutine)
        if found is not None:
            return found
    return None


def _ranks(asked: Asked) -> str | None:
    """Of which kind the names are that a part finds."""
    if asked.read.subroutine in ("people", "places"):
        return {"people": "person", "places": "place"}[asked.read.subroutine]
    group = asked.read.parameters.get("group_by")
    return str(group) if asked.read.subroutine == "top" and group else None


def _named(kind: str, asked: Asked, draft: _Draft, *, many: bool = False) -> dict[str, Any] | None:
    if _ranks(asked) == kind:
        return {kind: draft.paths(asked, _MANY[kind] if many else kind)}
    constant = asked.read.parameters.get(kind) or _of_sides(asked.read.parameters.get("sides") or ()).get(kind)
    return {kind: constant} if constant else None


def _person(
    link: Link, part: Part, parameters: Mapping[str, Any], asked: Asked, draft: _Draft
) -> dict[str, Any] | None:
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
    return found


def _place(parameters: Mapping[str, Any], asked: Asked, draft: _Draft) -> dict[str, Any] | None:
    found = _named("place", asked, draft)
    if found is None:
        return None
    if parameters.get("kind") in _PLACED:
        return found
    # A page or a mail lies at no place: what is meant is the time that was spent there.
    return {"since": draft.paths(asked, "since"), "until": draft.paths(asked, "until"), "phrase": "during that time"}


def _thing(asked: Asked, draft: _Draft) -> dict[str, Any] | None:
    """What "it" is: the channel, site or place that a part ranks, else what its answer is called."""
    kind = _ranks(asked)
    if kind in ("channel", "site", "place"):
        return _named(kind, asked, draft)
    if kind in ("title", "query") or asked.read.subroutine in ("when", "search", "similar"):
        return {"topic": draft.paths(asked, "title")}
    return next((found for name in ("channel", "site") if (found := _named(name, asked, draft))), None)


def _time(link: Link, part: Part, asked: Asked, draft: _Draft, subroutine: str) -> dict[str, Any] | None:
    if subroutine not in _LOOKS_AT_TIME:
        return None
    own = asked.read.parameters
    bounds = {name: own.get(name) for name in ("since", "until")}
    phrase = " ".join(part.text[link.start : link.end].split())
    if link.relation == "at":
        stretch = {"date": "day", "day": "day", "week": "week", "month": "month", "year": "year"}.get(link.unit)
        if all(bounds.values()) and (
            stretch != "day" or asked.read.subroutine in ("count", "timeline", "places", "people")
        ):
            # What the part before says itself: in 2024 ... that year.
            if asked.read.subroutine not in ("when", "trend"):
                return {**bounds, "phrase": str(own.get("phrase") or phrase)}
        if stretch is None:
            stretch = "day" if asked.read.subroutine == "when" else None
        name = f"{stretch}." if stretch else ""
        return {edge: draft.paths(asked, f"{name}{edge}") for edge in ("since", "until")} | {"phrase": phrase}
    edge = "until" if link.relation == "after" else "since"
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
    from datapunk.gaia.plan.values import moved

    return {**bound, "shift": far} if isinstance(bound, dict) else moved(bound, list(far.items()))


def _extend(draft: _Draft, part: Part, read: Read, name: str, reader: Reader) -> None:
    """Add the steps of a part: one; one for each of several; or where the time of a stay is looked up first, three."""
    step: Spec = {"id": name, "subroutine": read.subroutine, "input": _input(read.parameters), "question": part.text}
    names = [name]
    sides = reader.sides(part.text) if read.subroutine == "count" and _asks_for_each(part.text) else []
    distributive = next((link for link in part.links if link.is_distributive), None)
    if len(sides) > 1:
        (kind,) = sides[0]
        step["input"][kind] = {"from": "each"}
        step["foreach"] = {"in": [side[kind] for side in sides], "most": _MOST_EACH}
    elif distributive and isinstance(of := read.parameters.get("person"), dict):
        step["input"]["person"] = [{"from": "each"}]
        step["foreach"] = {"in": of, "most": _MOST_EACH}
    if _is_stay(read):
        stay = f"{name}_stay"
        there = {"kind": "event", "place": read.parameters["place"], "order": "last"}
        draft.steps.append({"id": stay, "subroutine": "when", "input": there, "question": part.text})
        inside = {
            **step,
            "id": f"{name}_inside",
            "when": {"equals": [{"from": f"{stay}.data.whole_day", "default": False}, True]},
        }
        given = {key: value for key, value in step["input"].items() if key != "place"}
        stretch = {edge: {"from": f"{stay}.{edge}"} for edge in ("since", "until")}
        inside["input"] = {**given, **stretch, "phrase": f"in {' or '.join(read.parameters['place'])}"}
        step["when"] = {"empty": f"{name}_inside"}
        draft.steps += [inside, step]
        names = [name, f"{name}_inside"]
    else:
        draft.steps.append(step)
    draft.asked.append(Asked(part=part, read=read, steps=tuple(names)))


def _asks_for_each(text: str) -> bool:
    words = text.lower().replace("?", " ").split()
    return "each" in words or "respectively" in words


def _is_stay(read: Read) -> bool:
    """Whether a part is about a place and no time of its own: then the time spent there may say more."""
    p = read.parameters
    return (
        read.subroutine in _STAYED and isinstance(p.get("place"), list)
        and not (p.get("since") or p.get("until"))
    )  # fmt: skip


def _input(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in parameters.items()
        if name not in ("question", "lost", "unread") and value is not None
    }


def _check_moments(draft: _Draft) -> None:
    """Have a part that hangs on the day of something wait until that is one thing: of 29 mails about it none is meant."""
    by_id = {step["id"]: step for step in draft.steps}
    for asked in draft.asked:
        if not (asked.part.is_support and asked.read.subroutine == "when") or asked.read.parameters.get("order"):
            continue
        (moment,) = asked.steps
        for step in by_id.values():
            if any(path.startswith(f"{moment}.") for path in _paths(step["input"])) and "when" not in step:
                step["when"] = {"compare": [{"from": f"{moment}.data.times", "default": 1}, "<=", 1]}


def _paths(value: Any) -> list[str]:
    if isinstance(value, dict):
        given = value.get("from", [])
        own = given if isinstance(given, list) else [given]
        return [*own, *(path for part in value.values() for path in _paths(part))]
    return [path for part in value for path in _paths(part)] if isinstance(value, list) else []


def _share_time(draft: _Draft) -> None:
    """Have the time at the end of a question hold for the parts before it that ask alike: how many ... and how many."""
    by_id = {step["id"]: step for step in draft.steps}
    for asked, following in zip(draft.asked, draft.asked[1:], strict=False):
        alike = asked.part.text.lower().split()[:2] == following.part.text.lower().split()[:2]
        time = {name: following.read.parameters.get(name) for name in ("since", "until", "phrase")}
        is_constant = all(isinstance(time[name], str) for name in ("since", "until"))
        if alike and is_constant and not following.part.links and asked.read.subroutine == following.read.subroutine:
            for step in asked.steps:
                if not {"since", "until"} & set(by_id[step]["input"]):
                    by_id[step]["input"] |= time


def _widen(draft: _Draft) -> None:
    """Have a part that others lean on give all that they may mean, not the first few."""
    leaned = str([step["input"] for step in draft.steps] + [step.get("foreach") for step in draft.steps])
    for step in draft.steps:
        many = any(f"'{step['id']}.{name}'" in leaned for name in ("people", "places", "since", "until"))
        if many and step["subroutine"] in ("people", "places") and "k" not in step["input"]:
            step["input"]["k"] = _MOST_MEANT
