"""Questions that ask the same of each of several: how many mails did A and B each send me. Pure."""

import re
from collections.abc import Sequence

from datapunk.gaia.plan.decompose import EACH
from datapunk.gaia.plan.draft import Side

_OF_EACH = re.compile(
    r"\b(?:for\s+)?(?:each|every one)(?:\s+of(?:\s+(?:them|these|those|the two))?)?\s*$", re.IGNORECASE
)
_POINTS = re.compile(r"\b(?:each|every one)(?:\s+of\s+(?:them|these|those|the two))?\b", re.IGNORECASE)


def of_one(text: str, sides: Sequence[Side]) -> str:
    """The text as it asks of the first side alone: how many mails did A send me."""
    first, last = sides[0], sides[-1]
    name = text[first.start : first.end]
    before, after = text[: first.start], text[last.end :]
    if re.match(r"\s*:", after):
        # "A and B: how many mails did each send me": they stand before what is asked.
        rest = re.sub(r"^\s*:\s*", "", after)
        return _POINTS.sub(name, rest, count=1) if _POINTS.search(rest) else f"{rest} {name}"
    before = _OF_EACH.sub("", before)
    lead = re.search(r"\bfor each of\s*$", text[: first.start], re.IGNORECASE)
    joined = f"{before}{'for ' if lead else ''}{name}{EACH.sub(' ', after)}"
    return " ".join(joined.split())
