"""Takes a question of several parts apart, by the grammar of English clauses. Pure: no model, no database.

Parts are found where clauses are joined: at conjunctions before a question or request of its own, at a clause of time
(when I bought the grinder), at a clause that says which one (the person I met most), and where kinds of things are
strung together. What a part asks for is not decided here: each goes to the router by itself.
"""

import re
from dataclasses import dataclass, replace
from typing import Literal

from datapunk.gaia.mentions import quotations, tokens
from datapunk.gaia.plan.anaphora import Link, links
from datapunk.gaia.plan.verbs import base_clause
from datapunk.gaia.vocabulary import KIND_NOUNS, NUMBERS

Form = Literal["clause", "bare"]

_WH = r"(?:who|whom|whose|what|which|when|where|how)"
_PREPOSITION = r"(?:with|to|from|by|in|on|at|about|for|of|since|until|during)"
_AUXILIARY = frozenset(
    ["do", "does", "did", "was", "were", "am", "is", "are", "have", "has", "had", "will", "would", "can", "could"]
)
_SUBJECTS = frozenset(["i", "we", "you", "he", "she", "they", "it", "my", "our", "there"])
_REQUEST = r"(?:tell me|show me|list|give me|count|summari[sz]e|sum up|compare|find|name|let me know)"
_JOINT = re.compile(
    r"(?:\s*[?.;!]\s+(?:and\s+|then\s+|also\s+)*|\s*,\s+(?:then\s+|also\s+)*"
    r"|\s*,?\s+(?:and|but)\s+(?:(?:then|also|after that|next|afterwards),?\s+)*)"
    rf"(?=(?:{_PREPOSITION}\s+)?{_WH}\b|{_REQUEST}\b|(?:did|do|was|were|have)\s+(?:i|we)\b)",
    re.IGNORECASE,
)
_STARTS_WH = re.compile(rf"\s*(?:{_PREPOSITION}\s+)?{_WH}\b", re.IGNORECASE)
_STARTS_PREPOSITION = re.compile(r"\s*(?:in|during|with|from|to|of|on|for)\s", re.IGNORECASE)
_STARTS_REQUEST = re.compile(rf"\s*(?:please\s+|can you\s+|could you\s+)?{_REQUEST}\b", re.IGNORECASE)
_STARTS_AUXILIARY = re.compile(r"\s*(?:did|do|was|were|have)\s+(?:i|we)\b", re.IGNORECASE)
# "in 2023 and in 2024": what is told of each, unless it is compared.
_PARALLEL = re.compile(
    r"\s*,?\s+and\s+(?=(?P<word>in|during|with|from|to|of|on|for)\s+[^,;?.!]{2,40}\s*[?.!]*$)", re.IGNORECASE
)
_COMPARES = re.compile(
    r"\b(?:compar\w+|more|fewer|less|difference|differ|versus|vs|between|than|both)\b", re.IGNORECASE
)
_INDIRECT = re.compile(
    r"^\s*(?:and\s+)?(?:please\s+|can you\s+|could you\s+)?(?:tell me|show me|let me know|find out|say)\s+"
    rf"(?:also\s+)?(?={_WH}\b)",
    re.IGNORECASE,
)

_INDIRECT_CLAUSE = re.compile(
    rf"^\s*(?P<wh>(?:{_PREPOSITION}\s+)?{_WH}"
    r"(?:\s+(?!I\b|we\b|did\b|do\b|have\b|has\b|had\b|was\b|were\b|am\b|are\b|can\b|could\b|will\b|should\b)[\w'’-]+)"
    r"{0,6})\s+(?P<clause>(?:I|we)\s+(?:(?:first|last)\s+)?\w+.*)$",
    re.IGNORECASE,
)

# "where was I when I bought the grinder", "the day after I moved", "on the day I first met Rui".
_CLAUSE_OF_TIME = re.compile(
    r"\s*,?\s*\b(?P<how>when|(?:on|in|during)?\s*the (?:same\s+|very\s+)?(?P<at>day|week|month|year)"
    r"(?:\s+(?:when|that|in which|on which))?"
    r"|(?:(?:on|in|during|within)\s+)?the\s+(?:(?P<n>\w+)\s+)?(?P<unit>day|week|month)s?\s+(?P<side>before|after)"
    r"|(?P<bound>after|before|since|until))\s+"
    r"(?P<clause>(?:i|we)\s+(?:(?:first|last|finally)\s+)?(?!am\b|was (?:on|in|at)\b)[a-z]+\b.*?)\s*[?.!]*$",
    re.IGNORECASE,
)
_CLAUSE_FIRST = re.compile(
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
    r"(?:did|have)\s+(?P<clause>(?:i|we)\s+[a-z]+\b.*\bmost\b.*)$",
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
_KINDS_JOINED = re.compile(
    r"\b(?P<lead>how many)\s+(?P<one>[a-z-]+)(?P<more>(?:\s*,\s*[a-z-]+)*)"
    r"\s*,?\s+and\s+(?:how many\s+)?(?P<last>[a-z-]+)\b",
    re.IGNORECASE,
)
_JOINED = re.compile(r"\b(?:and|or|but|what|who|that|whether)$", re.IGNORECASE)
_FIRST_ONE = re.compile(
    r"^\s*(?:when\s+(?:was\s+)?)?(?:which (?:one )?(?:was|came)\s+)?(?:the\s+)?(?P<order>first|last|latest|earliest)"
    r"(?:\s+(?:one|of them|of these|of those))?(?:\s+was)?\s*[?.!]*$",
    re.IGNORECASE,
)
# A moment is no day of another: what is asked is the clause's own time.
_ASKS_TIME = re.compile(
    r"\s*(?:when\b|since when\b|(?:on |at |in )?(?:what|which) (?:date|day|time|month|year)\b|how long\b"
    r"|how many (?:days|weeks|months|years) (?:ago|have|has|is|was|passed|since|it))",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(r"^\s*\w+\s+\w+\s+(?:in|during|from|to|of|with|on)\s", re.IGNORECASE)
_LONGEST_BARE = 7
#: Words by which a question asks the same of each of several.
EACH = re.compile(r"\b(?:each|every one|respectively)\b(?!\s+other\b)", re.IGNORECASE)
_MOST_PARTS = 6


@dataclass(frozen=True, kw_only=True)
class Part:
    """One thing that is asked for. `links` point to parts before it.

    A `bare` part leaves out what the one before says (and when?). A part that is `is_support` is only asked because
    another needs it; one that `is_bounded` lies before or after the moment of a clause, which the calendar may tell.
    `wanted` is the subroutine where the grammar leaves one alone; `unit` what a peak is looked for in.
    """

    text: str
    form: Form = "clause"
    links: tuple[Link, ...] = ()
    is_support: bool = False
    wanted: str | None = None
    unit: str = ""
    is_bounded: bool = False


def has_parts(question: str) -> bool:
    """Whether a question asks for several things, or the same of each of several."""
    return len(decompose(question)) > 1 or asks_for_each(question)


def asks_for_each(text: str) -> bool:
    """Whether a text asks the same of each of several."""
    return EACH.search(text) is not None


def decompose(question: str) -> tuple[Part, ...]:
    """Return the parts of a question in the order in which they must be answered; one part where there is one."""
    text = question.strip()
    parts: list[Part] = []
    for piece in _pieces(text):
        parts += _subordinate(piece)
    if (len(parts) == 1 and not parts[0].links) or parts[0].form == "bare":
        kinds = _kinds(text)
        if len(parts) == 1 or len(kinds) > 1:
            parts = [Part(text=kind) for kind in kinds]
        # "How many videos in 2023": nothing comes before it that it could lean on.
        parts[0] = replace(parts[0], form="clause")
    if not 1 < len(parts) <= _MOST_PARTS:
        return (Part(text=text),)
    return tuple(_linked(part, place) for place, part in enumerate(parts))


def _linked(part: Part, place: int) -> Part:
    # What the first part says stands for itself; nothing comes before it.
    return part if place == 0 or part.links else replace(part, links=tuple(links(part.text)))


def _pieces(text: str) -> list[str]:
    """The clauses that are joined; one where what follows a joint is no question or request of its own."""
    quoted = quotations(text)
    is_indirect = _STARTS_REQUEST.match(text) is not None
    pieces: list[str] = []
    begin = 0
    for match in _JOINT.finditer(text):
        if any(i <= match.start() < j for i, j in quoted) or match.start() <= begin:
            continue
        left, right = text[begin : match.start()], text[match.end() :]
        following = _JOINT.search(right)
        next_ = right[: following.start()] if following else right
        is_joined = re.search(r"\w|[?.;!]", match.group()) is not None or _asks_alike(left, next_)
        if _is_bare(next_) and (not is_joined or not _STARTS_WH.match(_without_lead(left))):
            # ", how many days ago?" tells more of what is asked; after a question of yes or no, "and which?" asks it.
            continue
        if _is_asking(left, first=True) and _is_asking(next_, first=False, indirect=is_indirect):
            pieces.append(left)
            begin = match.end()
    last = text[begin:]
    match_ = _PARALLEL.search(last)
    if match_ and not _COMPARES.search(last) and _has_word(match_.group("word"), last[: match_.start()]):
        pieces += [last[: match_.start()], last[match_.end() :]]
    else:
        pieces.append(last)
    clauses = [_INDIRECT.sub("", piece).strip(" ,?.!;:") for piece in pieces]
    return [f"{_direct(clause) if is_indirect else clause}?" for clause in clauses]


def _asks_alike(left: str, right: str) -> bool:
    """Whether one bare clause asks as the one before, of another time or name: how many in 2023, how many in 2024."""
    one, other = (text.lower().split()[:2] for text in (left, right))
    return one == other and _ELSEWHERE.search(right) is not None


def _without_lead(text: str) -> str:
    """A clause without a time that leads it, and without tell me."""
    return re.sub(r"^\s*(?:in|on|during)\s[^,]{2,30},\s*", "", _INDIRECT.sub("", text), flags=re.IGNORECASE)


def _has_word(word: str, text: str) -> bool:
    return re.search(rf"\b{word}\b", text, re.IGNORECASE) is not None and _is_asking(text, first=True)


def _direct(text: str) -> str:
    """An indirect question as a direct one: who I met in Porto, who did I meet in Porto."""
    match = None if _CLAUSE_FIRST.match(text) else _INDIRECT_CLAUSE.match(text)
    return f"{match.group('wh')} did {base_clause(match.group('clause'))}" if match else text


def _is_asking(text: str, *, first: bool, indirect: bool = False) -> bool:  # noqa: PLR0911 - one line a form
    """Whether a clause asks: a request, an inverted question, a question of the subject, or bare words of asking."""
    keys = [token.key for token in tokens(text)]
    if not keys:
        return False
    if _STARTS_REQUEST.match(text) or _STARTS_AUXILIARY.match(text):
        return True
    if not first and _is_bare(text):
        return True
    # "In March 2023, how many videos ..., and ..."
    is_led = not _STARTS_WH.match(text)
    if is_led and (not first or not any(re.fullmatch(_WH, key) for key in keys)):
        return False
    place = next(i for i, key in enumerate(keys) if re.fullmatch(_WH, key))
    for key in keys[place + 1 : place + 8]:
        if key in _AUXILIARY:
            return True
        if key in _SUBJECTS:
            # "when we leave" is no question, but told after "tell me" it is one.
            return indirect
    return not is_led and (len(keys) > 2 or first)


def is_question(text: str) -> bool:
    """Whether a clause is a question by its form: a word of asking, then an inverted verb or its own."""
    return _STARTS_WH.match(text) is not None and not _is_bare(text) and _is_asking(text, first=False)


def _is_bare(text: str) -> bool:
    """Whether a clause has no verb of its own: and when, with whom, how many in 2024, the first one."""
    keys = [token.key for token in tokens(_INDIRECT.sub("", text))]
    if not keys or len(keys) > _LONGEST_BARE or not (_STARTS_WH.match(text) or _STARTS_PREPOSITION.match(text)):
        return False
    if keys[0] in ("who", "what") and len(keys) > 1:
        return False
    return not (_AUXILIARY | _SUBJECTS) & set(keys)


def _subordinate(piece: str) -> list[Part]:  # noqa: PLR0911 - one form of clause after the other
    """A clause with what it hangs on: first the part that tells the time or the one that is meant."""
    stripped = _LEAD.sub("", piece)
    if match := _FIRST_ONE.match(stripped):
        return [Part(text=f"When was the {match.group('order').lower()}?", form="bare", wanted="when")]
    bare = _is_bare(piece)
    if bare or any(True for _ in quotations(piece)):
        return [Part(text=piece, form="bare" if bare else "clause")]
    body = piece.rstrip("?.! ")
    if match := _WHICH_PEAK.match(body):
        return [replace(_peak(match, f"{match.group('clause')} {match.group('time') or ''}"), is_support=False)]
    if match := _PEAK.search(body):
        return [_peak(match, match.group("clause")), _rest(body, match, f"that {match.group('head').lower()}")]
    if (match := _CLAUSE_OF_WHICH.search(body)) and _SUPERLATIVE.search(match.group("clause")):
        head = (match.group("head") or "person").lower()
        noun = _ASKED_AS.get(head, f"Which {head}")
        clause, later = _without_later(match.group("clause"))
        is_subject = not re.match(r"(?:i|we)\b", clause, re.IGNORECASE)
        support = Part(text=f"{noun} {clause if is_subject else 'did ' + base_clause(clause)}?", is_support=True)
        if _CLEFT.fullmatch(body[: match.start()].strip()) and match.end() == len(body):
            # "Who is the person I met most": that is all that is asked.
            return [replace(support, is_support=False)]
        space = " " if match.end() < len(body) and body[match.end()].isalpha() else ""
        return [support, _rest(body, match, _POINTS_BACK.get(head, "them") + later + space)]
    if (match := _CLAUSE_FIRST.match(body)) and not _ASKS_TIME.match(match.group("main")):
        support = _moment(match.group("clause"))
        main = match.group("main").strip()
        return [support, _pointing(f"{main} that day?", len(main) + 1, len(main) + 9, "at", "day")]
    match = _CLAUSE_OF_TIME.search(body)
    asks = _STARTS_WH.match(body) or _STARTS_REQUEST.match(body) or _STARTS_AUXILIARY.match(body)
    if match is None or match.start() == 0 or not asks or _JOINED.search(body[: match.start()]):
        return [Part(text=piece)]
    if _is_generic(match.group("clause")) or _ASKS_TIME.match(body):
        return [Part(text=piece)]
    if match.group("how").lower() == "when" and re.match(r"\s*when\b", body, re.IGNORECASE):
        return [Part(text=piece)]
    support = _moment(match.group("clause"))
    main = body[: match.start()].rstrip(" ,")
    side = (match.group("side") or match.group("bound") or "at").lower()
    unit = (match.group("unit") or match.group("at") or "day").lower()
    said = _said(side, unit, match)
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
    return [support, Part(text=f"{main} {said}?", links=(link, *links(main)), is_bounded=is_bounded)]


def _is_generic(clause: str) -> bool:
    """Whether a clause speaks of any of many: when I made a search."""
    match = re.search(r"\b(?:an?|any|some)\s+([a-z-]+)", clause, re.IGNORECASE)
    return match is not None and match.group(1).lower() in KIND_NOUNS


def _moment(clause: str) -> Part:
    """The question for the time of a clause: I bought the grinder, when did I buy the grinder."""
    return Part(text=f"When did {base_clause(clause)}?", is_support=True, wanted="when")


def _said(side: str, unit: str, match: re.Match[str]) -> str:
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
        text=f"{unit.capitalize()} by {unit}, how many {_counted(clause)}?", is_support=True, wanted="trend", unit=unit
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


def _counted(clause: str) -> str:
    """What is counted in "I watched most videos in 2024", or "with the most videos": videos did I watch in 2024."""
    said = re.sub(r"\b(?:with\s+)?(?:the\s+)?most(?:\s+of)?\b", " ", clause, flags=re.IGNORECASE)
    words = said.split()
    nouns = [word for word in words if KIND_NOUNS.get(word.lower())][:1]
    rest = [word for word in words if word not in nouns]
    if rest and rest[0].lower() in ("i", "we"):
        rest = ["did", *base_clause(" ".join(rest)).split()]
    return " ".join([*(nouns or ["things"]), *rest])


def _kinds(text: str) -> list[str]:
    """A question once for each kind of thing that it strings together: how many videos and searches in 2024."""
    match = _KINDS_JOINED.search(text)
    if match is None:
        return [text]
    nouns = [match.group("one"), *re.findall(r"[a-z-]+", match.group("more"), re.IGNORECASE), match.group("last")]
    kinds = [KIND_NOUNS.get(noun.lower()) for noun in nouns]
    if None in kinds or len(set(kinds)) < len(kinds):
        return [text]
    return [f"{text[: match.start()]}{match.group('lead')} {noun}{text[match.end() :]}" for noun in nouns]
