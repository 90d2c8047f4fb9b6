"""Times that hang on something in the owner's calendar: during the Tokyo trip, the week before, since I moved."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from datapunk.db import Db
from datapunk.gaia.languages.reading import Reading
from datapunk.gaia.router import Q

_END = (
    r"(?=\s*(?:[,?!;:]|\.(?:\s|$)|$|\bhow (?:many|much|often|long)\b|\b(?:did|have|do|were|was|had) (?:i|we|there)\b"
    r"|\bon,|\bwith\s*\?|\bcompared\b|\bversus\b|\bper (?:day|week|month)\b))"
)
_NOUNS = (
    r"trip|journey|tour|holidays?|vacation|stay|conference|festival|wedding|party|workshop|course|marathon|tournament|move"
    r"|honeymoon|cruise|camp|retreat|exam|interview|concert|visit|weekend|hike|exhibition|fair"
)
_NUMBERS = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "ten": 10, "few": 3}
_BESIDE = re.compile(
    rf"\b(?:(?:in|during|on|within|over)\s+)?(?:the\s+)?(?:(?P<n>\d+|{'|'.join(_NUMBERS)})\s+)?(?P<unit>day|week|month|year)s?\s+"
    rf"(?:that\s+(?:came|come|was|were|lay)\s+)?(?:right\s+|just\s+|directly\s+|immediately\s+)?(?P<rel>before"
    rf"|after|following|preceding|prior to|leading up to)\s+(?P<x>.+?){_END}",
    re.IGNORECASE,
)
_DURING = re.compile(
    r"\b(?:during|throughout|in the (?:time|course) of|over the course of|at the time of|while (?:i was )?(?:on"
    r"|in|at)|when i was "
    rf"(?:on|in|at))\s+(?P<x>.+?){_END}"
    rf"|\b(?:(?:in|for|over|within|during) the (?:\w+ )?(?:days|weeks|length|duration|time|course|span) of|on"
    rf"|in|at|of|into|for|over|within)\s+(?P<y>(?:the|my|our)\s+(?:\w+\s+){{0,3}}?(?:{_NOUNS})(?:\s+(?:to|in"
    rf"|at)\s+(?:the\s+)?[A-Z]\w*(?:\s+[A-Z]\w*)*)?)"
    rf"{_END}"
    rf"|^\s*(?P<z>(?:the|my|our)\s+(?:\w+\s+){{0,3}}?(?:{_NOUNS})(?:\s+(?:to|in|at)\s+(?:the\s+)?[A-Z]\w*(?:\s+[A-Z]\w*)*)?)(?=\s*:)",
    re.IGNORECASE,
)
_BOUND = re.compile(
    r"\b(?P<rel>ever since|since|after|before|until|till|up to when|up to|from the day|from when|from the time)\s+"
    rf"(?P<x>(?:i|we|my|our|the)\s+.+?){_END}",
    re.IGNORECASE,
)
_EMPTY = frozenset(
    [
        "a",
        "an",
        "the",
        "i",
        "we",
        "my",
        "our",
        "me",
        "us",
        "it",
        "this",
        "that",
        "to",
        "from",
        "of",
        "in",
        "on",
        "at",
        "for",
        "with",
        "by",
        "and",
        "was",
        "were",
        "am",
        "is",
        "are",
        "been",
        "be",
        "had",
        "have",
        "has",
        "did",
        "do",
        "went",
        "go",
        "going",
        "gone",
        "got",
        "get",
        "came",
        "come",
        "when",
        "while",
        "time",
        "took",
        "start",
        "started",
        "begin",
        "began",
        "end",
        "ended",
    ]
)
_WORD = re.compile(r"[^\W_]+", re.UNICODE)


@dataclass(frozen=True, kw_only=True)
class Anchor:
    """A part of a question that hangs on an event: the words that name it, and how the time lies to it."""

    words: tuple[str, ...]
    relation: str
    start: int
    end: int
    number: int = 0
    unit: str = ""


def find_anchors(question: str, taken: Sequence[tuple[int, int]]) -> list[Anchor]:
    """Return the parts of a question that may name an event; those in `taken` are dates already."""
    found: list[Anchor] = []
    for pattern in (_BESIDE, _DURING, _BOUND):
        for match in pattern.finditer(question):
            i, j = match.span()
            groups = match.groupdict()
            name = next(n for n in ("z", "y", "x") if groups.get(n))
            a, b = match.span(name)
            if any(c < b and a < d for c, d in taken) or any(
                c < j and i < d for c, d in ((f.start, f.end) for f in found)
            ):
                continue
            words = tuple(w.lower() for w in _WORD.findall(groups[name]) if w.lower() not in _EMPTY)
            # "Month after month" is no time.
            if not words or len(words) > 6 or words[0].rstrip("s") == groups.get("unit"):
                continue
            number = groups.get("n")
            found.append(
                Anchor(
                    words=words, relation=(groups.get("rel") or "during").lower(), start=i, end=j,
                    number=int(number) if number and number.isdigit() else _NUMBERS.get((number or "a").lower(), 1),
                    unit=(groups.get("unit") or "").lower(),
                )
            )  # fmt: skip
    return found


def resolve_anchors(
    db: Db, reading: Reading, spans: Sequence[dict[str, Any]], zone: ZoneInfo
) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the time expressions with those added that events of the calendar give, and what could not be found.

    What names an event is one: the shortest title that holds all its words, whole days before hours, the newest first.
    The words are those of the question, and where no title holds them, those of its reading.
    """
    question = reading.text
    added: list[dict[str, Any]] = []
    lost: list[str] = []
    for anchor in find_anchors(question, [tuple(s["span"]) for s in spans]):
        said = tuple(reading.worded(word).lower() for word in anchor.words)
        rows = next(
            (rows for form in dict.fromkeys((said, anchor.words))
             if (rows := db.rows(Q.anchor_event, " ".join(form), list(form)))), [],
        )  # fmt: skip
        if not rows:
            if anchor.unit or anchor.relation != "during":
                lost.append(question[anchor.start : anchor.end])
            continue
        first, end = date.fromisoformat(rows[0]["first_day"]), date.fromisoformat(rows[0]["end_day"])
        since, until = _between(anchor, first, end)
        added.append({
            "start": _instant(since, zone), "end": _instant(until, zone), "text": question[anchor.start : anchor.end],
            "span": [anchor.start, anchor.end], "event": rows[0]["title"],
        })  # fmt: skip
    return sorted([*spans, *added], key=lambda s: int(s["span"][0])), lost


def _between(anchor: Anchor, first: date, end: date) -> tuple[date | None, date | None]:
    if anchor.unit:
        before = anchor.relation in ("before", "preceding", "prior to", "leading up to")
        return (_moved(first, anchor, -1), first) if before else (end, _moved(end, anchor, 1))
    match anchor.relation:
        case "since" | "ever since" | "from the day" | "from when" | "from the time":
            return first, None
        case "after":
            return end, None
        case "before":
            return None, first
        case "until" | "till" | "up to when" | "up to":
            return None, end
        case _:
            return first, end


def _moved(day: date, anchor: Anchor, sign: int) -> date:
    if anchor.unit in ("day", "week"):
        return day + timedelta(days=sign * anchor.number * (7 if anchor.unit == "week" else 1))
    months = day.year * 12 + day.month - 1 + sign * anchor.number * (12 if anchor.unit == "year" else 1)
    return date(months // 12, months % 12 + 1, min(day.day, 28))


def _instant(day: date | None, zone: ZoneInfo) -> str | None:
    return None if day is None else datetime.combine(day, time(), zone).isoformat()
