"""The question as the router reads it: with names of the examples in place of the owner's."""

from collections.abc import Sequence

from datapunk.gaia.languages.reading import QUOTED
from datapunk.gaia.mentions import Name

_QUOTED_STANDS = "“Night trains”"
_STANDS = {
    "person": ("Anna", "Tom", "Sarah"),
    "channel": ("Guitar Corner", "Piano Corner", "Stone Talks"),
    "site": ("the forum", "the wiki", "the shop"),
}


def masked(question: str, names: Sequence[Name]) -> str:
    """Return the question with quotations and the names of people, channels and sites replaced."""
    spans = [(m.start(), m.end(), _QUOTED_STANDS) for m in QUOTED.finditer(question)]
    used: dict[str, int] = {}
    for name in sorted(names, key=lambda n: (n.start, n.field)):
        if name.field not in _STANDS or any(name.start < b and a < name.end for a, b, _ in spans):
            continue
        number = used.get(name.field, 0)
        used[name.field] = number + 1
        stand = _STANDS[name.field][number % len(_STANDS[name.field])]
        ending = "'s" if question[name.start : name.end].endswith(("'s", "’s")) else ""
        spans.append((name.start, name.end, stand + ending))
    text = question
    for start, end, stand in sorted(spans, reverse=True):
        text = text[:start] + stand + text[end:]
    return text
