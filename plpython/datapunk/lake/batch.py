"""What adapters found, made ready for PostgreSQL: normalised, identified, collected into columns."""

import json
import math
import re
import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from json.encoder import encode_basestring

from datapunk.lake.frames import Frame, table
from datapunk.lake.identity import Occurrences, candidate_hashes, content_hash
from datapunk.lake.record import SAMPLE_BYTES, Found, Measurement, Position, Record, Rejected
from datapunk.lake.samples import is_kept
from datapunk.lake.text import clean_url, short, storable

# Worth a statement while PostgreSQL has nothing to do; while it is busy, more come together, up to a full batch.
WORTHWHILE_RECORDS = 300
BATCH_RECORDS = 10_000
BATCH_CHARACTERS = 2 << 20
REJECTS_KEPT = 10_000
# Of a content hash: enough to tell the records of one owner apart.
_SIGHTED_BYTES = 8
# More digits than any number has that a database or Python calculates with, as JSON has them outside of texts or not.
_ENDLESS = re.compile(r"[0-9]{308}")
# An escape of NUL, not an escaped backslash before the text u0000.
_ESCAPED_NUL = re.compile(r"((?<!\\)(?:\\\\)*)\\u0000")


def _plain(value: object) -> object:
    """Return what JSON can say of a value that it does not know: a Decimal of ijson."""
    if isinstance(value, Decimal):
        # abs() of 1E999999999 is an error of its own.
        if value.is_finite() and -(1 << 63) < value < 1 << 63 and value == value.to_integral_value():
            return int(value)
        number = float(value)
        return number if math.isfinite(number) else str(value)
    return str(value)


_encode_any: Callable[[object], str] = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), default=_plain, allow_nan=False
).encode


def encode_attributes(attributes: Mapping[str, object]) -> str:
    """Return attributes as JSON; texts, which nearly all are, without setting up an encoder for each record.

    A number that no float holds becomes a text, as views calculate with floats and JSON knows neither NaN nor infinity.
    """
    pairs = []
    for name, value in attributes.items():
        text = encode_basestring(value) if type(value) is str else _encoded(value)
        pairs.append(f"{encode_basestring(name)}:{text}")
    return "{" + ",".join(pairs) + "}"


def _encoded(value: object) -> str:
    try:
        text = _encode_any(value)
    except ValueError:
        return _encode_any(_finite(value))
    return _encode_any(_finite(value)) if len(text) > 308 and _ENDLESS.search(text) else text


def _finite(value: object) -> object:
    """Return a value of JSON whose numbers all fit a float, others as texts."""
    if isinstance(value, dict):
        return {name: _finite(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    if isinstance(value, int | float) and not -sys.float_info.max <= value <= sys.float_info.max:
        return str(value)
    return value


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _number(value: float | None) -> str | None:
    return None if value is None else repr(value)


class Tally:
    """What became of the findings in one file; `ordinal` tells the files of an import apart."""

    def __init__(self, ordinal: int = 0) -> None:
        self.ordinal = ordinal
        self.seen = 0
        self.records = 0
        self.rejects = 0
        self.replaced = 0


class _Sightings:
    """The records of one file that a batch has met, from number `first` on."""

    def __init__(self, ordinal: int, first: int) -> None:
        self.ordinal = ordinal
        self.first = first
        self.digests: list[bytes] = []

    def row(self) -> tuple[str, str, str]:
        return str(self.ordinal), str(self.first), "\\x" + b"".join(self.digests).hex()


class Batch:
    """Collects findings until it is `full`; `frames` hands them over as columns and empties it."""

    def __init__(self, language: str | None = None) -> None:
        self._language = language
        self._clear()

    def _clear(self) -> None:
        self._digests: set[bytes] = set()
        self._items: list[tuple[str | None, ...]] = []
        self._positions: list[tuple[str | None, ...]] = []
        self._measurements: list[tuple[str | None, ...]] = []
        self._zones: list[tuple[str | None, ...]] = []
        self._rejects: list[tuple[str | None, ...]] = []
        self._sightings: dict[int, _Sightings] = {}
        self._characters = 0

    @property
    def records(self) -> int:
        """How many findings it holds, rejects apart."""
        return len(self._items) + len(self._positions) + len(self._measurements)

    @property
    def full(self) -> bool:
        """Whether it has to be handed over."""
        return self._characters >= BATCH_CHARACTERS or self.records >= BATCH_RECORDS

    def frames(self) -> list[Frame]:
        """Return what was collected as a frame a table, and start anew."""
        tables = (
            ("zones", self._zones), ("items", self._items), ("positions", self._positions),
            ("measurements", self._measurements), ("rejects", self._rejects),
            ("sightings", [seen.row() for seen in self._sightings.values()]),
        )  # fmt: skip
        found = [table(kind, rows) for kind, rows in tables if rows]
        self._clear()
        return found

    def add(self, found: Found, occurrences: Occurrences, tally: Tally) -> None:
        """Take what an adapter found, except for a Rejected. Raises ValueError for what cannot be told as rows."""
        try:
            self._add(found, occurrences, tally)
        except (ArithmeticError, RecursionError, TypeError) as exc:
            raise ValueError(f"{type(exc).__name__}: {exc}") from exc
        tally.seen += 1

    def _add(self, found: Found, occurrences: Occurrences, tally: Tally) -> None:
        if type(found) is Position:
            self._positions.append(
                (
                    str(tally.ordinal), _iso(found.occurred_at), repr(found.latitude), repr(found.longitude),
                    short(found.device), short(found.source), _number(found.accuracy_m), _number(found.altitude_m),
                )
            )  # fmt: skip
        elif type(found) is Record:
            self._add_record(found, occurrences, tally)
        elif type(found) is Measurement:
            self._measurements.append(
                (
                    str(tally.ordinal), short(found.metric), _iso(found.starts_at), _iso(found.ends_at),
                    repr(found.value), short(found.unit), short(found.source),
                )
            )  # fmt: skip

    def _add_record(self, record: Record, occurrences: Occurrences, tally: Tally) -> None:
        """Take a record, whose url loses its secrets and whose texts lose what PostgreSQL cannot hold."""
        url = clean_url(record.url) if record.url else None
        title, body = record.title, record.body
        attributes = encode_attributes(record.attributes) if record.attributes else "{}"
        replaced = 0
        if title:
            title, replaced = storable(title)
        if body:
            body, more = storable(body)
            replaced += more
        if url:
            url, more = storable(url)
            replaced += more
        if "\\u0000" in attributes:
            attributes, more = _ESCAPED_NUL.subn("\\1\ufffd", attributes)
            replaced += more
        if not attributes.isascii():
            attributes, more = storable(attributes)
            replaced += more
        tally.replaced += replaced
        clean = record if url == record.url else record._replace(url=url)
        digest = content_hash(clean, occurrences) if clean.zones is None else self._add_zones(clean, occurrences)
        sightings = self._sightings.get(tally.ordinal)
        if sightings is None:
            sightings = self._sightings[tally.ordinal] = _Sightings(tally.ordinal, tally.records)
        sightings.digests.append(digest[:_SIGHTED_BYTES])
        tally.records += 1
        if digest in self._digests:
            return
        self._digests.add(digest)
        self._items.append(
            (
                str(tally.ordinal), record.kind, short(record.source),
                record.external_id and storable(record.external_id)[0], _iso(record.occurred_at),
                _iso(record.ended_at), record.precision, record.zone_source, title, body, url, attributes,
                "\\x" + digest.hex(), record.language or self._language, str(record.quality), _iso(record.edited_at),
            )
        )  # fmt: skip
        self._characters += len(attributes) + len(body or "")

    def _add_zones(self, record: Record, occurrences: Occurrences) -> bytes:
        """Take what a record is in each of its zones; return what it is for now."""
        digest, *candidates = candidate_hashes(record, occurrences)
        assert record.zones is not None
        assert record.occurred_at is not None
        if digest not in self._digests:
            for at, candidate in zip((record.occurred_at, *record.zones.others), candidates, strict=True):
                shift = round((at - record.occurred_at).total_seconds() / 60)
                self._zones.append(("\\x" + digest.hex(), str(shift), "\\x" + candidate.hex(), record.zones.name))
        return digest

    def reject(
        self, rejected: Rejected, tally: Tally, member: str | None, source: str | None, version: str | None
    ) -> None:
        """Take a record that could not be read."""
        ordinal = tally.seen + tally.rejects
        tally.rejects += 1
        if tally.rejects <= REJECTS_KEPT:
            sample = rejected.sample[:SAMPLE_BYTES]
            whole = "true" if is_kept(rejected) else "false"
            offset = None if rejected.byte_offset is None else str(rejected.byte_offset)
            self._rejects.append(
                (
                    member and storable(member)[0], str(ordinal), offset, source, version,
                    storable(rejected.reason[:2000] or "for no reason that it tells")[0], "\\x" + sample.hex(),
                    whole,
                )
            )  # fmt: skip
            self._characters += 2 * len(sample)
