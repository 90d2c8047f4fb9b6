"""Filters of every width give as many results as there are, and each search path uses its index."""

import json

import psycopg
import pytest

from cortex_items import insert_items
from harness import clone

COUNT = 10_000
#: Spread over a torus of seven dimensions: no graph finds its way among the near ties of fewer.
VECTORS = """
insert into cortex.embedding (generation_id, text_id, embedding)
select g.id, t.id, public.l2_normalize(array(
  select sin(43758.5453 * sin(12.9898 * t.id * (d % 7 + 1)) + d) from generate_series(1, 384) as d
)::real[]::public.halfvec)
from cortex.generation as g, cortex.text as t
where g.state = 'active'
"""
SHARES = {"all": COUNT, "tenth": COUNT // 10, "hundredth": COUNT // 100, "one": 1}


@pytest.fixture(scope="module")
def filled(server, template):
    """Ten thousand items with vectors of the test's own; the source says how many share it."""
    for database in clone(server, template):
        with database.connect() as person, database.connect("postgres") as superuser:
            insert_items(
                person,
                [
                    {"title": f"coffee note {n} {'roast ' * (n % 5)}", "source": source(n), "attributes": labels(n)}
                    for n in range(COUNT)
                ],
            )
            person.execute(VECTORS)
            with database.connect(owner="ana") as ana:
                insert_items(ana, [{"title": f"tea note {n}", "kind": "mail" if n % 3 else "note"} for n in range(60)])
                ana.execute(VECTORS)
            superuser.execute("vacuum analyze")
        yield database


@pytest.fixture
def person(filled):
    """A connection to it in a transaction that is rolled back."""
    with psycopg.connect(filled.dsn()) as connection:
        yield connection
        connection.rollback()


def source(number):
    return "one" if number == 1234 else next(
        name for name, step in (("hundredth", 100), ("tenth", 10), ("all", 1)) if number % step == 0
    )  # fmt: skip


def sources(width):
    """The sources that together keep the share of items that `width` names."""
    return {"all": ["all", "tenth", "hundredth", "one"], "tenth": ["tenth", "hundredth"]}.get(width, [width])


def labels(number):
    """Attributes that say the same as the source, as mails have labels."""
    return json.dumps({"labels": [width for width in SHARES if source(number) in sources(width)], "number": number % 7})


def vector(connection):
    return connection.execute("select embedding::text from cortex.embedding order by text_id limit 1").fetchone()[0]


#: How a filter of a width is told: by the source of items, or by what their attributes contain.
WAYS = {
    "sources": lambda width: (sources(width), None),
    "attributes": lambda width: (None, json.dumps({"labels": [width]})),
    "both": lambda width: (sources(width), json.dumps({"labels": [width]})),
}
SEARCH = "select item_id, source from cortex.search(%s, %s, %s, %s, %s, null, %s, null, null, %s)"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("mode", ["words", "meaning", "hybrid"])
@pytest.mark.parametrize("width", SHARES)
def test_a_filter_of_any_width_gives_what_it_leaves(person, width, mode, way):
    words, meaning = ("coffee" if mode != "meaning" else None), (vector(person) if mode != "words" else None)
    rows = person.execute(SEARCH, (words, meaning, 50, 200, False, *WAYS[way](width))).fetchall()
    assert len(rows) == min(50, SHARES[width])
    assert {row[1] for row in rows} <= set(sources(width))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("width", ["tenth", "hundredth", "one"])
def test_a_narrow_filter_gives_the_exact_nearest(person, width, way):
    exact, found = (
        person.execute(SEARCH, (None, vector(person), 20, 100, exact, *WAYS[way](width))).fetchall()
        for exact in (True, False)
    )
    assert found == exact


NEAREST = "select text_id from cortex.semantic_ranking(%s, 300, %s, null, null, %s, null, null, null)"


def test_a_wide_filter_finds_the_nearest_of_what_it_leaves(person):
    """By the index, which comes to some of them only after it has gone past the first that the filter takes away."""
    vectors = person.execute(
        "select embedding::text from cortex.embedding order by md5(text_id::text) limit 40"
    ).fetchall()
    lost = 0
    for (asked,) in vectors:
        exact, found = (
            {row[0] for row in person.execute(NEAREST, (asked, exact, sources("tenth"))).fetchall()}
            for exact in (True, False)
        )
        assert len(exact) == 300
        lost += len(exact - found)
    assert lost == 0


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("words", ["coffee", "roast", "note 7"])
def test_a_filter_keeps_the_order_of_words(person, words, way):
    """The best of those that a wide filter leaves are the best of all, without what it takes away."""
    everything = person.execute(SEARCH, (words, None, 10_000, 10_000, False, None, None)).fetchall()
    kept = [row for row in everything if row[1] in sources("tenth")]
    assert person.execute(SEARCH, (words, None, 20, 100, False, *WAYS[way]("tenth"))).fetchall() == kept[:20]


def test_attributes_are_contained_however_deep(person):
    person.execute("""update lake.item set attributes = '{"from": {"name": "Ines", "at": [1, 2]}, "n": 1}'
                      where title like 'coffee note 77 %'""")
    for contained, found in (
        ({"from": {"name": "Ines"}}, 1), ({"from": {"at": [2]}, "n": 1}, 1), ({"from": {"name": "Tomas"}}, 0),
        ({"n": "1"}, 0),
    ):  # fmt: skip
        rows = person.execute(SEARCH, ("coffee", None, 5, 100, False, None, json.dumps(contained))).fetchall()
        assert len(rows) == found


def test_a_time_range_and_a_kind_filter_together(person):
    person.execute("update lake.item set occurred_at = '2020-02-02' where title like 'coffee note 77 %'")
    rows = person.execute(
        "select title from cortex.search("
        "'coffee', null, 10, 100, false, '{note}', null, '2020-01-01', '2021-01-01', null)"
    ).fetchall()
    assert [row[0].strip() for row in rows] == ["coffee note 77 roast roast"]


@pytest.fixture
def plans(filled):
    """The plans of all statements that a search runs, functions' own included, as people with their row security."""
    with psycopg.connect(filled.dsn("postgres"), autocommit=True) as superuser:
        superuser.execute("load 'auto_explain'")
        for name, value in (
            ("auto_explain.log_min_duration", "0"), ("auto_explain.log_nested_statements", "on"),
            ("auto_explain.log_level", "notice"),
        ):  # fmt: skip
            superuser.execute("select set_config(%s, %s, false)", (name, value))
        superuser.execute("set role datapunk")
        found = []
        superuser.add_notice_handler(lambda notice: found.append(notice.message_primary or ""))

        def run(words, *, meaning=False, some=None, exact=False, attributes=None, owner="local"):
            superuser.execute("select set_config('datapunk.owner', %s, false)", (owner,))
            embedding = vector(superuser) if meaning else None
            found.clear()
            superuser.execute(SEARCH, (words, embedding, 10, 100, exact, some, attributes))
            return "\n".join(found)

        yield run


def test_a_search_by_words_reads_postings_by_index_and_place(plans):
    plan = plans("coffee roast")
    assert "posting_pk" in plan
    assert "Tid Scan on posting" in plan
    assert "Seq Scan on posting" not in plan


def test_a_search_by_meaning_reads_the_vector_index(plans):
    plan = plans(None, meaning=True)
    assert "hnsw_ix" in plan


def pages_of_the_vector_index(superuser):
    """How many pages a search by meaning reads."""
    found = []

    def note(notice):
        plan = json.loads((notice.message_primary or "").partition("plan:\n")[2])
        if "embedding_1_hnsw_ix" in json.dumps(plan):
            found.append(plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"])

    superuser.add_notice_handler(note)
    rows = superuser.execute(
        "select item_id from cortex.search(null, %s, 10, 100, false, null, null, null, null, null)",
        (vector(superuser),),
    ).fetchall()
    superuser.remove_notice_handler(note)
    assert len(rows) == 10
    return found[0]


def test_a_large_index_is_searched_with_more_effort(filled):
    with psycopg.connect(filled.dsn("postgres")) as superuser:
        superuser.execute("load 'auto_explain'")
        for name, value in (
            ("log_min_duration", "0"), ("log_nested_statements", "on"), ("log_analyze", "on"), ("log_buffers", "on"),
            ("log_format", "json"), ("log_level", "notice"),
        ):  # fmt: skip
            superuser.execute("select set_config(%s, %s, false)", (f"auto_explain.{name}", value))
        superuser.execute("set local role datapunk")
        few = pages_of_the_vector_index(superuser)
        superuser.execute("reset role")
        superuser.execute(
            "update pg_class set reltuples = 90000 where oid = (select format('cortex.embedding_%s', g.id)::regclass"
            " from cortex.generation as g where g.state = 'active')"
        )
        told, settings = superuser.execute(
            "select cortex.index_effort(g.id), p.proconfig from cortex.generation as g, pg_proc as p"
            " where g.state = 'active' and p.proname = 'indexed_ranking_of_many'"
        ).fetchone()
        assert f"hnsw.ef_search={told}" in settings
        superuser.execute("set local role datapunk")
        assert pages_of_the_vector_index(superuser) > 1.4 * few
        # What it sets for itself, others do not see.
        assert superuser.execute("show hnsw.ef_search").fetchone() == ("40",)
        superuser.rollback()


@pytest.mark.parametrize("kinds", [None, ["note"]])
def test_an_owner_of_few_texts_among_many_compares_them_all(filled, plans, kinds):
    with filled.connect(owner="ana") as ana:
        asked = vector(ana)
        query = "select item_id from cortex.search(null, %s, 15, 100, %s, %s, null, null, null, null)"
        exact, found = (ana.execute(query, (asked, exact, kinds)).fetchall() for exact in (True, False))
    assert found == exact
    assert len(found) == 15
    plan = plans(None, meaning=True, owner="ana")
    assert "hnsw_ix" not in plan
    assert "Seq Scan on embedding_1" not in plan


def test_a_wide_filter_reads_the_vector_index_and_looks_chunks_up_by_index(plans):
    plan = plans(None, meaning=True, some=sources("all"))
    assert "hnsw_ix" in plan
    assert "chunk_text_ix" in plan


def test_a_narrow_filter_reads_embeddings_by_key(plans):
    plan = plans("coffee", meaning=True, some=["hundredth"])
    assert "hnsw_ix" not in plan
    assert "Seq Scan on embedding" not in plan


def test_a_filter_by_source_reads_chunks_by_their_source(plans):
    assert "chunk_source_ix" in plans("coffee", some=["one"])


@pytest.mark.parametrize(
    ("some", "attributes"),
    [
        (None, None),
        (["one"], None),
        (["hundredth"], None),
        (sources("tenth"), None),
        (None, '{"labels": ["hundredth"]}'),
        (["hundredth"], '{"labels": ["tenth"]}'),
    ],
)
def test_no_search_reads_all_texts_chunks_or_postings(plans, some, attributes):
    plan = plans("coffee roast", meaning=True, some=some, attributes=attributes)
    assert not [t for t in ("text", "chunk", "posting", "embedding_1") if f"Seq Scan on {t}" in plan]


def test_wide_attributes_read_the_vector_index_and_look_items_up_by_key(plans):
    plan = plans(None, meaning=True, attributes='{"labels": ["all"]}')
    assert "hnsw_ix" in plan
    assert "item_pk" in plan


def test_narrow_attributes_beside_a_source_read_what_the_source_leaves(plans):
    plan = plans("coffee", meaning=True, some=["hundredth"], attributes='{"number": 3}')
    assert "chunk_source_ix" in plan
    assert "hnsw_ix" not in plan
    assert "Seq Scan on item" not in plan


def test_prefixes_phrases_and_typing_errors_read_terms_by_index(plans):
    for words in ("coff*", '"coffee note"', "cofffee"):
        assert "Seq Scan on posting" not in plans(words)
