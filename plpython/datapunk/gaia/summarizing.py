"""The subroutine summarize: the sentences that say most of what many texts say, in their own words."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from datapunk.db import Db
from datapunk.gaia.quoting import Passage, sentences, stems
from datapunk.gaia.router import Q
from datapunk.gaia.vocabulary import FUNCTION_WORDS

_MOST_TEXTS = 60
_MOST_SENTENCES = 400
_SENTENCES = 5
_REDUNDANCY = 0.6
_SAME = 0.9
_DAMPING = 0.85
_ROUNDS = 30


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """A sentence with its item; `place` orders sentences by time and text."""

    item_id: int
    text: str
    place: int


def summarize(db: Db, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the result of the subroutine: data (count, read, sentences) and citations."""
    rows = db.rows(Q.texts_to_sum_up, _json(parameters), _MOST_TEXTS)
    count = int(rows[0]["total"]) if rows else 0
    found: list[Sentence] = []
    for row in sorted(rows, key=lambda r: (str(r["at"] or ""), r["id"])):
        passage = Passage(
            item_id=row["id"], kind=row["kind"], title=row["title"] or "", text=row["body"] or "", similarity=0.0
        )
        for text in sentences(passage):
            if 4 <= text.count(" ") + 1 <= 60 and not text.startswith(">"):
                found.append(Sentence(item_id=passage.item_id, text=text, place=len(found)))
    chosen = central(found[-_MOST_SENTENCES:], int(parameters.get("k") or _SENTENCES))
    return {
        "data": {
            "count": count, "read": len(rows),
            "sentences": [{"item_id": s.item_id, "text": s.text} for s in chosen],
        },
        "citations": [{"item_id": s.item_id, "snippet": s.text} for s in chosen],
    }  # fmt: skip


def central(found: Sequence[Sentence], k: int) -> list[Sentence]:
    """Return the k sentences that most others are like, unlike each other, in their order.

    LexRank (Erkan and Radev 2004) over words weighed by how rare they are, with maximal marginal relevance (Carbonell
    and Goldstein 1998).
    """
    # In an order of their own, so that the same sentences win in every process.
    bags = [sorted(s for s in stems(f.text) if s not in FUNCTION_WORDS and len(s) > 1) for f in found]
    holders: dict[str, list[int]] = {}
    for i, bag in enumerate(bags):
        for word in bag:
            holders.setdefault(word, []).append(i)
    # Word by word, so that sentences without a word in common cost nothing; of each pair the later one has it.
    shared: list[dict[int, float]] = [{} for _ in bags]
    squares = [0.0] * len(bags)
    for those in holders.values():
        weight = math.log(1 + len(bags) / len(those)) ** 2
        for place, i in enumerate(those):
            squares[i] += weight
            row = shared[i]
            for j in those[:place]:
                row[j] = row.get(j, 0.0) + weight
    lengths = [math.sqrt(square) or 1.0 for square in squares]

    def alike(i: int, j: int) -> float:
        return shared[max(i, j)].get(min(i, j), 0.0) / (lengths[i] * lengths[j])

    links: list[list[tuple[int, float]]] = [[] for _ in bags]
    for i, row in enumerate(shared):
        for j, weight in row.items():
            if (w := weight / (lengths[i] * lengths[j])) > 0.1:
                links[i].append((j, w))
                links[j].append((i, w))
    totals = [sum(w for _, w in of) or 1.0 for of in links]
    rank = [1.0] * len(bags)
    for _ in range(_ROUNDS):
        rank = [1 - _DAMPING + _DAMPING * sum(rank[j] * w / totals[j] for j, w in links[i]) for i in range(len(bags))]
    chosen: list[int] = []
    top = max(rank, default=1.0)
    while len(chosen) < min(k, len(found)):
        left = [i for i in range(len(found)) if i not in chosen]
        near = {i: max((alike(i, j) for j in chosen), default=0.0) for i in left}
        left = [i for i in left if near[i] < _SAME]
        if not left:
            break
        worth = {i: rank[i] / top - _REDUNDANCY * near[i] for i in left}
        chosen.append(max(left, key=lambda i: (worth[i], -i)))
    return [found[i] for i in sorted(chosen, key=lambda i: found[i].place)]


def _json(parameters: dict[str, Any]) -> str:
    import json

    return json.dumps(parameters)
