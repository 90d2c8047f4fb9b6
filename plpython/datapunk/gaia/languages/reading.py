"""A question as Gaia reads it: its words of asking in English, whatever its language. Pure.

Kinds of things, times, measures and forms of asking are few in any language; a language's data file says what each
means. Names, quotations and what a question is about stay as they are written.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from datapunk.gaia.languages import ENGLISH, OPAQUE, Language, language

QUOTED = re.compile(r"[\"“”„«»]([^\"“”„«»]{2,200})[\"“”„«»]")


@dataclass(frozen=True, kw_only=True)
class Piece:
    """Characters [start, end) of a reading, which stand for [first, last) of the question; `same` if unchanged."""

    start: int
    end: int
    first: int
    last: int
    same: bool


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A question, its language, what Gaia reads in it, and how the two lie to each other."""

    question: str
    language: str
    text: str
    pieces: tuple[Piece, ...] = ()

    def worded(self, part: str) -> str:
        """Return a part of the reading in the words of the question; what is not in it stays as it is."""
        if not self.pieces or not part:
            return part
        at = self.text.find(part)
        return part if at < 0 else self.original(at, at + len(part))

    def original(self, start: int, end: int) -> str:
        """Return what the question says for characters [start, end) of the reading."""
        first, last = self._place(start, end)
        return self.question[first:last].strip()

    def _place(self, start: int, end: int) -> tuple[int, int]:
        found = []
        partly: list[tuple[int, int]] = []
        for piece in self.pieces:
            if piece.start < end and start < piece.end:
                if piece.same:
                    found.append((piece.first + max(0, start - piece.start), piece.last - max(0, piece.end - end)))
                elif self.text[max(start, piece.start) : min(end, piece.end)].strip():
                    # A word of what several say together ("did I search for" 2024) stands for none of theirs.
                    is_whole = (
                        start <= piece.start and piece.start + len(self.text[piece.start : piece.end].rstrip()) <= end
                    )
                    (found if is_whole else partly).append((piece.first, piece.last))
        found = found or partly
        return (min(a for a, _ in found), max(b for _, b in found)) if found else (0, 0)

    def place_of(self, first: int, last: int) -> tuple[int, int]:
        """Return where the reading holds characters [first, last) of the question that it left as they are."""
        for piece in self.pieces:
            if piece.same and piece.first <= first and last <= piece.last:
                return piece.start + first - piece.first, piece.start + last - piece.first
        return first, last


def read(question: str, code: str, kept: Iterable[tuple[int, int]] = ()) -> Reading:
    """Read a question in a language; the characters `kept`, and quotations, stay as they are."""
    if code == ENGLISH:
        return Reading(question=question, language=code, text=question)
    spoken = language(code)
    source = question.replace("’", "'")
    for first, last in [*kept, *(m.span() for m in QUOTED.finditer(question))]:
        source = source[:first] + OPAQUE * (last - first) + source[last:]
    text = ""
    pieces: list[Piece] = []
    for said, first, last in _said(spoken, source, 0, len(source), 0):
        same = said is None
        part = question[first:last] if said is None else said
        # Parts that changed their place leave no two spaces, and none before a full stop.
        skipped = int(part.startswith(" ") and (not text or text.endswith(" ")))
        part = part[skipped:]
        if text.endswith(" ") and part[:1] in (".", "?", "!", ",", ";") and pieces:
            text = text[:-1]
            pieces[-1] = replace(pieces[-1], end=pieces[-1].end - 1, last=pieces[-1].last - pieces[-1].same)
        if not part:
            continue
        at = first + skipped if same else first
        pieces.append(Piece(start=len(text), end=len(text) + len(part), first=at, last=last, same=same))
        text += part
    return Reading(question=question, language=code, text=text.rstrip(), pieces=tuple(pieces))


def parted(question: str, code: str) -> str:
    """Return a question with the hyphens gone that join a name with a word, as in Tokyo-Reise; no character moves."""
    compound = language(code).compound if code != ENGLISH else None
    return compound.sub(" ", question) if compound else question


Part = tuple[str | None, int, int]


def _said(spoken: Language, source: str, first: int, last: int, rule: int) -> Iterator[Part]:
    """Yield what each part of the source says, None for itself, with its characters."""
    for number in range(rule, len(spoken.rules)):
        match = spoken.rules[number].pattern.search(source, first, last)
        if match is None or match.start() == match.end():
            continue
        yield from _said(spoken, source, first, match.start(), number + 1)
        yield " ", match.start(), match.start()
        for part in spoken.rules[number].template:
            if isinstance(part, str):
                yield part, match.start(), match.end()
                continue
            start, end = match.span(part.number)
            if part.as_is:
                yield None, start, end
            elif start >= 0:
                yield from _said(spoken, source, start, end, number + 1)
        yield " ", match.end(), match.end()
        yield from _said(spoken, source, match.end(), last, number)
        return
    yield from _by_words(spoken, source, first, last)


def _by_words(spoken: Language, source: str, first: int, last: int) -> Iterator[Part]:
    at = first
    for match in spoken.known.finditer(source, first, last) if spoken.known else ():
        if at < match.start():
            yield None, at, match.start()
        english = spoken.words[" ".join(match.group().lower().split())]
        # What means nothing more in English leaves nothing.
        yield (english if english != "-" else ""), match.start(), match.end()
        if not match.group()[-1].isalnum():
            yield " ", match.end(), match.end()
        at = match.end()
    if at < last:
        yield None, at, last


def readings(texts: Sequence[str], codes: Sequence[str]) -> list[str]:
    """Return how each text is read in its language."""
    return [read(text, code).text for text, code in zip(texts, codes, strict=True)]
