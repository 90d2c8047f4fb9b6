import json
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from datapunk.sample import Truth
from deadly_library import DEADLY, write_deadly_library
from harness import Database
from lake_archives import ENTRY, zipped


def test_the_sample_yields_exactly_its_truth(import_file: Any, life: Truth) -> None:
    expected = {kind: count for kind, count in life.facts["items"].items() if kind != "total" and count}
    row = import_file(life.path)
    assert row["status"] == "done"
    assert row["by_kind"] == expected
    assert row["items_new"] == life.facts["items"]["total"]
    assert row["rejects"] == sum(r["records"] for r in life.facts["rejects"])


def test_the_same_archive_again_adds_nothing(import_file: Any, life: Truth) -> None:
    first = import_file(life.path)
    again = import_file(life.path)
    assert (again["items_new"], again["by_kind"]) == (0, {})
    assert again["items_seen"] == first["items_seen"]


def test_every_file_is_accounted_for(import_file: Any, life: Truth, connection: psycopg.Connection[Any]) -> None:
    import_id = import_file(life.path)["import_id"]
    rows = connection.execute(
        "select member, reason from ignored where import_id = %s and status = 'ignored'", (import_id,)
    ).fetchall()
    assert {m for m, _ in rows} - {"Takeout/archive_browser.html"} == set(life.facts["ignored"])
    assert all(reason for _, reason in rows)
    rejected = connection.execute(
        "select member, count(*)::int from rejects where import_id = %s group by 1", (import_id,)
    ).fetchall()
    assert dict(rejected) == {r["member"]: r["records"] for r in life.facts["rejects"]}


def test_items_are_findable_in_the_same_transaction(
    import_file: Any, life: Truth, connection: psycopg.Connection[Any]
) -> None:
    import_file(life.path)
    found = connection.execute("select kind from cortex_search('espresso', 5, '{\"mode\": \"lexical\"}')").fetchall()
    assert len(found) == 5


def test_watches_of_both_files_meet(import_file: Any, one: Any) -> None:
    watch = {
        "header": "YouTube", "title": "Watched A", "titleUrl": "https://www.youtube.com/watch?v=a1b2c3",
        "time": "2025-01-01T10:00:00.5Z", "products": ["YouTube"],
    }  # fmt: skip
    row = import_file(
        zipped(
            {
                "Takeout/My Activity/YouTube/MyActivity.json": [watch, watch],
                "Takeout/YouTube/history/watch-history.json": [watch, watch],
            }
        )
    )
    assert (row["items_new"], row["items_seen"]) == (2, 4)
    assert one("select count(*)::int from watches where video_id = 'a1b2c3'")["count"] == 2


def test_a_single_file_is_imported_by_itself(import_file: Any) -> None:
    row = import_file(json.dumps([ENTRY]).encode(), "MyActivity.json")
    assert row["by_kind"] == {"search": 1}


def test_what_postgresql_cannot_hold_is_replaced(import_file: Any, one: Any) -> None:
    bad = ENTRY | {"title": "Searched for a\x00b\\u0000", "products": ["Se\x00arch\\"]}
    import_file(json.dumps([bad]).encode(), "MyActivity.json")
    row = one("select title, attributes ->> 'product' as product from items")
    assert row == {"title": "a\ufffdb\\u0000", "product": "Se\ufffdarch\\"}
    assert "U+FFFD" in one("select reason from ignored")["reason"]


def test_a_recognised_file_without_records_raises_an_alarm(import_file: Any, one: Any) -> None:
    import_file(zipped({"a/MyActivity.json": [{"title": 1, "time": 2, "products": []}]}))
    assert "gave no record" in one("select reason from ignored")["reason"]


def test_a_dry_run_counts_and_leaves_nothing(import_file: Any, life: Truth, one: Any) -> None:
    row = import_file(life.path, options={"dry_run": True})
    assert (row["status"], row["import_id"]) == ("dry_run", None)
    assert row["items_new"] == life.facts["items"]["total"]
    assert one("select (select count(*) from items) + (select count(*) from imports) as count")["count"] == 0


def test_a_damaged_member_keeps_the_rest(import_file: Any, one: Any) -> None:
    content = bytearray(
        zipped({"a/MyActivity.json": [ENTRY] * 500, "b/MyActivity.json": [ENTRY | {"title": "Searched for x"}]})
    )
    at = content.index(b"a/MyActivity.json") + 60
    content[at : at + 4] = b"\xff\xff\xff\xff"
    assert import_file(bytes(content))["by_kind"] == {"search": 1}
    broken = one("select member, status, reason from ignored")
    assert (broken["member"], broken["status"]) == ("a/MyActivity.json", "failed")
    assert broken["reason"]


@pytest.mark.parametrize(
    ("content", "name", "options", "sqlstate"),
    [
        (b"PK\x03\x04 nonsense", "t.zip", {}, "DP010"),
        (b"", "t.zip", {}, "DP010"),
        (b"nobody knows this", "x.bin", {}, "DP010"),
        (zipped({"../up": b"x"}), "t.zip", {}, "DP011"),
        (b"[]", "", {}, "22023"),
        (b"[]", "a.json", {"nope": 1}, "22023"),
        (b"[]", "a.json", {"timezone": "Mars"}, "22023"),
    ],
)
def test_bad_input_is_told_with_a_hint(
    import_file: Any, content: bytes, name: str, options: dict[str, Any], sqlstate: str
) -> None:
    with pytest.raises(psycopg.Error) as caught:
        import_file(content, name, options)
    assert caught.value.sqlstate == sqlstate
    assert caught.value.diag.message_hint


def test_limits_are_settings(import_file: Any, connection: psycopg.Connection[Any]) -> None:
    connection.execute("set local datapunk.import_max_members = '1'")
    with pytest.raises(psycopg.Error, match=r"'b\.json'") as caught:
        import_file(zipped({"a.json": [], "b.json": []}))
    assert caught.value.sqlstate == "DP011"


def test_owners_do_not_share_items(import_file: Any, one: Any, connection: psycopg.Connection[Any]) -> None:
    content = json.dumps([ENTRY]).encode()
    for owner in ("ann", "bo"):
        connection.execute(f"set local datapunk.owner = '{owner}'")
        assert import_file(content, "MyActivity.json")["items_new"] == 1
        assert one("select count(*)::int from items")["count"] == 1


@pytest.mark.parametrize("name", ["small.gmail.mbox", "small.gmail.crlf.mbox"])
def test_peer_mails(import_file: Any, shared_data: Path, name: str) -> None:
    assert import_file(shared_data / "fixtures/mail" / name, name)["by_kind"] == {"mail": 2, "message": 2}


def test_a_file_that_kills_its_reader_costs_only_itself(shared_database: Database, tmp_path: Path) -> None:
    library = write_deadly_library(tmp_path)
    with psycopg.connect(shared_database.dsn("postgres")) as connection:
        # Readers look for libraries where their backend does.
        connection.execute(
            sql.SQL("do language plpython3u {}").format(sql.Literal(f"import sys; sys.path.insert(0, {library!r})"))
        )
        row = connection.execute(
            "select status, by_kind from lake_import(%s, 'a.zip')",
            (zipped({"a.pdf": DEADLY, "b/MyActivity.json": [ENTRY]}),),
        ).fetchone()
        assert row == ("done", {"search": 1})
        told = connection.execute("select member, status, reason from ignored").fetchone()
        assert told is not None
        assert told[:2] == ("a.pdf", "failed")
        assert "ended the process" in told[2]
        connection.rollback()


def test_an_import_can_be_cancelled(import_file: Any, connection: psycopg.Connection[Any]) -> None:
    many = json.dumps([ENTRY | {"title": f"Searched for {n}"} for n in range(60_000)]).encode()
    connection.execute("set local statement_timeout = '300ms'")
    with pytest.raises(psycopg.errors.QueryCanceled):
        import_file(many, "MyActivity.json")


def test_separators_and_marks_in_texts_arrive_as_they_are(one: Any) -> None:
    notes = [{"kind": "note", "title": title} for title in ("a\x1eb", "\x1f\x1fNULL\x1f\x1f", "c")]
    assert one("select items_new from lake_append(%s::jsonb)", json.dumps(notes))["items_new"] == 3
    stored = one("select array_agg(title order by title) as titles from items")["titles"]
    assert sorted(stored) == sorted(note["title"] for note in notes)


def test_a_mapping_makes_any_table_what_its_owner_says_it_is(
    import_file: Any, connection: psycopg.Connection[Any]
) -> None:
    content = b"lat,lon,time,Shop,No\n52.5,13.5,2026-01-02T10:00:00Z,Tea House,1\n52.5,13.5,never,Baker,2\n"
    mapping = {"kind": "purchase", "source": "till", "title": "Shop", "occurred_at": "time", "external_id": "No"}
    row = import_file(content, "x.csv", {"mapping": mapping})
    assert (row["items_new"], row["rejects"], row["by_kind"]) == (1, 1, {"purchase": 1})
    # It is remembered with the import, so that rejects are read again by it.
    connection.execute(
        "update lake.reject"
        " set sample = convert_to(replace(convert_from(sample, 'UTF8'), 'never', '2026-01-03'), 'UTF8')"
    )
    connection.execute("select lake_retry()")
    bought = connection.execute("select title, source from purchases order by title").fetchall()
    assert bought == [("Baker", "till"), ("Tea House", "till")]


def test_a_mapping_that_does_not_fit_is_told_with_the_columns(import_file: Any) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue) as raised:
        import_file(b"a,b\n1,2\n", "x.csv", {"mapping": {"title": "c"}})
    assert raised.value.diag.message_hint == "Its columns: a, b."
