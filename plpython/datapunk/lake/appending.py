"""Live records, checked one by one: the good ones become items, the bad ones are kept with the reason."""

import json

from datapunk.clock import zone
from datapunk.db import Db, load_queries
from datapunk.errors import InvalidArgument
from datapunk.lake.batch import Batch, Tally
from datapunk.lake.identity import Occurrences
from datapunk.lake.live import ITEM, live_record
from datapunk.lake.record import Rejected
from datapunk.lake.samples import rejected
from datapunk.lake.writing import write

_Q = load_queries("datapunk.lake")
_HINT = f"Each record is an object with {', '.join(ITEM)}; kind is required."


def append(db: Db, text: str | None, timezone: str) -> tuple[int, int, int]:
    """Add the records of a JSON array; return items new, records accepted, records rejected.

    A record is the same as an earlier one when source and external_id are, or without an external_id when kind,
    second, title and url are. Records of lake_export bring their identity with them. Raises InvalidArgument when the
    text is no array.
    """
    try:
        records = json.loads(text) if text else None
    except ValueError as exc:
        raise InvalidArgument(f"records are not JSON: {exc}", hint=_HINT) from exc
    if not isinstance(records, list):
        raise InvalidArgument("records must be a JSON array", hint=_HINT)
    local = zone(timezone)
    batch, occurrences, tally = Batch(), Occurrences(), Tally()
    new = 0
    db.execute(_Q.hold_sensitivity)
    for given in records:
        found = live_record(given, local)
        if isinstance(found, Rejected):
            batch.reject(found, tally, None, _source_of(given), None)
        else:
            try:
                batch.add(found, occurrences, tally)
            except ValueError as exc:
                batch.reject(rejected(str(exc), given, ""), tally, None, _source_of(given), None)
        if batch.full:
            new += _write(db, batch)
    new += _write(db, batch)
    return new, tally.seen, tally.rejects


def _write(db: Db, batch: Batch) -> int:
    return sum(count for frame in batch.frames() for _, _, count in write(db, None, frame))


def _source_of(given: object) -> str | None:
    source = given.get("source") if isinstance(given, dict) else None
    return source if isinstance(source, str) else None
