"""An archive that was cut is imported as far as it goes, and the whole one later adds what it lacked."""

import gzip
import json
from typing import Any

import psycopg
import pytest

from lake_archives import ENTRY, zipped

FILES = {
    f"Takeout/My Activity/{product}/MyActivity.json": [
        ENTRY | {"header": product, "title": f"Searched for {product} {number * 7919}", "products": [product]}
        for number in range(60)
    ]
    for product in ("Search", "Maps", "Video Search")
}  # fmt: skip


@pytest.fixture
def life(connection: psycopg.Connection[Any]) -> Any:
    def rows() -> set[Any]:
        query = "select kind, source, title, occurred_at, attributes::text from items"
        return set(connection.execute(query).fetchall())

    return rows


@pytest.mark.parametrize("part", [0.5, 0.75, 0.97])
def test_the_whole_archive_adds_what_the_cut_one_lacked(import_file: Any, life: Any, part: float) -> None:
    content = zipped(FILES)
    first = import_file(content[: int(len(content) * part)], "takeout-20250921T101500Z-001.zip")
    kept = life()
    assert (first["status"], len(kept)) == ("done", first["items_new"])
    assert 30 < len(kept) <= 180
    second = import_file(content, "takeout-20250921T101500Z-001.zip")
    assert second["items_new"] == 180 - len(kept)
    assert (second["rejects"], second["items_seen"]) == (0, 180)
    assert kept <= life()
    assert len(life()) == 180


def test_what_is_missing_is_told_and_kept_as_a_reject(import_file: Any, connection: psycopg.Connection[Any]) -> None:
    content = zipped(FILES)
    row = import_file(content[: content.rindex(b"PK\x03\x04") - 60], "t.zip")
    told = dict(
        connection.execute("select member, reason from ignored where import_id = %s", (row["import_id"],)).fetchall()
    )
    cut = list(FILES)[1]
    assert told[cut] == "damaged: the packed data end too early"
    assert told["t.zip"].startswith("alarm: it is incomplete")
    rejects = connection.execute(
        "select member, source, retriable from rejects where import_id = %s order by member", (row["import_id"],)
    ).fetchall()
    assert rejects == [(cut, "my_activity", False), ("t.zip", None, False)]
    assert row["rejects"] == 2
    left = connection.execute("select member, still_rejected, hint from lake_retry('{}')").fetchall()
    assert {member for member, _, _ in left} == {cut, "t.zip"}
    assert all(count == 1 and "again" in hint for _, count, hint in left)


def test_a_packed_file_is_the_file_itself(import_file: Any) -> None:
    (entries,) = (FILES[name] for name in list(FILES)[:1])
    plain = json.dumps(entries).encode()
    assert import_file(gzip.compress(plain), "MyActivity.json.gz")["items_new"] == 60
    assert import_file(plain, "MyActivity.json")["items_new"] == 0
