"""Names of figures, alike for what Google Fit writes as tables (in the person's language) and as JSON."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from datapunk.lake.geo import number
from datapunk.lake.record import Measurement
from datapunk.lake.text import fold

_HEADER = re.compile(r"(?P<words>.*?)\s*(?:\((?P<unit>[^()]*)\))?")
_PLAIN = re.compile(r"[^a-z0-9]+")
_MOST = {
    "average": "", "avg": "", "durchschnittlich": "", "durchschnitts": "", "mittlere": "", "ø": "",
    "maximum": "max", "maximal": "max", "max": "max", "höchst": "max",
    "minimum": "min", "minimal": "min", "min": "min", "mindest": "min",
}  # fmt: skip
# German joins the words; the short forms stand alone, for "minutes" and "Minuten" begin alike.
_PREFIX = re.compile(
    r"(?:(?P<long>durchschnitts|höchst|mindest)(?=\w{3})"
    r"|(?P<word>average|avg|durchschnittlich|mittlere|ø|maximum|maximal|max|minimum|minimal|min)(?:e[rsn]?)?[.\s]+(?=\w))"
)
# What the words of a column, without those of _MOST and the unit, are called here.
_WORDS = {
    "step count": "steps", "schrittzahl": "steps", "schrittanzahl": "steps", "schritte": "steps",
    "anzahl der schritte": "steps", "anzahl schritte": "steps",
    "move minutes count": "move_minutes", "move minutes": "move_minutes", "bewegungsminuten": "move_minutes",
    "anzahl der bewegungsminuten": "move_minutes", "aktive minuten": "move_minutes",
    "anzahl der aktiven minuten": "move_minutes", "minuten in bewegung": "move_minutes",
    "kardiopunkte": "heart_points", "kardiominuten": "heart_minutes",
    "kalorien": "calories", "distanz": "distance", "strecke": "distance", "entfernung": "distance",
    "herzfrequenz": "heart_rate", "geschwindigkeit": "speed", "gewicht": "weight", "größe": "height",
    "sleep duration": "sleep", "sleeping duration": "sleep", "schlafdauer": "sleep", "schlaf": "sleep",
    "inactive duration": "inactive", "inaktivität": "inactive", "gehen": "walking", "laufen": "running",
    "radfahren": "cycling", "biking": "cycling", "biking duration": "cycling",
}  # fmt: skip
_DURATION = re.compile(r"^dauer(?:\s+(?:der|des|von))?\s+|[\s–-]*\b(?:duration|dauer)$")
# Zero is a figure of these; of the others (a heart rate, a weight, a night) it says that there is none.
_COUNTS = frozenset(("steps", "calories_kcal", "distance_m", "move_minutes", "heart_points", "heart_minutes"))
_MINUTES = frozenset(("move_minutes", "heart_minutes"))
_NO_FIGURES = ("latitude", "longitude", "breitengrad", "längengrad")


class Metric(NamedTuple):
    """What a column holds: the name of its figures, their unit, and what to divide them by."""

    name: str
    unit: str
    divisor: int = 1


@lru_cache(maxsize=512)
def metric(header: str) -> Metric | None:
    """Return the metric of a column, as "Average heart rate (bpm)"; None for one without figures.

    Durations in ms become hours. A column that is not known keeps its own words as name.
    """
    found = _HEADER.fullmatch(unicodedata.normalize("NFC", fold(header)).strip())
    if found is None:
        return None
    words, unit = " ".join(found["words"].casefold().split()), found["unit"] or ""
    if not unit.isprintable():
        unit = ""
    if not words or any(word in words for word in _NO_FIGURES):
        return None
    most = ""
    if words not in _WORDS and (prefix := _PREFIX.match(words)):
        most, words = _MOST[prefix["long"] or prefix["word"]], words[prefix.end() :]
    name = _WORDS.get(words)
    if unit == "ms":
        stage = _DURATION.sub("", words)
        return Metric(f"{name or slug(_WORDS.get(stage, stage))}_h", "h", 3_600_000)
    parts = [name or slug(words), most, slug(unit)]
    full = "_".join(part for part in parts if part)
    return Metric(full, "min" if full in _MINUTES else unit) if full else None


def slug(words: str) -> str:
    """Return words as part of a name: letters without their accents, digits, underscores."""
    decomposed = unicodedata.normalize("NFKD", words.replace("ß", "ss"))
    plain = "".join(character for character in decomposed if not unicodedata.combining(character))
    return _PLAIN.sub("_", plain.casefold()).strip("_")


def figures(cells: Mapping[str, str], starts_at: datetime, ends_at: datetime, source: str) -> Iterator[Measurement]:
    """Yield the figures of a row; none where all are zero, for so an interval without data is written.

    Raises ValueError for a cell that is not empty and no number.
    """
    found: list[Measurement] = []
    for header, cell in cells.items():
        kind = metric(header)
        if kind is None or not cell.strip():
            continue
        value = number(cell.strip().replace(",", ".") if "." not in cell else cell.strip())
        if value is None:
            raise ValueError(f"{header}: no number: {cell!r:.80}")
        found.append(Measurement(kind.name, starts_at, ends_at, value / kind.divisor, kind.unit, source))
    if any(figure.value for figure in found):
        yield from (figure for figure in found if figure.value or figure.metric in _COUNTS)
