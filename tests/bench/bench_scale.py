"""Search at scale: latency, agreement with bm25s, recall of the vector index, over texts by the hundred thousand.

Real texts, then variations of them (real_texts.py); a variation's vector lies between its origin's and another's, about
where the model would put it.
The rows are inserted straight into the tables, in the state that import and compaction leave them in, since importing
a million would take the better part of an hour. `python tests/bench/bench_scale.py DSN TEXTS [lexical]`; DSN is a
superuser's to a database with Datapunk installed that the benchmark may empty. Prints JSON.
"""

import json
import random
import statistics
import struct
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import psycopg

from bench import peers
from bench.bench_import import backend_seconds
from bench.real_texts import real_texts, variations
from datapunk_workers.indexing import ensure_index

MODEL_TEXTS = 20_000
# How much of another text's vector a variation's has. The mean of its cosine to its origin is then 0.75; the model's is
# 0.73 (0.42 at the 5th percentile, 0.95 at the 95th).
SHARE = (0.3, 1.6)
QUERIES = 200
WARM_UP = 30

_FILL = """
truncate lake.item;
insert into lake.item (id, owner_id, kind, source, occurred_at, title, content_hash)
overriding system value
select r.id, 'local', (array['note', 'mail', 'message', 'document'])[1 + r.id % 4],
  case when r.id % 10000 = 0 then 'one in 10000' when r.id % 100 = 0 then 'one in 100'
    when r.id % 10 = 0 then 'one in 10' else 'bench' end,
  timestamptz '2020-01-01' + make_interval(secs => r.id * 60), r.body, sha256(int8send(r.id))
from bench_raw as r;
insert into cortex.text (id, owner_id, hash, body, language, lexemes, length)
overriding system value
select r.id, 'local', sha256(convert_to(r.body, 'UTF8')), r.body, 'en', v.lexemes,
  (select coalesce(sum(cardinality(u.positions)), 0) from unnest(v.lexemes) as u)
from bench_raw as r
cross join lateral (
  select to_tsvector('english', translate(r.body, './-@+', '     ')) as lexemes offset 0
) as v;
insert into cortex.chunk (owner_id, item_id, ordinal, text_id, kind, source, occurred_at)
select i.owner_id, i.id, 0, i.id, i.kind, i.source, i.occurred_at from lake.item as i;
insert into cortex.corpus_delta (owner_id, language, texts, tokens)
select 'local', 'en', count(*), sum(t.length) from cortex.text as t;
insert into cortex.posting (owner_id, term, segment, block, texts, top_frequency, least_length, entries)
select 'local', n.lexeme, 0, (row_number() over (partition by n.lexeme))::integer - 1, count(*), max(n.frequency),
  min(n.length), array_agg((n.id << 24) + (n.length << 8) + n.frequency order by n.frequency desc, n.length, n.id)
from (
  select u.lexeme, t.id, cardinality(u.positions) as frequency, t.length, least(cardinality(u.positions), 4) as class,
    (row_number() over (
      partition by u.lexeme, least(cardinality(u.positions), 4) order by t.length, t.id
    ) - 1) / 1024 as part
  from cortex.text as t cross join lateral unnest(t.lexemes) as u
) as n
group by n.lexeme, n.class, n.part;
"""


def load(
    dsn: str, connection: psycopg.Connection[Any], texts: Sequence[str], count: int, vectors: np.ndarray | None
) -> None:
    """Fill the tables with `count` items; with vectors of the first texts, where given, and their index."""
    connection.execute("set session_replication_role = replica")
    connection.execute("set work_mem = '1GB'; set maintenance_work_mem = '3GB'")
    connection.execute("drop table if exists bench_raw")
    connection.execute("create unlogged table bench_raw (id bigint, body text)")
    origins = np.empty(count, np.int32)
    with connection.cursor().copy("copy bench_raw from stdin") as copy:
        for number, (origin, body) in enumerate(variations(list(texts), count)):
            origins[number] = origin
            copy.write_row((number + 1, body))
    connection.execute("truncate cortex.chunk, cortex.text, cortex.posting, cortex.removal, cortex.corpus_delta,"
                       " cortex.embedding, cortex.pending, cortex.unindexed")  # fmt: skip
    for statement in _FILL.split(";\n"):
        if statement.strip():
            connection.execute(statement)
    if vectors is not None:
        _load_vectors(dsn, connection, vectors, origins)
    connection.execute("drop table bench_raw")
    connection.execute("set session_replication_role = origin")
    connection.execute("vacuum (analyze) lake.item, cortex.text, cortex.chunk, cortex.posting, cortex.corpus_delta")


def _load_vectors(dsn: str, connection: psycopg.Connection[Any], vectors: np.ndarray, origins: np.ndarray) -> None:
    row = connection.execute("select id, dimensions from cortex.generation where state = 'active'").fetchone()
    assert row is not None
    generation, dimensions = row
    for (index,) in connection.execute(
        "select indexname from pg_indexes where tablename = %s and indexdef like '%%hnsw%%'",
        (f"embedding_{generation}",),
    ).fetchall():
        connection.execute(f"drop index cortex.{index}")
    with connection.cursor().copy(f"copy cortex.embedding_{generation} from stdin (format binary)") as copy:
        copy.write(b"PGCOPY\n\xff\r\n\x00" + struct.pack(">ii", 0, 0))
        for chunk in _rows(vectors, origins, generation, dimensions):
            copy.write(chunk)
        copy.write(struct.pack(">h", -1))
    # As a worker builds it: its parameters go by how many there are.
    connection.execute(f"vacuum analyze cortex.embedding_{generation}")
    ensure_index(dsn, generation)
    connection.execute(f"vacuum analyze cortex.embedding_{generation}")


def _rows(vectors: np.ndarray, origins: np.ndarray, generation: int, dimensions: int) -> Iterator[bytes]:
    """Rows of COPY in binary: owner, generation, text, halfvec."""
    kind = np.dtype([
        ("fields", ">i2"), ("l1", ">i4"), ("owner", "S5"), ("l2", ">i4"), ("generation", ">i8"), ("l3", ">i4"),
        ("text", ">i8"), ("l4", ">i4"), ("dim", ">i2"), ("unused", ">i2"), ("halves", ">f2", (dimensions,)),
    ])  # fmt: skip
    rng = np.random.default_rng(3)
    for start in range(0, len(origins), 20_000):
        part = origins[start : start + 20_000] % len(vectors)
        share = rng.uniform(*SHARE, (len(part), 1)).astype(np.float32)
        share[: max(0, len(vectors) - start)] = 0
        found = vectors[part] + share * vectors[rng.integers(len(vectors), size=len(part))]
        found /= np.linalg.norm(found, axis=1, keepdims=True)
        rows = np.zeros(len(part), kind)
        rows["fields"], rows["l1"], rows["owner"], rows["l2"], rows["generation"] = 4, 5, b"local", 8, generation
        rows["l3"], rows["text"], rows["l4"], rows["dim"] = (
            8,
            np.arange(start, start + len(part)) + 1,
            4 + 2 * dimensions,
            dimensions,
        )
        rows["halves"] = found
        yield rows.tobytes()


def queries(texts: Sequence[str], count: int) -> list[str]:
    """Runs of two to six words out of real texts, the same at each run."""
    rng = random.Random(20240501)
    spans = []
    while len(spans) < count:
        words = rng.choice(texts[:MODEL_TEXTS]).split()
        start = rng.randrange(max(1, len(words) - 5))
        span = " ".join(words[start : start + rng.randint(2, 6)]).replace('"', "").replace("*", "")
        if span.strip():
            spans.append(span)
    return spans


def milliseconds(
    connection: psycopg.Connection[Any], texts: Sequence[str], options: dict[str, Any]
) -> dict[str, float]:
    """Median and 95th percentile of cortex_search, each query once, after a warm-up of the connection.

    `cpu` is the backend's own processor time a query, which a busy machine changes less.
    """
    times = []
    for number, text in enumerate((*texts[:WARM_UP], *texts)):
        if number == WARM_UP:
            before = backend_seconds(connection.info.backend_pid) or 0.0
        started = time.perf_counter()
        connection.execute("select * from cortex_search(%s, 10, %s)", (text, json.dumps(options))).fetchall()
        times.append((time.perf_counter() - started) * 1000)
    cpu = (backend_seconds(connection.info.backend_pid) or 0.0) - before
    kept = sorted(times[WARM_UP:])
    return {
        "p50": round(statistics.median(kept), 1),
        "p95": round(kept[int(len(kept) * 0.95)], 1),
        "cpu": round(cpu * 1000 / len(texts), 1),
    }


def agreement(connection: psycopg.Connection[Any], texts: Sequence[str]) -> dict[str, Any]:
    """Share of queries with the scores of bm25s's best ten, over the same tokens."""
    import bm25s

    vocabulary: dict[str, int] = {}
    tokens: list[list[int]] = []
    with connection.transaction(), connection.cursor(name="tokens") as cursor:
        cursor.itersize = 20_000
        cursor.execute(
            "select tsvector_to_array(t.lexemes), array(select cardinality(u.positions) from unnest(t.lexemes) as u)"
            " from cortex.text as t order by t.id"
        )  # fmt: skip
        for lexemes, counts in cursor:
            tokens.append([
                vocabulary.setdefault(lexeme, len(vocabulary))
                for lexeme, number in zip(lexemes, counts, strict=True) for _ in range(number)
            ])  # fmt: skip
    reference = bm25s.BM25(k1=1.2, b=0.75, method="lucene")
    reference.index((tokens, vocabulary), show_progress=False)
    same, times = 0, []
    for text in texts:
        terms = connection.execute("select term, weight from cortex.query_terms(%s)", (text,)).fetchall()
        wanted = [term for term, weight in terms for _ in range(round(weight)) if term in vocabulary]
        scores = reference.get_scores(wanted) if wanted else np.zeros(1)
        expected = np.sort(scores[scores > 0])[::-1][:10]
        started = time.perf_counter()
        got = [row[0] for row in connection.execute(
            "select score from cortex.lexical_ranking(%s, 10, null, null, null, null, null, null)", (text,)
        )]  # fmt: skip
        times.append((time.perf_counter() - started) * 1000)
        same += len(got) == len(expected) and np.allclose(got, expected, rtol=1e-3)
    times.sort()
    return {
        "queries": len(texts),
        "same_best_ten": round(same / len(texts), 4),
        "lexical_p50_ms": round(statistics.median(times), 1),
        "lexical_p95_ms": round(times[int(len(times) * 0.95)], 1),
    }


def recall(connection: psycopg.Connection[Any], texts: Sequence[str]) -> float:
    """Mean share of the exact ten nearest that the index finds."""
    shares = []
    for text in texts:
        found = [
            {row[0] for row in connection.execute(
                "select item_id from cortex_search(%s, 10, %s)",
                (text, json.dumps({"mode": "semantic", "exact": exact})),
            )}
            for exact in (True, False)
        ]  # fmt: skip
        shares.append(len(found[0] & found[1]) / max(1, len(found[0])))
    return round(statistics.mean(shares), 4)


def model_vectors(connection: psycopg.Connection[Any], texts: Sequence[str]) -> np.ndarray:
    """The active model's vectors of the first texts, through cortex_embed_many."""
    found: list[Any] = []
    for start in range(0, min(MODEL_TEXTS, len(texts)), 256):
        rows = connection.execute(
            "select embedding::text from cortex_embed_many(%s) order by ordinal", (list(texts[start : start + 256]),)
        )
        found += [np.array(json.loads(row[0]), np.float32) for row in rows]
    return np.array(found)


def beside_haystack(
    dsn: str, connection: psycopg.Connection[Any], texts: Sequence[str], ours_ms: float
) -> dict[str, float]:
    """Haystack's hybrid over the same texts and vectors: medians in ms, and how many times as fast we are."""
    rows = connection.execute(
        "select t.id::text, t.body, e.embedding::text from cortex.text as t"
        " join cortex.embedding as e on e.owner_id = t.owner_id and e.text_id = t.id order by t.id"
    ).fetchall()
    documents = np.array([json.loads(row[2]) for row in rows], np.float32)
    peer = peers.haystack_hybrid(dsn, [row[0] for row in rows], [row[1] for row in rows], texts, documents)
    if peer is None:
        return {}
    whole, embedding = statistics.median(peer["ms"][WARM_UP:]), statistics.median(peer["embedding_ms"][WARM_UP:])
    return {"ms": round(whole, 1), "embedding_ms": round(embedding, 1), "times": round(whole / ours_ms, 2)}


def main(dsn: str, count: int, *, semantic: bool = True, with_peers: bool = False) -> dict[str, Any]:
    """Load, measure, and return figures by name."""
    texts = real_texts()
    with psycopg.connect(dsn, autocommit=True) as admin, psycopg.connect(dsn, autocommit=True) as person:
        person.execute("set role datapunk")
        vectors = model_vectors(person, texts[:count]) if semantic else None
        started = time.perf_counter()
        load(dsn, admin, texts, count, vectors)
        figures: dict[str, Any] = {"texts": count, "load_s": round(time.perf_counter() - started, 1)}
        wanted = queries(texts, QUERIES)
        figures["lexical_ms"] = milliseconds(person, wanted, {"mode": "lexical"})
        if semantic:
            figures["hybrid_ms"] = milliseconds(person, wanted, {})
            for name, source in (("10", "one in 10"), ("1", "one in 100"), ("0.01", "one in 10000")):
                figures[f"hybrid_filter_{name}_percent_ms"] = milliseconds(person, wanted[:60], {"sources": [source]})
            if with_peers and (peer := beside_haystack(dsn, person, wanted, figures["hybrid_ms"]["p50"])):
                figures["haystack"] = peer
            figures["recall_at_10"] = recall(person, wanted)
        figures["agreement"] = agreement(person, wanted)
    return figures


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]), semantic="lexical" not in sys.argv[3:]), indent=2))
