import json
from typing import Any

import psycopg
import pytest

from datapunk.lake import KINDS


@pytest.fixture
def append(one: Any) -> Any:
    """Append records; return new, seen and rejects."""

    def run(*records: Any) -> tuple[int, ...]:
        return tuple(one("select * from lake_append(%s::jsonb)", json.dumps(records)).values())

    return run


NOTE = {"kind": "note", "source": "pad", "external_id": "1", "title": "T", "occurred_at": "2025-01-01T10:00:00+01:00"}


def test_a_record_becomes_an_item(append: Any, one: Any) -> None:
    assert append(NOTE | {"body": "B", "attributes": {"labels": ["x", "y"]}}) == (1, 1, 0)
    row = one("select title, body, labels, occurred_at from notes")
    assert (row["title"], row["body"], row["labels"]) == ("T", "B", ["x", "y"])
    assert row["occurred_at"].utctimetuple().tm_hour == 9


def test_the_same_identifier_again_adds_nothing(append: Any) -> None:
    append(NOTE)
    assert append(NOTE, NOTE | {"external_id": "2"}) == (1, 2, 0)


def test_without_an_identifier_the_same_again_adds_nothing(append: Any) -> None:
    visit = {"kind": "visit", "url": "https://a.example/?token=x", "occurred_at": "2025-01-01T10:00:00Z"}
    assert append(visit) == (1, 1, 0)
    assert append(visit) == (0, 1, 0)


def test_a_time_without_zone_is_the_owners(append: Any, one: Any, connection: psycopg.Connection[Any]) -> None:
    connection.execute("set local datapunk.timezone = 'Asia/Tokyo'")
    append(NOTE | {"occurred_at": "2025-01-01T09:00:00"})
    row = one("select occurred_at at time zone 'UTC' as at, local_hour, local_weekday from notes")
    assert (row["at"].hour, row["local_hour"], row["local_weekday"]) == (0, 9, 3)


@pytest.mark.parametrize(
    "entered", ["Europe/Lisbon", "Asia/Tokyo", "America/Los_Angeles", "Pacific/Honolulu", "Pacific/Auckland"]
)
@pytest.mark.parametrize("read", ["UTC", "Asia/Tokyo", "America/Los_Angeles"])
def test_a_whole_day_is_the_same_wherever_it_is_read(
    append: Any, one: Any, connection: psycopg.Connection[Any], entered: str, read: str
) -> None:
    connection.execute("select set_config('datapunk.timezone', %s, true)", (entered,))
    append({"kind": "event", "title": "Moved", "occurred_at": "2025-04-01T00:00:00", "precision": "day"})
    connection.execute("select set_config('datapunk.timezone', %s, true)", (read,))
    for view in ("items", "events"):
        row = one(f"select local_date::text, local_hour, local_weekday from {view}")
        assert list(row.values()) == ["2025-04-01", 0, 2]


@pytest.mark.parametrize(
    ("bad", "word"),
    [
        (7, "object"),
        ({"kind": "nope", "title": "x"}, "unknown kind"),
        ({"title": "x"}, "unknown kind"),
        (NOTE | {"occurred_at": "soon"}, "ISO 8601"),
        (NOTE | {"occurred_at": 7}, "ISO 8601"),
        (NOTE | {"title": 7}, "title must be a text"),
        (NOTE | {"attributes": []}, None),
        (NOTE | {"attributes": [1]}, "attributes"),
        (NOTE | {"nope": 1}, "unknown field"),
        ({"kind": "note"}, "nothing but"),
        (NOTE | {"ended_at": "2024-01-01T00:00:00Z"}, "before"),
    ],
)
def test_a_bad_record_is_kept_with_its_reason_and_the_rest_lands(
    append: Any, one: Any, bad: Any, word: str | None
) -> None:
    good = NOTE | {"external_id": "good"}
    if word is None:
        assert append(bad, good) == (2, 2, 0)
        return
    assert append(bad, good) == (1, 1, 1)
    assert word in one("select reason from rejects")["reason"]


@pytest.mark.parametrize("text", ["{}", "null", '"x"', "7"])
def test_what_is_no_array_is_refused(one: Any, text: str) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue) as caught:
        one("select * from lake_append(%s::jsonb)", text)
    assert caught.value.diag.message_hint


def test_no_attribute_breaks_a_view(append: Any, connection: psycopg.Connection[Any]) -> None:
    kinds = sorted(KINDS - {"listen"})
    odd = {
        "ad": "maybe", "all_day": 7, "latitude": "north", "amount": "much", "due": "soon", "labels": "x",
        "recipients": {"a": 1}, "emails": None, "distance_m": [], "people": [1, None], "archived": None,
    }  # fmt: skip
    append(*({"kind": kind, "title": "t", "url": "no address", "attributes": odd} for kind in kinds))
    views = connection.execute(
        "select viewname from pg_views where schemaname = 'api' and definition ~ 'from lake\\.|FROM .*lake\\.'"
    ).fetchall()
    assert len(views) >= 23
    for (name,) in views:
        connection.execute(f"select * from {name}").fetchall()


@pytest.mark.parametrize("source", ["utc", "offset", "abbr", "tzid", "floating", "date", "assumed", "ambiguous"])
def test_every_source_of_a_zone_that_an_export_tells_is_taken(connection: psycopg.Connection[Any], source: str) -> None:
    record = {"kind": "note", "title": "a", "occurred_at": "2025-01-01T10:00:00Z", "zone_source": source}
    row = connection.execute("select items_new, rejects from lake_append(%s)", (json.dumps([record]),)).fetchone()
    assert row == (1, 0)
    assert connection.execute("select zone_source from items").fetchone() == (source,)
