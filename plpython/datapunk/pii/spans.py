"""Spans of personal data: which of those that overlap is kept, how long texts are cut, what a mask makes of them."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

# What recognisers cost grows with the text, some of it faster than that.
WINDOW = 20_000
# Longer than anything that is looked for, with the words before it that make it likely.
OVERLAP = 500
_BLANK = re.compile(r"\s")


class Span(NamedTuple):
    """Personal data in a text: from `start` to `end` (not included), in characters from 0.

    `type` is presidio's name, as EMAIL_ADDRESS; `score` from 0 to 1; `recogniser` is who found it.
    """

    start: int
    end: int
    type: str
    score: float
    recogniser: str


def windows(text: str) -> Iterator[tuple[int, str]]:
    """Yield the pieces of a text, which overlap, and where each begins; they are cut at blanks where there are any."""
    start = 0
    while len(text) - start > WINDOW:
        cut = start + WINDOW
        blank = next((m.start() for m in _BLANK.finditer(text, cut - OVERLAP // 2, cut)), cut)
        yield start, text[start:blank]
        begin = blank - OVERLAP
        start = next((m.end() for m in _BLANK.finditer(text, begin, blank - OVERLAP // 2)), begin)
    yield start, text[start:]


def without_overlaps(spans: Iterable[Span]) -> list[Span]:
    """Return the surest span of each place, of equally sure ones the longest, in the order of the text."""
    kept: list[Span] = []
    for span in sorted(set(spans), key=lambda one: (-one.score, one.start - one.end, one)):
        if all(span.end <= other.start or span.start >= other.end for other in kept):
            kept.append(span)
    return sorted(kept)


def mask(text: str, spans: Iterable[Span]) -> str:
    """Return the text with each span replaced by its type, as in <EMAIL_ADDRESS>; spans do not overlap."""
    parts: list[str] = []
    at = 0
    for span in sorted(spans):
        parts += (text[at : span.start], f"<{span.type}>")
        at = span.end
    return "".join(parts) + text[at:]
