"""Tables as text: encoding, delimiter and header found from their first bytes; rows as dictionaries."""

import codecs
import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from datapunk.lake.record import SAMPLE_BYTES, Rejected
from datapunk.lake.stream import HEAD_BYTES, MemberStream

_DELIMITERS = ",;\t|"
CELL_CHARACTERS = 16 << 20
csv.field_size_limit(CELL_CHARACTERS)


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A row below the header: `number` counts from 1, `offset` is where it begins in bytes, `cells` are keyed by the
    header's words, stripped.

    Cells beyond the header are kept under the key "" joined by the delimiter; missing ones are empty.
    """

    number: int
    cells: dict[str, str]
    offset: int


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


class _Lines:
    """The lines of a table on their way to its reader: where the row that is read begins, and its first bytes."""

    def __init__(self, lines: Iterator[str], encoding: str, offset: int) -> None:
        self._lines = lines
        self._encoding = encoding
        self._plain = not encoding.startswith("utf-16")
        self._row: list[str] = []
        self._kept = 0
        self._at = offset
        self.offset = offset

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        if self._kept < SAMPLE_BYTES:
            self._row.append(line[:SAMPLE_BYTES])
            self._kept += len(line)
        # An encoding whose letters are bytes, as nearly all are for these.
        self._at += len(line) if self._plain and line.isascii() else len(line.encode(self._encoding, "replace"))
        return line

    def begin(self) -> None:
        """Take note that a row begins with the next line."""
        self._row.clear()
        self._kept = 0
        self.offset = self._at

    def rejected(self, reason: str) -> Rejected:
        """Return the Rejected of the row that is read."""
        sample = "".join(self._row).encode("utf-8", "replace")
        return Rejected(reason=reason, byte_offset=self.offset, sample=sample[:SAMPLE_BYTES])


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

    A row that the format does not allow (a cell of more than 16 MiB) is a Rejected, and reading goes on.
    """
    encoding = encoding_of(stream.head)
    head = stream.head.decode(encoding, "replace")
    lines = _Lines(text_lines(stream, encoding), encoding, stream.position)
    reader = csv.reader(lines, delimiter=delimiter or delimiter_of(head), strict=False)
    header: list[str] | None = None
    number = 0
    while True:
        lines.begin()
        try:
            cells = next(reader, None)
        except csv.Error as exc:
            number += 1
            yield lines.rejected(f"row {number}: {exc}")
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
        yield Row(number=number, cells=found, offset=lines.offset)
