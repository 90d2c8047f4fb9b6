"""Records on their way into lake.item: normalised, identified, written by one statement a batch."""

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from json.encoder import encode_basestring

from datapunk.db import Db, load_queries
from datapunk.lake.identity import Occurrences, content_hash
from datapunk.lake.record import SAMPLE_BYTES, Record, Rejected
from datapunk.lake.text import clean_url, storable

BATCH_RECORDS = 5_000
BATCH_CHARACTERS = 32 << 20
REJECTS_KEPT = 10_000
# An escape of NUL, not an escaped backslash before the text u0000.
_ESCAPED_NUL = re.compile(r"((?<!\\)(?:\\\\)*)\\u0000")
_Q = load_queries("datapunk.lake")


def _plain(value: object) -> object:
    """Return what JSON can say of a value that it does not know: a Decimal of ijson."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() and abs(value) < 1 << 63 else float(value)
    return str(value)


_encode_any: Callable[[object], str] = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), default=_plain, allow_nan=False
).encode


def _encode(attributes: Mapping[str, object]) -> str:
    """Return attributes as JSON; texts, which nearly all are, without setting up an encoder for each record."""
    pairs = []
    for name, value in attributes.items():
        text = encode_basestring(value) if type(value) is str else _encode_any(value)
        pairs.append(f"{encode_basestring(name)}:{text}")
    return "{" + ",".join(pairs) + "}"


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


class Tally:
    """What became of the records of one file."""

    def __init__(self) -> None:
        self.seen = 0
        self.new = 0
        self.rejects = 0
        self.replaced = 0


class Writer:
    """Collects records and writes them in batches. `import_id` is None for live records."""

    def __init__(self, db: Db, import_id: str | None, language: str | None = None) -> None:
        self._db = db
        self._import_id = import_id
        self._language = language
        self.by_kind: Counter[str] = Counter()
        self._clear()

    def _clear(self) -> None:
        self._rows: list[tuple[object, ...]] = []
        self._tallies: dict[bytes, Tally] = {}
        self._rejected: list[tuple[object, ...]] = []
        self._characters = 0

    def add(self, record: Record, occurrences: Occurrences, tally: Tally) -> None:
        """Take a record, whose url loses its secrets and whose texts lose what PostgreSQL cannot hold."""
        tally.seen += 1
        url = clean_url(record.url) if record.url else None
        title, body = record.title or None, record.body or None
        attributes = _encode(record.attributes) if record.attributes else "{}"
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
        identified = record if url == record.url else _with_url(record, url)
        digest = content_hash(identified, occurrences)
        if digest in self._tallies:
            return
        self._tallies[digest] = tally
        self._rows.append(
            (
                record.kind, record.source, record.external_id and storable(record.external_id)[0],
                _iso(record.occurred_at), _iso(record.ended_at), record.precision, record.zone_source, title, body,
                url, attributes, digest, record.language or self._language,
            )
        )  # fmt: skip
        self._characters += len(attributes) + len(body or "")
        if len(self._tallies) >= BATCH_RECORDS or self._characters >= BATCH_CHARACTERS:
            self.flush()

    def reject(
        self, rejected: Rejected, tally: Tally, member: str | None, source: str | None, version: str | None
    ) -> None:
        """Take a record that could not be read."""
        ordinal = tally.seen + tally.rejects
        tally.rejects += 1
        if tally.rejects <= REJECTS_KEPT:
            self._rejected.append(
                (
                    member, ordinal, rejected.byte_offset, source, version, storable(rejected.reason[:2000])[0],
                    rejected.sample[:SAMPLE_BYTES],
                )
            )  # fmt: skip
            self._characters += len(rejected.sample[:SAMPLE_BYTES])
        if self._characters >= BATCH_CHARACTERS:
            self.flush()

    def flush(self) -> None:
        """Write what was collected."""
        if self._tallies:
            for row in self._db.rows(_Q.item_insert, self._import_id, *map(list, zip(*self._rows, strict=True))):
                self.by_kind[row["kind"]] += len(row["hashes"])
                for digest in row["hashes"]:
                    self._tallies[digest].new += 1
        if self._rejected:
            self._db.execute(_Q.reject_insert, self._import_id, *map(list, zip(*self._rejected, strict=True)))
        self._clear()


def _with_url(record: Record, url: str | None) -> Record:
    return Record(
        kind=record.kind, source=record.source, occurred_at=record.occurred_at, title=record.title, body=record.body,
        url=url, external_id=record.external_id, key=record.key, attributes=record.attributes,
    )  # fmt: skip
