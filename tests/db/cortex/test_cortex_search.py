import json

import psycopg
import pytest

from cortex_items import insert_items


def found(connection, query, k=10, **options):
    rows = connection.execute("select item_id from cortex_search(%s, %s, %s)", (query, k, json.dumps(options)))
    return [row[0] for row in rows.fetchall()]


@pytest.fixture
def animals(person, embed):
    """Items of several kinds, sources and days, embedded."""
    items = insert_items(
        person,
        [
            {"title": "My cat sleeps on the sofa", "kind": "note", "occurred_at": "2024-01-01T10:00:00Z"},
            {"title": "Train to Lisbon at nine", "kind": "mail", "occurred_at": "2024-02-01T10:00:00Z"},
            {
                "title": "Invoice for the dishwasher",
                "kind": "mail",
                "source": "b",
                "occurred_at": "2024-03-01T10:00:00Z",
            },
            {"title": "Garden party photos", "kind": "photo", "occurred_at": None},
        ],
    )
    assert embed() is None
    return items


def test_meaning_finds_what_words_do_not(person, animals):
    assert found(person, "kitten napping", mode="lexical") == []
    assert found(person, "kitten napping", mode="semantic")[0] == animals[0]
    assert found(person, "kitten napping")[0] == animals[0]


def test_ranks_of_both_sides_are_reported(person, animals):
    row = person.execute(
        "select item_id, lexical_rank, semantic_rank, title, snippet from cortex_search('train to Lisbon')"
    ).fetchone()
    assert row == (animals[1], 1, 1, "Train to Lisbon at nine", "Train to Lisbon at nine")


@pytest.mark.parametrize("mode", ["hybrid", "semantic"])
def test_filters_leave_what_matches_however_unlike_the_query(person, animals, mode):
    assert sorted(found(person, "cat", mode=mode, kinds=["mail"])) == animals[1:3]
    assert found(person, "cat", mode=mode, sources=["b"]) == animals[2:3]
    assert found(person, "cat", mode=mode, since="2024-01-15", until="2024-02-15") == animals[1:2]
    assert found(person, "cat", mode=mode, kinds=["task"]) == []


def test_the_index_and_the_exact_scan_agree(person, embed):
    nouns = (
        "car house river song letter tree lamp road coat bread ship clock storm bridge flute carpet window hill soup"
        " dog horse ring paper key apple book king moon salt stone"
    )
    insert_items(person, [{"title": f"{a} {b}"} for a in ("red", "blue", "old", "loud") for b in nouns.split()])
    assert embed() is None
    person.execute("set enable_seqscan = off")
    assert found(person, "boat", mode="semantic") == found(person, "boat", mode="semantic", exact=True)


def test_a_wide_filter_returns_as_many_as_there_are(person, embed):
    """More items than a narrow filter may leave, of which the index alone would have to find each."""
    insert_items(person, [{"title": f"entry {n % 150}", "kind": "visit"} for n in range(3000)])
    insert_items(person, [{"title": f"other {n}", "kind": "mail"} for n in range(150)])
    assert embed() is None
    assert len(found(person, "other mail", 120, mode="semantic", kinds=["visit"])) == 120


def test_words_answer_before_anything_is_embedded(person):
    (item,) = insert_items(person, [{"title": "fresh news"}])
    assert found(person, "news") == [item]
    with pytest.raises(psycopg.Error) as caught:
        found(person, "news", mode="semantic")
    assert caught.value.sqlstate == "DP002"


def test_an_empty_database_has_no_answers(person):
    assert found(person, "anything") == found(person, "anything", mode="semantic") == []


@pytest.mark.parametrize(
    ("query", "k", "options"),
    [(" ", 10, {}), (None, 10, {}), ("x", 0, {}), ("x", 1001, {}), ("x", 10, {"colour": "red"}), ("x", 10, [1])],
)
def test_a_bad_argument_is_22023_with_a_hint(connection, query, k, options):
    with pytest.raises(psycopg.errors.InvalidParameterValue) as caught:
        connection.execute("select * from cortex_search(%s, %s, %s)", (query, k, json.dumps(options)))
    assert caught.value.diag.message_hint


def test_nothing_of_another_owner_is_found(database, embed):
    with database.connect(owner="ana") as ana, database.connect(owner="ben") as ben:
        (hers,) = insert_items(ana, [{"title": "secret recipe"}])
        insert_items(ben, [{"title": "public recipe"}])
        assert embed("ana") is None
        assert embed("ben") is None
        for mode in ("lexical", "semantic", "hybrid"):
            assert hers not in found(ben, "secret recipe", mode=mode)
        assert ben.execute("select texts, embedded from cortex_status()").fetchone() == (1, 1)
        with pytest.raises(psycopg.Error) as caught:
            ben.execute("select * from cortex_similar(%s)", (hers,))
        assert caught.value.sqlstate == "P0002"


def test_similar_items_leave_out_the_item_itself(person, animals):
    (cat,) = insert_items(person, [{"title": "The cat on the sofa"}])
    rows = person.execute("select item_id from cortex_similar(%s, 2)", (animals[0],)).fetchall()
    assert len(rows) == 2
    assert (animals[0],) not in rows
    with pytest.raises(psycopg.Error) as caught:
        person.execute("select * from cortex_similar(%s)", (cat,))
    assert caught.value.sqlstate == "DP002"


def test_a_context_keeps_its_budget_and_cites_in_order_of_time(person, animals):
    context, citations, tokens = person.execute(
        "select * from cortex_context('train, invoice or cat?', '{\"max_tokens\": 60}')"
    ).fetchone()
    assert tokens <= 60
    assert [c["number"] for c in citations] == list(range(1, len(citations) + 1))
    times = [c["occurred_at"] for c in citations if c["occurred_at"]]
    assert times == sorted(times)
    assert context.startswith("[1] ")


def test_embeddings_have_unit_length(connection):
    lengths = connection.execute(
        "select ordinal, public.vector_norm(embedding) from cortex_embed_many(array['one', 'two words'])"
    ).fetchall()
    assert [ordinal for ordinal, _ in lengths] == [1, 2]
    assert [norm for _, norm in lengths] == pytest.approx([1, 1], abs=1e-5)


@pytest.mark.parametrize("mode", ["hybrid", "lexical", "semantic"])
def test_what_is_secret_is_found_when_its_kind_is_named(person, embed, mode):
    note, sign_in = insert_items(
        person, [{"title": "Lisbon in May"}, {"title": "Sign-in from Lisbon", "kind": "security_event"}]
    )
    assert embed() is None
    assert found(person, "Lisbon", mode=mode) == [note]
    assert found(person, "Lisbon", mode=mode, since="2024-01-01") == [note]
    assert found(person, "Lisbon", mode=mode, kinds=["security_event"]) == [sign_in]


def test_what_is_secret_is_not_similar_to_anything(person, embed):
    note, sign_in = insert_items(
        person, [{"title": "Sign-in from Lisbon"}, {"title": "Sign-in from Lissabon", "kind": "security_event"}]
    )
    assert embed() is None
    rows = person.execute("select item_id from cortex_similar(%s)", (note,)).fetchall()
    assert (sign_in,) not in rows


def test_the_question_is_embedded_while_its_words_are_ranked(person, animals):
    """Both ways to an embedding give the same ranking: the one that was asked for before, and one given."""
    found = "select item_id, score, lexical_rank, semantic_rank from "
    ask = f"{found} cortex.search('train cat', %s, 10, 100, false, null, null, null, null, null)"
    person.execute("select cortex_search('something else before')")
    (embedding,) = person.execute("select cortex_embed('train cat')::text").fetchone()
    given = person.execute(ask, (embedding,)).fetchall()
    assert person.execute(f"{found} cortex_search('train cat')").fetchall() == given
    person.execute("select cortex_search('something else between')")
    assert person.execute(ask, ("",)).fetchall() == given


def test_a_search_that_ends_in_between_leaves_no_answer_to_the_next(database, animals):
    with database.connect("postgres") as superuser:
        superuser.execute(
            "create or replace function cortex.lexical_ranking(p_query text, p_limit integer, p_only bigint[],"
            " p_kinds text[], p_sources text[], p_since timestamptz, p_until timestamptz, p_attributes jsonb)"
            " returns table (text_id bigint, score double precision) language plpgsql stable as"
            " $$begin if p_query = 'cat' then raise 'interrupted'; end if; end$$"
        )
    with database.connect() as connection:
        expected = connection.execute("select cortex_embed('garden')").fetchone()
        for _ in range(2):
            with pytest.raises(psycopg.errors.RaiseException):
                connection.execute("select * from cortex_search('cat')")
            assert connection.execute("select cortex_embed('garden')").fetchone() == expected
        assert connection.execute("select title from cortex_search('garden')").fetchone() == ("Garden party photos",)


@pytest.mark.parametrize("mode", ["lexical", "semantic", "hybrid"])
def test_users_over_http_search_too(database, animals, mode):
    with database.connect("postgres") as connection:
        connection.execute("set session authorization datapunk_user")
        assert found(connection, "cat sofa", mode=mode, sources=["test", "b"])[:1] == animals[:1]
        assert found(connection, "cat sofa", mode=mode)[:1] == animals[:1]
