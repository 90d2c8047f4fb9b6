"""Clauses that another clause hangs on: of time (when I bought it), and which one (the person I met most). Pure."""

import re
from dataclasses import replace
from typing import Literal

from datapunk.gaia.mentions import quotations
from datapunk.gaia.plan.anaphora import Link, links
from datapunk.gaia.plan.asking import STARTS_AUXILIARY, STARTS_REQUEST, STARTS_WH, WH, is_bare
from datapunk.gaia.plan.counted import counted
from datapunk.gaia.plan.part import Part
from datapunk.gaia.plan.verbs import base_clause, from_gerund
from datapunk.gaia.vocabulary import KIND_NOUNS, NUMBERS

# "where was I when I bought the grinder", "the day after I moved", "on the day I first met Rui".
_CLAUSE_OF_TIME = re.compile(
    r"\s*,?\s*\b(?P<how>when|(?:on|in|during)?\s*the (?:same\s+|very\s+)?(?P<at>day|week|month|year)"
    r"(?:\s+(?:when|that|in which|on which))?"
    r"|(?:(?:on|in|during|within)\s+)?the\s+(?:(?P<n>\w+)\s+)?(?P<unit>day|week|month)s?\s+(?P<side>before|after)"
    r"|(?P<bound>after|before|since|until))\s+"
    r"(?P<clause>(?:i|we)\s+(?:(?:first|last|finally)\s+)?(?!am\b|was (?:on|in|at)\b)[a-z]+\b.*?)\s*[?.!]*$",
    re.IGNORECASE,
)
#: A clause of time that leads a question.
CLAUSE_FIRST = re.compile(
    r"^\s*(?P<how>when|on the (?:same\s+)?day (?:when |that )?)\s*"
    r"(?P<clause>(?:i|we)\s+(?:(?:first|last|finally)\s+)?(?!am\b|was (?:on|in|at)\b)[a-z]+\b[^,]*)"
    r",\s*(?P<main>.+)$",
    re.IGNORECASE,
)
# "with the person I met most in 2024", "of the channel that I watched most".
_CLAUSE_OF_WHICH = re.compile(
    r"\b(?P<noun>(?:(?:the|that)\s+(?P<head>person|friend|colleague|man|woman|channel|site|website|place|video|city)"
    r"|(?P<free>whoever|whomever)))\s+"
    r"(?:(?:with |to |from |at |on )?(?:that|who|whom|which|where)\s+)?"
    r"(?P<clause>(?:i|we)\s+(?:have\s+)?[a-z]+\b[^,:]*?"
    r"|(?<=who )[a-z]+(?:\s+to)?\s+me\b[^,:]*?|(?<=whoever )[a-z]+(?:\s+to)?\s+me\b[^,:]*?)"
    # It ends with the question, before the verb of the main clause, or with the year that it tells.
    r"(?:\s*(?=[?.!]*$|[,:]|\b(?:send|sent|write|wrote|written|mail|mailed|get|got|have|has|did|do|make|made)\b)"
    r"|(?<=\d{4})\s+(?!and\b|or\b|in\b|that\b|then\b)(?=[a-z]))",
    re.IGNORECASE,
)
_PEAK = re.compile(
    r"\b(?P<noun>(?:(?:on|in|during|for)\s+)?the\s+(?P<head>day|week|month|year))\s+"
    r"(?:(?:that|when|in which|on which)\s+)?"
    r"(?P<clause>(?:i|we)\s+(?:have\s+)?[a-z]+\b[^,:]*?\bmost\b[^,:]*?|with\s+(?:the\s+)?most\s+[^,:]*?)\s*(?=[?.!]*$|[,:])",
    re.IGNORECASE,
)
# "On which day in August did I watch the most videos".
_WHICH_PEAK = re.compile(
    r"^\s*(?:(?:on|in|during)\s+)?(?:which|what)\s+(?P<head>day|week|month|year)\s+(?P<time>(?:in|of|during)\s+[^,?]+?\s+)?"
    r"(?:(?:did|have)\s+(?P<clause>(?:i|we)\s+[a-z]+\b.*\bmost\b.*)|(?:had|has|saw|holds|brought)\s+(?P<holds>(?:the\s+)?most\b.*))$",
    re.IGNORECASE,
)
# "The channel in 2023 that I watched most in 2024": what is between belongs to the main clause.
_APART = re.compile(
    r"\b(?P<noun>the\s+(?:person|friend|colleague|channel|site|website|place))\s+"
    r"(?P<time>(?:in|during|on)\s+[\w ]{3,20}?)\s+"
    r"(?P<clause>(?:that|who|whom|which)\s+(?:i|we)\s+.*\b(?:most|best|least)\b.*\d{4})\s*$",
    re.IGNORECASE,
)
_TIME_FIRST = re.compile(r"\s*(?P<time>(?:in|during|of|over)\s[^,?]{2,40}),\s*", re.IGNORECASE)
_SINGULAR = {"people": "person", "persons": "person", "friends": "friend", "colleagues": "colleague"}
# "For every person I met in Tokyo, how many mails did they send me".
_OF_EVERY = re.compile(
    r"^\s*(?:for|of|from)\s+(?:each|every|all)\s+(?:of\s+)?(?:the\s+)?"
    r"(?P<head>person|people|persons|friends?|colleagues?)\s+(?:(?:that|who|whom)\s+)?"
    rf"(?P<clause>(?:i|we)\s+[a-z]+\b[^,:]*)[,:]\s*(?P<main>{WH}\b.+)$",
    re.IGNORECASE,
)
_CLEFT = re.compile(
    r"(?:(?:who|which|what|whom)(?:\s+(?:is|was|are|were))?|name|tell me|show me|list|give me|)", re.IGNORECASE
)
_SUPERLATIVE = re.compile(r"\b(?:most|least|best|first|last|longest)\b|\boftenest\b", re.IGNORECASE)
_ASKED_AS = {"person": "Who", "friend": "Who", "colleague": "Who", "place": "Which place", "city": "Which place"}
_POINTS_BACK = {
    "person": "them", "friend": "them", "colleague": "them", "place": "there", "city": "there",
    "channel": "that channel",
    "site": "that site", "website": "that site", "video": "that video",
}  # fmt: skip
_GERUND = re.compile(
    r"\b(?:(?:right|just|shortly|directly|immediately|soon)\s+)?(?P<bound>after|before|since|when)\s+"
    r"(?P<words>(?!(?:the|a|an|my|our|having|being|during|meeting|morning|evening|dinner|spring)\b)[a-z]{2,}ing\b(?:\s+.*)?)$",
    re.IGNORECASE,
)
_JOINED = re.compile(r"\b(?:and|or|but|what|who|that|whether)$", re.IGNORECASE)
_FIRST_ONE = re.compile(
    r"^\s*(?:(?:when|on (?:which|what) (?:day|date))\s+(?:(?:was|is)\s+)?)?(?:which (?:one )?(?:was|came|is|comes)\s+)?"
    r"(?:the\s+)?(?P<order>first|last|latest|earliest|next)"
    r"(?:\s+(?:one|time|of them|of these|of those))?(?:\s+(?:was|is))?\s*[?.!]*$",
    re.IGNORECASE,
)
_ABOUT_WHAT = re.compile(
    r"^\s*(?:what\s+(?:was\s+(?:it|that)\s+|were\s+they\s+|is\s+it\s+)?about|(?:about|on|regarding)\s+what)\s*[?.!]*$",
    re.IGNORECASE,
)
# What a moment tells beside its time.
_CALLED = re.compile(
    r"^\s*(?:what\s+(?:was|is)\s+(?:it|that|the\s+\w+)\s+(?:called|titled|named)|which\s+(?:one|\w+)\s+was\s+(?:it|that)"
    r"|what\s+(?:was|is)\s+(?:its|the)\s+(?:title|name))\s*[?.!]*$",
    re.IGNORECASE,
)
# A moment is no day of another: what is asked is the clause's own time.
_ASKS_TIME = re.compile(
    r"\s*(?:when\b|since when\b|(?:on |at |in )?(?:what|which) (?:date|day|time|month|year)\b|how long\b"
    r"|how many (?:days|weeks|months|years) (?:ago|have|has|is|was|passed|since|it))",
    re.IGNORECASE,
)


def subordinate(piece: str) -> list[Part]:
    """A clause with what it hangs on: first the part that tells the time or the one that is meant."""
    if short := _short(_LEAD.sub("", piece)):
        return [short]
    bare = is_bare(piece)
    if bare or any(True for _ in quotations(piece)):
        return [Part(text=piece, form="bare" if bare else "clause")]
    body = _together(piece.rstrip("?.! "))
    forms = (_peaks, _of_every, _of_which, _clause_first, _clause_of_time)
    return next((found for form in forms if (found := form(body))), [Part(text=piece)])


def _short(piece: str) -> Part | None:
    """What a few words ask of what the part before tells: and the first, about what, what was it called."""
    if match := _FIRST_ONE.match(piece):
        return Part(text=f"When was the {match.group('order').lower()}?", form="bare", wanted="when")
    if _ABOUT_WHAT.match(piece):
        return Part(text="about what?", form="bare", wanted="summarize")
    return Part(text="When was that?", form="bare", wanted="when") if _CALLED.match(piece) else None


def _peaks(body: str) -> list[Part]:
    """The day with the most: asked for, or what else is asked of it."""
    led = _TIME_FIRST.match(body)
    if match := _WHICH_PEAK.match(body[led.end() :] if led else body):
        clause = match.group("clause") or f"with {match.group('holds')}"
        time = f"{match.group('time') or ''} {_small(led.group('time')) if led else ''}"
        return [replace(_peak(match, f"{clause} {time}"), is_support=False)]
    if match := _PEAK.search(body):
        peak = _peak(match, match.group("clause"))
        if _is_cleft(match, body):
            return [replace(peak, is_support=False)]
        return [peak, _rest(body, match, f"that {match.group('head').lower()}")]
    return []


def _small(text: str) -> str:
    return text[0].lower() + text[1:]


def _of_every(body: str) -> list[Part]:
    match = _OF_EVERY.match(body)
    if match is None:
        return []
    head = match.group("head").lower()
    noun = _ASKED_AS.get(_SINGULAR.get(head, head), f"Which {head}")
    rest = f"{match.group('main')} each?"
    asked = Part(text=f"{noun} did {base_clause(match.group('clause'))}?", is_support=True)
    return [asked, Part(text=rest, links=tuple(links(rest)))]


def _of_which(body: str) -> list[Part]:
    """A clause that says which one."""
    match = _CLAUSE_OF_WHICH.search(body)
    if match is None or not _SUPERLATIVE.search(match.group("clause")):
        return []
    head = (match.group("head") or "person").lower()
    noun = _ASKED_AS.get(head, f"Which {head}")
    clause, later = _without_later(match.group("clause"))
    is_subject = not re.match(r"(?:i|we)\b", clause, re.IGNORECASE)
    support = Part(text=f"{noun} {clause if is_subject else 'did ' + base_clause(clause)}?", is_support=True)
    if _is_cleft(match, body):
        # "Who is the person I met most": that is all that is asked.
        return [replace(support, is_support=False)]
    space = " " if match.end() < len(body) and body[match.end()].isalpha() else ""
    return [support, _rest(body, match, _POINTS_BACK.get(head, "them") + later + space)]


def _is_cleft(match: re.Match[str], body: str) -> bool:
    return _CLEFT.fullmatch(body[: match.start()].strip()) is not None and match.end() == len(body)


def _clause_first(body: str) -> list[Part]:
    """When I bought the grinder, where was I."""
    match = CLAUSE_FIRST.match(body)
    if match is None or _ASKS_TIME.match(match.group("main")):
        return []
    support = _moment(match.group("clause"))
    main = match.group("main").strip()
    if any(link.kind == "time" for link in links(main)):
        return [support, Part(text=f"{main}?", links=tuple(links(f"{main}?")))]
    return [support, _pointing(f"{main} that day?", len(main) + 1, len(main) + 9, "at", "day")]


def _clause_of_time(body: str) -> list[Part]:
    """Where was I when I bought the grinder, what did I search after buying it."""
    body = _GERUND.sub(lambda match: f"{match['bound']} {from_gerund(match['words'])}", body)
    match = _CLAUSE_OF_TIME.search(body)
    asks = STARTS_WH.match(body) or STARTS_REQUEST.match(body) or STARTS_AUXILIARY.match(body)
    if match is None or match.start() == 0 or not asks or _JOINED.search(body[: match.start()]):
        return []
    if _is_generic(match.group("clause")) or _ASKS_TIME.match(body):
        return []
    if match.group("how").lower() == "when" and re.match(r"\s*when\b", body, re.IGNORECASE):
        return []
    support = _moment(match.group("clause"))
    main = body[: match.start()].rstrip(" ,")
    side = (match.group("side") or match.group("bound") or "at").lower()
    unit = (match.group("unit") or match.group("at") or "day").lower()
    said = _pointed(side, unit, match)
    relation = {"after": "after", "since": "after", "before": "before", "until": "before"}.get(side, "at")
    number = 0
    if match.group("unit"):
        number = _number(match.group("n"))
    start = len(main) + 1
    link = Link(
        kind="time", start=start, end=start + len(said), relation=relation,  # type: ignore[arg-type]
        unit=unit if number or relation == "at" else "", number=number,
    )  # fmt: skip
    is_bounded = relation != "at"
    own = [other for other in links(main) if other.kind != "time" or is_bounded]
    main_part = Part(
        text=f"{main} {said}?", links=(link, *own), is_bounded=is_bounded, whole=f"{body}?" if is_bounded else ""
    )
    return [support, main_part]


def _together(body: str) -> str:
    """The clause that says which one beside its noun: the channel in 2023 that I watched most, ... most in 2023."""
    return _APART.sub(lambda match: f"{match['noun']} {match['clause']}, {match['time']}", body)


def _is_generic(clause: str) -> bool:
    """Whether a clause speaks of any of many: when I made a search."""
    match = re.search(r"\b(?:an?|any|some)\s+([a-z-]+)", clause, re.IGNORECASE)
    return match is not None and match.group(1).lower() in KIND_NOUNS


def _moment(clause: str) -> Part:
    """The question for the time of a clause: I bought the grinder, when did I buy the grinder."""
    return Part(text=f"When did {base_clause(clause)}?", is_support=True, wanted="when")


def _pointed(side: str, unit: str, match: re.Match[str]) -> str:
    if side == "at":
        return f"that {unit}"
    if match.group("unit"):
        return f"the {match.group('n') + ' ' if match.group('n') else ''}{unit} {side} that"
    return {"since": "since then", "until": "until then"}.get(side, f"{side} that")


def _number(word: str | None) -> int:
    return int(word) if word and word.isdigit() else NUMBERS.get((word or "one").lower(), 1)


def _pointing(text: str, start: int, end: int, relation: Literal["at"], unit: str) -> Part:
    link = Link(kind="time", start=start, end=end, relation=relation, unit=unit)
    return Part(text=text, links=(link,))


def _without_later(clause: str) -> tuple[str, str]:
    """A clause that says which one, without a time at its end that points back: that belongs to what is asked."""
    match = re.search(
        r"\s+(?:(?:in|during|on) )?(?:(?:that|the same) (?:year|month|week|day)|then)$", clause, re.IGNORECASE
    )
    return (clause[: match.start()], match.group()) if match else (clause, "")


def _peak(match: re.Match[str], clause: str) -> Part:
    """The question for the time with the most: day by day, how many videos did I watch."""
    unit = match.group("head").lower()
    return Part(
        text=f"{unit.capitalize()} by {unit}, how many {counted(clause)}?", is_support=True, wanted="trend", unit=unit
    )


def _rest(body: str, match: re.Match[str], said: str) -> Part:
    """The main clause with a word that points back in place of the noun and its clause."""
    before, after = body[: match.start("noun")], body[match.end() :]
    fronted = re.match(r"\s*:\s*", after)
    # "The person I met most: how many mails did they send me": what comes after points back by itself.
    rest = after[fronted.end() :] if fronted else after
    text = f"{rest}?" if fronted and links(rest) else f"{before}{said}{after}?"
    return Part(text=text.strip(), links=tuple(links(text.strip())))


_LEAD = re.compile(r"^\s*(?:please\s+)?(?:tell me|show me|give me|name|find|list)\s+", re.IGNORECASE)
