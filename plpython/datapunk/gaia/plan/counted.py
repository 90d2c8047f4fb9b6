"""What clauses count: videos in "the day I watched most videos", and kinds of things strung together. Pure."""

import re

from datapunk.gaia.plan.verbs import base_clause
from datapunk.gaia.vocabulary import KIND_NOUNS

_KINDS_JOINED = re.compile(
    r"\b(?P<lead>how many|number of)\s+(?P<one>[a-z-]+)(?P<more>(?:\s*,\s*[a-z-]+)*)"
    r"\s*,?\s+and\s+(?:how many\s+|of\s+)?(?P<last>(?:page\s+(?=visits\b))?[a-z-]+)\b",
    re.IGNORECASE,
)


def counted(clause: str) -> str:
    """What is counted in "I watched most videos in 2024", or "with the most videos": videos did I watch in 2024."""
    said = re.sub(r"\b(?:with\s+)?(?:the\s+)?most(?:\s+of)?\b", " ", clause, flags=re.IGNORECASE)
    words = said.split()
    nouns = [word for word in words if KIND_NOUNS.get(word.lower())][:1]
    rest = [word for word in words if word not in nouns]
    if rest and rest[0].lower() in ("i", "we"):
        rest = ["did", *base_clause(" ".join(rest)).split()]
    return " ".join([*(nouns or ["things"]), *rest])


def kinds_apart(text: str) -> list[str]:
    """A question once for each kind of thing that it strings together: how many videos and searches in 2024."""
    match = _KINDS_JOINED.search(text)
    if match is None:
        return [text]
    nouns = [match.group("one"), *re.findall(r"[a-z-]+", match.group("more"), re.IGNORECASE), match.group("last")]
    kinds = [KIND_NOUNS.get(noun.lower().split()[-1]) for noun in nouns]
    if None in kinds or len(set(kinds)) < len(kinds):
        return [text]
    return [f"{text[: match.start()]}{match.group('lead')} {noun}{text[match.end() :]}" for noun in nouns]
