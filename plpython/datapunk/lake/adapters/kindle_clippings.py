"""Kindle: My Clippings.txt, to which the device adds each highlight, note and bookmark as text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo

from datapunk.clock import zone
from datapunk.lake.highlights import highlight
from datapunk.lake.localised_time import Reading, instant
from datapunk.lake.names import last_part, named
from datapunk.lake.record import Context, Found, Record
from datapunk.lake.registry import BY_NAME, SURE
from datapunk.lake.samples import rejected_bytes
from datapunk.lake.stream import MemberStream
from datapunk.lake.tabular import Decoder
from datapunk.lake.text import fold, normal

NAME = "kindle"
VERSION = "1"

_NAMES = named("My Clippings.txt", "Meine Clips.txt", "Mis recortes.txt", "Mes coupures.txt", "Mijn knipsels.txt")
_END = "=========="
_BOOKMARK = re.compile(r"bookmark|lesezeichen|marcador|signet|marque-page|segnalibro|bladwijzer")
_NOTE = re.compile(r"\bnote\b|\bnotiz\b|\bnota\b|\bnotitie\b")
_HIGHLIGHT = re.compile(
    r"highlight|markierung|subrayado|surlign|evidenziazione|destaque|markering"
    r"|\bclip|ausschnitt|recorte|coupure|article"
)
_LOCATION = re.compile(
    r"(?:location|loc\.|position|posici[oó]n|emplacement|posizione|posi[cç][aã]o|locatie)\s*(\d+)(?:\s*[-–]\s*(\d+))?"
)
_PAGE = re.compile(r"(?:page|seite|p[aá]gina)\s+([\divxlc]+)(?:\s*[-–]\s*([\divxlc]+))?")
_WORK = re.compile(r"(?P<title>.+?)\s*\((?P<author>[^()]*(?:\([^()]*\)[^()]*)*)\)$")
_WORDS_BEFORE_DATE = 6


def claims(member: str, head: bytes) -> float:
    """Claim what begins with the name of a work and a line on what was marked in it."""
    if not head:
        return BY_NAME if last_part(member) in _NAMES else 0.0
    lines = [line.strip() for line in head[:4096].decode("utf-8", "replace").splitlines() if line.strip()]
    if len(lines) < 2 or not lines[1].startswith("- ") or not _kind(lines[1]):
        return 0.0
    return SURE if _END.encode() in head or last_part(member) in _NAMES else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("documents/My Clippings.txt (and other languages)",)


@dataclass(slots=True)
class _Clipping:
    """An entry of the file; `start` and `end` are locations, or pages where there are none."""

    kind: str
    work: str
    author: str
    text: str
    page: str
    location: str
    start: int
    end: int
    when: Reading | None
    note: str = ""


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield the highlights when all is read: a note joins its passage, a passage marked anew replaces the older one.

    The file holds what one person marks by hand, so it is small.
    """
    own_zone = zone(context.timezone)
    highlights: dict[tuple[str, str], list[_Clipping]] = {}
    notes: list[_Clipping] = []
    decoder = Decoder()
    for offset, raw in _entries(stream):
        try:
            clipping = _clipping(decoder.decode(raw), own_zone)
        except ValueError as exc:
            yield rejected_bytes(f"not a clipping: {exc}", raw, offset)
            continue
        if clipping.kind == "note" and clipping.text:
            notes.append(clipping)
        elif clipping.kind == "highlight" and clipping.text:
            _take(highlights.setdefault((clipping.work, clipping.author), []), clipping)
    for note in notes:
        marked = _passage_of(note, highlights.get((note.work, note.author), []))
        if marked is None:
            yield _record(note)
        else:
            marked.note = f"{marked.note}\n{note.text}" if marked.note else note.text
    for passages in highlights.values():
        yield from map(_record, passages)


def _entries(stream: MemberStream) -> Iterator[tuple[int, bytes]]:
    """Yield each entry and its place; the last one may lack its end."""
    begin, lines = stream.position, list[bytes]()
    for offset, line in stream.lines():
        if line.startswith(_END.encode()):
            if any(part.strip() for part in lines):
                yield begin, b"\n".join(lines)
            lines = []
            continue
        if not lines:
            begin = offset
        lines.append(line)
    if lines and not lines[-1].strip(b"=\r"):
        lines.pop()
    if any(part.strip() for part in lines):
        yield begin, b"\n".join(lines)


def _clipping(text: str, own_zone: tzinfo) -> _Clipping:
    work, _, rest = text.strip().strip("\ufeff").partition("\n")
    about, _, passage = rest.strip().partition("\n")
    kind = _kind(about)
    if not about.startswith("-") or not kind:
        raise ValueError("its second line does not say what was marked")
    parts = [fold(part).strip() for part in about.split("|")]
    lower = " | ".join(parts).casefold()
    page, location = _PAGE.search(lower), _LOCATION.search(lower)
    start, end = _range(location or page)
    named_author = _WORK.match(work.strip().strip("\ufeff"))
    return _Clipping(
        kind=kind,
        work=named_author["title"] if named_author else work.strip().strip("\ufeff"),
        author=named_author["author"].strip() if named_author else "",
        text=passage.strip(),
        page=page[1] if page else "",
        location=f"{start}-{end}" if location and start != end else str(start) if location else "",
        start=start,
        end=end,
        when=_when(parts[-1], own_zone) if len(parts) > 1 else None,
    )


def _kind(about: str) -> str:
    first = fold(about).partition("|")[0].casefold()
    for kind, words in (("bookmark", _BOOKMARK), ("note", _NOTE), ("highlight", _HIGHLIGHT)):
        if words.search(first):
            return kind
    return ""


def _range(found: re.Match[str] | None) -> tuple[int, int]:
    """Return the range of a location or page; "1234-41" ends at 1241, as older devices write it."""
    if not found or not found[1].isdecimal():
        return 0, 0
    start, last = found[1], found[2] or found[1]
    if not last.isdecimal():
        return int(start), int(start)
    if len(last) < len(start):
        last = start[: len(start) - len(last)] + last
    return int(start), max(int(start), int(last))


def _when(text: str, own_zone: tzinfo) -> Reading | None:
    """Return the time at the end of a line such as "Added on Monday, March 4, 2024 10:22:13 PM"."""
    words = text.split()
    for first in range(min(_WORDS_BEFORE_DATE, len(words))):
        if read := instant(" ".join(words[first:]), zone=own_zone):
            return read
    return None


def _take(passages: list[_Clipping], new: _Clipping) -> None:
    """Add a highlight to those of its work: the same one again is left out, a changed one takes its elder's place."""
    text = normal(new.text)
    for at, old in enumerate(passages):
        if new.start <= old.end and old.start <= new.end:
            before = normal(old.text)
            if text == before:
                return
            if text in before or before in text:
                passages[at] = new
                return
    passages.append(new)


def _passage_of(note: _Clipping, passages: list[_Clipping]) -> _Clipping | None:
    """Return the passage that a note is on: notes are placed at its end."""
    around = [marked for marked in passages if marked.end and marked.start <= note.end <= marked.end]
    return min(around, key=lambda marked: marked.end - note.end, default=None)


def _record(clipping: _Clipping) -> Record:
    when = clipping.when
    passage = clipping.text if clipping.kind == "highlight" else ""
    return highlight(
        source=NAME,
        passage=passage,
        work=clipping.work,
        author=clipping.author,
        note=clipping.note if passage else clipping.text,
        at=when.at if when else None,
        precision=when.precision if when else "s",
        zone_source=when.zone_source if when else "utc",
        attributes={"page": clipping.page, "location": clipping.location},
    )
