"""What a question asks beside what is answered: no part of it is passed over without a word. Pure."""

import re

from datapunk.gaia.mentions import quotations, tokens
from datapunk.gaia.plan.asking import STARTS_WH, is_asking, is_bare, is_told, without_lead, without_time
from datapunk.gaia.plan.decompose import JOINT, decompose
from datapunk.gaia.vocabulary import GROUPS, KIND_NOUNS

# What a comparison tells in any case.
_TOLD_ANYWAY = re.compile(r"\s*(?:by|and)?\s*(?:by\s+)?how\s+(?:much|many)(?:\s+more)?\s*[?.!]*$", re.IGNORECASE)
_SHORTEST = 2
_PAUSE = re.compile(r"[,;:.?!–—]\s")


def leftover(question: str) -> list[str]:
    """Return the questions after the first one that a question of one part asks too; none where it asks one thing."""
    parts = [part for part in decompose(question) if not part.is_support]
    if len(parts) > 1:
        return [part.text.rstrip("?.! ") for part in parts[1:]]
    text = question.strip()
    quoted = quotations(text)
    is_indirect = is_told(text)
    found: list[str] = []
    for match in JOINT.finditer(text):
        left, is_joined = text[: match.start()], re.search(r"\w|[?.;!]", match.group()) is not None
        # After a comma alone comes what is asked of the time or name before it.
        if not is_joined or len(left.split()) < _SHORTEST or any(i <= match.start() < j for i, j in quoted):
            continue
        following = JOINT.search(text, match.end())
        said = text[match.end() : following.start() if following else len(text)]
        # "Was there a day when ..., and which?" asks the same.
        is_same = is_bare(said) and not STARTS_WH.match(without_time(left))
        if not is_same and not _TOLD_ANYWAY.match(said) and is_asking(said, first=False, indirect=is_indirect):
            found.append(without_lead(said).rstrip("?.! "))
    return found


def may_ask_more(question: str) -> bool:
    """Whether things are named in two stretches of a question between pauses: it may ask for more than its clauses say.

    That is no reading of it; it tells where another reader is worth asking.
    """
    naming = [
        part for part in _PAUSE.split(question) if any(t.key in KIND_NOUNS or t.key in GROUPS for t in tokens(part))
    ]
    return len(naming) > 1
