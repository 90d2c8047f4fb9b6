"""A second look at the best of a search by a cross-encoder, which reads query and text together."""

from collections.abc import Sequence

from datapunk.cortex.embedder import Q
from datapunk.db import Db, Row
from datapunk.errors import NotReady
from datapunk.inference import InferenceClient

# Texts that the cross-encoder reads: what reranking services recommend, and a second or so of a small model's time.
CANDIDATES = 50


def rerank(db: Db, inference: InferenceClient, query: str, rows: Sequence[Row]) -> list[Row]:
    """Return the rows in the order of the newest reranker's scores, which become theirs; rows past `CANDIDATES` stay
    behind, in their order.

    Raises NotReady without a reranker, HostUnreachable when it does not answer.
    """
    found = db.rows(Q.reranker)
    if not found:
        raise NotReady(
            "no reranker is configured",
            hint="Leave out the option rerank, or add one: cortex_provider_add with kind rerank or cross_encoder.",
        )
    first = list(rows[:CANDIDATES])
    scores = inference.rerank(query, [row["body"] for row in first], str(found[0]["name"]))
    ordered = sorted(zip(scores, range(len(first)), strict=True), key=lambda pair: (-pair[0], pair[1]))
    return [{**first[place], "score": score} for score, place in ordered] + list(rows[CANDIDATES:])
