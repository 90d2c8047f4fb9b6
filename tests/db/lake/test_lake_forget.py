import json
from typing import Any

import psycopg
import pytest
from psycopg import sql

from datapunk.sample import Truth


@pytest.fixture
def forget(one: Any) -> Any:
    """Forget what matches."""

    def run(**wanted: Any) -> dict[str, Any]:
        return one("select * from lake_forget(%s::jsonb)", json.dumps(wanted))

    return run


@pytest.fixture
def notes(one: Any) -> None:
    """Three notes and a visit."""
    records = [
        {"kind": "note", "source": "pad", "external_id": str(n), "title": f"tea {n}", "occurred_at": f"2025-0{n}-01"}
        for n in (1, 2, 3)
    ]
    records.append({"kind": "visit", "source": "web", "url": "https://tea.example/", "occurred_at": "2025-01-15"})
    one("select * from lake_append(%s::jsonb)", json.dumps(records))


@pytest.mark.parametrize(
    ("wanted", "items"),
    [
        ({"kind": "note"}, 3),
        ({"kind": ["note", "visit"]}, 4),
        ({"source": "web"}, 1),
        ({"since": "2025-02-01T00:00:00Z"}, 2),
        ({"since": "2025-01-01", "until": "2025-02-01", "kind": "note"}, 1),
        ({"item_ids": []}, 0),
        ({"owner_all": True}, 4),
        ({"import_id": "00000000-0000-0000-0000-000000000000"}, 0),
    ],
)
@pytest.mark.usefixtures("notes")
def test_what_matches_goes_and_nothing_else(forget: Any, one: Any, wanted: dict[str, Any], items: int) -> None:
    assert forget(**wanted)["items"] == items
    assert one("select count(*)::int from items")["count"] == 4 - items


@pytest.mark.usefixtures("notes")
def test_chunks_go_and_search_finds_nothing(forget: Any, connection: psycopg.Connection[Any]) -> None:
    assert forget(kind="note")["chunks"] == 3
    found = connection.execute("select kind from cortex_search('tea', 9, '{\"mode\": \"lexical\"}')").fetchall()
    assert "note" not in {kind for (kind,) in found}


@pytest.mark.usefixtures("notes")
def test_answers_that_cite_it_go_and_others_stay(forget: Any, one: Any, connection: psycopg.Connection[Any]) -> None:
    for question in ("what did I note about tea?", "find my notes about tea"):
        one("select answer_id from gaia_answer(%s)", question)
    cited = one("select count(distinct answer_id)::int from gaia.citation where item_id is not null")["count"]
    assert cited
    assert forget(kind=["note", "visit"])["answers"] == cited
    assert one("select count(*)::int from gaia.citation")["count"] == 0


@pytest.mark.usefixtures("notes")
def test_it_is_noted_in_the_audit(forget: Any, one: Any) -> None:
    forget(kind="note")
    row = one("select actor, action, detail from audit")
    assert (row["actor"], row["action"]) == ("datapunk", "lake.forget")
    assert row["detail"]["items"] == 3
    assert row["detail"]["filter"] == {"kinds": ["note"]}


def test_an_import_goes_with_its_account(import_file: Any, life: Truth, forget: Any, one: Any) -> None:
    row = import_file(life.path)
    assert forget(import_id=str(row["import_id"]))["items"] == row["items_new"]
    left = one("select (select count(*) from imports) + (select count(*) from rejects) as count")
    assert left["count"] == 0


@pytest.mark.usefixtures("notes")
def test_others_keep_theirs(forget: Any, one: Any, connection: psycopg.Connection[Any]) -> None:
    connection.execute("set local datapunk.owner = 'other'")
    assert forget(owner_all=True)["items"] == 0
    connection.execute("set local datapunk.owner = 'local'")
    assert one("select count(*)::int from items")["count"] == 4


@pytest.mark.parametrize("wanted", ["{}", "null", '{"nope": 1}', '{"kind": "nope"}'])
def test_an_empty_or_unknown_filter_is_refused(one: Any, wanted: str) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue) as caught:
        one("select * from lake_forget(%s::jsonb)", wanted)
    assert caught.value.diag.message_hint


def rows_with(connection: psycopg.Connection[Any], word: str) -> set[str]:
    """Tables of which any row that the user sees holds a word."""
    tables = connection.execute(
        "select schemaname, tablename from pg_tables where schemaname in ('lake', 'cortex', 'gaia', 'forge', 'stream')"
        " and has_table_privilege(format('%I.%I', schemaname, tablename), 'select')"
    ).fetchall()
    held = sql.SQL("select count(*) from {} as x where x::text ilike any (array[%s, %s])")
    forms = f"%{word}%", f"%{word.encode().hex()}%"
    return {
        f"{schema}.{table}"
        for schema, table in tables
        if connection.execute(held.format(sql.Identifier(schema, table)), forms).fetchone() != (0,)
    }


@pytest.fixture
def canary(connection: psycopg.Connection[Any], one: Any) -> str:
    """A word that is in every kind of record, in what is derived from them, in answers and in a reject."""
    word = "zqxjkvbo"
    said = {"sender": f"{word} Smith", "sender_address": f"{word}@x.example", "conversation_id": word}
    records = [
        {"kind": "note", "title": f"{word} 1", "body": f"the {word} grinder", "external_id": "1"},
        {"kind": "message", "title": word, "body": f"{word} says hello", "attributes": said},
        {
            "kind": "place_visit",
            "title": f"{word} cafe",
            "attributes": {"place_id": word, "latitude": 1, "longitude": 2},
        },
        {"kind": "contact", "title": f"{word} Smith", "attributes": {"emails": [f"{word}@x.example"]}},
        {
            "kind": "watch",
            "title": word,
            "url": f"https://{word}.example/",
            "attributes": {"channel": f"{word} channel"},
        },
        {"kind": "position", "latitude": 1, "longitude": 2, "device": word},
        {"kind": "note", "title": word, "occurred_at": "soon"},
    ]
    given = [{"source": "canary", "occurred_at": "2025-01-01T00:00:00Z"} | record for record in records]
    one("select * from lake_append(%s::jsonb)", json.dumps(given))
    one("select * from lake_resolve()")
    other = {"kind": "note", "source": "pad", "title": "the grinder", "occurred_at": "2025-01-02T00:00:00Z"}
    one("select * from lake_append(%s::jsonb)", json.dumps([other]))
    one("select answer_id from gaia_answer(%s)", f"what did I note about the {word} grinder?")
    one("select answer_id from gaia_answer(%s)", f"how many videos of {word} channel did I watch?")
    held = rows_with(connection, word)
    assert held > {
        "lake.item", "lake.reject", "lake.person", "lake.person_identifier", "lake.person_alias", "lake.place",
        "lake.conversation", "lake.position", "cortex.text", "cortex.posting", "gaia.answer", "gaia.name",
    }  # fmt: skip
    return word


def test_nothing_of_a_source_is_left_in_any_table(
    connection: psycopg.Connection[Any], forget: Any, canary: str
) -> None:
    gone = forget(source="canary")
    assert rows_with(connection, canary) == set()
    assert gone["by_table"].items() > {
        "lake.item": 5, "lake.position": 1, "lake.reject": 1, "lake.place": 1, "lake.person": 1, "cortex.chunk": 5,
    }.items()  # fmt: skip
    assert gone["by_table"]["cortex.text"] > 3
    # Those of other items too are collected anew, so that a number of them would tell nothing.
    assert "gaia.name" not in gone["by_table"]


def test_a_word_that_other_items_have_too_is_still_found(
    connection: psycopg.Connection[Any], forget: Any, canary: str
) -> None:
    forget(source="canary")
    found = connection.execute("select title from cortex_search('grinder', 9, '{\"mode\": \"lexical\"}')").fetchall()
    assert found == [("the grinder",)]
    assert (
        connection.execute(f"select 1 from cortex_search('{canary}', 9, '{{\"mode\": \"lexical\"}}')").fetchall() == []
    )


def test_everything_is_all_items_answers_and_words(
    connection: psycopg.Connection[Any], forget: Any, canary: str
) -> None:
    connection.execute("select answer_id from gaia_answer(%s)", (f"who on earth is {canary}?",))
    forget(owner_all=True)
    assert rows_with(connection, canary) == set()
    for table in ("cortex.posting", "gaia.answer", "gaia.conversation", "lake.item", "lake.position"):
        assert connection.execute(f"select count(*) from {table}").fetchone() == (0,), table
