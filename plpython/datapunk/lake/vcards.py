"""vCards 2.1, 3.0 and 4.0 as their properties, a card at a time."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import StringIO
from typing import NamedTuple

from datapunk.lake.record import Rejected
from datapunk.lake.samples import rejected_bytes
from datapunk.lake.stream import MemberStream
from datapunk.lake.tabular import Decoder

# Pictures, sounds and keys make up nearly all bytes of an address book, and no part of what is known of a person.
_LEFT_OUT = re.compile(rb"(?:[\w-]+\.)?(?:PHOTO|LOGO|SOUND|KEY)[;:]", re.IGNORECASE)
_BEGIN = re.compile(rb"BEGIN:VCARD", re.IGNORECASE)
_END = re.compile(rb"END:VCARD", re.IGNORECASE)
_CARD_BYTES = 4 << 20
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


class Property(NamedTuple):
    """A property as written: `group` is the itemN before its name, `value` still has its escapes."""

    name: str
    value: str
    group: str
    types: tuple[str, ...]

    def text(self) -> str:
        """Return the value without escapes."""
        return _unescaped(self.value).strip()

    def parts(self, separator: str = ";") -> list[str]:
        """Return the components of the value without escapes, empty ones too."""
        parts, start, at = [], 0, 0
        while at < len(self.value):
            if self.value[at] == "\\":
                at += 1
            elif self.value[at] == separator:
                parts.append(self.value[start:at])
                start = at + 1
            at += 1
        parts.append(self.value[start:])
        return [_unescaped(part).strip() for part in parts]


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """A card: its properties, those that could not be read in `errors`, its place in bytes."""

    offset: int
    properties: list[Property]
    errors: list[str] = field(default_factory=list)

    def all(self, *names: str) -> list[Property]:
        """Return the properties of these names that have a value, in order."""
        return [found for found in self.properties if found.name in names and found.value.strip(";, ")]

    def first(self, *names: str) -> str:
        """Return the text of the first property of these names, empty where there is none."""
        return next((text for found in self.all(*names) if (text := found.text())), "")


def cards(stream: MemberStream) -> Iterator[Card | Rejected]:
    """Yield each card; one that does not end, or has nothing in it, is a Rejected, and the next is read."""
    lines: list[bytes] = []
    begin = size = 0
    inside = skipping = False
    expected = -1
    decoder = Decoder()
    for offset, line in stream.lines():
        # An overlong line comes in pieces, which only the first line's beginning explains.
        piece = offset == expected
        expected = offset + len(line)
        if not piece and _BEGIN.match(line):
            if inside:
                yield _unended(begin, lines)
            lines, begin, size, inside, skipping = [], offset, 0, True, False
        elif not inside:
            continue
        elif not piece and _END.match(line):
            yield _card(begin, lines, decoder)
            inside = False
        elif piece or line[:1] in (b" ", b"\t"):
            if not skipping:
                lines.append(line)
                size += len(line)
        elif not (skipping := _LEFT_OUT.match(line) is not None):
            lines.append(line)
            size += len(line)
        if inside and size > _CARD_BYTES:
            yield Rejected(reason=f"a card of more than {_CARD_BYTES >> 20} MiB", byte_offset=begin, sample=lines[0])
            inside = False
    if inside:
        yield _unended(begin, lines)


def _file(lines: list[bytes], *end: bytes) -> bytes:
    return b"\n".join((b"BEGIN:VCARD", *lines, *end, b""))


def _unended(begin: int, lines: list[bytes]) -> Rejected:
    return rejected_bytes("a card without END:VCARD", _file(lines), begin)


def _card(begin: int, lines: list[bytes], decoder: Decoder) -> Card | Rejected:
    from vobject.base import VObjectError, getLogicalLines, textLineToContentLine

    raw = b"\n".join(lines)
    properties, errors = [], []
    for line, _ in getLogicalLines(StringIO(decoder.decode(raw)), allowQP=True):
        try:
            found = textLineToContentLine(line)
        except (VObjectError, LookupError, ValueError) as exc:
            # One property that is none is no reason to lose a person.
            errors.append(f"{type(exc).__name__}: {line[:80]}")
            continue
        types = [*found.params.get("TYPE", ()), *found.singletonparams]
        properties.append(Property(found.name, found.value, found.group or "", tuple(t.lower() for t in types)))
    if not any(p.name != "VERSION" and p.value.strip() for p in properties):
        return rejected_bytes("a card that says nothing", _file(lines, b"END:VCARD"), begin)
    return Card(offset=begin, properties=properties, errors=errors)


def _unescaped(value: str) -> str:
    if "\\" not in value:
        return value
    return _ESCAPE.sub(lambda match: "\n" if match[1] in "nN" else match[1], value)
