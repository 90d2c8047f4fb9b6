"""Live records, checked one by one: the good ones become items, the bad ones are kept with the reason."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any

from datapunk.clock import zone
from datapunk.db import Db
from datapunk.errors import InvalidArgument
from datapunk.lake.batch import Batch, Tally
from datapunk.lake.identity import Occurrences
from datapunk.lake.record import KINDS, Record, Rejected
from datapunk.lake.writing import write

_TEXTS = ("title", "body", "url", "source", "external_id")
_ALLOWED = ("kind", "occurred_at", "ended_at", *_TEXTS, "attributes")
_DEFAULT_SOURCE = "live"
_HINT = f"Each record is an object with {', '.join(_ALLOWED)}; kind is required."


def append(db: Db, text: str | None, timezone: str) -> tuple[int, int, int]:
    """Add the records of a JSON array; return items new, records accepted, records rejected.

    A record is the same as an earlier one when source and external_id are, or without an external_id when kind,
    second, title and url are. Raises InvalidArgument when the text is no array.
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
    for given in records:
        record = _record(given, local)
        if isinstance(record, Rejected):
            batch.reject(record, tally, None, _source_of(given), None)
        else:
            batch.add(record, occurrences, tally)
        if batch.full:
            new += _write(db, batch)
    new += _write(db, batch)
    return new, tally.seen, tally.rejects


def _write(db: Db, batch: Batch) -> int:
    return sum(count for frame in batch.frames() for _, _, count in write(db, None, frame))


def _source_of(given: object) -> str | None:
    source = given.get("source") if isinstance(given, dict) else None
    return source if isinstance(source, str) else None


def _record(given: object, local: tzinfo) -> Record | Rejected:
    if not isinstance(given, dict):
        return Rejected(reason="a record must be an object", sample=json.dumps(given).encode())
    try:
        return _checked(given, local)
    except (ValueError, OverflowError) as exc:
        sample = json.dumps(given, ensure_ascii=False).encode("utf-8", "replace")
        return Rejected(reason=str(exc), sample=sample)


def _checked(given: Mapping[str, Any], local: tzinfo) -> Record:
    if unknown := sorted(set(given) - set(_ALLOWED)):
        raise ValueError(f"unknown field {unknown[0]!r}; allowed: {', '.join(_ALLOWED)}")
    kind = given.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise ValueError(f"unknown kind {kind!r}; allowed: {', '.join(sorted(KINDS))}")
    for name in _TEXTS:
        if given.get(name) is not None and not isinstance(given[name], str):
            raise ValueError(f"{name} must be a text")
    attributes = given.get("attributes") or {}
    if not isinstance(attributes, dict):
        raise ValueError("attributes must be an object")  # noqa: TRY004
    if not any(given.get(name) for name in ("title", "body", "url", "external_id")) and not attributes:
        raise ValueError("nothing but a kind and a time: give title, body, url, external_id or attributes")
    start, end = _instant(given, "occurred_at", local), _instant(given, "ended_at", local)
    if start and end and end < start:
        raise ValueError("ended_at lies before occurred_at")
    return Record(
        kind=kind,
        source=given.get("source") or _DEFAULT_SOURCE,
        occurred_at=start,
        ended_at=end,
        title=given.get("title"),
        body=given.get("body"),
        url=given.get("url"),
        external_id=given.get("external_id"),
        precision="us",
        attributes=attributes,
    )


def _instant(given: Mapping[str, Any], name: str, local: tzinfo) -> datetime | None:
    value = given.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValueError(f"{name} must be a text in ISO 8601")  # noqa: TRY004
    try:
        at = datetime.fromisoformat(value)
    except ValueError as exc:
        raise ValueError(f"{name} is not in ISO 8601: {value!r}") from exc
    return (at if at.tzinfo else at.replace(tzinfo=local)).astimezone(UTC)
