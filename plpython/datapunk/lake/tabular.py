"""Tables as text: encoding, delimiter and header found from their first bytes; rows as dictionaries."""

import codecs
import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from datapunk.lake.record import Rejected
from datapunk.lake.stream import HEAD_BYTES, MemberStream

_DELIMITERS = ",;\t|"
CELL_CHARACTERS = 1 << 20
csv.field_size_limit(CELL_CHARACTERS)


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A row below the header: `number` counts from 1, `cells` are keyed by the header's words, stripped.

    Cells beyond the header are kept under the key "" joined by the delimiter; missing ones are empty.
    """

    number: int
    cells: dict[str, str]


def encoding_of(head: bytes) -> str:
    """Return the encoding of a text from its first bytes: a BOM decides, then valid UTF-8, then its statistics."""
    for bom, name in ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if head.startswith(bom):
            return name
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, final=False)
    except UnicodeDecodeError:
        from charset_normalizer import from_bytes

        best = from_bytes(head).best()
        return best.encoding if best is not None else "latin-1"
    return "utf-8"


class Decoder:
    """Decodes a file part by part: as UTF-8, and what is none by an encoding that is found out once for all.

    Finding it out takes milliseconds.
    """

    def __init__(self) -> None:
        self._other = ""

    def decode(self, raw: bytes) -> str:
        """Return a part as text, without a byte order mark."""
        try:
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            self._other = self._other or encoding_of(raw)
            return raw.decode(self._other, "replace")


def delimiter_of(head: str) -> str:
    """Return the delimiter of a table: of those in its first line, the one that parts most of its lines alike."""
    lines = [line for line in head.splitlines()[:20] if line.strip()]
    if not lines:
        return ","

    def evenness(delimiter: str) -> tuple[int, int]:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter)]
        return sum(1 for w in widths if w == widths[0] and w > 1), widths[0]

    return max(_DELIMITERS, key=evenness)


def text_lines(stream: MemberStream, encoding: str) -> Iterator[str]:
    """Yield the lines of a member with their line ends; bytes that are not of the encoding become U+FFFD."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    rest = ""
    while True:
        chunk = stream.read()
        text = rest + decoder.decode(chunk, final=not chunk)
        # Only these end a line here: a cell may hold U+2028 and the like.
        parts = text.split("\n")
        rest = parts.pop()
        for part in parts:
            yield part + "\n"
        if not chunk:
            break
    if rest:
        yield rest


@lru_cache(maxsize=8)
def header_of(head: bytes) -> tuple[str, ...]:
    """Return the words of a table's first row, stripped; for `claims`. Empty where there is none."""
    if b"\x00" in head[:1024] and not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ()
    text = head[:HEAD_BYTES].decode(encoding_of(head), "replace").lstrip("\ufeff")
    first = text.split("\n", 1)[0]
    try:
        row = next(csv.reader([first], delimiter=delimiter_of(text)), [])
    except csv.Error:
        return ()
    return tuple(cell.strip() for cell in row)


def columns_of(header: Iterable[str]) -> dict[str, str]:
    """Return the columns of a header by their words, in lower case and joined as in `creation_time`."""
    return {"_".join(name.casefold().replace("_", " ").split()): name for name in header}


def rows(stream: MemberStream, delimiter: str | None = None) -> Iterator[Row | Rejected]:
    """Yield each row below the header as a dictionary; blank rows are left out.

    A row that the format does not allow (a cell of more than 1 MiB) is a Rejected, and reading goes on.
    """
    encoding = encoding_of(stream.head)
    head = stream.head.decode(encoding, "replace")
    reader = csv.reader(text_lines(stream, encoding), delimiter=delimiter or delimiter_of(head), strict=False)
    header: list[str] | None = None
    number = 0
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as exc:
            number += 1
            yield Rejected(reason=f"row {number}: {exc}", byte_offset=stream.position)
            continue
        if cells is None:
            return
        if not any(cell.strip() for cell in cells):
            continue
        if header is None:
            header = [cell.strip().lstrip("\ufeff") for cell in cells]
            continue
        number += 1
        found = {name: cells[at] if at < len(cells) else "" for at, name in enumerate(header)}
        if len(cells) > len(header):
            found[""] = reader.dialect.delimiter.join(cells[len(header) :])
        yield Row(number=number, cells=found)
