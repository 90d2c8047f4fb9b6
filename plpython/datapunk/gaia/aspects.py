"""How a question wants things counted: measure, unit, weekdays, hours of the day, what it leaves out. Pure."""

import re
from collections.abc import Sequence
from typing import Any

from datapunk.gaia import vocabulary as words

Span = dict[str, Any]

_MEASURES = (
    ("share", r"\bshare\b|\bpercent(?:age)?\b|\bper cent\b|\bproportion\b|\bfraction\b|\bhow (?:large|big"
    r"|much) (?:a |of a )?part\b|\d?%"),
    ("days", r"\b(?:how many|what number of|for how many) (?:such |different |distinct |separate |single )?"
    r"days\b(?! (?:ago|since|passed|have|is|was|went))"
             r"|\bhow many (?:were|are) the days\b|\b(?:number of|count the|different"
             r"|distinct) (?:the )?days\b(?! since)"
             r"|\bdays (?:on which|when|in which|that had|with an?)\b|\bdays\b[^,;?]{1,30} (?:when|on which) i\b"),
    ("average", r"\bon average\b|\baverage[sd]?\b|\bmean\b|\btypical\b|\bhow (?:many|often)\b.*\bper (?:day"
    r"|week|month|year)\b"
                r"|\bhow (?:many|often)\b[^,?]*\ba (?:day|week|month|year)\b"),
    ("duration", r"\bhow (?:many|much) (?:hours?|minutes?|time)\b|\bwhat time did (?!i\b)|\badd up the (?:time"
    r"|hours)\b|\bhow much of my time\b|\bfor how long\b"
    r"|\btime (?:that )?i (?:have )?spent\b|\bspen[dt] (?:more|less) (?:time|hours)\b"
    r"|\bhow long (?:did|were|was|have|do|are) (?!it\b|i been)"
                 r"|\btotal (?:time|duration|hours|length)\b|\bduration\b|\b(?:hours?|time) (?:spent|of (?:my"
                 r"|meetings?|appointments?|events?))\b"),
    ("distinct", r"\b(?:different|distinct|unique|separate|various)\b|\bcounted once\b|\beach\b[^,;?]{0,15}\bonce\b"
                 r"|\b(?:without|no|ignoring) (?:repeats|repetitions?|duplicates|doubles)\b"
                 r"|\bnot counting (?:any|them|one) twice\b"),
)  # fmt: skip
_PATTERNS = tuple((name, re.compile(pattern, re.IGNORECASE)) for name, pattern in _MEASURES)
_UNIT = re.compile(
    r"\b(?:per|by(?: the)?|each|every|an?|average|mean|typical|in an average|over the|from|after)\s+(day|week|month"
    r"|quarter|year)s?\b"
    r"|\b(day|week|month|quarter|year)\s+(?:by|after|to|on)\s+(?:day|week|month|quarter|year)\b"
    r"|\bone (day|week|month|quarter|year) to the next\b"
    r"|\b(dai|week|month|quarter|year|annual)ly\b|\b(annual)\b",
    re.IGNORECASE,
)
_UNITS = {"dai": "day", "annual": "year"}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# What only some questions need is compiled when it is needed first, by the cache of re.
_REPEATED = (
    rf"(?i)\b(?:on\s+)?(?:({'|'.join(_WEEKDAYS)})(?:s|(?=\s+(?:morning|evening|night|afternoon)s\b))"
    rf"|(?:an?|every|each)\s+({'|'.join(_WEEKDAYS)}))\b"
)
_WEEKENDS = r"(?i)\b(?:on|at|over) (?:the )?weekends\b|\bon weekend days\b"
_WORKDAYS = r"(?i)\bon (?:weekdays|workdays|working days)\b"
_HOURS = (
    ("evening", r"(?i)\b(?:in the|every|on) evenings?\b|day evenings?\b", (18, 23)),
    ("morning", r"(?i)\b(?:in the|every) mornings?\b|day mornings?\b", (5, 12)),
    ("afternoon", r"(?i)\b(?:in the|every) afternoons?\b|day afternoons?\b", (12, 18)),
    ("night", r"(?i)\b(?:at|by|during the) nights?\b|day nights?\b", (22, 5)),
)
_WITHOUT = (
    r"(?i)\b(?:not (?:from|by|of|on|with|counting|including|to)|without|ignor(?:e|ing)|disregard(?:ing)?"
    r"|skip(?:ping)?|except(?:ing)?(?: for| from)?|excluding|apart from|"
    r"others? than|(?:any|every)(?:one|body|thing) but|all but|"
    r"leaving (?:out|aside)|leave out|besides|but not|but(?= (?:those|the ones|the videos"
    r"|that) (?:of|from|by))|minus|no)\s+(?:(?:the|those|that|from|by|of|on|with|"
    r"videos?|mails?|emails?|visits?|pages?|meetings?|channels?|sites?)\s+){0,3}$"
)


def measure(text: str) -> str:
    """Return what is measured: count, share, average, duration, days or distinct."""
    return next((name for name, pattern in _PATTERNS if pattern.search(text)), "count")


def unit(text: str) -> str | None:
    """Return the unit of an average or a trend (day, week, month, quarter, year), None where none is named."""
    found = [next(g for g in m.groups() if g).lower() for m in _UNIT.finditer(text)]
    return _UNITS.get(found[-1], found[-1]) if found else None


def trend_unit(text: str, spans: Sequence[Span]) -> str:
    """Return the step of a trend: what the question says, else what suits its time."""
    named = unit(_without(text, spans))
    if not named and (
        over := re.search(r"\b(?:over|across|through) the (day|week|month|quarter|year)s\b", text, re.IGNORECASE)
    ):
        named = over.group(1).lower()
    if named:
        return named
    closed = next((s for s in spans if s["start"] and s["end"]), None)
    if closed is None:
        return "month"
    days = _days(closed)
    return "day" if days <= 31 else "week" if days <= 70 else "month" if days <= 1200 else "year"


def _days(span: Span) -> int:
    from datetime import datetime

    return (datetime.fromisoformat(span["end"]) - datetime.fromisoformat(span["start"])).days


def _without(text: str, spans: Sequence[Span]) -> str:
    for span in spans:
        i, j = span["span"]
        text = text[:i] + " " * (j - i) + text[j:]
    return text


def weekdays(text: str, spans: Sequence[Span]) -> tuple[list[int], list[Span]]:
    """Return the weekdays (1 for Monday) that a question is limited to, and the time expressions that are left.

    "On Mondays" and "on a Monday" are limits; "on Monday" is a day.
    """
    found: list[int] = []
    taken: list[tuple[int, int]] = []
    for match in re.finditer(_REPEATED, text) if "day" in text.lower() else ():
        found.append(_WEEKDAYS.index((match.group(1) or match.group(2)).lower()) + 1)
        taken.append(match.span())
    left = [s for s in spans if not any(a < s["span"][1] and s["span"][0] < b for a, b in taken)]
    if "weekend" in text.lower() and re.search(_WEEKENDS, text):
        found += [6, 7]
    if "days" in text.lower() and re.search(_WORKDAYS, text):
        found += [1, 2, 3, 4, 5]
    return sorted(set(found)), left


def hours(text: str) -> tuple[int, int] | None:
    """Return the hours of the day that a question is limited to, the second excluded."""
    lower = text.lower()
    return next((between for word, pattern, between in _HOURS if word in lower and re.search(pattern, text)), None)


_ASIDE = re.compile(r"\b(?:leav(?:e|ing)|put(?:ting)?|set(?:ting)?)\s+(?:the\s+)?$", re.IGNORECASE)
_NOT_AFTER = (
    r"(?i)\s*(?:left (?:out|aside)|excluded|removed|not (?:counted|included)|did not|didn't|is not|isn't"
    r"|does not count|doesn't count|has not"
    r"|hasn't|was not|wasn't)\b"
)


def is_left_out(text: str, start: int, end: int) -> bool:
    """Whether the question leaves out the name from `start` to `end`."""
    if re.search(_WITHOUT, text[:start]) or re.match(_NOT_AFTER, text[end:]):
        return True
    return bool(_ASIDE.search(text[:start]) and re.match(r"\s*(?:aside|out|apart)\b", text[end:], re.IGNORECASE))


#: What a ranking of times is of.
TIMES = ("hour", "weekday", "day", "week", "month", "quarter", "year")
_WHICH_TIME = (
    r"(?i)\b(?:which|what)\s+(?:\w+\s+)?(day of the week|weekday|hour|time of (?:the )?day|day|week|month|quarter"
    r"|year)s?\b"
    r"(?=.*\b(?:most|busiest|highest|largest|best|oftenest)\b)"
    r"|\b(?:busiest|top|best|strongest)\s+(weekday|hour|day|week|month|quarter|year)s?\b"
)


_ANY_TIME = r"(?i)\b(?:which|what)\s+(weekday|hour|day|week|month|quarter|year)s?\b()"


def time_group(text: str, *, bounded: bool = False) -> str | None:
    """Return the unit of time that a ranking is of: which month had the most; None where it is of other things.

    `bounded` says that it is of those that had so many.
    """
    match = re.search(_WHICH_TIME, text) or (re.search(_ANY_TIME, text) if bounded else None)
    if match is None:
        return None
    said = (match.group(1) or match.group(2)).lower()
    return {"day of the week": "weekday", "time of day": "hour", "time of the day": "hour"}.get(said, said)


_STEPWISE = (
    r"(?i)\b(?:each|every|for every|in every) (?:single )?(?:day|week|month|quarter|year)\b"
    r"|\b(day|week|month|year) by \1\b"
    r"|\bby (?:day|week|month|quarter|year)\b|\b(?:month|year|week)s?,? one after (?:the other|another)\b"
)


_SIZE = re.compile(
    r"\b(?:the |only |just )+(long|short)(?:er|est)? (?:ones|mails?|emails?|messages?|notes?|meetings?|events?"
    r"|appointments?|documents?)\b"
)


def size(lower: str) -> str | None:
    """Return long or short where a question is limited to things of that length."""
    match = _SIZE.search(lower)
    return match.group(1) if match else None


_COUNTED = r"(?:\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten)"
_LISTING = re.compile(
    r"^\s*(?:please |can you |could you )?"
    r"(?:find|show|list|get|give|fetch|bring up|pull up|search for|look for|display)"
    r"(?: me| us)?(?: only| just)?"
    rf"(?: all| any| every| the| my| our| of| latest| newest| last| oldest| first| {_COUNTED})*"
    r" (?:mails|e-?mails|letters|newsletters|messages|chats|videos|clips|pages|websites|sites|articles|searches|events"
    r"|meetings|appointments|notes|documents|photos|purchases|songs|tracks|tasks)\b"
)


_WHICH = re.compile(
    r"^\s*(?:which|what) (?:of my )?(?:mails|e-?mails|messages|videos|clips|pages|articles|notes|documents"
    r"|photos|events) (?:about|on|with|of|from|mention|mentioned)\b"
)


def listing(lower: str) -> str | None:
    """Return how a list of things is to lie where a question asks for one: best, newest or oldest first; else None."""
    if not _LISTING.search(lower) and not _WHICH.search(lower):
        return None
    if re.search(r"\b(?:newest|latest|most recent|last)\b", lower):
        return "newest"
    return "oldest" if re.search(r"\b(?:oldest|earliest)\b", lower) else "best"


def is_stepwise(text: str) -> bool:
    """Whether a figure is wanted for each day, week, month or year."""
    return re.search(_STEPWISE, text) is not None


def limit(question: str, spans: Sequence[Span]) -> int | None:
    """A number that says how many are wanted: "top 5", "three channels"; not one inside of a time expression."""
    covered = [tuple(s["span"]) for s in spans]
    for match in re.finditer(rf"\b({_COUNTED})\b", question, re.IGNORECASE):
        if any(a <= match.start() < b for a, b in covered) or match.group().lower() == "one":
            continue
        before = question[: match.start()].lower().rstrip()
        after = question[match.end() :].lower()
        if before.endswith(
            ("top", "best", "first", "me", "my", "the", "which", "what", "list", "recommend", "suggest", "name", "next")
        ) or re.match(
            r"\s+(?:\w+\s+){0,2}(?:channels?|sites?|websites?|people|persons?|searches|videos?|pages?|things|suggestions"
            r"|mails?|results|places|locations)\b",
            after,
        ):
            number = words.NUMBERS.get(match.group().lower()) or int(match.group())
            return max(1, min(number, 100))
    return None
