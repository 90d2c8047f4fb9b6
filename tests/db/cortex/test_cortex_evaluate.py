import json

import psycopg
import pytest

from cortex_items import insert_items


def evaluate(person, qrels, options="{}"):
    return dict(person.execute("select * from cortex_evaluate(%s, %s)", (json.dumps(qrels), options)).fetchall())


@pytest.fixture
def items(person):
    titles = ["red tea from Assam", "green tea from Uji", "blue boat", "boat trip on the lake", "coffee"]
    return insert_items(person, [{"title": title} for title in titles])


def test_a_perfect_ranking_scores_one(person, items):
    found = evaluate(person, {"coffee": {items[4]: 1}, "tea": {items[0]: 1, items[1]: 1}}, '{"mode": "lexical"}')
    assert {name: found[name] for name in ("ndcg@10", "recall@10", "recall@100", "mrr@10", "queries")} == {
        "ndcg@10": 1, "recall@10": 1, "recall@100": 1, "mrr@10": 1, "queries": 2,
    }  # fmt: skip
    assert 0 < found["latency_p50_ms"] <= found["latency_p95_ms"]


def test_what_is_not_found_counts(person, items):
    found = evaluate(person, {"coffee": {items[4]: 1, items[2]: 1}}, '{"mode": "lexical"}')
    assert found["recall@10"] == 0.5
    assert found["ndcg@10"] == pytest.approx(1 / 1.6309297)


def test_filters_hold(person, items):
    assert evaluate(person, {"coffee": {items[4]: 1}}, '{"mode": "lexical", "kinds": ["mail"]}')["mrr@10"] == 0


def test_judgments_are_kept_when_asked_and_go_with_their_items(person, items):
    evaluate(person, {"coffee": {items[4]: 1}, "boat": {items[2]: 2}}, '{"mode": "lexical", "keep": true}')
    assert person.execute("select count(*) from cortex.judgment").fetchone() == (2,)
    person.execute("delete from lake.item where id = %s", (items[4],))
    assert person.execute("select query, item_id, relevance from cortex.judgment").fetchall() == [("boat", items[2], 2)]


def test_owners_do_not_judge_each_others_items(database, person, items):
    with database.connect(owner="bob") as bob:
        assert evaluate(bob, {"coffee": {items[4]: 1}}, '{"mode": "lexical"}')["recall@100"] == 0


@pytest.mark.parametrize(("qrels", "options"), [("{}", "{}"), ('{"a": {"1": 1}}', '{"modes": 1}'), ("[1]", "{}")])
def test_bad_arguments_are_refused(connection, qrels, options):
    with pytest.raises(psycopg.errors.InvalidParameterValue) as caught:
        connection.execute("select * from cortex_evaluate(%s, %s)", (qrels, options))
    assert caught.value.diag.message_hint
