"""The metrics against ir-measures (trec_eval), and by hand."""

import random

import ir_measures
import pytest

from datapunk.cortex.evaluation import evaluate, ndcg, percentile, read_qrels, recall, reciprocal_rank
from datapunk.errors import InvalidArgument


class NoDb:
    def rows(self, query, names):
        return [{"external_id": "known", "id": 7}]


def test_ndcg_by_hand():
    # Gains 3, 0, 1 at places 1, 2, 3; the best order has 3 and 1: (3 + 1/2) / (3 + 1/log2(3)).
    assert ndcg([1, 9, 2], {1: 3, 2: 1}, 10) == pytest.approx(3.5 / 3.6309297)


def test_the_metrics_are_those_of_trec_eval():
    rng = random.Random(5)
    measures = {
        ir_measures.nDCG @ 10: lambda r, j: ndcg(r, j, 10),
        ir_measures.R @ 10: lambda r, j: recall(r, j, 10),
        ir_measures.R @ 100: lambda r, j: recall(r, j, 100),
        ir_measures.RR @ 10: lambda r, j: reciprocal_rank(r, j, 10),
    }
    qrels, run, ours = [], [], {measure: {} for measure in measures}
    for number in range(50):
        query = f"q{number}"
        judged = {item: rng.choice((0, 1, 1, 2, 3)) for item in rng.sample(range(200), 30)}
        judged[200] = 1
        ranked = rng.sample(range(200), rng.randint(1, 150))
        qrels += [ir_measures.Qrel(query, str(item), grade) for item, grade in judged.items()]
        run += [ir_measures.ScoredDoc(query, str(item), -float(place)) for place, item in enumerate(ranked)]
        for measure, function in measures.items():
            ours[measure][query] = function(ranked, judged)
    theirs = list(ir_measures.iter_calc(list(measures), qrels, run))
    assert len(theirs) == 200
    for found in theirs:
        assert ours[found.measure][found.query_id] == pytest.approx(found.value)


def test_both_forms_of_qrels_say_the_same():
    rows = [{"query": "a", "item_id": 3, "relevance": 2}, {"query": "a", "external_id": "known"}]
    assert read_qrels(NoDb(), rows) == read_qrels(NoDb(), {"a": {"3": 2, "known": 1}}) == {"a": {3: 2, 7: 1}}


def test_an_item_that_is_not_there_is_never_found():
    assert read_qrels(NoDb(), {"a": {"gone": 1}}) == {"a": {-1: 1}}


@pytest.mark.parametrize(
    "qrels",
    [None, [], {}, 3, "x", [3], {"a": 1}, {"a": {"1": "x"}}, {"a": {"1": -1}}, {" ": {"1": 1}}, [{"item_id": 1}],
     [{"query": "a"}], [{"query": "a", "item_id": 1.5}], {"a": {"1": True}}],
)  # fmt: skip
def test_bad_qrels_are_refused_with_a_hint(qrels):
    with pytest.raises(InvalidArgument) as caught:
        read_qrels(NoDb(), qrels)
    assert caught.value.hint


def test_queries_without_a_relevant_item_do_not_count():
    found = evaluate({"a": {1: 1}, "b": {2: 0}}, lambda query: [1])
    assert (found["ndcg@10"], found["mrr@10"], found["queries"]) == (1, 1, 1)
    with pytest.raises(InvalidArgument):
        evaluate({"b": {2: 0}}, lambda query: [2])


def test_percentiles_are_nearest_ranks():
    assert percentile([1, 2, 3, 4], 0.5) == 2
    assert percentile([1, 2, 3, 4], 0.95) == 4
    assert percentile([5], 0.5) == 5
