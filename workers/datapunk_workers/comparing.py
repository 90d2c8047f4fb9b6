"""Two generations side by side, and an index beside the exact scan, over what owners really asked."""

from collections.abc import Sequence
from typing import Any

from datapunk.cortex.evaluation import ndcg
from datapunk.db import Db
from datapunk.inference import vector_literal
from datapunk_workers.connection import act_as_db
from datapunk_workers.embedders import BatchEmbedder, Embedders
from datapunk_workers.queue import Q

# Questions of each owner; where fewer were asked, beginnings of texts fill up to the lesser number.
_MOST = 50
_LEAST = 20


def compare(
    db: Any, host: BatchEmbedder, before: int, before_model: str, after: int, after_model: str
) -> dict[str, Any]:
    """Return overlap_at_10, queries, asked (those of people), and with judgments judged, ndcg_before, ndcg_after."""
    embedders = Embedders(db.connection, host)
    overlaps: list[float] = []
    gains: list[tuple[float, float]] = []
    asked = 0
    for owner in [str(row["name"]) for row in db.rows(Q.holders)]:
        act_as_db(db, owner)
        queries, count = sampled_queries(db)
        asked += count
        old = _embedded(embedders, before_model, queries)
        new = _embedded(embedders, after_model, queries)
        for one, other in zip(old, new, strict=True):
            first, second = _nearest(db, before, one), _nearest(db, after, other)
            if first or second:
                overlaps.append(len(first & second) / max(len(first), len(second)))
        judged = db.rows(Q.judgments)
        texts = [str(row["query"]) for row in judged]
        pairs = zip(_embedded(embedders, before_model, texts), _embedded(embedders, after_model, texts), strict=True)
        for row, (one, other) in zip(judged, pairs, strict=True):
            grades = dict(zip(row["item_ids"], row["relevances"], strict=True))
            gains.append((ndcg(_items(db, before, one), grades, 10), ndcg(_items(db, after, other), grades, 10)))
    report: dict[str, Any] = {"queries": len(overlaps), "asked": asked, "judged": len(gains)}
    if overlaps:
        report["overlap_at_10"] = round(sum(overlaps) / len(overlaps), 4)
    if gains:
        report["ndcg_before"] = round(sum(gain for gain, _ in gains) / len(gains), 4)
        report["ndcg_after"] = round(sum(gain for _, gain in gains) / len(gains), 4)
    return report


def measure_recall(db: Any, host: BatchEmbedder, generation: int, model: str) -> float | None:
    """Compare the index with the exact scan for the current owner, and keep the result; None when there is nothing."""
    queries, _ = sampled_queries(db)
    if not queries:
        return None
    vectors = _embedded(Embedders(db.connection, host), model, queries)
    db.rows(Q.index_effort, generation)
    found = db.rows(Q.index_recall, generation, vectors)[0]["recall"]
    return None if found is None else float(found)


def sampled_queries(db: Db) -> tuple[list[str], int]:
    """Return queries of the current owner, and how many of them were asked by a person."""
    queries = [str(row["question"]) for row in db.rows(Q.recent_questions, _MOST)]
    asked = len(queries)
    if asked < _LEAST:
        queries += [str(row["words"]) for row in db.rows(Q.sample_texts, _LEAST - asked)]
    return queries, asked


def _embedded(embedders: Embedders, model: str, texts: Sequence[str]) -> list[str]:
    return [vector_literal(raw) for raw in embedders.of(model).embed(texts, model, "query")] if texts else []


def _nearest(db: Db, generation: int, embedding: str) -> set[int]:
    db.rows(Q.index_effort, generation)
    return {int(row["text_id"]) for row in db.rows(Q.nearest_texts, generation, embedding, 10)}


def _items(db: Db, generation: int, embedding: str) -> list[int]:
    db.rows(Q.index_effort, generation)
    return [int(row["item_id"]) for row in db.rows(Q.nearest_items, generation, embedding, 10)]
