"""From a question to a context for a language model: the best passages within a budget, in order of time.

A hit brings its neighbours along: the chunks before and after it in its item, the messages before and after it in its
conversation. Passages of one item stand together under one number.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from datapunk.cortex.embedder import Q, active_generation
from datapunk.cortex.options import ContextOptions
from datapunk.cortex.search import Searcher
from datapunk.db import Row
from datapunk.errors import HostUnreachable, InvalidArgument, NoSuchModel, NotReady

_WORD = re.compile(r"\w+")
# Share of common words from which a passage says nothing new.
_NEAR_DUPLICATE = 0.8
_HITS = 30
_DEFAULT_MODEL = "all-MiniLM-L6-v2"
Count = Callable[[Sequence[str]], list[int]]


@dataclass(kw_only=True)
class _Item:
    """An item of the context: what is cited, and its passages by their place in it."""

    row: Row
    passages: dict[int, str] = field(default_factory=dict)


def build_context(searcher: Searcher, question: str, options: ContextOptions) -> Row:
    """Return the row of cortex_context: context, citations (JSON text), tokens."""
    hits = searcher.search(question, _HITS, options.search)
    neighbours = _neighbours(searcher, hits)
    count = token_counter(searcher)
    texts = [hit["body"] for hit in hits] + [row["body"] for rows in neighbours for row in rows]
    costs = dict(zip(texts, count([_line(text) for text in texts]), strict=True)) if texts else {}
    heads = count([_head(99, hit) for hit in hits]) if hits else []
    chosen = _Chosen(budget=options.max_tokens, costs=costs)
    for hit, cost in zip(hits, heads, strict=True):
        chosen.add(hit, _ordinal(hit, neighbours), hit["body"], cost)
    # What surrounds a hit comes after all hits: another hit tells more.
    for hit, rows in zip(hits, neighbours, strict=True):
        if hit["item_id"] in chosen.items:
            for row in rows:
                chosen.add(row, row["ordinal"], row["body"], max(heads))
    ordered = sorted(chosen.items.values(), key=lambda item: (item.row["occurred_at"] or "", item.row["item_id"]))
    lines = [f"{_head(number, item.row)} {_joined(item)}" for number, item in enumerate(ordered, start=1)]
    citations = [
        {"number": number} | {name: item.row.get(name) for name in _CITED}
        for number, item in enumerate(ordered, start=1)
    ]
    context = "\n".join(lines)
    tokens = count([context])[0] if context else 0
    return {"context": context, "citations": json.dumps(citations), "tokens": tokens}


_CITED = ("item_id", "kind", "occurred_at", "title", "url", "score")


@dataclass(kw_only=True)
class _Chosen:
    """What is in the context so far, and what it costs."""

    budget: int
    costs: dict[str, int]
    tokens: int = 0
    items: dict[int, _Item] = field(default_factory=dict)
    seen: list[frozenset[str]] = field(default_factory=list)

    def add(self, row: Row, ordinal: int, body: str, head: int) -> bool:
        """Add a passage unless it is there, says nothing new, or is too long for what is left of the budget."""
        item = self.items.get(row["item_id"])
        if item is not None and ordinal in item.passages:
            return False
        words = frozenset(_WORD.findall(body.lower()))
        if any(_says_the_same(words, other) for other in self.seen):
            return False
        cost = self.costs[body] + (head + 1 if item is None else 1)
        if self.tokens + cost > self.budget:
            return False
        self.tokens += cost
        self.seen.append(words)
        self.items.setdefault(row["item_id"], _Item(row=row)).passages[ordinal] = body
        return True


def _says_the_same(words: frozenset[str], other: frozenset[str]) -> bool:
    """Most words are common, and those that are not hold no number: days and amounts are what tells records apart."""
    if len(words & other) < _NEAR_DUPLICATE * len(words | other):
        return False
    return not any(character.isdigit() for word in words ^ other for character in word)


def _joined(item: _Item) -> str:
    """The passages of an item in their order; its head, which each of them repeats, only once."""
    ordinals = sorted(item.passages)
    parts = []
    for place, ordinal in enumerate(ordinals):
        text = item.passages[ordinal]
        if place:
            head, _, rest = text.partition("\n")
            text = rest if rest and item.passages[ordinals[0]].startswith(head + "\n") else text
            if ordinals[place - 1] != ordinal - 1:
                parts.append("…")
        parts.append(_line(text))
    return " ".join(parts)


def _line(text: str) -> str:
    return " ".join(text.split())


def _head(number: int, row: Row) -> str:
    return f"[{number}] {(row['occurred_at'] or 'undated')[:16]} {row['kind']}:"


def _neighbours(searcher: Searcher, hits: Sequence[Row]) -> list[list[Row]]:
    """Return for each hit its own chunk and those beside it, and the messages beside it in its conversation."""
    if not hits:
        return []
    hashes = [hashlib.sha256(hit["body"].encode()).digest() for hit in hits]
    rows = searcher.db.rows(Q.neighbours, [hit["item_id"] for hit in hits], hashes)
    by_hit: dict[int, list[Row]] = {}
    for row in rows:
        by_hit.setdefault(int(row["place"]), []).append(row)
    return [by_hit.get(place, []) for place in range(1, len(hits) + 1)]


def _ordinal(hit: Row, neighbours: Iterable[Sequence[Row]]) -> int:
    for rows in neighbours:
        for row in rows:
            if row["item_id"] == hit["item_id"] and row["body"] == hit["body"]:
                return int(row["ordinal"])
    return 0


def token_counter(searcher: Searcher) -> Count:
    """Return what counts tokens: the active model's tokenizer, else the built-in model's, else an estimate."""
    model = active_generation(searcher.db).model

    def count(texts: Sequence[str]) -> list[int]:
        for name in dict.fromkeys((model, _DEFAULT_MODEL)):
            try:
                return searcher.inference.count_tokens(texts, name)
            except (HostUnreachable, InvalidArgument, NoSuchModel, NotReady):
                continue
        return [estimated_tokens(text) for text in texts]

    return count


def estimated_tokens(text: str) -> int:
    """Estimate the tokens of a text for a budget: a quarter of its bytes, as is usual for BPE vocabularies."""
    return len(text.encode()) // 4 + 1
