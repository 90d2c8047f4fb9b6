"""What the SQL functions of cortex call. What only searches need is imported with the first search."""

import json
from typing import TYPE_CHECKING, Any

from datapunk.db.backend import entry_point, read_settings
from datapunk.db.plpy_db import PlpyDb
from datapunk.errors import NoSuchModel, NotReady

if TYPE_CHECKING:
    from datapunk.cortex.search import Searcher
    from datapunk.cortex.tokens import TokenCounter

Cache = dict[str, Any]
Row = dict[str, Any]


@entry_point
def split_text(plpy: Any, cache: Cache, head: str | None, body: str | None) -> list[str]:
    """Run cortex.split_text."""

    from datapunk.cortex import chunking

    return chunking.split_text(head, body, _token_counter(plpy, cache))


@entry_point
def detect_languages(plpy: Any, cache: Cache, texts: list[str | None] | None) -> list[str | None]:  # noqa: ARG001
    """Run cortex.detect_languages."""
    from datapunk.cortex import language

    return language.detect_all(texts or [])


@entry_point
def rank_blocks(
    plpy: Any, cache: Cache, blocks: list[Any], weights: list[Any], limit: int, allowed: list[Any], removed: bool
) -> list[Row]:
    """Run cortex.rank_blocks."""
    from datapunk.cortex.blocks import Blocks, Filter, Weights, rank

    places, numbers, bounds, texts = blocks
    terms, values, flat, slope = weights
    kinds, sources, since, until, attributes = allowed
    return rank(
        PlpyDb(plpy, cache),
        Blocks(places=places, numbers=numbers, bounds=bounds, texts=texts),
        Weights(terms=terms, weights=values, flat=flat, slope=slope),
        Filter(kinds=kinds, sources=sources, since=since, until=until, attributes=attributes),
        limit,
        removed=removed,
    )


@entry_point
def search(plpy: Any, cache: Cache, query: str | None, k: int | None, options: str | None) -> list[Row]:
    """Run api.cortex_search."""
    from datapunk.cortex.options import checked_k, checked_query, search_options

    settings = read_settings(PlpyDb(plpy, cache))
    checked = checked_query(query), checked_k(k), search_options(options, settings.timezone)
    return _searcher(plpy, cache).search(*checked)


@entry_point
def asked_embedding(plpy: Any, cache: Cache, query: str) -> str | None:
    """Run cortex.asked_embedding."""
    return _searcher(plpy, cache).asked_embedding(query)


@entry_point
def similar(plpy: Any, cache: Cache, item_id: int, k: int | None) -> list[Row]:
    """Run api.cortex_similar."""
    from datapunk.cortex.options import checked_k

    return _searcher(plpy, cache).similar(item_id, checked_k(k))


@entry_point
def context(plpy: Any, cache: Cache, question: str | None, options: str | None) -> Row:
    """Run api.cortex_context."""
    from datapunk.cortex.context import build_context
    from datapunk.cortex.options import checked_query, context_options

    settings = read_settings(PlpyDb(plpy, cache))
    checked = checked_query(question, "question"), context_options(options, settings.timezone)
    return build_context(_searcher(plpy, cache), *checked)


@entry_point
def embed(plpy: Any, cache: Cache, text: str | None) -> str:
    """Run api.cortex_embed."""
    from datapunk.cortex.options import checked_query

    return _searcher(plpy, cache).embed(checked_query(text, "input"))


@entry_point
def embed_many(plpy: Any, cache: Cache, texts: list[str] | None) -> list[Row]:
    """Run api.cortex_embed_many."""
    vectors = _searcher(plpy, cache).embed_many(texts or [])
    return [{"ordinal": number, "embedding": vector} for number, vector in enumerate(vectors, start=1)]


def _token_counter(plpy: Any, cache: Cache) -> "TokenCounter":
    """The counter of the active generation's model, read once a session; an estimate while there is no model."""
    from datapunk.cortex.embedder import active_generation
    from datapunk.cortex.tokens import TokenCounter
    from datapunk.inference import StoredArtifacts
    from datapunk.inference.sealing import opened

    db = PlpyDb(plpy, cache)
    try:
        model = active_generation(db).model
        stored = StoredArtifacts(db)
        sha = stored.manifest(model).files["tokenizer.json"]
        known = cache.get("datapunk.cortex.tokens")
        if known is None or known[0] != sha:
            known = cache["datapunk.cortex.tokens"] = (sha, TokenCounter.of_tokenizer(opened(stored.read(sha))))
        counter: TokenCounter = known[1]
    except (NoSuchModel, NotReady, KeyError):
        return TokenCounter()
    return counter


@entry_point
def switch(plpy: Any, cache: Cache, model: str | None, options: str | None) -> int:
    """Run api.cortex_switch."""
    from datapunk.cortex import generations

    return generations.switch(PlpyDb(plpy, cache), model, options)


@entry_point
def wait(plpy: Any, cache: Cache, generation: int | None, timeout: str | None) -> Row:
    """Run api.cortex_wait."""
    from datapunk.cortex import generations

    return generations.wait(PlpyDb(plpy, cache), plpy.commit, generation, timeout)


@entry_point
def provider_add(plpy: Any, cache: Cache, name: str | None, kind: str | None, options: str | None) -> str:
    """Run api.cortex_provider_add."""
    from datapunk.cortex import generations

    return generations.add_provider(PlpyDb(plpy, cache), name, kind, options)


@entry_point
def evaluate(plpy: Any, cache: Cache, qrels: str | None, options: str | None) -> list[Row]:
    """Run api.cortex_evaluate."""
    from datapunk.cortex.evaluation import DEPTH, read_qrels
    from datapunk.cortex.evaluation import evaluate as measure
    from datapunk.cortex.generations import keep_judgments
    from datapunk.cortex.options import evaluate_options

    db = PlpyDb(plpy, cache)
    wanted, keep = evaluate_options(options, read_settings(db).timezone)
    given = json.loads(qrels) if qrels else None
    judged = read_qrels(db, given)
    searcher = _searcher(plpy, cache)
    found = measure(judged, lambda query: [row["item_id"] for row in searcher.search(query, DEPTH, wanted)])
    if keep:
        keep_judgments(db, given)
    return [{"metric": name, "value": value} for name, value in found.items()]


def _searcher(plpy: Any, cache: Cache) -> "Searcher":
    from datapunk.cortex.embedder import session_inference
    from datapunk.cortex.search import Searcher

    db = PlpyDb(plpy, cache)
    return Searcher(db=db, inference=session_inference(db, cache))
