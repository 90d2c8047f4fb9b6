"""Words of a question that bear on its figures and that nothing of its parameters reflects. Pure.

An answer that passes over "without", "before" or "the fewest" is wrong with confidence, so Gaia says what it
cannot read.
"""

import re
from collections.abc import Sequence
from typing import Any

# Parameters that hold what nothing explains: a time, a word, a name, what points back at nothing. Any figure would be
# that of something else.
NOT_UNDERSTOOD = ("lost", "unread", "unknown", "unresolved")
_STRUCTURED = ("count", "top", "timeline", "compare", "trend", "people", "places")
_BOUNDS = re.compile(
    r"\b(?:before|after|since|until|till|during|while|throughout|following|preceding|prior to|leading up to)\b",
    re.IGNORECASE,
)
_LOGGED = ("watch", "visit", "search", "listen", "app_use")
_BOUND_BY_DEED = re.compile(
    r"\bdid (?:i|we)\b.*\b(before|after|since|until|while|during)\b (?:i|we|my|our)\b", re.IGNORECASE
)
_ONE_BY_ONE = re.compile(
    r"\b(\w+) (?:after|by|to) \1\b|\bone after (?:the other|another)\b|\bin order of\b|\blook(?:ed|ing)? after\b",
    re.IGNORECASE,
)
_NEGATIONS = re.compile(
    r"\b(?:not|without|except|excluding|excepting|apart from|other than|leaving|ignoring|disregarding|but not|never"
    r"|didn't|don't|wasn't|isn't|nor|neither)\b",
    re.IGNORECASE,
)
_LEAST = re.compile(r"\b(?:least|fewest|lowest|rarest|seldom|rarely|minimum)\b", re.IGNORECASE)
_LENGTHS = re.compile(r"\b(?:longest|shortest)\b", re.IGNORECASE)
_MEANS = re.compile(r"\b(?:average[sd]?|mean|median|typical)\b", re.IGNORECASE)
_COMPARES = re.compile(
    r"\b(?:compared (?:with|to|against)|in comparison|versus|vs|as opposed to|in contrast)\b", re.IGNORECASE
)
# What something has that no parameter says of it.
_STATES = re.compile(
    r"\b(?:unread|unanswered|unopened|starred|flagged|archived|deleted|drafts?|attachments?|attached)\b", re.IGNORECASE
)
# "Which channels did I stop watching": what is no more is not what is most.
_ENDED = re.compile(r"\b(?:(?:stop(?:ped)?|quit|gave up) \w+ing|no longer|any ?more)\b", re.IGNORECASE)
# Quantities that nothing here adds up.
_QUANTITIES = re.compile(
    r"\bhow (?:much|many) (?:more )?(?:money|cash|euros?|dollars?|pounds|km|kilomet(?:re|er)s?|miles|calories|steps"
    r"|words|letters|characters|gigabytes|megabytes)\b",
    re.IGNORECASE,
)
_EACH = re.compile(
    r"\b(?:(?:in|for|of|on) )?(?:each|every)(?: single)? (?:day|week|month|quarter|year)\b"
    r"|\b(?:day|week|month|year) (?:by|after) (?:day|week|month|year)\b|\bper (?:day|week|month|quarter|year)\b",
    re.IGNORECASE,
)
_OFTEN = re.compile(r"\b(?:once|twice|thrice)\b(?! (?:in|during|on) )", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\w.])\d+(?![\w.])")
_LIMITS = re.compile(
    r"\b(?:more|less|fewer|longer|shorter|larger|bigger|smaller|older|newer|higher|lower|earlier|later)\s+than\b(?:\s+\w+)?"
    r"|\b(?:at least|at most|over|under|above|below)\s+(?:\d|an? |one\b|two\b|three\b|four\b|five\b|ten\b|half\b)",
    re.IGNORECASE,
)


def unread(question: str, parameters: dict[str, Any], route: str, covered: Sequence[tuple[int, int]]) -> str | None:
    """Return the first word that the parameters pass over, None where there is none.

    `covered` are the characters that times, names and quotations take.
    """
    open_text = _without(question, covered)
    if route == "search" and parameters.get("kind") in _LOGGED:
        # A search knows no bounds: what was done before something it does not tell.
        match = _BOUND_BY_DEED.search(open_text)
        return match.group(1) if match else None
    if route not in _STRUCTURED:
        return None
    checks = (
        (_NEGATIONS, bool(parameters.get("not")) or parameters.get("measure") == "distinct"),
        (_LEAST, False),
        (_LENGTHS, bool(parameters.get("size"))),
        (_MEANS, parameters.get("measure") == "average"),
        (_LIMITS, route == "compare"),
        (_COMPARES, route == "compare"),
        (_STATES, route == "trend" or _is_topic(parameters, open_text)),
        (_ENDED, False),
        (_QUANTITIES, False),
        (_EACH, route != "top"),
        (_OFTEN, parameters.get("measure") == "distinct" or route == "trend"),
        (_NUMBER, parameters.get("k") is not None),
    )
    for pattern, reflected in checks:
        if not reflected and (match := pattern.search(open_text)):
            return match.group()
    bound = _BOUNDS.search(_ONE_BY_ONE.sub(" ", open_text))
    return bound.group() if bound else None


def _is_topic(parameters: dict[str, Any], text: str) -> bool:
    """Whether a word for a state is what something is about: mails about drafts."""
    return (
        bool(parameters.get("quoted")) or re.search(r"\b(?:about|regarding|concerning|mention\w*)\b", text) is not None
    )


def _without(text: str, covered: Sequence[tuple[int, int]]) -> str:
    for i, j in sorted(covered):
        text = text[:i] + " " * (j - i) + text[j:]
    return text
