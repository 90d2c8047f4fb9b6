"""Words that point back: that day, there, afterwards, with them, we. Each says which type of output it stands for.
Pure.

The words are a closed class of English grammar; what they stand for is decided by the types of what comes before.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["people", "person", "place", "time", "channel", "site", "title"]
Relation = Literal["at", "after", "before"]

_NUMBERS = {
    w: n for n, w in enumerate(["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"], 1)
} | {
    "a": 1,
    "an": 1,
}
_NUMBER = rf"(?:\d{{1,3}}|{'|'.join(_NUMBERS)})"
_UNIT = r"(?:day|week|month|year)"
_DEMONSTRATIVE = r"(?:that|the same|this|the very same|those)"

_AT = re.compile(
    rf"\b(?:(?:on|in|at|during|within|over|for)\s+)?{_DEMONSTRATIVE}\s+(?:very\s+|whole\s+|same\s+)?"
    r"(?P<unit>day|date|week|month|year|time|period|evening|morning|afternoon|trip|stay|meeting|event|season)s?\b"
    r"|\bduring (?:it|that)\b|\bat the time\b|\bmeanwhile\b|\b(?:back )?then\b(?! on\b)",
    re.IGNORECASE,
)
_AFTER = re.compile(
    rf"\b(?:(?:in|within|during|on|for)\s+)?(?:the\s+)?(?:first\s+)?(?:(?P<n>{_NUMBER})\s+)?(?P<unit>{_UNIT})s?\s+"
    r"(?:after(?:wards?)?(?:\s+(?:that|it|this))?|later|thereafter)(?=\s*(?:[?.,;!]|$))"
    rf"|\b(?:(?:in|on|during)\s+)?the\s+(?:next|following)\s+(?:(?P<n2>{_NUMBER})\s+)?(?P<unit2>{_UNIT})s?\b"
    r"|\b(?:ever\s+)?since(?:\s+(?:then|that))?(?=\s*(?:[?.,;!]|$))|\bfrom (?:then|that (?:day|time)) on(?:wards?)?\b"
    r"|\bafter(?:wards?|\s+(?:that|this|it))\b|\bafter(?=\s*(?:[?.!]|$))|\bthereafter\b|\bsubsequently\b"
    r"|\blater(?: on)?\b",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    rf"\b(?:(?:in|within|during|on|for)\s+)?(?:the\s+)?(?:(?P<n>{_NUMBER})\s+)?(?P<unit>{_UNIT})s?\s+"
    r"(?:before(?:hand)?(?:\s+(?:that|it|this))?|earlier)(?=\s*(?:[?.,;!]|$))"
    rf"|\b(?:(?:in|on|during)\s+)?the\s+(?:previous|preceding)\s+(?:(?P<n2>{_NUMBER})\s+)?(?P<unit2>{_UNIT})s?\b"
    r"|\buntil then\b|\bbefore(?:hand|\s+(?:that|this|it|then))\b|\bbefore(?=\s*(?:[?.!]|$))"
    r"|\b(?:up to|until) that (?:day|time)\b",
    re.IGNORECASE,
)
_PERSON = re.compile(
    r"\b(?:(?:with|to|from|by|of)\s+)?"
    r"(?:him|that (?:person|man|woman|friend|colleague|correspondent|sender)|the same person)\b"
    r"|\b(?:he|she)\b|\b(?:with|to|from|by|of)\s+her\b|\bher\b(?=\s*(?:[?.,;!]|$|\b(?:in|on|at|during|then|there|that|since|after|before|write|send|mail|meet|see)\b))",
    re.IGNORECASE,
)
_PEOPLE = re.compile(
    r"\b(?:(?:with|to|from|by|of)\s+)?(?:(?:each|all|any|every one|everyone|some|both) of\s+)?"
    r"(?:them|(?:those|these|the same) (?:people|persons|friends|colleagues))\b|\bthey\b|\bwe\b|\bus\b|\beach other\b",
    re.IGNORECASE,
)
_PLACE = re.compile(
    r"\b(?:(?:at|in|to|from)\s+)?(?:that|the same|this) (?:place|city|town|venue|location|spot)\b|\bthere\b",
    re.IGNORECASE,
)
_CHANNEL = re.compile(
    r"\b(?:(?:of|from|on|by)\s+)?(?:that|the same|this) (?:channel|youtuber|creator)\b(?:'s)?", re.IGNORECASE
)
_SITE = re.compile(r"\b(?:(?:of|from|on|at)\s+)?(?:that|the same|this) (?:site|website|page|domain)\b", re.IGNORECASE)
_TITLE = re.compile(
    r"\b(?:that|the same|this) (?:video|clip|talk|film|song|article|search|query)\b"
    r"|\b(?:(?:of|from|with|about|on|in|for|at) )?(?:it|that one|this one|the (?:first|top|former) one|the former)\b"
    r"|\bits\b",
    re.IGNORECASE,
)
# "How many mails were there?", "there was": not a place.
_EXISTENTIAL = re.compile(
    r"\b(?:is|are|was|were|be|been)\s+there\b|\bthere\s+(?:is|are|was|were|have|has|had)\b", re.IGNORECASE
)
_EACH = re.compile(r"\beach\b(?! other\b)|\bevery one of\b|\brespectively\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Link:
    """A word that points back, at the characters [start, end).

    Of a time, `relation` says how it lies to what is meant, `number` and `unit` how far it goes. `is_distributive` asks
    for each of several. What may mean nothing in particular (we, then, it) is no `is_firm`.
    """

    kind: Kind
    start: int
    end: int
    relation: Relation = "at"
    number: int = 0
    unit: str = ""
    is_distributive: bool = False
    is_firm: bool = True


def links(text: str) -> list[Link]:
    """Return the words of a clause that point back, in their order, none within another."""
    found: list[Link] = []
    for link in _all(text):
        if not any(link.start < other.end and other.start < link.end for other in found):
            found.append(link)
    return sorted(found, key=lambda link: link.start)


def _all(text: str) -> Iterator[Link]:
    # Who was there asks about a place.
    asks_who = re.match(r"\s*(?:who|whom|with whom)\b", text, re.IGNORECASE)
    existential = [] if asks_who else [match.span() for match in _EXISTENTIAL.finditer(text)]
    for relation, pattern in (("after", _AFTER), ("before", _BEFORE)):
        for match in pattern.finditer(text):
            of = match.groupdict()
            unit = (of.get("unit") or of.get("unit2") or "").lower()
            number = (of.get("n") or of.get("n2") or "").lower()
            yield Link(
                kind="time", start=match.start(), end=match.end(), relation=relation,  # type: ignore[arg-type]
                unit=unit, number=(int(number) if number.isdigit() else _NUMBERS.get(number, 1)) if unit else 0,
            )  # fmt: skip
    for match in _AT.finditer(text):
        unit = (match.group("unit") or "").lower()
        yield Link(kind="time", start=match.start(), end=match.end(), unit=unit, is_firm=bool(unit))
    simple: tuple[tuple[Kind, re.Pattern[str]], ...] = (
        ("channel", _CHANNEL), ("site", _SITE), ("place", _PLACE), ("person", _PERSON), ("people", _PEOPLE), ("title",
         _TITLE),
    )  # fmt: skip
    for kind, pattern in simple:
        for match in pattern.finditer(text):
            i, j = match.span()
            said = match.group().lower()
            if kind == "place" and any(a <= i and j <= b for a, b in existential):
                continue
            yield Link(
                kind=kind, start=i, end=j, is_firm=said not in ("we", "us", "there") and not said.endswith("it"),
                is_distributive=kind == "people" and bool(_EACH.search(text)),
            )  # fmt: skip


def without(text: str, found: Sequence[Link]) -> str:
    """The clause with blanks for the words that point back, so that each other word keeps its place; I for we."""
    for link in found:
        blank = " " * (link.end - link.start)
        if text[link.start : link.end].lower() in ("we", "they", "he", "she"):
            # A clause keeps a subject: of what we did, I am one who did it.
            blank = "I".ljust(link.end - link.start) if text[link.start : link.end].lower() == "we" else blank
        text = text[: link.start] + blank + text[link.end :]
    return _EACH.sub(lambda match: " " * len(match.group()), text)


# What words that point back stand for, as examples of the router say it.
_STANDS: dict[Kind, str] = {
    "people": "Anna", "person": "Anna", "place": "in Lisbon", "channel": "Guitar Corner", "site": "the forum",
}  # fmt: skip
_STANDS_FOR_TIME = {"day": "on 3 March 2024", "week": "in March 2024", "month": "in March 2024", "year": "in 2024"}
_LED = re.compile(r"^(?:with|to|from|by|of|on|at|in)\b", re.IGNORECASE)


def spelled_out(text: str, found: Sequence[Link]) -> str:
    """The clause with a name or date in place of each word that points back: the router reads whole questions."""
    for link in sorted(found, key=lambda link: -link.start):
        said = text[link.start : link.end]
        if said.lower() == "we":
            stands = "I"
        elif link.kind == "time":
            stands = _STANDS_FOR_TIME.get(link.unit, "in March 2024")
        elif link.kind == "title":
            continue
        else:
            lead = _LED.match(said)
            stands = _STANDS[link.kind]
            if lead and not stands.startswith("in "):
                stands = f"{lead.group()} {stands}"
        text = text[: link.start] + stands + text[link.end :]
    return text
