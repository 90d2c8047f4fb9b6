"""Follow-up questions: what one leaves out is that of the one before ("and the year before?"). Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from datapunk.gaia.mentions import Name, tokens
from datapunk.gaia.unread import NOT_UNDERSTOOD
from datapunk.gaia.vocabulary import ASKING_WORDS, KIND_NOUNS, NUMBERS

_LEADS = re.compile(
    r"^\s*(?:and|what about|how about|only|just|but|or|also|then|same|the same|now|with(?:out)?|in|since|before"
    r"|after|per|by|not"
    r"|except|instead|rather|why|even|from|to|on|during)\b",
    re.IGNORECASE,
)
_UNITS = r"day|week|month|quarter|year"
# "This month" points at no question before.
_NEAR = rf"(?:{_UNITS}|morning|afternoon|evening|spring|summer|autumn|winter|weekend)s?"
_PRONOUNS = re.compile(
    r"\b(?:it|its|they|them|their|he|she|him|her|his|(?<!\bwere )(?<!\bare )(?<!\bis )there|ones|one|then|instead|again"
    rf"|same|that(?! (?:i|we|my)\b)|(?:this|these|those)(?! {_NEAR}))\b"
    # "Who was with me?" leaves out where.
    r"|^\W*who (?:else )?(?:was|were|came|went|joined)\b.{0,16}$",
    re.IGNORECASE,
)
_SHIFT = re.compile(
    rf"\b(?:in\s+|for\s+)?(?:the\s+|one\s+)?(?:(?P<u1>{_UNITS})\s+(?P<r1>before|after|earlier|later)(?:\s+(?:that|then))?"
    rf"|(?P<r2>previous|preceding|following|next)\s+(?P<u2>{_UNITS}))\b(?!\s+(?:the|my|i|we)\b)",
    re.IGNORECASE,
)
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
# Fields that are only of some kinds of things.
_OF_KIND = {
    "channel": ("watch",), "site": ("visit",), "person": ("mail", "message", "event"), "direction": ("mail", "message"),
    "place": ("event", "place_visit"), "size": ("mail", "message", "note", "document", "event"),
}  # fmt: skip
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT")
_TIME = ("since", "until", "phrase")


@dataclass(frozen=True, kw_only=True)
class Turn:
    """The question before: its route, and the parameters that were read from it, with what this one points at in it.

    `missing` is a word of this one that points at nothing.
    """

    route: str
    parameters: dict[str, Any]
    missing: str = ""


@dataclass(frozen=True, kw_only=True)
class Shift:
    """A time told from that of the question before: so many units earlier (negative) or later."""

    unit: str
    steps: int
    start: int
    end: int


def is_follow_up(question: str) -> bool:
    """Whether a question leans on the one before: by how it begins, what it points at, or its brevity."""
    return bool(_LEADS.search(question) or _PRONOUNS.search(question)) or len(tokens(question)) <= 3


def shift(question: str) -> Shift | None:
    """Return how a question moves the time of the one before, None where it does not."""
    match = _SHIFT.search(question)
    if match is None:
        return None
    word = (match.group("r1") or match.group("r2")).lower()
    steps = -1 if word in ("before", "earlier", "previous", "preceding") else 1
    return Shift(
        unit=(match.group("u1") or match.group("u2")).lower(), steps=steps, start=match.start(), end=match.end()
    )


def is_bare(question: str, spans: Sequence[tuple[int, int]], names: Sequence[Name]) -> bool:
    """Whether a follow-up brings only other circumstances ("and in 2023?"), so that it asks the same again."""
    taken = [*spans, *((n.start, n.end) for n in names)]
    left = [t.key for t in tokens(question) if not any(a <= t.start < b for a, b in taken)]
    asks = {
        "summarize",
        "summarise",
        "summary",
        "gist",
        "how",
        "when",
        "who",
        "whom",
        "which",
        "where",
        "why",
        "whose",
        "many",
        "most",
        "compare",
        "trend",
        "average",
        "top",
    }
    return not asks & set(left) and all(
        key in ASKING_WORDS or key in KIND_NOUNS or key in NUMBERS or len(key) < 3 for key in left
    )


def merged(
    before: dict[str, Any], found: dict[str, Any], moved: Shift | None, that_time: str = "in that time"
) -> dict[str, Any]:
    """The parameters of a follow-up: its own, and for the rest those of the question before.

    `that_time` words a time that is told from the one before.
    """
    kept = {
        k: v
        for k, v in before.items()
        if k not in ("question", "conversation_id", "passed_over", "model", *NOT_UNDERSTOOD)
    }
    own = {k: v for k, v in found.items() if k not in ("order", "group_by", "kind") or v}
    kind = found.get("kind")
    if moved and (before.get("since") or before.get("until")):
        ends = {name: str(before[name]) for name in ("since", "until") if before.get(name)}
        beside = _beside(ends["since"], ends["until"], moved) if len(ends) == 2 else None
        own |= dict(zip(ends, beside or [_moved(end, moved) for end in ends.values()], strict=True))
        own["phrase"] = that_time
    if any(own.get(name) for name in _TIME):
        gone = (*_TIME, "weekday") if _is_day(own) else _TIME
        kept = {k: v for k, v in kept.items() if k not in gone}
    if kind and kind != before.get("kind"):
        kept = {k: v for k, v in kept.items() if k not in _OF_KIND or kind in _OF_KIND[k]}
        kept.pop("group_by", None)
        kept.pop("direction", None)
    elif not kind and before.get("kind"):
        own.pop("group_by", None)
        if found.get("group_by") == "person" or (
            found.get("group_by") in ("channel", "site") and _fits(found["group_by"], before)
        ):
            own["group_by"] = found["group_by"]
    # Another channel takes the place of a channel; that of a topic is taken by a topic.
    result = {**kept, **own}
    if found.get("topic") and _OF_KIND.keys() & before.keys() and not found.get("kind"):
        result["topic"] = found["topic"]
    return result


def _beside(since: str, until: str, moved: Shift) -> tuple[str, str] | None:
    """The time right before or after one that is longer than the shift; None for one that the shift moves."""
    start = datetime.fromisoformat(since)
    if datetime.fromisoformat(until) <= datetime.fromisoformat(_moved(since, replace(moved, steps=1))):
        return None
    return (_moved(since, moved), start.isoformat()) if moved.steps < 0 else (until, _moved(until, moved))


def _is_day(parameters: dict[str, Any]) -> bool:
    """Whether the time of a question is a single day, which has its own weekday."""
    since, until = str(parameters.get("since")), str(parameters.get("until"))
    if not (_INSTANT.match(since) and _INSTANT.match(until)):
        # Open, or told by another step of a plan.
        return False
    return datetime.fromisoformat(until) - datetime.fromisoformat(since) <= timedelta(hours=25)


def _fits(group: str, before: dict[str, Any]) -> bool:
    return before.get("kind") in _OF_KIND[group]


def _moved(instant: str, moved: Shift) -> str:
    at = datetime.fromisoformat(instant)
    if moved.unit in _MONTHS:
        month = at.year * 12 + at.month - 1 + moved.steps * _MONTHS[moved.unit]
        # A day that its new month lacks is the month's last.
        for day in range(at.day, 27, -1):
            try:
                return at.replace(year=month // 12, month=month % 12 + 1, day=day).isoformat()
            except ValueError:
                continue
        return at.replace(year=month // 12, month=month % 12 + 1).isoformat()
    return (at + timedelta(days=moved.steps * (7 if moved.unit == "week" else 1))).isoformat()
