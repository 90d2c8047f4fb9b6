"""Batches of large statements: found before they are indexed, and indexed as a small statement would have been."""

import random
import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from cortex_items import insert_items, tend
from datapunk.inference import InferenceClient
from datapunk_workers.batches import IndexingHandler
from datapunk_workers.embedding import EmbeddingHandler
from harness import Database

# What the index holds of an owner, by words instead of keys.
INDEX = """
select jsonb_build_object(
  'chunks', (select jsonb_agg(
      jsonb_build_array(i.title, c.ordinal, t.body, c.kind, c.occurred_at) order by i.title, c.ordinal, t.body, c.kind
    )
    from cortex.chunk as c join lake.item as i on i.owner_id = c.owner_id and i.id = c.item_id
    join cortex.text as t on t.owner_id = c.owner_id and t.id = c.text_id),
  'texts', (select jsonb_agg(jsonb_build_array(t.body, t.language, t.length, t.lexemes::text) order by t.body)
    from cortex.text as t),
  'sizes', (select jsonb_agg(jsonb_build_array(d.language, d.texts, d.tokens) order by d.language) from (
    select d.language, sum(d.texts) as texts, sum(d.tokens) as tokens from cortex.corpus_delta as d group by d.language
    having sum(d.texts) <> 0) as d),
  'terms', (select jsonb_agg(jsonb_build_array(p.term, p.texts) order by p.term) from (
    select p.term, sum(p.texts) as texts from cortex.posting as p group by p.term having sum(p.texts) <> 0) as p),
  'entries', (select jsonb_agg(jsonb_build_array(e.term, e.body, e.length, e.frequency) order by e.term, e.body) from (
    select p.term, t.body, u.entry >> 8 & 65535 as length, u.entry & 255 as frequency
    from cortex.posting as p cross join lateral unnest(p.entries) as u (entry)
    join cortex.text as t on t.owner_id = p.owner_id and t.id = u.entry >> 24) as e),
  'pending', (select jsonb_agg(t.body order by t.body) from cortex.pending as p
    join cortex.text as t on t.owner_id = p.owner_id and t.id = p.text_id),
  'orphans', (select count(*) from cortex.chunk as c where not exists (
    select from lake.item as i where i.owner_id = c.owner_id and i.id = c.item_id)),
  'tail', (select count(*) from cortex.unindexed)
)::text
"""
WORDS = ("apple", "banana", "cherries", "running", "houses", "der", "Apfel", "und", "the", "grinder", "v1.2", "a-b")


@pytest.fixture
def tended(database: Database) -> Iterator[psycopg.Connection[Any]]:
    """A person whose every statement is left to a worker, which does not come by itself."""
    with database.connect("postgres") as superuser:
        tend(superuser)
    with database.connect() as connection:
        connection.execute("set datapunk.index_at_once = 0")
        yield connection


def waiting(connection: psycopg.Connection[Any]) -> int:
    row = connection.execute("select coalesce(sum(items), 0) from cortex.unindexed").fetchone()
    assert row is not None
    return int(row[0])


def found(connection: psycopg.Connection[Any], query: str, options: str = "{}") -> list[int]:
    rows = connection.execute(
        'select item_id from cortex_search(%s, 10, %s::jsonb || \'{"mode": "lexical"}\')', (query, options)
    )
    return [row[0] for row in rows]


def index_all(connection: psycopg.Connection[Any]) -> None:
    while connection.execute("select cortex.index_batch(true)").fetchone() != (None,):
        pass


def test_a_large_statement_is_left_to_a_worker_and_a_small_one_is_not(tended: psycopg.Connection[Any]) -> None:
    tended.execute("set datapunk.index_at_once = 2")
    insert_items(tended, [{"title": "one"}, {"title": "two"}])
    assert waiting(tended) == 0
    insert_items(tended, [{"title": f"number {n}"} for n in range(3)])
    assert waiting(tended) == 3
    assert tended.execute("select pending from cortex_status()").fetchone() == (5,)


def test_without_a_worker_everything_is_indexed_at_once(person: psycopg.Connection[Any]) -> None:
    person.execute("set datapunk.index_at_once = 0")
    insert_items(person, [{"title": "apple"}])
    assert waiting(person) == 0


def test_a_worker_that_reports_no_more_gets_nothing(tended: psycopg.Connection[Any], database: Database) -> None:
    with database.connect("postgres") as superuser:
        superuser.execute("update ops.process set seen_at = clock_timestamp() - interval '16 seconds'")
    insert_items(tended, [{"title": "apple"}])
    assert waiting(tended) == 0


def test_beyond_a_bound_of_what_waits_a_statement_indexes_its_own(
    tended: psycopg.Connection[Any], database: Database
) -> None:
    insert_items(tended, [{"title": "apple"}])
    with database.connect("postgres") as superuser:
        superuser.execute("update cortex.unindexed set items = 50000")
    insert_items(tended, [{"title": "banana"}])
    assert tended.execute("select count(*), min(body) from cortex.text").fetchone() == (1, "banana")


def test_items_are_found_before_they_are_indexed(tended: psycopg.Connection[Any]) -> None:
    items = insert_items(
        tended,
        [
            {"title": "Dialling in the grinders", "kind": "watch", "attributes": '{"channel": "Slow Brew"}'},
            {"title": "Die Häuser am See", "language": "de"},
            {"title": "report-v2.3.pdf", "source": "disk"},
        ],
    )
    assert waiting(tended) == 3
    assert found(tended, "grinder") == found(tended, "slow brew") == items[:1]
    assert found(tended, "Haus") == items[1:2]
    assert found(tended, '"report v2"') == found(tended, "repo*") == items[2:]
    assert found(tended, '"v2 report"') == []
    assert found(tended, "grinder haus pdf", '{"sources": ["disk"]}') == items[2:]
    assert found(tended, "grinder", '{"kinds": ["note"]}') == []
    assert found(tended, "zebra") == []


def test_what_is_indexed_and_what_waits_are_ranked_together(tended: psycopg.Connection[Any]) -> None:
    tended.execute("set datapunk.index_at_once = 100")
    (old,) = insert_items(tended, [{"title": "apple pie with cinnamon and raisins from the oven"}])
    tended.execute("set datapunk.index_at_once = 0")
    (new,) = insert_items(tended, [{"title": "apple pie"}])
    assert found(tended, "apple pie") == [new, old]
    index_all(tended)
    assert found(tended, "apple pie") == [new, old]


def test_a_text_that_is_indexed_and_waits_is_one_hit_with_its_newest_item(
    tended: psycopg.Connection[Any], worker: psycopg.Connection[Any], inference: InferenceClient
) -> None:
    tended.execute("set datapunk.index_at_once = 100")
    (old,) = insert_items(tended, [{"title": "apple pie", "occurred_at": "2024-01-01T10:00:00Z"}])
    assert EmbeddingHandler().handle({"owner_id": "local"}, worker, inference) is None  # type: ignore[arg-type]
    tended.execute("set datapunk.index_at_once = 0")
    insert_items(tended, [{"title": "apple pie", "occurred_at": f"20{year}-01-01T10:00:00Z"} for year in (23, 26, 25)])
    (other,) = insert_items(tended, [{"title": "apple tart", "occurred_at": None}])
    newest = tended.execute("select id from lake.item where occurred_at > '2026-01-01'").fetchone()
    assert newest
    for mode in ("lexical", "hybrid"):
        ask = "select item_id, repeats from cortex_search('apple pie', 10, %s)"
        options = f'{{"mode": "{mode}"}}'
        assert tended.execute(ask, (options,)).fetchall() == [(newest[0], 4), (other, 1)]
        until = f'{{"mode": "{mode}", "until": "2025-01-01"}}'
        assert tended.execute(ask, (until,)).fetchall() == [(old, 2)]
    index_all(tended)
    assert tended.execute(ask, (options,)).fetchall() == [(newest[0], 4), (other, 1)]


def test_a_long_item_is_found_and_named_once_before_it_is_indexed(tended: psycopg.Connection[Any]) -> None:
    body = " ".join(f"Sentence number {n} about coffee." for n in range(300)) + " Finally the marzipan."
    (item,) = insert_items(tended, [{"title": "Long", "body": body}])
    assert found(tended, "coffee") == found(tended, "marzipan") == [item]


def test_secret_kinds_stay_hidden_before_they_are_indexed(tended: psycopg.Connection[Any]) -> None:
    tended.execute("select lake_classify('note', 'secret')")
    (item,) = insert_items(tended, [{"title": "apple"}])
    assert found(tended, "apple") == []
    assert found(tended, "apple", '{"kinds": ["note"]}') == [item]


def test_nobody_elses_tail_is_searched_or_indexed(tended: psycopg.Connection[Any], database: Database) -> None:
    insert_items(tended, [{"title": "apple"}])
    with database.connect(owner="ben") as ben:
        assert found(ben, "apple") == []
        assert ben.execute("select cortex.index_batch(true)").fetchone() == (None,)
    assert waiting(tended) == 1


def test_a_handler_indexes_all_that_waits(
    tended: psycopg.Connection[Any], worker: psycopg.Connection[Any], inference: InferenceClient
) -> None:
    (item,) = insert_items(tended, [{"title": "apple", "kind": "visit", "attributes": "{}"}])
    insert_items(tended, [{"title": "banana"}])
    worker.execute("set datapunk.owner = 'local'")
    assert IndexingHandler().handle({"owner_id": "local", "task": "names"}, worker, inference) is None  # type: ignore[arg-type]
    assert waiting(tended) == 0
    assert found(tended, "apple") == [item]


def test_an_update_of_what_waits_is_what_is_indexed(tended: psycopg.Connection[Any]) -> None:
    (item,) = insert_items(tended, [{"title": "apple"}])
    tended.execute("update lake.item set title = 'banana'")
    assert (found(tended, "apple"), found(tended, "banana")) == ([], [item])
    index_all(tended)
    assert (found(tended, "apple"), found(tended, "banana")) == ([], [item])
    assert tended.execute("select body from cortex.text").fetchall() == [("banana",)]


def test_what_is_deleted_while_it_waits_leaves_nothing(tended: psycopg.Connection[Any]) -> None:
    insert_items(tended, [{"title": "apple"}, {"title": "banana"}])
    tended.execute("delete from lake.item where title = 'apple'")
    assert found(tended, "apple") == []
    tended.execute("select lake_forget('{\"owner_all\": true}')")
    assert tended.execute("select count(*) from cortex.unindexed").fetchone() == (0,)
    index_all(tended)
    assert tended.execute("select count(*) from cortex.text").fetchone() == (0,)


def test_truncate_empties_the_tail(tended: psycopg.Connection[Any], database: Database) -> None:
    insert_items(tended, [{"title": "apple"}])
    with database.connect("postgres") as superuser:
        superuser.execute("truncate lake.item")
    assert waiting(tended) == 0


def test_health_warns_of_a_tail_that_nobody_indexes(tended: psycopg.Connection[Any], database: Database) -> None:
    def told() -> Any:
        return tended.execute("select status, detail from ops_health() where component = 'lexical index'").fetchone()

    insert_items(tended, [{"title": "apple"}])
    with database.connect("postgres") as superuser:
        superuser.execute("delete from ops.process")
        assert told()[0] == "ok"
        superuser.execute("update pgmq.q_indexing set enqueued_at = now() - interval '2 minutes'")
        assert told()[0] == "warning"
        assert told()[1].startswith("items wait for it since 120 s: ")
        superuser.execute("delete from pgmq.q_indexing")
    assert told() == ("ok", "nothing waits for it")


def test_two_indexers_take_different_batches(tended: psycopg.Connection[Any], database: Database) -> None:
    insert_items(tended, [{"title": "apple"}])
    insert_items(tended, [{"title": "banana"}])
    with database.connect() as one, database.connect() as other:
        one.execute("begin")
        assert one.execute("select cortex.index_batch(false)").fetchone() == (1,)
        assert other.execute("select cortex.index_batch(false)").fetchone() == (1,)
        assert other.execute("select cortex.index_batch(false)").fetchone() == (-1,)
        one.execute("commit")
    assert tended.execute("select count(*) from cortex.chunk").fetchone() == (2,)


def test_an_indexer_that_dies_leaves_its_batch(tended: psycopg.Connection[Any], database: Database) -> None:
    (item,) = insert_items(tended, [{"title": "apple"}])
    with database.connect() as dying, database.connect("postgres") as superuser:
        dying.execute("begin")
        dying.execute("select cortex.index_batch(false)")
        superuser.execute("select pg_terminate_backend(%s)", (dying.info.backend_pid,))
        with pytest.raises(psycopg.OperationalError):
            dying.execute("commit")
    assert found(tended, "apple") == [item]
    index_all(tended)
    assert (waiting(tended), found(tended, "apple")) == (0, [item])


@pytest.mark.parametrize("change", ["update lake.item set title = 'banana'", "delete from lake.item"])
def test_a_change_waits_for_who_is_indexing(tended: psycopg.Connection[Any], database: Database, change: str) -> None:
    insert_items(tended, [{"title": "apple"}])
    with database.connect() as indexer, database.connect() as other:
        indexer.execute("begin")
        indexer.execute("select cortex.index_batch(false)")
        thread = threading.Thread(target=other.execute, args=(change,))
        thread.start()
        thread.join(0.3)
        assert thread.is_alive()
        indexer.execute("commit")
        thread.join(10)
    expected = [("banana",)] if "banana" in change else []
    assert tended.execute("select body from cortex.text").fetchall() == expected
    assert tended.execute("select count(*) from cortex.chunk").fetchone() == (len(expected),)


def test_an_indexer_leaves_out_what_is_being_changed(tended: psycopg.Connection[Any], database: Database) -> None:
    insert_items(tended, [{"title": "apple"}])
    with database.connect() as other:
        other.execute("begin")
        other.execute("update lake.item set title = 'banana'")
        assert tended.execute("select cortex.index_batch(false)").fetchone() == (-1,)
        other.execute("commit")
    index_all(tended)
    assert tended.execute("select body from cortex.text").fetchall() == [("banana",)]


def test_an_item_that_cannot_be_indexed_is_put_aside(tended: psycopg.Connection[Any], database: Database) -> None:
    insert_items(tended, [{"title": title} for title in ("apple", "broken", "banana", "cherry", "plum")])
    with database.connect("postgres") as superuser:
        # As an error of a text itself would be.
        superuser.execute(
            "create function public.refuse() returns trigger language plpgsql as $$begin "
            "if new.body = 'broken' then raise data_exception using message = 'broken'; end if; return new; end$$"
        )
        superuser.execute(
            "create trigger refuse before insert on cortex.text for each row execute function public.refuse()"
        )
    index_all(tended)
    assert tended.execute("select items, error from cortex.unindexed").fetchall() == [(1, "broken")]
    assert tended.execute("select failed from cortex_status()").fetchone() == (1,)
    assert tended.execute("select count(*) from cortex.text").fetchone() == (4,)
    tended.execute("update lake.item set title = 'mended' where title = 'broken'")
    index_all(tended)
    assert waiting(tended) == 0


@pytest.mark.parametrize("seed", range(4))
def test_the_index_ends_up_as_if_each_statement_had_been_indexed_at_once(database: Database, seed: int) -> None:
    chance = random.Random(seed)
    with database.connect("postgres") as superuser:
        tend(superuser)
    with database.connect(owner="now") as now, database.connect(owner="later") as later:
        now.execute("set datapunk.index_at_once = 1000")
        later.execute("set datapunk.index_at_once = 0")
        number = 0
        for _ in range(25):
            change = chance.random()
            if change < 0.5:
                items = []
                for _ in range(chance.randint(1, 6)):
                    number += 1
                    items.append({
                        "title": f"n{number}", "body": " ".join(chance.choices(WORDS, k=chance.choice((0, 1, 3, 200)))),
                        "language": chance.choice((None, "en", "de", "xx")), "kind": chance.choice(("note", "mail")),
                    })  # fmt: skip
                    if chance.random() < 0.4:
                        # The same text again, in an item of its own.
                        items.append({"title": "same", "body": "apple apple", "external": str(number)})
                for connection in (now, later):
                    insert_items(connection, items)
                continue
            some = [f"n{chance.randint(1, number + 1)}" for _ in range(chance.randint(1, 5))]
            statement, arguments = chance.choice((
                ("update lake.item set body = %s where title = any (%s)", (chance.choice(WORDS), some)),
                ("update lake.item set external_id = %s where title = any (%s)", ("x", some)),
                ("delete from lake.item where body = %s or title = any (%s)", (chance.choice(WORDS), some)),
            ))  # fmt: skip
            for connection in (now, later):
                connection.execute(statement, arguments)
            if chance.random() < 0.4:
                later.execute("select cortex.index_batch(false)")
        index_all(later)
        assert later.execute(INDEX).fetchone() == now.execute(INDEX).fetchone()
        for query in ("apple", "house grinder", "v1.2", "der Apfel", "running"):
            ask = (
                'select title, score, repeats from cortex_search(%s, 30, \'{"mode": "lexical"}\')'
                " order by score desc, title"
            )
            assert later.execute(ask, (query,)).fetchall() == now.execute(ask, (query,)).fetchall()
