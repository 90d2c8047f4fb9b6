"""Questions of several parts in other languages: taken apart at their joints, each part read by itself. Pure.

What points back (davon, ce jour-là, después) is said in English for the grammar of plans: of things and people in its
place, of times at the end.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from datapunk.gaia.languages import Parting, language
from datapunk.gaia.languages.reading import QUOTED, Reading, read

_END = re.compile(r"[\s?.!;,¿¡]+$")


@dataclass(frozen=True, kw_only=True)
class Parted:
    """A question in English as its parts are joined, and how the question words them.

    `said` are its parts in both languages; `pointing` the words of the question for those that point back.
    """

    text: str
    said: tuple[tuple[str, str], ...]
    readings: tuple[Reading, ...]
    pointing: tuple[tuple[str, str], ...]

    def worded(self, part: str) -> str | None:
        """Return words of the English text as the question has them; None where they are none of it."""
        bare = part.strip(" ?.!")
        for english, own in (*self.said, *self.pointing):
            if english.lower() == bare.lower():
                return own
        return next((r.worded(part) for r in self.readings if part and part in r.text), None)


def may_part(question: str, code: str) -> bool:
    """Whether a second question may begin in a question."""
    parting = language(code).parting
    return parting is not None and any(match.start() for match in parting.joint.finditer(question))


def part(question: str, code: str, names: Sequence[tuple[int, int]]) -> Parted | None:
    """Return the parts of a question in a language; None where it has one. `names` are kept as they are written."""
    parting = language(code).parting
    if parting is None:
        return None
    pieces = _pieces(question, parting, names)
    if len(pieces) < 2:
        return None
    said: list[tuple[str, str]] = []
    readings: list[Reading] = []
    pointing: list[tuple[str, str]] = []
    for number, (start, end) in enumerate(pieces):
        own = question[start:end]
        kept = [(a - start, b - start) for a, b in names if start <= a and b <= end]
        ends: list[str] = []
        if number:
            own, kept, ends = _without_times(own, kept, parting, pointing)
        marks = _marks(own, kept, parting) if number else []
        reading = read(own, code, [*kept, *((a, b) for a, b, _ in marks)])
        english = reading.text
        for a, b, word in marks:
            pointing.append((word, own[a:b]))
            english = english.replace(own[a:b], word, 1)
        readings.append(reading)
        text = " ".join([_END.sub("", english).strip(" ¿¡"), *ends])
        said.append((text, _END.sub("", question[start:end]).strip(" ¿¡")))
    joined = "? And ".join(text for text, _ in said) + "?"
    return Parted(text=joined, said=tuple(said), readings=tuple(readings), pointing=tuple(pointing))


def _pieces(question: str, parting: Parting, names: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    taken = [*names, *(m.span() for m in QUOTED.finditer(question))]
    found: list[tuple[int, int]] = []
    begin = 0
    for match in parting.joint.finditer(question):
        if match.start() > begin and not any(a <= match.start() < b for a, b in taken):
            found.append((begin, match.start()))
            begin = match.end()
    return [*found, (begin, len(question))]


def _without_times(
    own: str, kept: Sequence[tuple[int, int]], parting: Parting, pointing: list[tuple[str, str]]
) -> tuple[str, list[tuple[int, int]], list[str]]:
    """The piece with blanks for times that point back; what they say in English, for its end."""
    ends: list[str] = []
    for pattern, word in parting.times:
        match = pattern.search(own)
        if match and not any(a < match.end() and match.start() < b for a, b in kept):
            pointing.append((word, match.group()))
            ends.append(word)
            own = own[: match.start()] + " " * (match.end() - match.start()) + own[match.end() :]
            break
    return own, list(kept), ends


def _marks(own: str, kept: Sequence[tuple[int, int]], parting: Parting) -> list[tuple[int, int, str]]:
    found: list[tuple[int, int, str]] = []
    for pattern, word in parting.places:
        for match in pattern.finditer(own):
            if not any(a < match.end() and match.start() < b for a, b in [*kept, *((f[0], f[1]) for f in found)]):
                found.append((match.start(), match.end(), word))
    return sorted(found)
