"""A question with its language, the names in it, and how it is read."""

from dataclasses import dataclass, replace

from datapunk.db import Db, Row
from datapunk.gaia.languages import ENGLISH, language
from datapunk.gaia.languages.detection import language_of
from datapunk.gaia.languages.parting import Parted, may_part, part
from datapunk.gaia.languages.reading import Reading, parted, read
from datapunk.gaia.mentions import Name
from datapunk.gaia.names import known_names


@dataclass(frozen=True, kw_only=True)
class Heard:
    """A question as it is read, and the names in that reading."""

    reading: Reading
    names: tuple[Name, ...]


def hear(db: Db, question: str, context: Row, given: str | None, expected: str) -> Heard:
    """Read a question in the language `given`, or else in the one that its words tell, in doubt the `expected` one.

    Names are taken from the question before it is read, and tell nothing of its language.
    """
    code = given or language_of(question, expected)
    names = _names(db, question, context, code)
    if not given and names:
        told = language_of(question, expected, [(n.start, n.end) for n in names])
        if told != code:
            code, names = told, _names(db, question, context, told)
    if code == ENGLISH:
        return Heard(reading=read(question, code), names=tuple(names))
    reading = read(parted(question, code), code, [(n.start, n.end) for n in names])
    if not reading.text.strip():
        # Nothing but words that English does without: the question stays what it is.
        return Heard(reading=read(question, ENGLISH), names=())
    placed = []
    for name in names:
        start, end = reading.place_of(name.start, name.end)
        placed.append(replace(name, start=start, end=end))
    return Heard(reading=reading, names=tuple(placed))


def hear_parts(db: Db, question: str, context: Row, code: str) -> Parted | None:
    """The parts of a question in another language than English, each as it is read; None where it has one."""
    source = parted(question, code)
    if not may_part(source, code):
        return None
    names = known_names(db, source, context, read(source, code).text, language(code).genitive)
    return part(source, code, [(n.start, n.end) for n in names])


def _names(db: Db, question: str, context: Row, code: str) -> list[Name]:
    if code == ENGLISH:
        return known_names(db, question, context)
    source = parted(question, code)
    return known_names(db, source, context, read(source, code).text, language(code).genitive)
