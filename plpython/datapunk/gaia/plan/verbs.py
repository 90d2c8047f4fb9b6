"""Clauses in the past and after did: I met most, did I meet most. Pure."""

import re

from datapunk.gaia.vocabulary import ASKING_WORDS, KIND_VERBS

# Irregular verbs of daily life, past and base form; regular ones are read in either.
_IRREGULAR = """
ate/eat became/become began/begin bought/buy brought/bring built/build came/come caught/catch chose/choose did/do
drank/drink drove/drive fell/fall felt/feel flew/fly forgot/forget found/find gave/give got/get grew/grow had/have
heard/hear held/hold kept/keep knew/know left/leave lent/lend lost/lose made/make met/meet paid/pay ran/run rode/ride
said/say sang/sing sat/sit saw/see sent/send slept/sleep sold/sell spent/spend spoke/speak stood/stand swam/swim
taught/teach thought/think told/tell took/take went/go won/win woke/wake wore/wear wrote/write
"""
_PAST = dict(pair.split("/") for pair in _IRREGULAR.split())
_BASES = frozenset(_PAST.values())


def base_clause(clause: str) -> str:
    """A clause in the past as it stands after did: I met most, I meet most."""
    words = clause.split()
    place = 2 if len(words) > 2 and words[1].lower() in ("have", "first", "last") else 1
    verb = words[place].lower() if place < len(words) else ""
    if not verb:
        return clause
    base = _PAST.get(verb) or _regular(verb) or words[place]
    kept = [word for word in words[1:place] if word.lower() != "have"]
    return " ".join([words[0], *kept, base, *words[place + 1 :]])


def from_gerund(words: str) -> str:
    """What follows "after": buying the grinder, as I buy the grinder."""
    verb, _, rest = words.partition(" ")
    stem = verb.lower()[:-3]
    forms = (f"{stem}e", stem, stem[:-1])
    known = next((form for form in forms if form in KIND_VERBS or form in ASKING_WORDS or form in _BASES), None)
    base = known or _spelled(stem)
    return f"I {base} {rest}".strip()


def _regular(verb: str) -> str | None:
    """The base form of a regular verb: one of those that questions ask by, else by spelling; None for others."""
    if not verb.endswith("ed") or len(verb) < 5:
        return None
    forms = (verb[:-2], verb[:-1], f"{verb[:-3]}y", verb[:-3])
    known = next((form for form in forms if form in KIND_VERBS or form in ASKING_WORDS), None)
    return known or _spelled(verb[:-2])


def _spelled(stem: str) -> str:
    """The base form from what is left without -ed: stopp, stop; mov, move; studi, study; adopt."""
    if stem.endswith("i"):
        return f"{stem[:-1]}y"
    if stem[-1] == stem[-2] and stem[-1] not in "lsz":
        return stem[:-1]
    is_short = re.fullmatch(r"[^aeiou]*[aeiou][^aeiouwxy]", stem) is not None
    return (
        f"{stem}e"
        if is_short or re.search(r"(?:[vczu]|dg|[^aeiou][aiou]s|[aeiou]ng|[^aeiouy]at|iz|ur)$", stem)
        else stem
    )
