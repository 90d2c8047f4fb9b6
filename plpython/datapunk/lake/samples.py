"""What could not be read, kept so that it can be read again: the sample of a reject is, wherever it can be, the
smallest file from which its adapter reads that record, so that lake_retry needs no form of its own for any source."""

import csv
import io
import json
import math
from collections.abc import Mapping
from decimal import Decimal

from datapunk.lake.record import SAMPLE_BYTES, Rejected

_LARGEST_INTEGER = 1 << 63


def rejected(
    reason: str, value: object, within: str = "item", about: Mapping[str, object] | None = None
) -> Rejected:  # fmt: skip
    """Return the Rejected of a JSON value that is no record.

    `within` is where such values stand in a file of the source, as ijson writes it: "" for the file itself, "item" for
    a list, "locations.item" for a list below a key. `about` is what the object around the list says before it.
    """
    try:
        file = value
        told = dict(about or {})
        for part in reversed(within.split(".") if within else []):
            if part == "item":
                file = [file]
            else:
                file = {**told, part: file}
                told = {}
        text = json.dumps(file, ensure_ascii=False, default=_plain, separators=(",", ":"), allow_nan=False)
    except (RecursionError, ValueError, TypeError):
        return Rejected(reason=reason, sample=f"{type(value).__name__}, which JSON cannot say".encode())
    at = None if within else 0
    return Rejected(reason=reason, byte_offset=at, sample=text.encode("utf-8", "replace"), whole=True)


def rejected_row(reason: str, cells: Mapping[str, str], byte_offset: int | None = None) -> Rejected:
    """Return the Rejected of a table's row, whose sample is a table with its header and that row."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    # Cells beyond the header stand under the key "", joined; they come back as one.
    writer.writerow(name for name in cells if name)
    writer.writerow([*(value for name, value in cells.items() if name), *([cells[""]] if cells.get("") else ())])
    sample = text.getvalue().encode("utf-8", "replace")
    return Rejected(reason=reason, byte_offset=byte_offset, sample=sample, whole=True)


def rejected_bytes(reason: str, raw: bytes, byte_offset: int | None = None) -> Rejected:
    """Return the Rejected of a stretch of a file that is such a file by itself."""
    return Rejected(reason=reason, byte_offset=byte_offset, sample=raw, whole=True)


def rejected_element(reason: str, element: object, byte_offset: int, root: str) -> Rejected:
    """Return the Rejected of an element (of lxml), whose sample is an XML text called `root` with it alone."""
    from lxml import etree

    raw = etree.tostring(element, encoding="utf-8", with_tail=False)
    sample = b"<" + root.encode() + b">" + raw + b"</" + root.partition(" ")[0].encode() + b">"
    return Rejected(reason=reason, byte_offset=byte_offset, sample=sample, whole=True)


def is_kept(found: Rejected) -> bool:
    """Tell whether all that is needed to read it again is kept."""
    return found.whole and 0 < len(found.sample) <= SAMPLE_BYTES


def _plain(value: object) -> object:
    """Return what JSON can say of a value of ijson that it does not know."""
    if not isinstance(value, Decimal):
        return str(value)
    if not value.is_finite() or value.adjusted() > 30:
        return str(value)
    if abs(value) < _LARGEST_INTEGER and value == value.to_integral_value():
        return int(value)
    number = float(value)
    return number if math.isfinite(number) else str(value)
