"""The vector index: its parameters, when it is built, and that nobody waits for it."""

import itertools
import time
from concurrent.futures import ThreadPoolExecutor

from cortex_items import colours, insert_items, switch
from datapunk_workers.indexing import ensure_index

SEMANTIC = 'select item_id from cortex_search(%s, 8, \'{"mode": "semantic"}\')'
VECTORS = """
insert into cortex.embedding (owner_id, generation_id, text_id, embedding)
select t.owner_id, 1, t.id, array_fill(0.05, array[384])::halfvec from cortex.text as t
"""


def test_the_index_is_built_after_the_load_and_used(database, person, tiny, embed, build):
    insert_items(
        person, [{"title": " ".join(words)} for words in itertools.product(("red", "green", "blue"), repeat=7)]
    )
    embed()
    build(switch(person))
    assert person.execute("select index_phase, index_progress from generations where state = 'active'").fetchone() == (
        "in use",
        1,
    )
    with database.connect("postgres") as admin:
        admin.execute("analyze cortex.embedding_2")
        plan = admin.execute(
            "explain select text_id from cortex.embedding where owner_id = 'local' and generation_id = 2"
            " order by embedding::halfvec(4) <=> '[1,0,0,0]' limit 3"
        ).fetchall()
    assert "embedding_2_hnsw_ix" in str(plan)


def test_an_index_whose_build_was_killed_is_built_again(database, person, tiny, embed, build):
    colours(person)
    embed()
    build(switch(person))
    with database.connect("postgres") as admin:
        admin.execute(
            "update pg_index set indisvalid = false where indexrelid = 'cortex.embedding_2_hnsw_ix'::regclass"
        )
    assert ensure_index(database.dsn("datapunk_worker"), 2)
    assert not ensure_index(database.dsn("datapunk_worker"), 2)
    assert person.execute("select index_phase from generations where state = 'active'").fetchone() == ("in use",)


def test_before_a_bulk_load_the_index_goes_and_comes_back_afterwards(person, worker, embed, maintain):
    insert_items(person, [{"title": f"note number {n} of the diary"} for n in range(40)])
    worker.execute("select set_config('datapunk.owner', 'local', false)")
    assert worker.execute("select cortex.defer_index(41)").fetchone() == (False,)
    assert worker.execute("select cortex.defer_index(40)").fetchone() == (True,)
    assert person.execute("select index_phase from generations").fetchone() == ("none",)
    embed()
    assert len(person.execute(SEMANTIC, ("note number 7",)).fetchall()) == 8
    maintain("recall")
    assert person.execute("select index_phase, index_progress from generations").fetchone() == ("in use", 1)


def test_the_index_suits_the_size_of_the_generation(database, person, worker):
    plan = "select index_name, m, ef_construction, memory_mb, stale from cortex.index_plan(1)"
    small, large = "embedding_1_hnsw_ix", "embedding_1_hnsw_16_128_ix"
    assert worker.execute(plan).fetchone() == (small, None, 64, 64, [])
    with database.connect("postgres", owner="local") as admin:
        admin.execute(f"drop index cortex.{small}")
        assert worker.execute(plan).fetchone() == (small, 16, 64, 64, [])
        # A page for each vector, which stands for a hundred short ones.
        admin.execute("alter table cortex.embedding_1 set (fillfactor = 10)")
        admin.execute(f"create index {small} on cortex.embedding_1 using hnsw"
                      " ((embedding::halfvec(384)) halfvec_cosine_ops)")  # fmt: skip
        insert_items(person, [{"title": f"note {n}"} for n in range(1000)])
        admin.execute(VECTORS)
        admin.execute("update cortex.generation set dimensions = 4")
    name, m, effort, memory, stale = worker.execute(plan).fetchone()
    assert (name, m, effort, stale) == (large, 16, 128, [small])
    assert memory >= 64


def test_searches_and_writers_go_on_while_the_index_is_built_and_its_progress_shows(database, person, embed):
    """The build is held in the middle by a writer that does not end."""
    insert_items(person, [{"title": f"note {n} of the diary"} for n in range(20)])
    embed()
    with database.connect("postgres") as admin, database.connect() as other:
        admin.execute("drop index cortex.embedding_1_hnsw_ix")
        assert person.execute("select index_phase from generations").fetchone() == ("none",)
        other.execute("begin")
        other.execute("insert into cortex.embedding select owner_id, generation_id, text_id, embedding"
                      " from cortex.embedding on conflict do nothing")  # fmt: skip
        with ThreadPoolExecutor(1) as pool:
            building = pool.submit(ensure_index, database.dsn("datapunk_worker"), 1)
            deadline = time.monotonic() + 30
            phase = None
            while phase is None or not phase.startswith("waiting for writers"):
                assert time.monotonic() < deadline, phase
                phase, progress = person.execute("select index_phase, index_progress from generations").fetchone()
            assert 0 <= progress < 1
            person.execute("set lock_timeout = '2s'")
            assert len(person.execute(SEMANTIC, ("diary",)).fetchall()) == 8
            insert_items(person, [{"title": "written meanwhile"}])
            embed()
            assert person.execute("select embedded, pending from cortex_status()").fetchone() == (21, 0)
            assert not building.done()
            other.execute("commit")
            assert building.result(60)
    assert person.execute("select index_phase, index_progress from generations").fetchone() == ("in use", 1)
