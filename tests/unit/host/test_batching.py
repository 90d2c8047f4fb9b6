import asyncio
import threading
from typing import Any

import numpy as np
import pytest

from datapunk.inference.onnx_models import Embedder
from datapunk_workers.host.batching import Batcher
from datapunk_workers.host.metrics import Metrics
from tiny_models import embedder_files


class Recording(Embedder):
    """Keeps the texts of each batch and holds each until the test lets it go on."""

    def __init__(self) -> None:
        super().__init__(embedder_files(), threads=1)
        self.sizes: list[int] = []
        self.gate = threading.Event()

    def run(self, batch: Any) -> Any:
        self.sizes.append(len(batch))
        assert self.gate.wait(10)
        return super().run(batch)


async def started(tasks: int, embedder: Recording) -> None:
    while len(embedder.sizes) < tasks:
        await asyncio.sleep(0.001)


def test_requests_that_arrive_while_a_batch_runs_share_the_next() -> None:
    async def scenario() -> list[int]:
        embedder = Recording()
        batcher = Batcher(embedder, Metrics())
        first = asyncio.create_task(batcher.embed(["red"]))
        await started(1, embedder)
        others = [asyncio.create_task(batcher.embed(["green"])) for _ in range(5)]
        await asyncio.sleep(0.01)
        embedder.gate.set()
        await asyncio.gather(first, *others)
        return embedder.sizes

    assert asyncio.run(scenario()) == [1, 5]


@pytest.mark.parametrize(("waiting", "batches"), [(["green"] * 5, [1]), (["green " * 70], [1, 1])])
def test_only_what_is_many_or_long_takes_another_thread(waiting: list[str], batches: list[int]) -> None:
    async def scenario() -> list[int]:
        embedder = Recording()
        batcher = Batcher(embedder, Metrics(), threads=2)
        tasks = [asyncio.create_task(batcher.embed(["red"]))]
        await started(1, embedder)
        tasks += [asyncio.create_task(batcher.embed([text])) for text in waiting]
        await asyncio.sleep(0.05)
        at_once = list(embedder.sizes)
        embedder.gate.set()
        await asyncio.gather(*tasks)
        return at_once

    assert asyncio.run(scenario()) == batches


def test_a_question_does_not_wait_for_documents() -> None:
    class Holding(Recording):
        def run(self, batch: Any) -> Any:
            if len(batch) > 1:
                return super().run(batch)
            self.sizes.append(len(batch))
            return Embedder.run(self, batch)

    async def scenario() -> list[int]:
        embedder = Holding()
        batcher = Batcher(embedder, Metrics())
        documents = asyncio.create_task(batcher.embed(["red green blue " * 100] * 20))
        await started(1, embedder)
        await batcher.embed(["red"])
        assert not documents.done()
        embedder.gate.set()
        await documents
        return embedder.sizes

    assert asyncio.run(scenario())[:2] == [6, 1]


@pytest.mark.parametrize("threads", [1, 3])
def test_batches_of_one_request_run_on_as_many_threads_as_there_are(threads: int) -> None:
    async def scenario() -> tuple[int, list[bytes], list[bytes]]:
        embedder = Recording()
        texts = [f"red green blue {'green ' * (n % 7)}" * 100 for n in range(20)]
        batcher = Batcher(embedder, Metrics(), threads=threads)
        documents = asyncio.create_task(batcher.embed(texts))
        await started(threads, embedder)
        await asyncio.sleep(0.05)
        at_once = len(embedder.sizes)
        embedder.gate.set()
        return at_once, (await documents).vectors, Embedder(embedder_files(), threads=1).embed(texts)

    at_once, found, expected = asyncio.run(scenario())
    assert at_once == threads
    assert found == expected


def test_failed_batch_fails_its_requests_and_not_the_next() -> None:
    class Failing(Embedder):
        def run(self, batch: Any) -> Any:
            if len(batch[0]) == 2:
                raise RuntimeError("broken")
            return super().run(batch)

    async def scenario() -> np.ndarray:
        batcher = Batcher(Failing(embedder_files(), threads=1), Metrics())
        with pytest.raises(RuntimeError, match="broken"):
            await batcher.embed(["red green"])
        return np.frombuffer((await batcher.embed(["red"])).vectors[0], "<f4")

    assert asyncio.run(scenario())[1] == 1
