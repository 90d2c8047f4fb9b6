"""From the parts of a question to a plan: each part becomes a step, each word that points back a reference by type.

The parts are read by the router and the parameter reader, which the caller brings. Where a word points back to nothing
that has its type, or a part has no subroutine, there is no plan. Pure but for what `Reader` does.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from datapunk.gaia.mentions import tokens
from datapunk.gaia.plan.asking import is_question
from datapunk.gaia.plan.clauses import read_bare, read_clause
from datapunk.gaia.plan.decompose import asks_for_each
from datapunk.gaia.plan.draft import STAYED, WRITTEN, Asked, Draft, Planned, Read, Reader, Spec
from datapunk.gaia.plan.part import Part
from datapunk.gaia.unread import NOT_UNDERSTOOD
from datapunk.gaia.vocabulary import KIND_NOUNS, KIND_VERBS

# As many as a later part may mean; an answer names the first of them.
_MOST_MEANT = 50
_MOST_EACH = 20
_UNREAD = Read(subroutine="none", score=0.0, parameters={})


def plan_question(parts: Sequence[Part], reader: Reader) -> Planned | None:
    """Return the plan for the parts of a question; None where none can be read, or it may not have these parts at all.

    Where the parts are questions beyond doubt, one that cannot be read, or points back to nothing, is left unread.
    """
    draft = Draft()
    asked: list[Asked] = []
    for number, part in enumerate(parts, 1):
        read = read_bare(part, reader, draft) if part.form == "bare" else read_clause(part, reader, draft)
        if read is None or any(read.parameters.get(field) for field in NOT_UNDERSTOOD):
            asked.append(Asked(part=part, read=_UNREAD, steps=()))
            continue
        _extend(draft, part, read, f"part{number}", reader)
        asked.append(draft.asked[-1])
    if not draft.asked or (len(draft.asked) < len(asked) and not _is_certain(asked)):
        return None
    _check_moments(draft)
    _share_time(draft)
    widen(draft.steps)
    return Planned(spec={"steps": draft.steps}, asked=tuple(asked), confidence=min(a.read.score for a in draft.asked))


def _is_certain(asked: Sequence[Asked]) -> bool:
    """Whether each part is a question by itself, and one that was asked for is read."""
    return all(is_question(a.part.text) and not a.part.is_support for a in asked) and len(asked) > 1


def plan_alternatives(question: str, tried: Sequence[Read]) -> Planned:
    """Return the plan for a question of one part: the best subroutine, then others while none finds anything."""
    draft = Draft()
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


def _extend(draft: Draft, part: Part, read: Read, name: str, reader: Reader) -> None:
    """Add the steps of a part: one; one for each of several; or where the time of a stay is looked up first, three."""
    step: Spec = {"id": name, "subroutine": read.subroutine, "input": _input(read.parameters), "question": part.text}
    names = [name]
    is_presence = read.subroutine == "people" and not _speaks_of_writing(part.text) and not read.parameters.get("topic")
    if is_presence:
        # Who was there, then, with me: the calendar knows.
        step["input"] = {**step["input"], "kind": "event", "present": True}
    sides = reader.sides(part.text) if asks_for_each(part.text) and not part.links else []
    distributive = next((link for link in part.links if link.is_distributive), None)
    if len(sides) > 1:
        step["input"][sides[0].kind] = {"from": "each"}
        step["foreach"] = {"in": [side.values for side in sides], "most": _MOST_EACH}
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


def _speaks_of_writing(text: str) -> bool:
    keys = [token.key for token in tokens(text)]
    return any((KIND_NOUNS.get(key) or KIND_VERBS.get(key)) in WRITTEN for key in keys)


def _is_stay(read: Read) -> bool:
    """Whether a part is about a place and no time of its own: then the time spent there may say more."""
    p = read.parameters
    return (
        read.subroutine in STAYED and isinstance(p.get("place"), list)
        and not (p.get("since") or p.get("until"))
    )  # fmt: skip


def _input(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in parameters.items()
        if name not in ("question", "passed_over", "event", *NOT_UNDERSTOOD) and value is not None
    }


def _check_moments(draft: Draft) -> None:
    """Have a part that hangs on the day of something wait until that is one: of 29 mails none is meant."""
    by_id = {step["id"]: step for step in draft.steps}
    for asked in draft.asked:
        if asked.read.subroutine != "when" or asked.read.parameters.get("order"):
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


def _share_time(draft: Draft) -> None:
    """Have the time at the end of a question hold for the parts before it that ask alike: how many ... and how many."""
    by_id = {step["id"]: step for step in draft.steps}
    for asked, following in zip(draft.asked, draft.asked[1:], strict=False):
        alike = _asking(asked.part.text) == _asking(following.part.text)
        if not alike or following.part.links or asked.read.subroutine != following.read.subroutine:
            continue
        # One that leads the question holds for all parts, and so does one at its end or after the first of them.
        is_leading = re.match(r"\s*(?:in|on|during|between|since|from|over)\b", asked.part.text, re.IGNORECASE)
        is_last = all(following.read.parameters.get(name) for name in ("since", "until"))
        source, target = (asked, following) if is_leading or not is_last else (following, asked)
        time = {name: source.read.parameters.get(name) for name in ("since", "until", "phrase")}
        if not all(isinstance(time[name], str) for name in ("since", "until")):
            continue
        for step in target.steps:
            if not {"since", "until"} & set(by_id[step]["input"]):
                by_id[step]["input"] |= time


def _asking(text: str) -> list[str]:
    """The words by which a clause asks, with the tense of its verb: how many did."""
    match = re.search(
        r"\b(how\s+\w+|who|whom|which|what|when|where)\b(?:.*?\b(did|do|does|was|were|is|are|have|has)\b)?",
        text,
        re.IGNORECASE,
    )
    return " ".join(part for part in match.groups() if part).lower().split() if match else []


def widen(steps: Sequence[Spec]) -> None:
    """Have a step that others lean on give all that they may mean, not the first few."""
    leaned = str([step["input"] for step in steps] + [step.get("foreach") for step in steps])
    for step in steps:
        many = any(f"'{step['id']}.{name}'" in leaned for name in ("people", "places", "since", "until"))
        if many and step["subroutine"] in ("people", "places") and "k" not in step["input"]:
            step["input"]["k"] = _MOST_MEANT
