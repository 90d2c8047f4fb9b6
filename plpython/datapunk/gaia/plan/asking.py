"""How clauses ask: by a word of asking, by a request, in the words of the clause before, or told after a lead. Pure."""

import re
from collections.abc import Sequence

from datapunk.gaia.mentions import Token, tokens
from datapunk.gaia.plan.verbs import base_clause

#: A word of asking, what may stand before it, and a request for something.
WH = r"(?:who|whom|whose|what|which|when|where|how)"
PREPOSITION = r"(?:with|to|from|by|in|on|at|about|for|of|since|until|during)"
REQUEST = r"(?:tell me|show me|list|give me|count|summari[sz]e|sum up|compare|find|name|let me know|say|find out)"
_ASK_FOR = r"(?:tell me|show me|let me know|say|find out|check|see|know|hear|learn|give me)"
#: What leads a question that is told: tell me, I would like to know, do you know.
_TOLD = (
    r"(?:(?:please|also|so|now|ok|okay|hey|hi|hello|then|and)\b,?\s+)*"
    rf"(?:(?:can|could|would|will)\s+you\s+(?:please\s+|also\s+|kindly\s+)*{_ASK_FOR}"
    rf"|i(?:'d|’d|\s+would|\s+should)\s+(?:also\s+|really\s+)?(?:like|love|prefer)\s+(?:you\s+)?to\s+{_ASK_FOR}"
    rf"|i\s+(?:also\s+|really\s+)?(?:want|need|wish)\s+(?:you\s+)?to\s+{_ASK_FOR}|i(?:'m|’m|\s+am)\s+(?:curious|wondering)"
    rf"|i\s+wonder|(?:do|would)\s+you\s+(?:happen\s+to\s+)?know|any\s+idea|remind\s+me|{_ASK_FOR})"
    r"(?:\s+(?:please|also|again))*[,:]?\s+"
)
AUXILIARY = frozenset(
    ["do", "does", "did", "was", "were", "am", "is", "are", "have", "has", "had", "will", "would", "can", "could"]
)
SUBJECTS = frozenset(["i", "we", "you", "he", "she", "they", "it", "my", "our", "there"])
_GOVERNING = frozenset(["of", "on", "in", "from", "with", "for", "at", "to", "by", "about"])

STARTS_WH = re.compile(rf"\s*(?:{PREPOSITION}\s+)?{WH}\b", re.IGNORECASE)
STARTS_REQUEST = re.compile(rf"\s*(?:please\s+|can you\s+|could you\s+)?{REQUEST}\b", re.IGNORECASE)
STARTS_AUXILIARY = re.compile(r"\s*(?:did|do|was|were|have)\s+(?:i|we)\b", re.IGNORECASE)
STARTS_NUMBER = re.compile(r"\s*(?:the\s+)?(?:total\s+)?(?:number|count|amount|total)\s+of\b", re.IGNORECASE)
_STARTS_PREPOSITION = re.compile(
    r"\s*(?:in|during|with|from|to|of|on|for|since|before|after|until)\s|\s*(?:since|before|after)(?:wards|hand)?\s*[?.!]*$",
    re.IGNORECASE,
)
_INDIRECT = re.compile(rf"^\s*{_TOLD}(?:also\s+)?(?={WH}\b|{PREPOSITION}\s+{WH}\b)", re.IGNORECASE)
_INDIRECT_CLAUSE = re.compile(
    rf"^\s*(?P<wh>(?:{PREPOSITION}\s+)?{WH}"
    r"(?:\s+(?!I\b|we\b|did\b|do\b|have\b|has\b|had\b|was\b|were\b|am\b|are\b|can\b|could\b|will\b|should\b)[\w'’-]+)"
    r"{0,6}?)\s+(?P<clause>(?:I|we)\s+(?:(?:first|last)\s+)?\w+.*)$",
    re.IGNORECASE,
)
# "Where I was that day", "how many there were", "when the trip was".
_COPULA = re.compile(
    rf"^\s*(?P<wh>{WH}(?:\s+(?:many|much|often|long)(?:\s+(?!I\b|we\b|there\b|the\b|my\b|it\b)[\w'’-]+)?)?)\s+"
    r"(?P<who>I|we|there|it|that|they|(?:the|my|our)\s+(?:[\w'’-]+\s+){0,4}?[\w'’-]+)\s+(?P<be>was|were|is|are)\b(?P<rest>.*)$",
    re.IGNORECASE,
)
_CONTRACTED = re.compile(r"\b(what|who|when|where|how|which)['’]s\b(?=\s)", re.IGNORECASE)
# "What was it in 2024", "what about 2024", "how about in May": the same again, of another time or name.
_AGAIN = re.compile(
    r"^\s*(?:and\s+)?(?:(?:what|how)\s+(?:is|was|were|are)\s+(?:it|that|this|they|those|these)|(?:what|how)\s+about)\s+"
    rf"(?=(?:{PREPOSITION}\s|\d{{4}}))",
    re.IGNORECASE,
)
_LED = re.compile(
    r"^\s*(?:(?:in|on|during|for|over|since|within|at|after|before|the)\s[^,]{2,40}"
    r"|afterwards?|later(?:\s+on)?|then|thereafter|subsequently|meanwhile|that\s+(?:day|week|month|year))\s*,\s*",
    re.IGNORECASE,
)
_LONGEST_BARE = 7


def uncontracted(text: str) -> str:
    """The text with what is for what's."""
    return _CONTRACTED.sub(r"\1 is", text)


def is_told(text: str) -> bool:
    """Whether a question is told after a lead: tell me who I met, I'd like to know when I moved."""
    return _INDIRECT.match(text) is not None or STARTS_REQUEST.match(text) is not None


def without_lead(text: str) -> str:
    """A clause without tell me and the like before a word of asking."""
    return _INDIRECT.sub("", text)


def without_time(text: str) -> str:
    """A clause without such a lead, and without a time that leads it."""
    return _LED.sub("", without_lead(text))


def again(text: str) -> str:
    """What is left of "what was it in 2024": in 2024; other clauses as they are."""
    return _AGAIN.sub("", text)


def direct(text: str) -> str:
    """An indirect question as a direct one: who I met in Porto, who did I meet in Porto."""
    if copula := _COPULA.match(text):
        parts = (copula.group(name) for name in ("wh", "be", "who"))
        return f"{' '.join(parts)}{copula.group('rest')}"
    match = _INDIRECT_CLAUSE.match(text)
    return f"{match.group('wh')} did {base_clause(match.group('clause'))}" if match else text


def is_asking(text: str, *, first: bool, indirect: bool = False) -> bool:  # noqa: PLR0911 - one line a form
    """Whether a clause asks: a request, an inverted question, a question of the subject, or bare words of asking."""
    text = without_time(text) if not first else text
    keys = [token.key for token in tokens(text)]
    if not keys:
        return False
    if STARTS_REQUEST.match(text) or STARTS_AUXILIARY.match(text) or is_told(text):
        return True
    if STARTS_NUMBER.match(text):
        return first or indirect
    if not first and is_bare(text):
        return True
    # "In March 2023, how many videos ..., and ..."
    is_led = not STARTS_WH.match(text)
    if is_led and (not first or not any(re.fullmatch(WH, key) for key in keys)):
        return False
    place = next(i for i, key in enumerate(keys) if re.fullmatch(WH, key))
    for before, key in zip(keys[place : place + 7], keys[place + 1 : place + 8], strict=False):
        if key in AUXILIARY:
            return True
        if key in SUBJECTS and before not in _GOVERNING:
            # "when we leave" is no question, but told after "tell me" it is one.
            return indirect
    return not is_led and (len(keys) > 2 or first)


def is_question(text: str) -> bool:
    """Whether a clause is a question by its form: a word of asking, then an inverted verb or its own."""
    return STARTS_WH.match(text) is not None and not is_bare(text) and is_asking(text, first=False)


def is_bare(text: str) -> bool:
    """Whether a clause has no verb of its own: and when, with whom, how many in 2024, how many of it, what about."""
    found = tokens(without_lead(text))
    keys = [token.key for token in found]
    starts = STARTS_WH.match(text) or _STARTS_PREPOSITION.match(text) or _AGAIN.match(text)
    if not keys or len(keys) > _LONGEST_BARE or not starts:
        return False
    if keys[0] in ("who", "what") and len(keys) > 1 and keys[1:] != ["about"] and not _AGAIN.match(text):
        return False
    return _AGAIN.match(text) is not None or not _verbs_and_subjects(found)


def _verbs_and_subjects(found: Sequence[Token]) -> bool:
    """Whether there is an auxiliary or a subject; a pronoun after a preposition is none."""
    keys = [token.key for token in found]
    return any(
        key in AUXILIARY or (key in SUBJECTS and before not in _GOVERNING)
        for before, key in zip(["", *keys], keys, strict=False)
    )
