"""Judging rankings by qrels, as trec_eval does: nDCG with the relevance as gain, recall, reciprocal rank."""

import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from datapunk.cortex.embedder import Q
from datapunk.db import Db
from datapunk.errors import InvalidArgument

DEPTH = 100
MOST = 100_000
Qrels = dict[str, dict[int, int]]
_HINT = "An object {query: {item_id: relevance}}, or an array of {query, item_id or external_id, relevance}."


def read_qrels(db: Db, given: Any) -> Qrels:
    """Read judgments: query to item to relevance. Raises InvalidArgument; external ids that nobody has count as items
    that are never found."""
    judged: Qrels = {}
    outside: list[tuple[str, str, int]] = []
    for query, item, grade in _triples(given):
        if isinstance(item, int):
            judged.setdefault(query, {})[item] = grade
        else:
            outside.append((query, item, grade))
    if outside:
        names = sorted({item for _, item, _ in outside})
        found = {str(row["external_id"]): int(row["id"]) for row in db.rows(Q.external_items, names)}
        missing = {name: -place for place, name in enumerate(names, start=1)}
        for query, item, grade in outside:
            judged.setdefault(query, {})[found.get(item, missing[item])] = grade
    return judged


def _triples(given: Any) -> list[tuple[str, int | str, int]]:
    if isinstance(given, Mapping):
        rows = [
            (query, _key(item), grade)
            for query, items in given.items()
            for item, grade in (items.items() if isinstance(items, Mapping) else _refuse(items))
        ]
    elif isinstance(given, list):
        rows = [
            (row.get("query"), row.get("item_id", row.get("external_id")), row.get("relevance", 1))
            if isinstance(row, Mapping)
            else _refuse(row)
            for row in given
        ]
    else:
        _refuse(given)
    if not rows or len(rows) > MOST:
        raise InvalidArgument(f"qrels hold {len(rows)} judgments", hint=f"From 1 to {MOST}. {_HINT}")
    for query, item, grade in rows:
        if not isinstance(query, str) or not query.strip():
            raise InvalidArgument(f"a query of qrels is {query!r}", hint=_HINT)
        if isinstance(item, bool) or not isinstance(item, int | str):
            raise InvalidArgument(f"an item of qrels is {item!r}", hint=_HINT)
        if isinstance(grade, bool) or not isinstance(grade, int) or not 0 <= grade <= 1000:
            raise InvalidArgument(f"a relevance of qrels is {grade!r}", hint="A whole number from 0 to 1000.")
    return rows


def _key(item: str) -> int | str:
    """Keys of JSON objects are texts: digits stand for an item_id."""
    return int(item) if item.isascii() and item.isdigit() and len(item) < 19 else item


def _refuse(value: Any) -> Any:
    raise InvalidArgument(f"qrels hold {json.dumps(value)[:80]}", hint=_HINT)


def ndcg(ranked: Sequence[int], judged: Mapping[int, int], depth: int) -> float:
    """Discounted gain of the first `depth`, as a share of the best possible (Jarvelin and Kekalainen 2002)."""
    ideal = sorted(judged.values(), reverse=True)[:depth]
    best = sum(grade / math.log2(place + 1) for place, grade in enumerate(ideal, start=1))
    gain = sum(judged.get(item, 0) / math.log2(place + 1) for place, item in enumerate(ranked[:depth], start=1))
    return gain / best if best else 0.0


def recall(ranked: Sequence[int], judged: Mapping[int, int], depth: int) -> float:
    """Share of the relevant items that are among the first `depth`."""
    relevant = {item for item, grade in judged.items() if grade > 0}
    return len(relevant.intersection(ranked[:depth])) / len(relevant) if relevant else 0.0


def reciprocal_rank(ranked: Sequence[int], judged: Mapping[int, int], depth: int) -> float:
    """One through the place of the first relevant item, 0 when none is among the first `depth`."""
    places = (place for place, item in enumerate(ranked[:depth], start=1) if judged.get(item, 0) > 0)
    return 1 / next(places, math.inf)


def evaluate(qrels: Qrels, search: Callable[[str], Sequence[int]]) -> dict[str, float]:
    """Return the metrics of `search` (query to items, best first) by name, means over queries with a relevant item.

    Raises InvalidArgument when no query has one.
    """
    wanted = {query: judged for query, judged in qrels.items() if any(grade > 0 for grade in judged.values())}
    if not wanted:
        raise InvalidArgument("no query of qrels has a relevant item", hint="A relevance above 0 says that one is.")
    # The first search of a session loads what later ones find loaded.
    search(next(iter(wanted)))
    times: list[float] = []
    sums = dict.fromkeys(("ndcg@10", "recall@10", "recall@100", "mrr@10"), 0.0)
    for query, judged in wanted.items():
        started = time.perf_counter()
        ranked = search(query)
        times.append((time.perf_counter() - started) * 1000)
        sums["ndcg@10"] += ndcg(ranked, judged, 10)
        sums["recall@10"] += recall(ranked, judged, 10)
        sums["recall@100"] += recall(ranked, judged, DEPTH)
        sums["mrr@10"] += reciprocal_rank(ranked, judged, 10)
    times.sort()
    return {
        **{name: total / len(wanted) for name, total in sums.items()},
        "latency_p50_ms": percentile(times, 0.5),
        "latency_p95_ms": percentile(times, 0.95),
        "queries": float(len(wanted)),
    }


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return the nearest-rank percentile of values in order."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
