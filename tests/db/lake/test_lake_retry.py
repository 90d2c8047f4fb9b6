"""Rejects that are read again: what a mended adapter reads becomes items, the rest stays, and nothing comes twice."""

import json
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from datapunk.admin.retrying import retry_in_steps
from harness import Database
from lake_archives import ENTRY, zipped

Run = Callable[..., dict[str, Any]]
Rows = Callable[..., list[dict[str, Any]]]

_BAD = {"header": "Search", "title": "Searched for scones", "products": ["Search"]}
_MEMBER = "Takeout/My Activity/Search/MyActivity.json"


@pytest.fixture
def rows(connection: psycopg.Connection[Any]) -> Rows:
    """Run a statement; return its rows as dictionaries."""
    from psycopg.rows import dict_row

    def run(statement: str, *args: object) -> list[dict[str, Any]]:
        with connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(statement, args).fetchall()

    return run


@pytest.fixture
def imported(import_file: Run) -> dict[str, Any]:
    """An import of one entry that is read and two that are not."""
    row = import_file(zipped({_MEMBER: [ENTRY, _BAD, {**_BAD, "title": "Searched for jam"}]}))
    assert (row["items_new"], row["rejects"]) == (1, 2)
    return row


def mend(connection: psycopg.Connection[Any], words: str) -> None:
    """Give rejects the time that they lack: as if the adapter had learned to read them."""
    connection.execute(
        "update lake.reject set sample = convert_to(replace(convert_from(sample, 'UTF8'), '\"products\"',"
        " '\"time\": \"2025-02-01T10:00:00Z\", \"products\"'), 'UTF8') where strpos(encode(sample, 'escape'), %s) > 0",
        (words,),
    )


def test_what_is_read_now_becomes_an_item_of_its_import(
    connection: psycopg.Connection[Any], imported: dict[str, Any], one: Run
) -> None:
    mend(connection, "scones")
    row = one("select * from lake_retry()")
    assert (row["rejects"], row["items_new"], row["items_seen"], row["still_rejected"]) == (2, 1, 1, 1)
    assert row["member"] == _MEMBER
    assert "my_activity" in row["hint"]
    item = one("select title, kind, import_id from items where title = 'scones'")
    assert item == {"title": "scones", "kind": "search", "import_id": imported["import_id"]}


def test_accounts_of_import_and_file_follow(
    connection: psycopg.Connection[Any], imported: dict[str, Any], one: Run
) -> None:
    mend(connection, "")
    one("select * from lake_retry()")
    row = one("select items_new, items_seen, rejects, by_kind from imports")
    assert row == {"items_new": 3, "items_seen": 3, "rejects": 0, "by_kind": {"search": 3}}
    file = one("select items_new, items_seen, rejects, reason from lake.import_file where member = %s", _MEMBER)
    assert file == {"items_new": 3, "items_seen": 3, "rejects": 0, "reason": None}


def test_second_run_adds_nothing(
    connection: psycopg.Connection[Any], imported: dict[str, Any], one: Run, rows: Rows
) -> None:
    mend(connection, "scones")
    one("select * from lake_retry()")
    again = one("select * from lake_retry()")
    assert (again["rejects"], again["items_new"], again["still_rejected"]) == (1, 0, 1)
    mend(connection, "jam")
    one("select * from lake_retry()")
    assert rows("select * from lake_retry()") == []
    assert one("select count(*) as n from items")["n"] == 3


def test_importing_the_mended_file_afterwards_adds_nothing(
    connection: psycopg.Connection[Any], imported: dict[str, Any], one: Run, import_file: Run
) -> None:
    mend(connection, "")
    one("select * from lake_retry()")
    at = {"time": "2025-02-01T10:00:00Z"}
    row = import_file(zipped({_MEMBER: [ENTRY, {**_BAD, **at}, {**_BAD, **at, "title": "Searched for jam"}]}))
    assert (row["items_new"], row["items_seen"]) == (0, 3)


def test_true_repeats_among_rejects_survive(connection: psycopg.Connection[Any], import_file: Run, one: Run) -> None:
    import_file(zipped({_MEMBER: [_BAD, _BAD, ENTRY]}))
    mend(connection, "scones")
    assert one("select * from lake_retry()")["items_new"] == 2


def test_what_is_read_now_is_sighted_in_its_file(
    connection: psycopg.Connection[Any], imported: dict[str, Any], one: Run
) -> None:
    mend(connection, "scones")
    one("select * from lake_retry()")
    found = one(
        "select s.member, s.ordinal from items as i cross join lateral lake_sightings(i.item_id) as s"
        " where i.title = 'scones'"
    )
    assert found == {"member": _MEMBER, "ordinal": 1}


def test_record_of_more_than_is_kept_asks_for_its_file(import_file: Run, one: Run) -> None:
    import_file(zipped({_MEMBER: [{**_BAD, "description": "x" * 70_000}, ENTRY]}))
    row = one("select * from lake_retry()")
    assert (row["rejects"], row["not_kept"], row["still_rejected"]) == (1, 1, 1)
    assert "import takeout.zip again" in row["hint"]
    assert one("select retriable from rejects")["retriable"] is False


def test_only_what_is_asked_for_is_read(
    connection: psycopg.Connection[Any], imported: dict[str, Any], rows: Rows
) -> None:
    mend(connection, "")
    wanted = {"source": "chrome"}, {"member": "other"}, {"reason": "no such words"}, {"reject_ids": []}
    for options in wanted:
        assert rows("select * from lake_retry(%s)", json.dumps(options)) == []
    (row,) = rows(
        "select * from lake_retry(%s)",
        json.dumps(
            {"import_id": str(imported["import_id"]), "source": ["my_activity"], "reason": "NEEDS TITLE", "limit": 1}
        ),
    )
    assert (row["rejects"], row["items_new"]) == (1, 1)


def test_live_record_is_taken_again(connection: psycopg.Connection[Any], one: Run) -> None:
    one("select * from lake_append(%s)", json.dumps([{"kind": "nope", "title": "scones", "source": "diary"}]))
    connection.execute(
        "update lake.reject set sample = convert_to(replace(convert_from(sample, 'UTF8'), 'nope', 'note'), 'UTF8')"
    )
    row = one("select * from lake_retry()")
    assert (row["rejects"], row["items_new"], row["still_rejected"], row["import_id"]) == (1, 1, 0, None)
    assert one("select kind, source from items") == {"kind": "note", "source": "diary"}


@pytest.mark.parametrize(
    "options", [{"nope": 1}, {"limit": 0}, {"reject_ids": ["a"]}, {"member": 5}, {"import_id": "x"}]
)
def test_bad_option_is_refused(connection: psycopg.Connection[Any], options: dict[str, Any]) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue) as caught:
        connection.execute("select * from lake_retry(%s)", (json.dumps(options),))
    assert caught.value.diag.message_hint


def test_command_reads_again_in_lots_and_sums_up(database: Database) -> None:
    from psycopg.rows import dict_row

    with psycopg.connect(database.dsn(), autocommit=True, row_factory=dict_row) as connection:
        connection.execute("select * from lake_import(%s, 'a.zip')", (zipped({_MEMBER: [ENTRY, _BAD]}),))
        mend(connection, "scones")
        shown: list[tuple[int, int, int]] = []
        report = retry_in_steps(connection, {"source": ["my_activity"]}, lambda *told: shown.append(told))
    assert report["total"] == {"rejects": 1, "items_new": 1, "items_seen": 1, "still_rejected": 0, "not_kept": 0}
    assert shown == [(1, 1, 1)]
