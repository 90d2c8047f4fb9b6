"""Texts of concurrent requests share batches.

While nothing runs, a request goes at once. While a batch runs, texts wait. Questions (few texts) and documents (many)
take turns and never share a batch, and a batch is bounded in tokens: a question waits for one batch of documents at
most, and documents never starve. Within a batch texts have similar lengths, so little is padding.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from datapunk.inference.onnx_models import BATCH_TOKENS, Embedder, pack
from datapunk_workers.host.metrics import Metrics

# Up to so many characters are tokenized on the event loop: quicker than a change of thread.
_CHARACTERS_AT_ONCE = 2_000
_SMALL_REQUEST = 4


@dataclass(kw_only=True)
class _Request:
    """One caller's texts; `vectors` fill up as batches finish."""

    token_ids: list[list[int]]
    done: asyncio.Future[None]
    vectors: list[bytes] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)
    unfinished: int = 0

    @property
    def is_large(self) -> bool:
        return len(self.token_ids) > _SMALL_REQUEST


@dataclass(frozen=True, kw_only=True)
class Embedded:
    """Vectors in the order of the texts, and the number of tokens read."""

    vectors: list[bytes]
    tokens: int


class Batcher:
    """Runs one embedder, one batch at a time, off the event loop."""

    def __init__(self, embedder: Embedder, metrics: Metrics) -> None:
        self._embedder = embedder
        self._metrics = metrics
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="embed")
        self._tokenizing = ThreadPoolExecutor(1, thread_name_prefix="tokenize")
        self._requests: list[_Request] = []
        self._last_was_large = True
        self._runner: asyncio.Task[None] | None = None

    async def embed(self, texts: list[str]) -> Embedded:
        """Return the vectors of `texts` (one at least)."""
        loop = asyncio.get_running_loop()
        if sum(map(len, texts)) <= _CHARACTERS_AT_ONCE:
            token_ids = self._embedder.tokenize(texts)
        else:
            token_ids = await loop.run_in_executor(self._tokenizing, self._embedder.tokenize, texts)
        request = _Request(
            token_ids=token_ids,
            done=loop.create_future(),
            vectors=[b""] * len(texts),
            waiting=sorted(range(len(texts)), key=lambda index: len(token_ids[index])),
            unfinished=len(texts),
        )
        self._requests.append(request)
        self._metrics.waiting.inc(len(texts))
        if self._runner is None or self._runner.done():
            self._runner = loop.create_task(self._run())
        await request.done
        tokens = sum(map(len, token_ids))
        self._metrics.texts.inc(len(texts))
        self._metrics.tokens.inc(tokens)
        return Embedded(vectors=request.vectors, tokens=tokens)

    def count_tokens(self, texts: list[str]) -> list[int]:
        """Return how many tokens each text has."""
        return self._embedder.count_tokens(texts)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while batch := self._next_batch():
            token_ids = [request.token_ids[index] for request, index in batch]
            self._metrics.batch_texts.observe(len(batch))
            self._metrics.waiting.dec(len(batch))
            try:
                vectors = await loop.run_in_executor(self._thread, self._embedder.run, token_ids)
            except Exception as exc:
                self._fail({id(request): request for request, _ in batch}, exc)
                continue
            for (request, index), vector in zip(batch, vectors, strict=True):
                request.vectors[index] = pack(vector)
                request.unfinished -= 1
                if request.unfinished == 0 and not request.done.done():
                    request.done.set_result(None)

    def _next_batch(self) -> list[tuple[_Request, int]]:
        """Take texts for the next batch, shortest first and oldest request first, as many as its tokens allow."""
        self._requests = [request for request in self._requests if request.waiting and not request.done.done()]
        others = [request for request in self._requests if request.is_large != self._last_was_large]
        batch: list[tuple[_Request, int]] = []
        longest = 0
        for request in others or self._requests:
            self._last_was_large = request.is_large
            while request.waiting:
                length = max(longest, len(request.token_ids[request.waiting[0]]))
                if batch and length * (len(batch) + 1) > BATCH_TOKENS:
                    break
                longest = length
                batch.append((request, request.waiting.pop(0)))
        return batch

    def _fail(self, requests: dict[int, _Request], error: Exception) -> None:
        for request in requests.values():
            self._metrics.waiting.dec(len(request.waiting))
            request.waiting.clear()
            if not request.done.done():
                request.done.set_exception(error)
