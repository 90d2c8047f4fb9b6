"""Bounds that a question sets by numbers: hours of the day (after 10 pm), how many times (at most 5 times). Pure.

Their words stand for themselves: what else is read of the question is read without them.
"""

import re
from dataclasses import dataclass

from datapunk.gaia.vocabulary import NUMBERS

# After midnight is the night's second half.
_LATE = 5


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """What a question without its bounds says, blanks in their places, and what they are.

    `hours` are hours of the day, the second excluded; `times` how many at least and at most, None where it is open.
    """

    text: str
    hours: tuple[int, int] | None = None
    times: tuple[int | None, int | None] | None = None
    spans: tuple[tuple[int, int], ...] = ()


def bounds(question: str, *, hours: bool = True, times: bool = True) -> Bounds:
    """Read the bounds of a question: its `hours`, and how many `times`."""
    lower = question.lower()
    found = Bounds(text=question)
    if hours and _MAY_BE_HOUR.search(lower) and (said := _hours(lower)):
        found = _without(found, said[1], hours=said[0], times=None)
    if times and _MAY_BE_TIMES.search(lower) and (often := _times(found.text.lower())):
        found = _without(found, often[1], hours=found.hours, times=often[0])
    return found


def _without(
    found: Bounds, span: tuple[int, int], *, hours: tuple[int, int] | None, times: tuple[int | None, int | None] | None
) -> Bounds:
    start, end = span
    text = found.text[:start] + " " * (end - start) + found.text[end:]
    return Bounds(text=text, hours=hours, times=times, spans=(*found.spans, span))


_MAY_BE_HOUR = re.compile(r"\d ?[ap]\.?m\b|:\d\d|o.?clock|\bnoon\b|\bmidday\b|\bmidnight\b|\d (?:in the |at night)")
_HALF = r"a\.?m\b\.?|p\.?m\b\.?|o['’]?clock(?: (?:in the (?:morning|afternoon|evening)|at night))?"
_HOUR = (
    r"(?:(?<![\d.:/])\d{1,2}(?::[0-5]\d)?(?![\d.:/])"
    rf"(?:\s*(?:{_HALF})|\s+(?:in the (?:morning|afternoon|evening)|at night))?|noon\b|midday\b|midnight\b)"
)
_PAIR = re.compile(rf"\b(?:between|from)\s+(?P<a>{_HOUR})\s+(?:and|to|until|till)\s+(?P<b>{_HOUR})")
_BEFORE = re.compile(rf"\b(?:before|until|till|earlier than|up to|by)\s+(?P<b>{_HOUR})")
_AFTER = re.compile(rf"\b(?:after|later than|past|since|from)\s+(?P<a>{_HOUR})(?:\s+on(?:wards?)?\b)?")
_NUMBER = re.compile(r"(\d{1,2})(?::(\d\d))?")


def _hours(lower: str) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """The hours and where they are said; None where none are, or where they are no whole hours."""
    for pattern in (_PAIR, _BEFORE, _AFTER):
        match = pattern.search(lower)
        if match is None:
            continue
        said = match.groupdict()
        between = _between(said.get("a"), said.get("b"))
        return (between, match.span()) if between else None
    return None


def _between(first: str | None, last: str | None) -> tuple[int, int] | None:
    start = _hour(first) if first else (0, True)
    end = _hour(last) if last else (24, True)
    if start is None or end is None or not ((first and start[1]) or (last and end[1])):
        return None
    a, b = start[0], end[0]
    if first and last and not start[1] and a < 12 <= b and a + 12 < b:
        # "Between 8 and 10 pm" says of both that they are in the evening.
        a += 12
    if not first and b == 0:
        return None
    if not last and a < _LATE and ("night" in str(first)):
        # After midnight, or after two at night.
        return a, _LATE
    return None if a == b or a > 23 or b > 24 else (a, b)


def _hour(said: str) -> tuple[int, bool] | None:
    """An hour of the day, and whether its words tell that it is one; None where it is no whole hour."""
    if said in ("noon", "midday"):
        return 12, True
    if said == "midnight":
        return 0, True
    match = _NUMBER.match(said)
    if match is None or match[2] not in (None, "00"):
        return None
    hour = int(match[1])
    rest = said[match.end() :].replace(".", "")
    late = re.search(r"pm|afternoon|evening|night", rest) is not None
    early = re.search(r"am\b|morning", rest) is not None
    if hour > 24 or ((late or early) and hour > 12 and not (late and hour < 24)):
        return None
    if early and hour == 12:
        hour = 0
    elif late and hour < 12:
        # Two at night is early in the day.
        hour += 0 if "night" in rest and hour < _LATE else 12
    elif hour == 12 and "night" in rest:
        hour = 0
    return hour, match[2] is not None or bool(rest.strip())


_MAY_BE_TIMES = re.compile(
    r"\b(?:than|at least|most|exactly|precisely|only|just|over|up to|imum of) "
    rf"(?:\d|once|twice|{'|'.join(NUMBERS)})|\bor (?:more|less|fewer)\b"
)
_N = rf"(?P<n>\d{{1,5}}|{'|'.join(NUMBERS)})"
# "At most five channels" says how many of them are wanted, "at most five videos" how many each has.
_NOUNS = "times|videos|clips|e-?mails|mails|messages|meetings|events|appointments|searches|visits|pages|articles|songs"
_TIMES = rf"(?:{_N}\s+times|(?P<w>once|twice))\b"
_OF = rf"(?:{_N}\s+(?:{_NOUNS})|(?P<w>once|twice))\b"
# "Once a week" says how often, not how many times.
_END = r"(?!\s+(?:a|an|per|each|every|ago)\b)"
_BOUNDS = (
    (re.compile(rf"\b(?:no|not)\s+more\s+(?:often\s+)?than\s+{_OF}{_END}"), 0, None),
    (re.compile(rf"\b(?:no|not)\s+(?:less|fewer)\s+(?:often\s+)?than\s+{_OF}{_END}"), None, 0),
    (re.compile(rf"\b(?:(?:more(?:\s+often)?|oftener)\s+than|over)\s+{_OF}{_END}"), None, 1),
    (re.compile(rf"\b(?:(?:less|fewer)(?:\s+often)?|rarer)\s+than\s+{_OF}{_END}"), -1, None),
    (re.compile(rf"\b(?:at\s+least|a\s+minimum\s+of)\s+{_OF}{_END}"), None, 0),
    (re.compile(rf"\b(?:at\s+(?:the\s+)?most|a\s+maximum\s+of|up\s+to)\s+{_OF}{_END}"), 0, None),
    (re.compile(rf"\b{_OF}\s+or\s+more(?:\s+often)?\b"), None, 0),
    (re.compile(rf"\b{_OF}\s+or\s+(?:less|fewer)\b"), 0, None),
    (re.compile(rf"\b{_N}\s+or\s+more\s+(?:{_NOUNS})\b"), None, 0),
    (re.compile(rf"\b{_N}\s+or\s+(?:less|fewer)\s+(?:{_NOUNS})\b"), 0, None),
    (re.compile(rf"\b(?:exactly|precisely|only|just)\s+{_TIMES}{_END}"), 0, 0),
)  # fmt: skip


_NOUN = re.compile(rf"\b(?!times)(?:{_NOUNS})$")


def _times(lower: str) -> tuple[tuple[int | None, int | None], tuple[int, int]] | None:
    """How many at least and at most, and where it is said."""
    for pattern, most, least in _BOUNDS:
        if match := pattern.search(lower):
            number = _count(match.groupdict())
            at_most = None if most is None else number + most
            at_least = None if least is None else number + least
            # The noun says of what: more than five videos.
            noun = _NOUN.search(match.group())
            end = match.start() + noun.start() if noun else match.end()
            return ((at_least, at_most), (match.start(), end)) if at_most is None or at_most > 0 else None
    return None


def _count(said: dict[str, str | None]) -> int:
    word = next(value for value in said.values() if value)
    return {"once": 1, "twice": 2}.get(word) or NUMBERS.get(word) or int(word)
