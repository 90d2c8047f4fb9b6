import random

import bm25s
import numpy as np
import pytest

from cortex_items import insert_items

TOKENS = """
select t.id, array_agg(u.lexeme order by u.lexeme, n)
from cortex.text as t, unnest(t.lexemes) as u, generate_series(1, cardinality(u.positions)) as n
group by t.id order by t.id
"""


def texts(seed, count):
    """Texts over a vocabulary with the usual skew: few words everywhere, many words rarely."""
    rng = random.Random(seed)
    words = [f"w{n:03}" for n in range(400)]
    weights = [1 / (n + 1) for n in range(400)]
    return [" ".join(rng.choices(words, weights, k=rng.randint(3, 60))) + f" id{n}" for n in range(count)]


def assert_same_ranking(connection, queries):
    rows = connection.execute(TOKENS).fetchall()
    reference = bm25s.BM25(k1=1.2, b=0.75, method="lucene")
    reference.index([tokens for _, tokens in rows], show_progress=False)
    for query in queries:
        expected = np.sort(reference.get_scores(query.split()))[::-1][:10]
        got = connection.execute(
            "select score from cortex.lexical_ranking(%s, 10, null, null, null, null, null, null)", (query,)
        ).fetchall()
        assert [score for (score,) in got] == pytest.approx(list(expected[expected > 0]), rel=1e-4)


QUERIES = ["w000 w010", "w005 w100 w200", "w399", "w001 w002 w003 w004", "id7", "nothing", "w050 w051 id250"]


def test_scores_are_those_of_bm25s(connection):
    insert_items(connection, [{"title": text, "language": "xx"} for text in texts(1, 300)])
    assert_same_ranking(connection, QUERIES)


def test_scores_stay_exact_over_many_statements_updates_and_deletes(connection):
    first, second = texts(2, 200), texts(3, 200)
    ids = [i for part in range(0, 200, 20) for i in insert_items(connection, as_items(first[part : part + 20]))]
    connection.execute("delete from lake.item where id = any(%s)", (ids[::3],))
    connection.execute("update lake.item set title = title || ' w010 extra' where id = any(%s)", (ids[1::3],))
    insert_items(connection, as_items(second))
    assert_same_ranking(connection, QUERIES)


def test_compaction_changes_no_score_and_leaves_few_blocks_a_term(database):
    with database.connect() as person, database.connect("datapunk_worker") as worker:
        all_texts = texts(4, 900)
        for part in range(0, 900, 30):
            insert_items(person, as_items(all_texts[part : part + 30]))
        person.execute("delete from lake.item where id in (select id from lake.item order by id limit 600)")
        worker.execute("select set_config('datapunk.owner', 'local', false)")
        assert worker.execute("select cortex.compact()").fetchone()[0] > 300
        most = "select max(n) from (select count(*) as n from cortex.posting group by term) as t"
        assert person.execute(most).fetchone() == (1,)
        assert person.execute("select count(*) from cortex.removal").fetchone() == (0,)
        assert_same_ranking(person, QUERIES)


def as_items(some):
    return [{"title": text, "language": "xx"} for text in some]
