"""Times that hang on something in the owner's calendar: during the Tokyo trip, the week before, since I moved."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from datapunk.db import Db
from datapunk.gaia.birthdays import in_year, last_birthday
from datapunk.gaia.languages.reading import Reading
from datapunk.gaia.router import Q

_END = (
    r"(?=\s*(?:[,?!;:]|\.(?:\s|$)|$|\bhow (?:many|much|often|long)\b|\b(?:did|have|do|were|was|had) (?:i|we|there)\b"
    r"|\bon,|\bwith\s*\?|\bcompared\b|\bversus\b|\bper (?:day|week|month)\b))"
)
_NOUNS = (
    r"trip|journey|tour|holidays?|vacation|stay|conference|festival|wedding|party|workshop|course|marathon|tournament|move"
    r"|honeymoon|cruise|camp|retreat|exam|interview|concert|visit|weekend|hike|exhibition|fair|birthday"
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
    rf"(?P<x>(?:i|we|my|our|the|(?!being|having|during)[a-z]{{2,}}ing)\s+.+?|\w+(?:\s+\w+)?['’]s\s+birthday){_END}",
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
    db: Db, reading: Reading, spans: Sequence[dict[str, Any]], zone: ZoneInfo, today: date
) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the time expressions with those added that events and birthdays give, and what could not be found.

    What names an event is one: the shortest title that holds all its words, whole days before hours, the newest first.
    The words are those of the question, and where no title holds them, those of its reading. A birthday is the last one
    before `today`.
    """
    question = reading.text
    pair, lost = _pair(db, reading, spans, zone, today)
    spans = [s for s in spans if not any(p["span"][0] <= s["span"][0] < p["span"][1] for p in pair)] + pair
    added: list[dict[str, Any]] = []
    for anchor in find_anchors(question, [tuple(s["span"]) for s in spans]):
        phrase = question[anchor.start : anchor.end]
        found = _days_of(db, reading, anchor.words, phrase, today)
        if found is None:
            if anchor.unit or anchor.relation != "during" or "birthday" in anchor.words:
                lost.append(phrase)
            continue
        title, first, end = found
        since, until = _between(anchor, first, end)
        added.append({
            "start": _instant(since, zone), "end": _instant(until, zone), "text": phrase,
            "span": [anchor.start, anchor.end], "event": title,
        })  # fmt: skip
    return sorted([*spans, *added], key=lambda s: int(s["span"][0])), lost


def _days_of(
    db: Db, reading: Reading, words: tuple[str, ...], phrase: str, today: date
) -> tuple[str, date, date] | None:
    """The title, first day and day after the last of what words name: a birthday, else an event."""
    if "birthday" in words:
        mine = re.search(r"\b(?:my|our)\s+(?:\w+\s+)?birthday\b", phrase, re.IGNORECASE) is not None
        name = " ".join(word for word in words if word not in ("birthday", "s"))
        rows = db.rows(Q.birthday, None if mine else name) if mine or name else []
        if rows and (day := last_birthday(str(rows[0]["birthday"]), today)):
            return str(rows[0]["name"]), day, day + timedelta(days=1)
        if mine:
            return None
    said = tuple(reading.worded(word).lower() for word in words)
    for form in dict.fromkeys((said, words)):
        if rows := db.rows(Q.anchor_event, " ".join(form), list(form)):
            first, end = (date.fromisoformat(rows[0][key]) for key in ("first_day", "end_day"))
            return str(rows[0]["title"]), first, end
    return None


_PAIR = re.compile(
    # "From the trip to Tokyo to Easter": the last "to" parts them.
    rf"\bbetween\s+(?P<a>.{{3,60}}?)\s+and\s+(?P<b>.{{3,60}}?){_END}"
    rf"|\bfrom\s+(?P<c>.{{3,60}})\s+(?:to|until|till)\s+(?P<d>.{{3,60}}?){_END}",
    re.IGNORECASE,
)
_ANCHOR = re.compile(rf"\bbirthday\b|\b(?:the|my|our)\b.*\b(?:{_NOUNS})\b", re.IGNORECASE)


def _pair(
    db: Db, reading: Reading, spans: Sequence[dict[str, Any]], zone: ZoneInfo, today: date
) -> tuple[list[dict[str, Any]], list[str]]:
    """What lies between two times of which one at least hangs on an event or a birthday; and what is not found."""
    match = _PAIR.search(reading.text)
    if match is None:
        return [], []
    sides = ("a", "b") if match["a"] else ("c", "d")
    if not any(_ANCHOR.search(match[side]) for side in sides):
        return [], []
    ends: list[tuple[date, date]] = []
    for side in sides:
        i, j = match.span(side)
        dated = next((s for s in spans if s["start"] and s["end"] and i <= s["span"][0] < j), None)
        words = tuple(w.lower() for w in _WORD.findall(match[side]) if w.lower() not in _EMPTY)
        if dated:
            first, end = (datetime.fromisoformat(dated[key]).astimezone(zone).date() for key in ("start", "end"))
        elif _ANCHOR.search(match[side]) and (found := _days_of(db, reading, words, match[side], today)):
            _, first, end = found
        else:
            # "From Tom to the party" is of a person.
            return [], [match[side]] if match["a"] or _ANCHOR.search(match[side]) else []
        ends.append((first, end))
    since, until = ends[0][0], ends[1][1]
    if since >= until:
        since = _a_year_before(since, match[sides[0]])
    if since >= until:
        return [], [match.group()]
    return [{
        "start": _instant(since, zone), "end": _instant(until, zone), "text": match.group(),
        "span": list(match.span()), "event": match[sides[1]],
    }], []  # fmt: skip


def _a_year_before(day: date, phrase: str) -> date:
    """The same day of the year before; Easter moves."""
    if re.search(r"\beaster\b", phrase, re.IGNORECASE):
        from dateutil.easter import easter

        return easter(day.year - 1) + (day - easter(day.year))
    return in_year(day.year - 1, day.month, day.day)


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
