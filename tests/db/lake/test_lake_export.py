import json
from typing import Any

import psycopg
import pytest

Connection = psycopg.Connection[Any]

ITEMS = [
    {"kind": "note", "source": "pad", "external_id": "1", "title": "T", "body": "two\nlines", "language": "de",
     "occurred_at": "2025-01-01T10:00:00.123456Z", "attributes": {"labels": ["x"], "empty": None, "n": 1.5}},
    {"kind": "visit", "source": "chrome", "title": "A", "url": "https://a.example/",
     "occurred_at": "2025-02-01T10:00:00Z"},
    {"kind": "event", "source": "ics", "title": "Party", "occurred_at": "2025-03-01T10:00:00Z",
     "ended_at": "2025-03-01T12:00:00Z", "precision": "min", "zone_source": "tzid"},
    {"kind": "security_event", "source": "log", "title": "Sign-in"},
]  # fmt: skip
POSITION = {"kind": "position", "occurred_at": "2025-04-01T10:00:00Z", "latitude": 52.5, "longitude": 13.4,
            "device": "phone", "source": "gps", "accuracy_m": 12.5}  # fmt: skip
MEASUREMENT = {"kind": "measurement", "metric": "steps", "starts_at": "2025-05-01T00:00:00Z",
               "ends_at": "2025-05-02T00:00:00Z", "value": 9000, "source": "fit"}  # fmt: skip


def append(connection: Connection, records: list[Any]) -> tuple[int, ...]:
    row = connection.execute("select * from lake_append(%s)", (json.dumps(records),)).fetchone()
    assert row is not None
    return tuple(row)


def become(connection: Connection, owner: str) -> None:
    connection.execute("select set_config('datapunk.owner', %s, true)", (owner,))


def exported(connection: Connection, **options: Any) -> list[dict[str, Any]]:
    return [row[0] for row in connection.execute("select lake_export('jsonl', %s)", (json.dumps(options),))]


def kinds(connection: Connection, **options: Any) -> list[str]:
    return sorted(row["kind"] for row in exported(connection, **options))


def rows(connection: Connection) -> dict[str, list[Any]]:
    """Everything of the owner, but for keys and times of adding."""
    columns = {
        "item": "kind, source, external_id, occurred_at, ended_at, precision, zone_source, title, body, url,"
        " attributes, content_hash, language, sensitivity",
        "position": "occurred_at, latitude, longitude, device, source, accuracy_m, altitude_m",
        "measurement": "metric, starts_at, ends_at, value, unit, source",
    }
    return {
        table: connection.execute(
            f"select {names} from lake.{table} where owner_id = ops.current_owner() order by {names}"
        ).fetchall()
        for table, names in columns.items()
    }


@pytest.fixture
def full(connection: Connection) -> Connection:
    assert append(connection, [*ITEMS, POSITION, MEASUREMENT]) == (6, 6, 0)
    return connection


def test_everything_leaves(full: Connection) -> None:
    assert kinds(full) == ["event", "measurement", "note", "position", "security_event", "visit"]


def test_what_left_comes_back_for_another_owner_as_the_same(full: Connection) -> None:
    before, left = rows(full), exported(full)
    become(full, "bob")
    assert append(full, left) == (6, 6, 0)
    assert rows(full) == before


def test_what_left_comes_back_for_its_owner_as_nothing_new(full: Connection) -> None:
    before = rows(full)
    assert append(full, exported(full)) == (0, 6, 0)
    assert rows(full) == before


def test_an_imported_archive_makes_the_round_trip(connection: Connection, life: Any, import_file: Any) -> None:
    import_file(life.path)
    before, left = rows(connection), exported(connection)
    assert len(left) > 2_500
    become(connection, "bob")
    assert append(connection, left)[::2] == (len(left), 0)
    assert rows(connection) == before


def test_the_file_of_an_export_is_imported_as_what_it_was(full: Connection, import_file: Any) -> None:
    before = rows(full)
    lines = "".join(json.dumps(row, separators=(", ", ": ")) + "\n" for row in exported(full))
    become(full, "bob")
    result = import_file(lines.encode(), "export.jsonl")
    assert (result["items_new"], result["rejects"]) == (6, 0)
    assert rows(full) == before


def test_another_owner_gets_nothing_of_it(full: Connection) -> None:
    become(full, "bob")
    assert exported(full) == []


def test_options_narrow_it(full: Connection) -> None:
    assert kinds(full, kinds=["note", "position"]) == ["note", "position"]
    assert kinds(full, sources=["chrome", "fit"]) == ["measurement", "visit"]
    assert kinds(full, since="2025-02-01T10:00:00Z", until="2025-04-01T10:00:00Z") == ["event", "visit"]


def test_a_time_without_zone_is_the_owners(full: Connection) -> None:
    full.execute("set local datapunk.timezone = 'Asia/Tokyo'")
    assert "position" in kinds(full, since="2025-04-01T19:00:00")
    assert "position" not in kinds(full, since="2025-04-01T19:00:01")


def test_a_bound_of_sensitivity_keeps_the_rest_in(full: Connection) -> None:
    assert kinds(full, sensitivity="personal") == ["event", "visit"]
    assert kinds(full, sensitivity="private") == ["event", "measurement", "note", "position", "visit"]
    assert kinds(full, sensitivity="public") == []


def test_the_size_is_that_of_the_export(full: Connection) -> None:
    for options in ({}, {"kinds": ["note"]}, {"since": "2025-03-01"}, {"sensitivity": "personal"}):
        row = full.execute("select lake.export_size(%s)", (json.dumps(options),)).fetchone()
        assert row == (len(exported(full, **options)),)


@pytest.mark.parametrize(
    "options",
    [
        {"kind": "note"}, {"kinds": ["nothing"]}, {"kinds": []}, {"since": "soon"}, {"sensitivity": "hidden"},
        {"sources": [1]},
    ],
)  # fmt: skip
def test_a_bad_option_is_refused_with_a_hint(connection: Connection, options: Any) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue) as caught:
        exported(connection, **options)
    assert caught.value.diag.message_hint


def test_a_format_that_a_database_does_not_write_names_the_command(connection: Connection) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue) as caught:
        connection.execute("select lake_export('parquet')")
    assert "datapunk export" in str(caught.value.diag.message_hint)


@pytest.mark.parametrize(
    ("bad", "word"),
    [
        (ITEMS[0] | {"identity": "beef"}, "identity"),
        (ITEMS[0] | {"precision": "week"}, "precision"),
        (POSITION | {"latitude": 91}, "latitude"),
        (POSITION | {"longitude": None}, "longitude"),
        (POSITION | {"title": "x"}, "unknown field"),
        (MEASUREMENT | {"value": "many"}, "value"),
        (MEASUREMENT | {"metric": ""}, "metric"),
    ],
)
def test_what_no_export_holds_is_rejected(connection: Connection, bad: Any, word: str) -> None:
    assert append(connection, [bad]) == (0, 0, 1)
    row = connection.execute("select reason from rejects").fetchone()
    assert row is not None
    assert word in row[0]
