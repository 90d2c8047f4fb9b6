"""A Haystack pipeline that embeds, retrieves by words and meaning, and routes: the peer of gaia_answer.

`PEERS/bin/python tests/bench/peer_pipeline.py DSN OWNER TEXTS QUESTIONS` runs in an environment of its own (peers.txt).
It loads the newest texts of an owner with their vectors, answers each of the questions (a JSON list) ten times, and
prints its throughput as JSON. The route is that of the nearest example among the installation's.
"""

import json
import os
import sys
import time
from typing import Any

import numpy as np
import psycopg

K, DEPTH, ROUNDS = 5, 30, 10
_MODEL = "sentence-transformers/all-MiniLM-L6-v2"


def main(dsn: str, owner: str, most: int, questions: list[str]) -> dict[str, Any]:
    """Build the store, then time embed, retrieve, join and route, one question after the other."""
    os.environ["PG_CONN_STR"] = dsn
    os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"
    from haystack import Document
    from haystack.components.joiners import DocumentJoiner
    from haystack_integrations.components.retrievers.pgvector import (
        PgvectorEmbeddingRetriever,
        PgvectorKeywordRetriever,
    )
    from haystack_integrations.document_stores.pgvector import PgvectorDocumentStore

    with psycopg.connect(dsn) as connection:
        connection.execute("select set_config('datapunk.owner', %s, false)", (owner,))
        rows = connection.execute(
            "select t.id::text, t.body, e.embedding::text from cortex.text as t join cortex.embedding as e"
            " on e.owner_id = t.owner_id and e.text_id = t.id where t.owner_id = %s order by t.id desc limit %s",
            (owner, most),
        ).fetchall()
        examples = connection.execute(
            "select e.subroutine, v.embedding::text from gaia.example as e join gaia.example_vector as v using (text)"
            " where e.owner_id = 'system'"
        ).fetchall()
    routes = [name for name, _ in examples]
    known = np.array([json.loads(vector) for _, vector in examples], dtype=np.float32)
    store = PgvectorDocumentStore(
        table_name="haystack_answers", embedding_dimension=known.shape[1], recreate_table=True,
        vector_function="cosine_similarity", search_strategy="hnsw", language="english",
    )  # fmt: skip
    store.write_documents(
        [
            Document(id=name, content=text, embedding=[float(x) for x in json.loads(vector)])
            for name, text, vector in rows
        ]
    )
    embed = _embedder()
    meaning = PgvectorEmbeddingRetriever(document_store=store, top_k=DEPTH)
    words = PgvectorKeywordRetriever(document_store=store, top_k=DEPTH)
    joiner = DocumentJoiner(join_mode="reciprocal_rank_fusion", top_k=K)
    times = []
    for number in range(ROUNDS + 1):
        for question in questions:
            started = time.perf_counter()
            vector = embed(question)
            lists = [meaning.run(query_embedding=vector)["documents"], words.run(query=question)["documents"]]
            joiner.run(documents=lists)
            _ = routes[int((known @ np.asarray(vector, dtype=np.float32)).argmax())]
            if number:
                times.append(time.perf_counter() - started)
    store.delete_table()
    return {"texts": len(rows), "p50_ms": round(1000 * float(np.median(times)), 2),
            "per_second": round(len(times) / sum(times), 1)}  # fmt: skip


def _embedder() -> Any:
    """The default model by sentence-transformers, as a pipeline of Haystack has it."""
    from haystack_integrations.components.embedders.sentence_transformers import SentenceTransformersTextEmbedder

    embedder = SentenceTransformersTextEmbedder(model=os.environ.get("DATAPUNK_PEER_MODEL", _MODEL), progress_bar=False)
    embedder.warm_up()
    return lambda text: embedder.run(text)["embedding"]


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), json.loads(sys.argv[4]))))
