import json
from datetime import UTC, datetime
from typing import Any

from datapunk.lake.identity import Occurrences, content_hash
from datapunk.lake.record import Measurement, Position, Record, Rejected
from datapunk.lake.registry import classify

IDENTITY = "ab" * 32
ITEM = {
    "body": "x" * 1_200_000, "kind": "note", "title": "T", "source": "pad", "identity": IDENTITY, "precision": "s",
    "occurred_at": "2025-01-01T10:00:00+00:00", "zone_source": "utc", "attributes": {},
}  # fmt: skip
SHORT = {**ITEM, "body": "x"}
POSITION = {
    "kind": "position", "device": "", "source": "gps", "latitude": 52.5, "longitude": 13,
    "occurred_at": "2025-01-01T10:00:00+00:00",
}  # fmt: skip
MEASUREMENT = {
    "kind": "measurement", "unit": "", "value": 7, "metric": "steps", "source": "fit",
    "starts_at": "2025-01-01T10:00:00+00:00",
}  # fmt: skip


def lines(*rows: Any) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def test_an_item_has_the_identity_that_it_had(found: Any) -> None:
    (record,) = found(lines(SHORT))
    assert isinstance(record, Record)
    assert (record.kind, record.title, record.source) == ("note", "T", "pad")
    assert content_hash(record, Occurrences()).hex() == IDENTITY


def test_a_line_of_more_than_a_megabyte_is_read_whole(found: Any) -> None:
    _, record = found(lines(SHORT, ITEM))
    assert len(record.body) == 1_200_000


def test_samples_stay_samples(found: Any) -> None:
    at = datetime(2025, 1, 1, 10, tzinfo=UTC)
    assert found(lines(POSITION, MEASUREMENT)) == [
        Position(occurred_at=at, latitude=52.5, longitude=13.0, source="gps"),
        Measurement(metric="steps", starts_at=at, ends_at=None, value=7.0, unit="", source="fit"),
    ]
    assert isinstance(found(lines(MEASUREMENT))[0], Measurement)


def test_a_line_that_is_none_is_rejected_alone(found: Any) -> None:
    results = found(lines(SHORT) + b"{broken\n" + lines({**SHORT, "latitude": 1.5}, SHORT))
    assert [type(one) for one in results] == [Record, Rejected, Rejected, Record]


def test_lines_of_others_are_not_claimed() -> None:
    adapter = classify("x.jsonl", lines({"kind": "note", "title": "T"}, {"kind": "note", "title": "U"}))
    assert adapter is not None
    assert adapter.NAME == "json"
