"""Files in chunks: the result is that of the whole, whatever order the chunks come in and however often."""

import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import psycopg
import pytest

from datapunk import sample

Run = Callable[..., dict[str, Any]]
Chunk = Callable[..., dict[str, Any]]


@pytest.fixture
def put(connection: psycopg.Connection[Any], one: Run) -> Chunk:
    """Send a chunk as PostgREST hands it over: the body as the argument, the headers as a setting."""

    def run(upload_id: object, number: object, content: bytes, **more: str) -> dict[str, Any]:
        headers = {"datapunk-upload": str(upload_id), "datapunk-chunk": str(number), **more}
        connection.execute("select set_config('request.headers', %s, true)", (json.dumps(headers),))
        return one("select * from lake_upload_chunk(%s)", content)

    return run


@pytest.fixture
def begin(connection: psycopg.Connection[Any], one: Run) -> Run:
    """Begin an upload in chunks of so many bytes."""

    def run(content: bytes, name: str = "takeout.zip", chunk_bytes: int = 10_000, **options: Any) -> dict[str, Any]:
        connection.execute("select set_config('datapunk.upload_chunk_bytes', %s, true)", (str(chunk_bytes),))
        return one("select * from lake_upload_begin(%s, %s, %s)", name, len(content), json.dumps(options))

    return run


def parts(content: bytes, size: int = 10_000) -> list[tuple[int, bytes]]:
    return [(at // size, content[at : at + size]) for at in range(0, len(content), size)]


def test_chunks_in_any_order_give_what_the_whole_gives(
    connection: psycopg.Connection[Any], life: sample.Truth, begin: Run, put: Chunk, one: Run
) -> None:
    content = life.path.read_bytes()
    whole = "select array_agg(encode(content_hash, 'hex') order by content_hash) as items from lake.item"
    with connection.transaction(force_rollback=True):
        expected = one("select * from lake_import(%s, 'takeout.zip')", content)
        items, account = one(whole), one("select sha256, bytes, members_total, options from imports")
    begun = begin(content, timezone="UTC")
    assert begun["chunks"] == len(parts(content)) > 5
    for number, chunk in reversed(parts(content)):
        told = put(begun["upload_id"], number, chunk)
    assert (told["received"], told["missing"]) == (begun["chunks"], 0)
    found = one("select * from lake_upload_finish(%s)", begun["upload_id"])
    apart = ("import_id", "seconds")
    assert {k: v for k, v in found.items() if k not in apart} == {k: v for k, v in expected.items() if k not in apart}
    assert one(whole) == items
    assert one("select sha256, bytes, members_total, options from imports") == account


def test_a_table_in_chunks_takes_a_mapping(begin: Run, put: Chunk, one: Run) -> None:
    content = b"Day;Shop\n2026-01-02;Tea House\n"
    mapping = {"kind": "purchase", "source": "till", "title": "Shop", "occurred_at": "Day"}
    begun = begin(content, "till.csv", mapping=mapping)
    put(begun["upload_id"], 0, content)
    assert one("select * from lake_upload_finish(%s)", begun["upload_id"])["by_kind"] == {"purchase": 1}


def test_finishing_again_gives_the_same_and_imports_nothing(begin: Run, put: Chunk, one: Run) -> None:
    content = b'{"title": "a"}\n' * 3
    begun = begin(content, "a.jsonl")
    put(begun["upload_id"], 0, content)
    first = one("select * from lake_upload_finish(%s)", begun["upload_id"])
    second = one("select * from lake_upload_finish(%s)", begun["upload_id"])
    assert {**first, "seconds": None} == {**second, "seconds": None}
    assert one("select count(*) as n from imports")["n"] == 1
    assert one("select count(*) as n from lake.upload_chunk")["n"] == 0


def test_chunk_again_is_harmless_and_the_later_one_counts(begin: Run, put: Chunk, one: Run) -> None:
    content = b'{"title": "abc"}\n'
    begun = begin(content, "a.jsonl", chunk_bytes=10)
    put(begun["upload_id"], 0, b"x" * 10)
    put(begun["upload_id"], 0, content[:10])
    assert put(begun["upload_id"], 0, content[:10])["received"] == 1
    put(begun["upload_id"], 1, content[10:])
    assert one("select * from lake_upload_finish(%s)", begun["upload_id"])["items_new"] == 1


def test_view_tells_which_chunks_are_there(begin: Run, put: Chunk, one: Run) -> None:
    begun = begin(b"x" * 35, chunk_bytes=10)
    put(begun["upload_id"], 3, b"x" * 5)
    put(begun["upload_id"], 1, b"x" * 10)
    row = one("select filename, bytes, chunks, received, numbers from uploads")
    assert row == {"filename": "takeout.zip", "bytes": 35, "chunks": 4, "received": 2, "numbers": [1, 3]}


def test_missing_chunks_are_named(begin: Run, put: Chunk, one: Run) -> None:
    begun = begin(b"x" * 35, chunk_bytes=10)
    put(begun["upload_id"], 1, b"x" * 10)
    with pytest.raises(psycopg.Error, match="missing: 0, 2, 3") as caught:
        one("select * from lake_upload_finish(%s)", begun["upload_id"])
    assert caught.value.sqlstate == "DP002"


@pytest.mark.parametrize(
    ("number", "content", "state"),
    [(0, b"x" * 9, "22023"), (0, b"x" * 11, "22023"), (4, b"x" * 10, "22023"), (3, b"x" * 10, "22023"),
     ("-1", b"x" * 10, "22023"), ("one", b"x" * 10, "22023"), ("²", b"x" * 10, "22023"), (0, b"", "22023")],
)  # fmt: skip
def test_chunk_that_does_not_fit_is_refused(begin: Run, put: Chunk, number: object, content: bytes, state: str) -> None:
    begun = begin(b"x" * 35, chunk_bytes=10)
    with pytest.raises(psycopg.Error) as caught:
        put(begun["upload_id"], number, content)
    assert caught.value.sqlstate == state
    assert caught.value.diag.message_hint


def test_chunk_with_another_hash_is_refused(begin: Run, put: Chunk) -> None:
    begun = begin(b"x" * 5)
    put(begun["upload_id"], 0, b"x" * 5, **{"datapunk-sha256": sha256(b"x" * 5).hexdigest()})
    with pytest.raises(psycopg.Error) as caught:
        put(begun["upload_id"], 0, b"y" * 5, **{"datapunk-sha256": sha256(b"x" * 5).hexdigest()})
    assert caught.value.sqlstate == "DP010"


def test_file_with_another_hash_is_not_imported(
    connection: psycopg.Connection[Any], begin: Run, put: Chunk, one: Run
) -> None:
    content = b'{"title": "a"}\n'
    begun = begin(content, "a.jsonl", sha256=sha256(b"other").hexdigest())
    put(begun["upload_id"], 0, content)
    with pytest.raises(psycopg.Error) as caught, connection.transaction():
        one("select * from lake_upload_finish(%s)", begun["upload_id"])
    assert caught.value.sqlstate == "DP010"
    assert one("select count(*) as n from items")["n"] == 0
    assert one("select received from uploads")["received"] == 1


@pytest.mark.parametrize(
    ("name", "size", "options"),
    [("", 5, {}), ("a", 0, {}), ("a", None, {}), ("a", 5, {"nope": 1}), ("a", 5, {"source": "nope"}),
     ("a", 5, {"sha256": "xyz"}), ("a", 5, {"timezone": "Mars"})],
)  # fmt: skip
def test_what_cannot_be_imported_is_refused_at_the_beginning(
    one: Run, name: str, size: int | None, options: dict[str, Any]
) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue) as caught:
        one("select * from lake_upload_begin(%s, %s, %s)", name, size, json.dumps(options))
    assert caught.value.diag.message_hint


def test_more_than_an_owner_may_have_waiting_is_refused(connection: psycopg.Connection[Any], begin: Run) -> None:
    connection.execute("select set_config('datapunk.upload_max_bytes', '100', true)")
    begin(b"x" * 60)
    with pytest.raises(psycopg.Error) as caught:
        begin(b"x" * 41)
    assert caught.value.sqlstate == "DP011"


def test_cancelled_upload_leaves_nothing(begin: Run, put: Chunk, one: Run) -> None:
    begun = begin(b"x" * 5)
    put(begun["upload_id"], 0, b"x" * 5)
    assert one("select lake_upload_cancel(%s) as gone", begun["upload_id"])["gone"] is True
    assert one("select lake_upload_cancel(%s) as gone", begun["upload_id"])["gone"] is False
    assert one("select (select count(*) from uploads) + (select count(*) from lake.upload_chunk) as n")["n"] == 0


def test_abandoned_upload_expires_for_every_owner(
    connection: psycopg.Connection[Any], begin: Run, put: Chunk, one: Run
) -> None:
    old = begin(b"x" * 5)
    put(old["upload_id"], 0, b"x" * 5)
    connection.execute("update lake.upload set expires_at = now() - interval '1 second'")
    with pytest.raises(psycopg.Error) as caught, connection.transaction():
        put(old["upload_id"], 0, b"x" * 5)
    assert caught.value.sqlstate == "P0002"
    connection.execute("set datapunk.owner = 'somebody else'")
    young = begin(b"x" * 7)
    connection.execute("set datapunk.owner = 'local'")
    assert one("select count(*) as n from lake.upload_chunk")["n"] == 0
    assert one("select count(*) as n from lake.upload")["n"] == 0
    connection.execute("set datapunk.owner = 'somebody else'")
    assert one("select upload_id from uploads")["upload_id"] == young["upload_id"]


def test_setting_the_clock_expires_nothing_of_others(connection: psycopg.Connection[Any], begin: Run, one: Run) -> None:
    begin(b"x" * 5)
    connection.execute("set datapunk.owner = 'somebody else'")
    connection.execute("set datapunk.now = '2999-01-01T00:00:00Z'")
    assert one("select lake.expire_uploads() as n")["n"] == 0


def test_upload_of_another_owner_is_not_there(connection: psycopg.Connection[Any], begin: Run, put: Chunk) -> None:
    begun = begin(b"x" * 5)
    connection.execute("set datapunk.owner = 'somebody else'")
    for statement in ("select * from lake_upload_finish(%s)",):
        with pytest.raises(psycopg.Error) as caught, connection.transaction():
            connection.execute(statement, (begun["upload_id"],))
        assert caught.value.sqlstate == "P0002"
    with pytest.raises(psycopg.Error) as caught, connection.transaction():
        put(begun["upload_id"], 0, b"x" * 5)
    assert caught.value.sqlstate == "P0002"
    assert connection.execute("select lake_upload_cancel(%s)", (begun["upload_id"],)).fetchone() == (False,)


def test_dry_run_keeps_the_chunks(begin: Run, put: Chunk, one: Run) -> None:
    content = b'{"title": "a"}\n'
    begun = one("select * from lake_upload_begin('a.jsonl', %s, '{\"dry_run\": true}')", len(content))
    put(begun["upload_id"], 0, content)
    assert one("select * from lake_upload_finish(%s)", begun["upload_id"])["status"] == "dry_run"
    assert one("select received from uploads")["received"] == 1
