"""Haystack's hybrid retrieval over its pgvector store: `PEERS/bin/python tests/bench/peer_haystack.py DSN FOLDER`.

Runs in an environment of its own (peers.txt). FOLDER has collection.json (ids, texts, queries) and vectors.npz
(documents, queries), so that both sides embed with the same model. Prints the ranked ids and the times as JSON; the
time of a query is without its embedding.
"""

import json
import os
import sys
import time
from pathlib import Path

import numpy as np

TABLE = "haystack_documents"
K = 10
DEPTH = 100


def main(dsn: str, folder: Path) -> None:
    os.environ["PG_CONN_STR"] = dsn
    os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"
    from haystack import Document
    from haystack.components.joiners import DocumentJoiner
    from haystack_integrations.components.retrievers.pgvector import (
        PgvectorEmbeddingRetriever,
        PgvectorKeywordRetriever,
    )
    from haystack_integrations.document_stores.pgvector import PgvectorDocumentStore

    collection = json.loads((folder / "collection.json").read_text(encoding="utf-8"))
    vectors = np.load(folder / "vectors.npz")
    store = PgvectorDocumentStore(
        table_name=TABLE, embedding_dimension=vectors["documents"].shape[1], recreate_table=True,
        vector_function="cosine_similarity", search_strategy="hnsw", language="english",
    )  # fmt: skip
    store.write_documents([
        Document(id=name, content=text, embedding=vector.tolist())
        for name, text, vector in zip(collection["ids"], collection["texts"], vectors["documents"], strict=True)
    ])  # fmt: skip
    meaning = PgvectorEmbeddingRetriever(document_store=store, top_k=DEPTH)
    words = PgvectorKeywordRetriever(document_store=store, top_k=DEPTH)
    joiner = DocumentJoiner(join_mode="reciprocal_rank_fusion", top_k=K)
    ranked, times = [], []
    for text, vector in zip(collection["queries"], vectors["queries"], strict=True):
        started = time.perf_counter()
        lists = [meaning.run(query_embedding=vector.tolist())["documents"], words.run(query=text)["documents"]]
        found = joiner.run(documents=lists)["documents"]
        times.append((time.perf_counter() - started) * 1000)
        ranked.append([document.id for document in found])
    store.delete_table()
    print(json.dumps({"ranked": ranked, "ms": times}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
