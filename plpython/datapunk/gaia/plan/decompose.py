"""Takes a question of several parts apart, by the grammar of English clauses. Pure: no model, no database.

Parts are found where clauses are joined: at conjunctions before a question or request of its own, at a clause of time
(when I bought the grinder), at a clause that says which one (the person I met most), and where kinds of things are
strung together. What a part asks for is not decided here: each goes to the router by itself.
"""

import re
from dataclasses import replace

from datapunk.gaia.mentions import quotations
from datapunk.gaia.plan.anaphora import links
from datapunk.gaia.plan.asking import (
    PREPOSITION,
    REQUEST,
    STARTS_WH,
    WH,
    again,
    direct,
    is_asking,
    is_bare,
    is_told,
    uncontracted,
    without_lead,
    without_time,
)
from datapunk.gaia.plan.counted import kinds_apart
from datapunk.gaia.plan.part import Part
from datapunk.gaia.plan.subordinate import CLAUSE_FIRST, subordinate

# "Afterwards, how many ...": what leads a sentence.
_FRONTED = r"(?:[^,?.!;:]{2,40},\s+)"
_ASKS = rf"(?:(?:{PREPOSITION}\s+)?{WH}\b|{REQUEST}\b|(?:did|do|was|were|have)\s+(?:i|we)\b)"
_NUMBER_OF = r"(?:the\s+)?(?:total\s+)?(?:number|count|amount)\s+of\b"
#: Where a question or request of its own may begin.
JOINT = re.compile(
    rf"\s*[?.;!]\s+(?:and\s+|but\s+|then\s+|also\s+)*(?={_FRONTED}?{_ASKS})"
    r"|(?:\s*,\s+(?:then\s+|also\s+)*"
    r"|\s*,?\s+(?:and|but|plus|as well as)\s+(?:(?:then|also|after that|next|afterwards),?\s+)*)"
    rf"(?={_ASKS}|{_NUMBER_OF}|about\s+what\b)",
    re.IGNORECASE,
)
# "in 2023 and in 2024": what is told of each, unless it is compared.
_PARALLEL = re.compile(
    r"\s*,?\s+and\s+(?=(?P<word>in|during|with|from|to|of|on|for)\s+[^,;?.!]{2,40}\s*[?.!]*$)", re.IGNORECASE
)
_COMPARES = re.compile(
    r"\b(?:compar\w+|more|fewer|less|difference|differ|versus|vs|between|than|both)\b", re.IGNORECASE
)
_ELSEWHERE = re.compile(r"^\s*\w+\s+\w+\s+(?:in|during|from|to|of|with|on)\s", re.IGNORECASE)
#: Words by which a question asks the same of each of several.
EACH = re.compile(r"\b(?:each|every one|respectively)\b(?!\s+other\b)", re.IGNORECASE)
_MOST_PARTS = 6


def has_parts(question: str) -> bool:
    """Whether a question asks for several things, or the same of each of several."""
    return len(decompose(question)) > 1 or asks_for_each(question)


def asks_for_each(text: str) -> bool:
    """Whether a text asks the same of each of several."""
    return EACH.search(text) is not None


def decompose(question: str) -> tuple[Part, ...]:
    """Return the parts of a question in the order in which they must be answered; one part where there is one."""
    text = uncontracted(question.strip())
    parts: list[Part] = []
    for piece in _pieces(text):
        parts += subordinate(piece)
    if (len(parts) == 1 and not parts[0].links) or parts[0].form == "bare":
        kinds = kinds_apart(text)
        if len(parts) == 1 or len(kinds) > 1:
            parts = [Part(text=kind) for kind in kinds]
        # "How many videos in 2023": nothing comes before it that it could lean on.
        parts[0] = replace(parts[0], form="clause")
    if not 1 < len(parts) <= _MOST_PARTS:
        return (Part(text=question.strip()),)
    return tuple(_linked(part, place) for place, part in enumerate(parts))


def _linked(part: Part, place: int) -> Part:
    # What the first part says stands for itself; nothing comes before it.
    return part if place == 0 or part.links else replace(part, links=tuple(links(part.text)))


def _pieces(text: str) -> list[str]:
    """The clauses that are joined; one where what follows a joint is no question or request of its own."""
    quoted = quotations(text)
    is_indirect = is_told(text)
    pieces: list[str] = []
    begin = 0
    for match in JOINT.finditer(text):
        if any(i <= match.start() < j for i, j in quoted) or match.start() <= begin:
            continue
        left, right = text[begin : match.start()], text[match.end() :]
        fronted = re.match(_FRONTED, right)
        following = JOINT.search(right, fronted.end() if fronted else 0)
        next_ = right[: following.start()] if following else right
        is_joined = re.search(r"\w|[?.;!]", match.group()) is not None or _asks_alike(left, next_)
        if is_bare(next_) and (not is_joined or not STARTS_WH.match(without_time(left))):
            # ", how many days ago?" tells more of what is asked; after a question of yes or no, "and which?" asks it.
            continue
        if is_asking(left, first=True) and is_asking(next_, first=False, indirect=is_indirect):
            pieces.append(left)
            begin = match.end()
    last = text[begin:]
    match_ = _PARALLEL.search(last)
    if match_ and not _COMPARES.search(last) and _has_word(match_.group("word"), last[: match_.start()]):
        pieces += [last[: match_.start()], last[match_.end() :]]
    else:
        pieces.append(last)
    return [_said(piece, is_indirect=is_indirect, is_first=place == 0) for place, piece in enumerate(pieces)]


def _has_word(word: str, text: str) -> bool:
    return re.search(rf"\b{word}\b", text, re.IGNORECASE) is not None and is_asking(text, first=True)


def _said(piece: str, *, is_indirect: bool, is_first: bool) -> str:
    """A piece as a question by itself."""
    clause = without_lead(piece).strip(" ,?.!;:")
    is_led = is_indirect or clause != piece.strip(" ,?.!;:")
    # After "tell me" it is told; "when I bought the grinder, where was I" is not.
    clause = direct(clause) if is_led and not CLAUSE_FIRST.match(clause) else clause
    return f"{clause if is_first else again(clause)}?"


def _asks_alike(left: str, right: str) -> bool:
    """Whether one bare clause asks as the one before, of another time or name: how many in 2023, how many in 2024."""
    one, other = (text.lower().split()[:2] for text in (left, right))
    return one == other and _ELSEWHERE.search(right) is not None
