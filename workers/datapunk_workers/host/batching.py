"""Texts of concurrent requests share batches.

Questions (few texts) and documents (many) have a lane each, with as many threads as processors: a batch runs on one of
them alone, since threads that share a short inference spend more time on waiting for each other than they gain. Texts
that come while a batch runs wait and share the next one, which costs less than a batch for each; where they are many or
long, another thread takes them at once. Questions never wait for documents. A batch is bounded in tokens and its texts
have similar lengths, so little is padding.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import cast

from datapunk.inference.onnx_models import BATCH_TOKENS, Embedder, pack
from datapunk_workers.host.metrics import Metrics

# Up to so many characters are tokenized on the event loop: quicker than a change of thread.
_CHARACTERS_AT_ONCE = 2_000
_SMALL_REQUEST = 4
# Tokens that are worth a thread beside one at work: about five questions.
_WORTH_A_THREAD = 64


@dataclass(kw_only=True)
class _Request:
    """One caller's texts; `vectors` fill up as batches finish."""

    token_ids: list[list[int]]
    done: asyncio.Future[None]
    vectors: list[bytes] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)
    unfinished: int = 0


@dataclass(frozen=True, kw_only=True)
class Embedded:
    """Vectors in the order of the texts, and the number of tokens read."""

    vectors: list[bytes]
    tokens: int


class _Lane:
    """Requests of one kind, worked off by `threads` runners at most."""

    def __init__(self, name: str, threads: int) -> None:
        self.requests: list[_Request] = []
        self.runners: set[asyncio.Task[None]] = set()
        self.threads = threads
        self.executor = ThreadPoolExecutor(threads, thread_name_prefix=name)

    def next_batch(self) -> list[tuple[_Request, int]]:
        """Take texts for the next batch, shortest first and oldest request first, as many as its tokens allow."""
        self.requests = [request for request in self.requests if request.waiting and not request.done.done()]
        batch: list[tuple[_Request, int]] = []
        longest = 0
        for request in self.requests:
            while request.waiting:
                length = max(longest, len(request.token_ids[request.waiting[0]]))
                if batch and length * (len(batch) + 1) > BATCH_TOKENS:
                    break
                longest = length
                batch.append((request, request.waiting.pop(0)))
        return batch

    def is_short_of_threads(self) -> bool:
        """Whether texts wait that no runner will take soon enough."""
        waiting = 0
        for request in self.requests:
            for index in request.waiting:
                waiting += len(request.token_ids[index])
                if not self.runners or waiting >= _WORTH_A_THREAD:
                    return len(self.runners) < self.threads
        return False


class Batcher:
    """Runs one embedder off the event loop, on `threads` threads for questions and as many for documents."""

    def __init__(self, embedder: Embedder, metrics: Metrics, *, threads: int = 1) -> None:
        self._embedder = embedder
        self._metrics = metrics
        self._questions = _Lane("questions", threads)
        self._documents = _Lane("documents", threads)
        self._tokenizing = ThreadPoolExecutor(1, thread_name_prefix="tokenize")

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
        self._metrics.waiting.inc(len(texts))
        lane = self._documents if len(texts) > _SMALL_REQUEST else self._questions
        lane.requests.append(request)
        self._start(lane)
        await request.done
        tokens = sum(map(len, token_ids))
        self._metrics.texts.inc(len(texts))
        self._metrics.tokens.inc(tokens)
        return Embedded(vectors=request.vectors, tokens=tokens)

    def count_tokens(self, texts: list[str]) -> list[int]:
        """Return how many tokens each text has."""
        return self._embedder.count_tokens(texts)

    def _start(self, lane: _Lane) -> None:
        if lane.is_short_of_threads():
            lane.runners.add(asyncio.get_running_loop().create_task(self._run(lane)))

    async def _run(self, lane: _Lane) -> None:
        try:
            while batch := lane.next_batch():
                self._start(lane)
                await self._embed_batch(lane, batch)
        finally:
            # Not by a callback: who waited for the last batch may send the next request before it runs.
            lane.runners.discard(cast("asyncio.Task[None]", asyncio.current_task()))

    async def _embed_batch(self, lane: _Lane, batch: list[tuple[_Request, int]]) -> None:
        token_ids = [request.token_ids[index] for request, index in batch]
        self._metrics.batch_texts.observe(len(batch))
        self._metrics.waiting.dec(len(batch))
        try:
            vectors = await asyncio.get_running_loop().run_in_executor(lane.executor, self._embedder.run, token_ids)
        except Exception as exc:
            self._fail({id(request): request for request, _ in batch}, exc)
            return
        for (request, index), vector in zip(batch, vectors, strict=True):
            request.vectors[index] = pack(vector)
            request.unfinished -= 1
            if request.unfinished == 0 and not request.done.done():
                request.done.set_result(None)

    def _fail(self, requests: dict[int, _Request], error: Exception) -> None:
        for request in requests.values():
            self._metrics.waiting.dec(len(request.waiting))
            request.waiting.clear()
            if not request.done.done():
                request.done.set_exception(error)
