"""Haystack's hybrid retrieval over its pgvector store: `PEERS/bin/python tests/bench/peer_haystack.py DSN FOLDER`.

Runs in an environment of its own (peers.txt). FOLDER has collection.json (ids, texts, queries, and the folder of the
embedding model) and vectors.npz (documents), so that both sides embed with the same model. Each query runs through a
pipeline as Haystack builds it: sentence-transformers embeds it, both retrievers look for it, their ranks are joined.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

TABLE = "haystack_documents"
K = 10
DEPTH = 100


def main(dsn: str, folder: Path) -> None:
    os.environ["PG_CONN_STR"] = dsn
    os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"
    from haystack import Document, Pipeline
    from haystack.components.joiners import DocumentJoiner
    from haystack_integrations.components.embedders.sentence_transformers import SentenceTransformersTextEmbedder
    from haystack_integrations.components.retrievers.pgvector import (
        PgvectorEmbeddingRetriever,
        PgvectorKeywordRetriever,
    )
    from haystack_integrations.document_stores.pgvector import PgvectorDocumentStore

    collection = json.loads((folder / "collection.json").read_text(encoding="utf-8"))
    documents = np.load(folder / "vectors.npz")["documents"]
    store = PgvectorDocumentStore(
        table_name=TABLE, embedding_dimension=documents.shape[1], recreate_table=True,
        vector_function="cosine_similarity", search_strategy="hnsw", language="english",
    )  # fmt: skip
    store.write_documents([
        Document(id=name, content=text, embedding=vector.tolist())
        for name, text, vector in zip(collection["ids"], collection["texts"], documents, strict=True)
    ])  # fmt: skip
    embedder = SentenceTransformersTextEmbedder(model=collection["model"], progress_bar=False)
    pipeline = Pipeline()
    pipeline.add_component("embedder", embedder)
    pipeline.add_component("meaning", PgvectorEmbeddingRetriever(document_store=store, top_k=DEPTH))
    pipeline.add_component("words", PgvectorKeywordRetriever(document_store=store, top_k=DEPTH))
    pipeline.add_component("joiner", DocumentJoiner(join_mode="reciprocal_rank_fusion", top_k=K))
    pipeline.connect("embedder.embedding", "meaning.query_embedding")
    pipeline.connect("meaning", "joiner")
    pipeline.connect("words", "joiner")
    pipeline.warm_up()
    ranked, times, embedding = [], [], []
    for text in collection["queries"]:
        started = time.perf_counter()
        found: dict[str, Any] = pipeline.run({"embedder": {"text": text}, "words": {"query": text}})
        times.append((time.perf_counter() - started) * 1000)
        ranked.append([document.id for document in found["joiner"]["documents"]])
    for text in collection["queries"]:
        started = time.perf_counter()
        embedder.run(text=text)
        embedding.append((time.perf_counter() - started) * 1000)
    store.delete_table()
    print(json.dumps({"ranked": ranked, "ms": times, "embedding_ms": embedding}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
