"""Scoring many postings at once: BM25 over the blocks of a query's terms, for queries of common words.

Blocks are read in the order of the most that a text in them can score, until what is unread cannot change the best:
Turtle and Flood's max score ("Query evaluation: strategies and optimizations", 1995) over impact-ordered blocks
(Anh, de Kretser and Moffat, "Vector-space ranking with effective early termination", 2001). numpy takes a tenth of the
time that PostgreSQL's hash aggregate takes, and is loaded by the first query that needs it.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from datapunk.db import Db, Row, load_queries

# A backend is one thread; OpenBLAS, which nothing here calls, would start others when it is loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ids = NDArray[np.int64]
    Floats = NDArray[np.float64]

Q = load_queries("datapunk.cortex")

#: Entries read at first; most queries have fewer.
FIRST_READ = 150_000
#: Texts that are scored from their own lexemes rather than by reading on: each costs as much as some fifty entries.
MOST_CHECKED = 2_000
# Layout of array_send: 20 bytes of header, then 4 bytes of length and 8 of value for each entry.
_HEADER = 20


@dataclass(frozen=True, kw_only=True)
class Blocks:
    """The blocks of a query, those with the highest bound first: where each is, its term's number, bound and texts."""

    places: list[str]
    numbers: list[int]
    bounds: list[float]
    texts: list[int]


@dataclass(frozen=True, kw_only=True)
class Weights:
    """The query's terms, the weight of each, and BM25's saturation f / (f + flat + slope * length)."""

    terms: list[str]
    weights: list[float]
    flat: float
    slope: float


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which items count; None takes all."""

    kinds: list[str] | None = None
    sources: list[str] | None = None
    since: str | None = None
    until: str | None = None
    attributes: str | None = None

    def __bool__(self) -> bool:
        return any(part is not None for part in (self.kinds, self.sources, self.since, self.until, self.attributes))


def rank(db: Db, blocks: Blocks, weights: Weights, allowed: Filter, limit: int, *, removed: bool) -> list[Row]:
    """Return the best `limit` texts as rows of text_id and score, best first.

    `removed` says that postings may name texts that are gone.
    """
    checked = _Checked(db=db, weights=weights, allowed=allowed, limit=limit)
    partial = _Partial(weights)
    read, budget = 0, FIRST_READ
    while read < len(blocks.places):
        upto = _upto(blocks.texts, read, budget)
        partial.add(db.rows(Q.blocks, blocks.places[read:upto], weights.terms))
        read, budget = upto, budget * 2
        unread = [0.0] * len(weights.terms)
        for number, bound in zip(blocks.numbers[read:], blocks.bounds[read:], strict=True):
            unread[number - 1] = max(unread[number - 1], bound)
        if read == len(blocks.places) and not removed and not allowed:
            return partial.best(limit)
        # The best so far give the score to beat; a text that cannot reach it any more needs no other look.
        size = 2 * limit
        while True:
            hopeful = partial.hopeful(unread, checked)
            finished = sum(unread) <= checked.least and (len(hopeful) <= MOST_CHECKED or read == len(blocks.places))
            if not len(hopeful) or not (finished or size == 2 * limit):
                break
            checked.add(hopeful[:size].tolist())
            size *= 2
        if not len(hopeful) and sum(unread) <= checked.least:
            break
    return checked.best()


def _upto(texts: Sequence[int], read: int, budget: int) -> int:
    upto, entries = read + 1, texts[read]
    while upto < len(texts) and entries + texts[upto] <= budget:
        entries += texts[upto]
        upto += 1
    return upto


class _Checked:
    """Texts that were scored from their own lexemes and stood the filter; texts that are gone did not."""

    def __init__(self, *, db: Db, weights: Weights, allowed: Filter, limit: int) -> None:
        self._db, self._weights, self._allowed, self._limit = db, weights, allowed, limit
        self._scores: dict[int, float] = {}
        self.ids: set[int] = set()
        #: A text must score more to be among the best.
        self.least = 0.0

    def add(self, ids: list[int]) -> None:
        weights, allowed = self._weights, self._allowed
        rows = self._db.rows(
            Q.text_scores, ids, weights.terms, weights.weights, weights.flat, weights.slope,
            allowed.kinds, allowed.sources, allowed.since, allowed.until, allowed.attributes,
        )  # fmt: skip
        self.ids.update(ids)
        self._scores.update((row["text_id"], row["score"]) for row in rows)
        if len(self._scores) >= self._limit:
            self.least = sorted(self._scores.values(), reverse=True)[self._limit - 1]

    def best(self) -> list[Row]:
        ranked = sorted(self._scores.items(), key=lambda pair: (-pair[1], pair[0]))
        return [{"text_id": text_id, "score": score} for text_id, score in ranked[: self._limit]]


class _Partial:
    """What the blocks read so far say of texts: the sum of their scores, and of which terms, as bits."""

    def __init__(self, weights: Weights) -> None:
        import numpy as np

        self._np = np
        self._weights = weights
        self._ids: Ids = np.empty(0, np.int64)
        self._scores: Floats = np.empty(0)
        self._seen: Ids = np.empty(0, np.int64)

    def add(self, rows: Sequence[Row]) -> None:
        """Add blocks: rows of number (of the term), texts, packed (array_send of the entries)."""
        np = self._np
        layout: Any = np.dtype([("size", ">i4"), ("entry", ">i8")])
        ids, scores, seen = [self._ids], [self._scores], [self._seen]
        for row in rows:
            entries = np.frombuffer(row["packed"], layout, row["texts"], _HEADER)["entry"].astype(np.int64)
            frequencies = (entries & 255).astype(np.float64)
            lengths = ((entries >> 8) & 65535).astype(np.float64)
            weight = self._weights.weights[row["number"] - 1]
            ids.append(entries >> 24)
            scores.append(weight * frequencies / (frequencies + (self._weights.flat + self._weights.slope * lengths)))
            seen.append(np.full(len(entries), 1 << min(row["number"] - 1, 62), np.int64))
        every = np.concatenate(ids)
        order = np.argsort(every)
        every = every[order]
        starts = np.flatnonzero(np.concatenate(([True], every[1:] != every[:-1])))
        self._ids = every[starts]
        self._scores = np.add.reduceat(np.concatenate(scores)[order], starts)
        self._seen = np.bitwise_or.reduceat(np.concatenate(seen)[order], starts)

    def hopeful(self, unread: Sequence[float], checked: _Checked) -> "Ids":
        """Return the texts that may still be among the best, those that have most so far first.

        `unread` is the most that an unread block of each term can add. Terms beyond the 62nd share a bit, so that they
        always count as not seen.
        """
        np = self._np
        most = self._scores.copy()
        for number, bound in enumerate(unread):
            if bound:
                most += bound if number >= 62 else np.where(self._seen >> number & 1, 0.0, bound)
        hopeful = np.flatnonzero(most > checked.least + 1e-9)
        hopeful = hopeful[~np.isin(self._ids[hopeful], np.fromiter(checked.ids, np.int64, len(checked.ids)))]
        ordered: Ids = self._ids[hopeful[np.lexsort((self._ids[hopeful], -self._scores[hopeful]))]]
        return ordered

    def best(self, limit: int) -> list[Row]:
        np = self._np
        first = np.arange(len(self._ids))
        if len(first) > limit:
            # Everything that scores as much as the last of the best, so that of equals the oldest come first.
            least = np.partition(self._scores, len(first) - limit)[len(first) - limit]
            first = np.flatnonzero(self._scores >= least)
        order = np.lexsort((self._ids[first], -self._scores[first]))[:limit]
        return [
            {"text_id": text_id, "score": score}
            for text_id, score in zip(
                self._ids[first[order]].tolist(), self._scores[first[order]].tolist(), strict=True
            )
        ]
