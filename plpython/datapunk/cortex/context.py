"""From a question to a context for a language model: the best passages within a budget, in order of time."""

import json
import re

from datapunk.cortex.options import ContextOptions
from datapunk.cortex.search import Searcher
from datapunk.db import Row

_WORD = re.compile(r"\w+")
# Share of common words from which a passage says nothing new.
_NEAR_DUPLICATE = 0.8


def build_context(searcher: Searcher, question: str, options: ContextOptions) -> Row:
    """Return the row of cortex_context: context, citations (JSON text), tokens."""
    chosen: list[tuple[Row, str]] = []
    seen: list[frozenset[str]] = []
    tokens = 0
    for row in searcher.search(question, 30, options.search):
        words = frozenset(_WORD.findall(row["body"].lower()))
        if any(len(words & other) >= _NEAR_DUPLICATE * len(words | other) for other in seen):
            continue
        passage = " ".join(row["body"].split())
        cost = estimated_tokens(passage) + 12
        if tokens + cost > options.max_tokens:
            continue
        seen.append(words)
        tokens += cost
        chosen.append((row, passage))
    chosen.sort(key=lambda pair: pair[0]["occurred_at"] or "")
    lines = [
        f"[{number}] {(row['occurred_at'] or 'undated')[:16]} {row['kind']}: {passage}"
        for number, (row, passage) in enumerate(chosen, start=1)
    ]
    citations = [
        {"number": number} | {name: row[name] for name in ("item_id", "kind", "occurred_at", "title", "url", "score")}
        for number, (row, _) in enumerate(chosen, start=1)
    ]
    return {"context": "\n".join(lines), "citations": json.dumps(citations), "tokens": tokens}


def estimated_tokens(text: str) -> int:
    """Estimate the tokens of a text for a budget: a quarter of its bytes, as is usual for BPE vocabularies."""
    return len(text.encode()) // 4 + 1
