"""Search: from a query to ranked items with snippets."""

from dataclasses import dataclass
from typing import Any

from datapunk.cortex import reranking
from datapunk.cortex.embedder import Q, active_generation
from datapunk.cortex.options import SearchOptions
from datapunk.cortex.snippet import snippet
from datapunk.db import Db, Row
from datapunk.errors import HostUnreachable, InvalidArgument, NoSuchModel, NotFound, NotReady
from datapunk.inference import InferenceClient, Purpose, vector_literal

# Texts ranked by each side before fusion; below this, ranks of the other side are missed.
_DEPTH = 100
_DEEPEST = 100_000


@dataclass(frozen=True, kw_only=True)
class Searcher:
    """Searches the current owner's items."""

    db: Db
    inference: InferenceClient

    def embed(self, text: str, purpose: Purpose | None = None) -> str:
        """Embed one text with the active generation's model; returns pgvector's text form."""
        return self.embed_many([text], purpose)[0]

    def embed_many(self, texts: list[str], purpose: Purpose | None = None) -> list[str]:
        """Embed texts with the active generation's model. Raises InvalidArgument for an empty one."""
        for number, text in enumerate(texts, start=1):
            if not text or not text.strip():
                raise InvalidArgument(f"text {number} is empty", hint="Give texts with at least one character.")
        model = active_generation(self.db).model
        return [vector_literal(raw) for raw in self.inference.embed(texts, model, purpose)]

    def search(self, query: str, k: int, options: SearchOptions) -> list[Row]:
        """Return at most `k` items as rows of cortex_search, best first.

        In mode hybrid a missing model or host leaves the ranking by words. Raises NotReady in mode semantic when
        nothing is embedded yet.
        """
        embedding = None
        if options.mode == "semantic":
            embedding = self.embed(query, "query")
        elif options.mode == "hybrid":
            embedding = self._ask(query)
        wanted = max(k, reranking.CANDIDATES) if options.rerank else k
        rows = self._rows(None if options.mode == "semantic" else query, embedding, wanted, options)
        if not rows and options.mode == "semantic":
            self._check_embedded()
        if options.rerank:
            rows = reranking.rerank(self.db, self.inference, query, rows)[:k]
        return [_result(row, query) for row in rows]

    def asked_embedding(self, query: str) -> str | None:
        """Return the embedding that `search` asked the model host for; None when there is no model or host."""
        try:
            return self.embed(query, "query")
        except (HostUnreachable, NoSuchModel, NotReady):
            return None

    def _ask(self, query: str) -> str | None:
        """Have the query embedded while its words are ranked. Returns what cortex.search takes for its embedding."""
        try:
            self.inference.ask(query, active_generation(self.db).model, "query")
        except (NoSuchModel, NotReady):
            return None
        return ""

    def similar(self, item_id: int, k: int) -> list[Row]:
        """Return the items most like one item, which is not among them. Raises NotFound, NotReady."""
        texts = self.db.rows(Q.item_texts, item_id)
        if not texts:
            raise NotFound(f"no item {item_id}", hint="Take an item_id from cortex_search or the view items.")
        first = next((row for row in texts if row["embedding"] is not None), None)
        if first is None:
            raise NotReady(
                f"item {item_id} is not embedded yet",
                hint="cortex_status() shows the backlog; an item without text is never embedded.",
            )
        own = {row["text_id"] for row in texts}
        rows = self._rows(None, first["embedding"], k + len(own), SearchOptions(mode="semantic"))
        return [_result(row, first["body"]) for row in rows if row["text_id"] not in own][:k]

    def _rows(self, query: str | None, embedding: str | None, k: int, options: SearchOptions) -> list[Row]:
        depth = max(_DEPTH, 2 * k)
        while True:
            rows = self.db.rows(
                Q.search, query, embedding, k, depth, options.exact,
                options.kinds, options.sources, options.since, options.until, options.attributes,
            )  # fmt: skip
            # Several chunks of one item count once, so that k texts may be fewer items.
            if len(rows) >= k or not rows or rows[0]["candidates"] < depth or depth >= _DEEPEST:
                return rows
            depth *= 4

    def _check_embedded(self) -> None:
        backlog = self.db.rows(Q.backlog)[0]
        if not backlog["embedded"] and (backlog["pending"] or backlog["failed"]):
            raise NotReady(
                "nothing is embedded yet",
                detail=f"{backlog['pending']} texts wait, {backlog['failed']} failed",
                hint="A worker embeds them (`datapunk status`); mode lexical and hybrid answer meanwhile.",
            )


def _result(row: Row, query: str) -> Row:
    result: dict[str, Any] = {name: value for name, value in row.items() if name not in ("text_id", "candidates")}
    result["snippet"] = snippet(result["body"], query)
    return result
