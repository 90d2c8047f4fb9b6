"""Retrieval on judged collections: nDCG@10 of cortex_search, and of its peers in the same run.

Each collection goes in through lake_append, is embedded by queue and worker, and is searched through cortex_search. The
peers read the same texts: bm25s over the same lexemes, sentence-transformers (fp32, exact), and Haystack's hybrid where
DATAPUNK_PEERS names a Python that has it (peers.txt). A document counts as relevant where its judgment is above 0.
"""

import csv
import json
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import psycopg

from bench import peers
from bench.real_texts import shared_folder

COLLECTIONS = ("adi", "cacm", "cisi", "cranfield")
K = 10
_LEXEMES = """
select array_agg(u.lexeme), array_agg(cardinality(u.positions))
from unnest(to_tsvector('english', translate(%s, './-@+', '     '))) as u
"""


@dataclass(frozen=True, kw_only=True)
class Collection:
    """Documents, queries that have judgments, and the relevant documents of each."""

    ids: list[str]
    titles: list[str]
    bodies: list[str]
    queries: list[str]
    relevant: list[frozenset[str]]

    @property
    def texts(self) -> list[str]:
        return [f"{t}\n{b}".strip() or " " for t, b in zip(self.titles, self.bodies, strict=True)]


def read(name: str) -> Collection:
    """Read a collection of the BEIR layout."""
    folder = shared_folder() / f"ir_{name}"
    documents = [json.loads(line) for line in (folder / "corpus.jsonl").read_text(encoding="utf-8").splitlines()]
    queries = [json.loads(line) for line in (folder / "queries.jsonl").read_text(encoding="utf-8").splitlines()]
    judged: dict[str, set[str]] = defaultdict(set)
    with (folder / "qrels/test.tsv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            if float(row["score"]) > 0:
                judged[row["query-id"]].add(row["corpus-id"])
    kept = [query for query in queries if judged[query["_id"]]]
    return Collection(
        ids=[d["_id"] for d in documents],
        titles=[d.get("title") or "" for d in documents],
        bodies=[d.get("text") or "" for d in documents],
        queries=[q["text"] for q in kept],
        relevant=[frozenset(judged[q["_id"]]) for q in kept],
    )


def ndcg(ranked: Sequence[str], relevant: frozenset[str]) -> float:
    """nDCG at `K` with binary gains."""
    gain = sum(1 / np.log2(place + 2) for place, name in enumerate(ranked[:K]) if name in relevant)
    return float(gain / sum(1 / np.log2(place + 2) for place in range(min(K, len(relevant)))))


def mean_ndcg(collection: Collection, ranked: Sequence[Sequence[str]]) -> float:
    return statistics.mean(ndcg(r, known) for r, known in zip(ranked, collection.relevant, strict=True))


def datapunk(
    connect: Callable[[str], psycopg.Connection[Any]], embed: Callable[[str], object], name: str, collection: Collection
) -> dict[str, Any]:
    """Append, embed and search as an owner of the collection's own."""
    owner = f"bench_{name}"
    with connect(owner) as person:
        records = [
            {"kind": "document", "source": "bench", "external_id": i, "title": t or None, "body": b or None}
            for i, t, b in zip(collection.ids, collection.titles, collection.bodies, strict=True)
        ]
        for start in range(0, len(records), 500):
            person.execute("select * from lake_append(%s)", (json.dumps(records[start : start + 500]),))
        embed(owner)
        figures: dict[str, Any] = {}
        for mode in ("hybrid", "lexical", "semantic"):
            ranked, times = [], []
            for query in collection.queries:
                started = time.perf_counter()
                rows = person.execute(
                    "select external_id from cortex_search(%s, %s, %s)", (query, K, json.dumps({"mode": mode}))
                ).fetchall()
                times.append((time.perf_counter() - started) * 1000)
                ranked.append([row[0] for row in rows])
            figures[mode] = mean_ndcg(collection, ranked)
            figures[f"{mode}_ms"] = statistics.median(times)
        person.execute("select * from lake_forget('{\"owner_all\": true}')")
    return figures


def bm25(connection: psycopg.Connection[Any], collection: Collection) -> list[list[str]]:
    """Rankings by bm25s over whole documents, with the lexemes that PostgreSQL makes of them."""
    import bm25s

    def tokens(text: str) -> list[str]:
        row = connection.execute(_LEXEMES, (text,)).fetchone()
        assert row is not None
        return [t for t, number in zip(row[0] or [], row[1] or [], strict=True) for _ in range(number)]

    index = bm25s.BM25(k1=1.2, b=0.75, method="lucene")
    index.index([tokens(text) for text in collection.texts], show_progress=False)
    ranked = []
    for query in collection.queries:
        scores = index.get_scores([token for token in tokens(query) if token in index.vocab_dict])
        ranked.append([collection.ids[n] for n in np.argsort(-scores, kind="stable")[:K] if scores[n] > 0])
    return ranked


def fp32(collection: Collection) -> tuple[np.ndarray, list[list[str]]]:
    """Vectors of the documents by sentence-transformers, and the exact rankings."""
    from sentence_transformers import SentenceTransformer

    from datapunk_forge.export.default_model import source_folder

    model = SentenceTransformer(str(source_folder()), device="cpu")
    documents = model.encode(collection.texts, normalize_embeddings=True)
    queries = model.encode(collection.queries, normalize_embeddings=True)
    order = np.argsort(-(queries @ documents.T), axis=1)[:, :K]
    return documents, [[collection.ids[n] for n in row] for row in order]


def main(
    dsn: str, connect: Callable[[str], psycopg.Connection[Any]], embed: Callable[[str], object],
    names: Sequence[str] = COLLECTIONS,
) -> dict[str, Any]:  # fmt: skip
    """Return figures by collection, and the means of the ratios.

    `dsn` is a superuser's, for peers; `connect` opens a connection as an owner, `embed` works the owner's backlog off.
    """
    figures: dict[str, Any] = {}
    for name in names:
        collection = read(name)
        found = datapunk(connect, embed, name, collection)
        with psycopg.connect(dsn, autocommit=True) as admin:
            found["bm25s"] = mean_ndcg(collection, bm25(admin, collection))
        documents, ranked = fp32(collection)
        found["fp32"] = mean_ndcg(collection, ranked)
        found["hybrid_to_better"] = found["hybrid"] / max(found["bm25s"], found["fp32"])
        found["int8_to_fp32_points"] = 100 * (found["semantic"] - found["fp32"])
        if peer := peers.haystack_hybrid(dsn, collection.ids, collection.texts, collection.queries, documents):
            found["haystack"] = mean_ndcg(collection, peer["ranked"])
            found["haystack_ms"] = statistics.median(peer["ms"])
            found["hybrid_to_haystack"] = found["hybrid"] / found["haystack"]
        figures[name] = {key: round(value, 4) for key, value in found.items()}
    ratios = [key for key in ("hybrid_to_better", "hybrid_to_haystack") if all(key in f for f in figures.values())]
    figures["mean"] = {key: round(statistics.mean(figures[name][key] for name in names), 4) for key in ratios}
    figures["least_hybrid_to_better"] = min(figures[name]["hybrid_to_better"] for name in names)
    return figures
