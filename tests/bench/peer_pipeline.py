"""A Haystack pipeline that embeds, retrieves by words and meaning, and routes: the peer of gaia_answer.

In tests/, `PEERS/bin/python -m bench.peer_pipeline DSN OWNER HELD MODEL CLIENTS WARM_UP QUESTIONS` runs in an
environment of its own (peers.txt). It loads what an owner has with its vectors, answers each of the questions (a JSON
list) ten times after WARM_UP times, alone, and again by CLIENTS threads at once for each line of its input; each time
it prints its throughput as a line of JSON. Questions are embedded by the sentence-transformers model in folder MODEL;
the route is that of the nearest example among the installation's.

HELD `items` writes a document for each piece of an item, as a pipeline needs that cites items or filters by their
time; `texts` one for each distinct text, as Cortex holds them: a visit that was made a hundred times is one document.
"""

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import psycopg

from bench.clients import seconds_together

K, DEPTH, ROUNDS = 5, 30, 10
_TABLE = "haystack_answers"
_WRITTEN_AT_ONCE = 5_000
_HELD = {
    "items": """
        select c.item_id || '.' || c.ordinal, t.body, e.embedding::text
        from cortex.chunk as c
        join cortex.text as t on t.owner_id = c.owner_id and t.id = c.text_id
        join cortex.embedding as e on e.owner_id = t.owner_id and e.text_id = t.id
        where c.owner_id = %s
    """,
    "texts": """
        select t.id::text, t.body, e.embedding::text
        from cortex.text as t
        join cortex.embedding as e on e.owner_id = t.owner_id and e.text_id = t.id
        where t.owner_id = %s
    """,
}


def main(dsn: str, owner: str, held: str, model: str, clients: int, warm_up: int, questions: list[str]) -> None:
    """Build the store, then time embed, retrieve, join and route: of one client, and of several as often as asked."""
    os.environ["PG_CONN_STR"] = dsn
    os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"
    from haystack import Document

    with psycopg.connect(dsn) as connection:
        connection.execute("select set_config('datapunk.owner', %s, false)", (owner,))
        examples = connection.execute(
            "select e.subroutine, v.embedding::text from gaia.example as e join gaia.example_vector as v using (text)"
            " where e.owner_id = 'system'"
        ).fetchall()
        routes = [name for name, _ in examples]
        known = np.array([json.loads(vector) for _, vector in examples], dtype=np.float32)
        store, written = _store(known.shape[1], recreate=True), 0
        with connection.cursor("held") as rows:
            rows.itersize = _WRITTEN_AT_ONCE
            rows.execute(_HELD[held], (owner,))
            while some := rows.fetchmany(_WRITTEN_AT_ONCE):
                written += store.write_documents(
                    [
                        Document(id=name, content=text, embedding=[float(x) for x in json.loads(vector)])
                        for name, text, vector in some
                    ]
                )
    embed = _embedder(model)

    def route(vector: list[float]) -> str:
        return str(routes[int((known @ np.asarray(vector, dtype=np.float32)).argmax())])

    alone = _client(_store(known.shape[1]), embed, route, warm_up, questions)
    _tell(
        documents=written, p50_ms=round(1000 * float(np.median(alone)), 2),
        per_second=round(len(alone) / sum(alone), 1),
    )  # fmt: skip
    for _ in sys.stdin:
        seconds = seconds_together(
            clients, lambda ready: _client(_store(known.shape[1]), embed, route, warm_up, questions, ready)
        )
        _tell(per_second=round(clients * ROUNDS * len(questions) / seconds, 1))
    store.delete_table()


def _tell(**figures: float) -> None:
    print(json.dumps(figures), flush=True)


def _store(dimensions: int, *, recreate: bool = False) -> Any:
    from haystack_integrations.document_stores.pgvector import PgvectorDocumentStore

    return PgvectorDocumentStore(
        table_name=_TABLE, embedding_dimension=dimensions, recreate_table=recreate,
        vector_function="cosine_similarity", search_strategy="hnsw", language="english",
    )  # fmt: skip


def _client(
    store: Any, embed: Callable[[str], list[float]], route: Callable[[list[float]], str], warm_up: int,
    questions: list[str], ready: threading.Barrier | None = None,
) -> list[float]:  # fmt: skip
    """Answer the questions over a connection of its own; seconds of each, without those that warm it up."""
    from haystack.components.joiners import DocumentJoiner
    from haystack_integrations.components.retrievers.pgvector import (
        PgvectorEmbeddingRetriever,
        PgvectorKeywordRetriever,
    )

    meaning = PgvectorEmbeddingRetriever(document_store=store, top_k=DEPTH)
    words = PgvectorKeywordRetriever(document_store=store, top_k=DEPTH)
    joiner = DocumentJoiner(join_mode="reciprocal_rank_fusion", top_k=K)
    times = []
    for number in range(warm_up + ROUNDS):
        if number == warm_up and ready:
            ready.wait()
        for question in questions:
            started = time.perf_counter()
            vector = embed(question)
            lists = [meaning.run(query_embedding=vector)["documents"], words.run(query=question)["documents"]]
            joiner.run(documents=lists)
            route(vector)
            if number >= warm_up:
                times.append(time.perf_counter() - started)
    return times


def _embedder(model: str) -> Callable[[str], list[float]]:
    """The default model by sentence-transformers, as a pipeline of Haystack has it."""
    from haystack_integrations.components.embedders.sentence_transformers import SentenceTransformersTextEmbedder

    embedder = SentenceTransformersTextEmbedder(model=model, progress_bar=False)
    embedder.warm_up()
    return lambda text: list(embedder.run(text)["embedding"])


if __name__ == "__main__":
    dsn, owner, held, model, clients, warm_up, questions = sys.argv[1:]
    main(dsn, owner, held, model, int(clients), int(warm_up), json.loads(questions))
