"""One thing is one item: which of its records is kept, where they were met, and what edits replaced."""

import json
from itertools import permutations
from typing import Any

import psycopg
import pytest

from lake_archives import ENTRY, zipped

PAGE = """<html><body><div class="outer-cell"><div class="header-cell"><p class="mdl-typography--title">Search</p></div>
<div class="content-cell mdl-cell mdl-cell--6-col mdl-typography--body-1">Searched for\u00a0<a
href="https://www.google.com/search?q=tea">tea</a><br>Jan 1, 2025, 10:00:00 AM UTC</div></div></body></html>"""
SEARCH = ENTRY | {"titleUrl": "https://www.google.com/search?q=tea", "time": "2025-01-01T10:00:00.250Z"}
AS_PAGE = {"Takeout/My Activity/Search/MyActivity.html": PAGE.encode()}
AS_DATA = {"Takeout/My Activity/Search/MyActivity.json": [SEARCH]}


def note(text: str, edited: int) -> dict[str, Any]:
    return {
        "Takeout/Keep/A.json": {
            "title": "A", "textContent": text, "createdTimestampUsec": 1_600_000_000_000_000, "isTrashed": False,
            "userEditedTimestampUsec": 1_600_000_000_000_000 + edited,
        }
    }  # fmt: skip


@pytest.mark.parametrize("files", [(AS_PAGE, AS_DATA), (AS_DATA, AS_PAGE)])
def test_data_replace_a_page_in_place_whichever_comes_first(import_file: Any, one: Any, files: Any) -> None:
    added = [import_file(zipped(content))["items_new"] for content in files]
    assert added == [1, 0]
    row = one("select precision, occurred_at::text as at, title from items")
    assert (row["precision"], row["title"]) == ("ms", "tea")
    assert ".25" in row["at"]


SPANISH = PAGE.replace("Searched for\u00a0", "Has buscado ").replace(
    "Jan 1, 2025, 10:00:00 AM UTC", "1 ene 2025, 11:00:00 CET"
)
AS_SPANISH_PAGE = {"Takeout/Mi actividad/Search/MiActividad.html": SPANISH.encode()}
AS_SPANISH_DATA = {"Takeout/Mi actividad/Search/MiActividad.json": [SEARCH | {"title": "Has buscado tea"}]}


@pytest.mark.parametrize("order", list(permutations((AS_PAGE, AS_DATA, AS_SPANISH_PAGE, AS_SPANISH_DATA)))[::3])
def test_exports_in_two_languages_and_forms_are_one_item_in_any_order(import_file: Any, one: Any, order: Any) -> None:
    added = [import_file(zipped(content))["items_new"] for content in order]
    assert added == [1, 0, 0, 0]
    row = one("select kind, title, url, precision, occurred_at at time zone 'UTC' as at from items")
    assert row["at"].isoformat() == "2025-01-01T10:00:00.250000"
    assert (row["kind"], row["title"], row["precision"]) == ("search", "tea", "ms")
    assert row["url"] == "https://www.google.com/search?q=tea"
    assert one("select count(*)::int as n from items as i cross join lateral lake_sightings(i.item_id)")["n"] == 4


def test_a_better_record_keeps_the_items_key(import_file: Any, one: Any) -> None:
    import_file(zipped(AS_PAGE))
    before = one("select item_id from items")
    import_file(zipped(AS_DATA))
    assert one("select item_id from items") == before


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_latest_edit_is_kept_in_any_order(import_file: Any, one: Any, order: tuple[int, ...]) -> None:
    for number in order:
        import_file(zipped(note(f"text {number}", number)))
    assert one("select body from notes")["body"] == "text 2"


def test_what_an_edit_replaces_is_kept_and_goes_with_the_item(import_file: Any, one: Any) -> None:
    import_file(zipped(note("first", 0)))
    import_file(zipped(note("second", 1)))
    import_file(zipped(note("second", 1)))
    kept = one("select item_id, body from item_versions")
    assert kept["body"] == "first"
    one("select items from lake_forget(%s::jsonb)", json.dumps({"item_ids": [kept["item_id"]]}))
    assert one("select count(*)::int from item_versions")["count"] == 0


def test_an_edited_note_is_found_by_what_it_says_now(import_file: Any, connection: psycopg.Connection[Any]) -> None:
    import_file(zipped(note("aubergine", 0)))
    import_file(zipped(note("courgette", 1)))
    found = {
        word: connection.execute("select count(*)::int from cortex_search(%s, 5, '{\"mode\": \"lexical\"}')", (word,))
        .fetchone()
        for word in ("aubergine", "courgette")
    }  # fmt: skip
    assert found == {"aubergine": (0,), "courgette": (1,)}


def test_every_sighting_is_kept_with_its_file_and_position(
    import_file: Any, one: Any, connection: psycopg.Connection[Any]
) -> None:
    other = ENTRY | {"title": "Searched for coffee"}
    first = import_file(zipped({"a/MyActivity.json": [other, SEARCH], "b/MyActivity.json": [SEARCH]}), "one.zip")
    import_file(zipped({"c/MyActivity.json": [other, other, SEARCH]}), "two.zip")
    item = one("select item_id from items where title = 'tea'")["item_id"]
    seen = connection.execute("select filename, member, ordinal from lake_sightings(%s)", (item,)).fetchall()
    assert seen == [
        ("one.zip", "a/MyActivity.json", 1), ("one.zip", "b/MyActivity.json", 0), ("two.zip", "c/MyActivity.json", 2),
    ]  # fmt: skip
    one("select items from lake_forget(%s::jsonb)", json.dumps({"import_id": str(first["import_id"])}))
    assert connection.execute("select filename from lake_sightings(%s)", (item,)).fetchall() == []


def test_live_records_have_no_sightings(one: Any, connection: psycopg.Connection[Any]) -> None:
    one('select items_new from lake_append(\'[{"kind": "note", "title": "a"}]\')')
    item = one("select item_id from items")["item_id"]
    assert connection.execute("select * from lake_sightings(%s)", (item,)).fetchall() == []
