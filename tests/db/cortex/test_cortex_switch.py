import itertools
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from cortex_items import colours, insert_items, switch
from datapunk_workers.queue import RetryLater
from tiny_models import embedder_files, install_embedder
from worker_process import WorkerProcess

SEMANTIC = 'select item_id from cortex_search(%s, 8, \'{"mode": "semantic"}\')'


@pytest.fixture
def process(database, tmp_path):
    started = WorkerProcess(database=database, log=tmp_path / "worker.log").start()
    yield started
    started.stop()


def active(person):
    return person.execute("select generation, model, dimensions from cortex_status()").fetchone()


def wait(person, generation, timeout="60 s"):
    row = person.execute("call cortex_wait(%s, %s)", (generation, timeout)).fetchone()
    return row[1], row[3]


@pytest.mark.slow
def test_four_searchers_see_one_generation_or_the_other_and_never_fail(database, person, tiny, process):
    colours(person)
    deadline = time.monotonic() + 60
    while person.execute("select pending from cortex_status()").fetchone() != (0,):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    queries = ["red", "green blue", "blue red"]

    def rankings():
        return {query: person.execute(SEMANTIC, (query,)).fetchall() for query in queries}

    before, over = rankings(), threading.Event()

    def search():
        seen = []
        with database.connect() as connection:
            for query in itertools.cycle(queries):
                if over.is_set():
                    return seen
                seen.append((query, connection.execute(SEMANTIC, (query,)).fetchall()))

    with ThreadPoolExecutor(4) as pool:
        searching = [pool.submit(search) for _ in range(4)]
        try:
            new = switch(person)
            assert wait(person, new) == ("active", None)
            time.sleep(0.5)
            assert person.execute("select cortex_rollback()").fetchone()[0] < new
            time.sleep(0.3)
            assert person.execute("select cortex_rollback()").fetchone()[0] == new
            time.sleep(0.3)
        finally:
            over.set()
        seen = [pair for future in searching for pair in future.result(60)]
    after = rankings()
    assert active(person) == (new, "colours", 4)
    assert all(before[query] != after[query] for query in queries)
    assert {ranking == before[query] for query, ranking in seen if ranking in (before[query], after[query])} == {
        True,
        False,
    }
    assert [pair for pair in seen if pair[1] not in (before[pair[0]], after[pair[0]])] == []


def test_a_switch_returns_at_once_and_changes_nothing_yet(person, tiny, embed):
    colours(person)
    embed()
    old = active(person)
    new = switch(person)
    assert new != old[0]
    assert active(person) == old
    assert person.execute("select building, building_model, building_stage from cortex_status()").fetchone() == (
        new, "colours", "prepare",
    )  # fmt: skip


def test_texts_that_come_during_the_build_are_in_both(person, tiny, embed, maintain, build):
    colours(person)
    embed()
    new = switch(person)
    assert isinstance(maintain("build", new), RetryLater)
    insert_items(person, [{"title": "green green blue"}])
    build(new)
    assert active(person)[0] == new
    assert person.execute("select generation, embedded, pending from generations order by 1").fetchall() == [
        (1, 9, 0), (new, 9, 0),
    ]  # fmt: skip


def test_a_manual_switch_waits_for_a_second_call(person, tiny, embed, build):
    colours(person)
    embed()
    new = switch(person, options='{"activate": "manual"}')
    build(new)
    assert active(person)[0] != new
    assert wait(person, new) == ("ready", None)
    assert switch(person) == new
    assert active(person)[0] == new


def test_the_report_tells_overlap_and_quality(person, tiny, embed, build):
    items = colours(person)
    embed()
    person.execute(
        "select * from cortex_evaluate(jsonb_build_object('red', jsonb_build_object(%s::text, 1)), '{\"keep\": true}')",
        (items[0],),
    )
    new = switch(person, options='{"activate": "manual"}')
    build(new)
    overlap, before, after, queries, judged = person.execute(
        "select overlap_at_10, ndcg_before, ndcg_after, queries, judged from generations where generation = %s", (new,)
    ).fetchone()
    # There are eight texts, so the first ten of both are the same.
    assert overlap == 1
    assert (before, after, judged) == (1, 1, 1)
    assert queries == 8


def test_what_is_worse_by_the_judgments_waits_for_a_second_call(person, tiny, embed, build):
    items = colours(person)
    # The tiny model knows three words, and takes all others for the same.
    insert_items(person, [{"title": "puppy"}])
    embed()
    judgments = "jsonb_build_object('scarlet', jsonb_build_object(%s::text, 1))"
    person.execute(f"select * from cortex_evaluate({judgments}, '{{\"keep\": true}}')", (items[0],))
    new = switch(person)
    build(new)
    before, after, state = person.execute(
        "select ndcg_before, ndcg_after, state from generations where generation = %s", (new,)
    ).fetchone()
    assert before > after
    assert state == "ready"
    assert active(person)[0] != new
    assert switch(person) == new
    assert active(person)[0] == new


def test_what_was_trained_here_waits_where_nothing_judges_it(database, person, embed, build):
    with database.connect("postgres") as admin:
        install_embedder(admin, "mine", embedder_files(), owner="local")
    items = colours(person)
    embed()
    new = switch(person, "mine")
    build(new)
    assert person.execute("select state, judged from generations where generation = %s", (new,)).fetchone() == (
        "ready", 0,
    )  # fmt: skip
    assert active(person)[0] != new
    assert switch(person, "mine") == new
    assert active(person)[0] == new
    judgments = "jsonb_build_object('red', jsonb_build_object(%s::text, 1))"
    person.execute(f"select * from cortex_evaluate({judgments}, '{{\"keep\": true}}')", (items[0],))
    person.execute("select cortex_rollback()")
    again = switch(person, "mine", '{"rebuild": true}')
    build(again)
    assert person.execute("select state, judged from generations where generation = %s", (again,)).fetchone() == (
        "active", 1,
    )  # fmt: skip


def test_a_rollback_catches_up_with_what_came_meanwhile(person, tiny, embed, build, maintain):
    colours(person)
    embed()
    old = active(person)[0]
    build(switch(person))
    insert_items(person, [{"title": "written after the switch"}])
    embed()
    assert person.execute("select cortex_rollback()").fetchone() == (old,)
    assert person.execute("select embedded, pending from cortex_status()").fetchone() == (8, 0)
    assert isinstance(maintain("sweep"), RetryLater)
    embed()
    assert maintain("sweep") is None
    assert person.execute("select texts, embedded, pending from cortex_status()").fetchone() == (9, 9, 0)


@pytest.mark.parametrize("statement", ["truncate lake.item cascade", "delete from lake.item"])
def test_what_goes_in_the_middle_of_a_build_leaves_nothing_in_either(
    database, person, tiny, embed, maintain, build, statement
):
    colours(person)
    embed()
    new = switch(person)
    assert isinstance(maintain("build", new), RetryLater)
    with database.connect("postgres", owner="local") as admin:
        admin.execute(statement)
    insert_items(person, [{"title": "green"}, {"title": "blue green"}])
    build(new)
    assert active(person)[0] == new
    assert person.execute("select texts, embedded, pending, failed from cortex_status()").fetchone() == (2, 2, 0, 0)
    assert person.execute("select generation, embedded, pending from generations order by 1").fetchall() == [
        (1, 2, 0), (new, 2, 0),
    ]  # fmt: skip
    assert len(person.execute(SEMANTIC, ("green",)).fetchall()) == 2


def test_there_is_nothing_to_roll_back_to_at_first(connection):
    with pytest.raises(psycopg.errors.NoDataFound):
        connection.execute("select cortex_rollback()")


def test_a_kept_generation_is_caught_up_and_not_built_anew(person, tiny, embed, build):
    colours(person)
    embed()
    old = active(person)[0]
    build(switch(person))
    insert_items(person, [{"title": "later"}])
    embed()
    assert switch(person, "all-MiniLM-L6-v2") == old
    build(old)
    assert person.execute("select generation, texts, embedded from cortex_status()").fetchone() == (old, 9, 9)


def test_an_old_generation_goes_when_its_time_is_over(person, tiny, embed, build, maintain):
    colours(person)
    embed()
    build(switch(person))
    with pytest.raises(psycopg.errors.InvalidParameterValue):
        person.execute("select cortex_generation_drop((select generation from cortex_status()))")
    new = switch(person, "all-MiniLM-L6-v2", '{"rebuild": true, "keep": "0 seconds"}')
    build(new)
    maintain("sweep")
    assert person.execute("select generation from generations where state = 'retired'").fetchall() == [(1,), (2,)]
    person.execute("select cortex_generation_drop(1)")
    assert person.execute("select to_regclass('cortex.embedding_1')").fetchone() == (None,)
    build(switch(person, "colours"))
    maintain("sweep")
    assert person.execute("select generation, state from generations").fetchall() == [(2, "active")]


def test_all_owners_move_together(database, person, tiny, embed, build):
    colours(person)
    with database.connect(owner="bob") as bob:
        insert_items(bob, [{"title": "of bob"}])
        embed()
        embed("bob")
        build(switch(person), owners=("local", "bob"))
        assert bob.execute("select model, texts, embedded, pending from cortex_status()").fetchone() == (
            "colours",
            1,
            1,
            0,
        )
    assert person.execute("select texts, embedded, pending from cortex_status()").fetchone() == (8, 8, 0)


def test_a_build_whose_texts_fail_is_not_switched_to(person, tiny, embed, maintain):
    colours(person)
    embed()
    new = switch(person)
    maintain("build", new)
    person.execute("update cortex.pending set failed = true where generation_id = %s", (new,))
    assert isinstance(maintain("build", new), RetryLater)
    assert "8 of 8 texts could not be embedded" in wait(person, new, "0 s")[1]
    assert active(person)[0] != new


def test_one_generation_is_built_at_a_time(person, tiny):
    switch(person)
    assert switch(person) == 2
    with pytest.raises(psycopg.errors.UniqueViolation):
        switch(person, "all-MiniLM-L6-v2", '{"rebuild": true}')
    assert person.execute("select cortex_generation_drop(2)").fetchone() == (True,)


def test_the_model_in_use_needs_no_switch(person):
    assert switch(person, "all-MiniLM-L6-v2") == active(person)[0]


@pytest.mark.parametrize(
    ("model", "options", "sqlstate"),
    [
        ("", "{}", "22023"),
        ("nothing", "{}", "DP020"),
        ("all-MiniLM-L6-v2", '{"activate": "never"}', "22023"),
        ("all-MiniLM-L6-v2", '{"keep": "long"}', "22023"),
        ("all-MiniLM-L6-v2", '{"rebuild": 1}', "22023"),
        ("all-MiniLM-L6-v2", '{"wait": true}', "22023"),
    ],
)
def test_a_bad_switch_is_refused(connection, model, options, sqlstate):
    with pytest.raises(psycopg.Error) as caught:
        connection.execute("select cortex_switch(%s, %s)", (model, options))
    assert caught.value.sqlstate == sqlstate
    assert caught.value.diag.message_hint


def test_users_over_http_may_not_switch(database):
    with psycopg.connect(database.dsn("datapunk_authenticator"), autocommit=True) as connection:
        connection.execute("set role datapunk_user")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("select api.cortex_switch('all-MiniLM-L6-v2')")


def test_an_answer_holds_its_generation_until_it_is_stored(database, person):
    insert_items(person, [{"title": "a note"}])
    with database.connect() as other, database.connect("postgres") as admin, other.transaction():
        other.execute("select gaia_ask('what did I note?')")
        admin.execute("alter function cortex.activate_generation(bigint) set lock_timeout = '100ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            admin.execute("select cortex.activate_generation(1)")
