"""Where sentence-transformers runs, and how many texts at once. No test needs a GPU: torch's answers are given."""

import subprocess
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from datapunk.errors import NotReady
from datapunk_workers import embedders
from datapunk_workers.embedders import TorchEmbedder, batch_size, bytes_a_text, torch_device

GIB = 1024**3


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Pretend that there is a driver, and a GPU that torch can use with so many bytes free."""

    def pretend(*, node: bool, available: bool, free: int = 0) -> None:
        monkeypatch.setattr(embedders.os.path, "exists", lambda path: node and path == "/dev/nvidiactl")
        monkeypatch.setattr(torch.cuda, "is_available", lambda: available)
        monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (free, 2 * free))

    return pretend


@pytest.mark.parametrize(
    ("wanted", "node", "available", "device"),
    [
        ("auto", True, True, "cuda"),
        ("auto", True, False, None),
        ("auto", False, False, None),
        ("cuda", True, True, "cuda"),
        ("cpu", True, True, "cpu"),
        ("cpu", False, False, "cpu"),
    ],
)
def test_a_gpu_is_used_where_there_is_one(
    driver: Callable[..., None], wanted: str, node: bool, available: bool, device: str | None
) -> None:
    driver(node=node, available=available)
    assert torch_device(wanted) == device


@pytest.mark.parametrize("node", [True, False])
def test_a_gpu_that_is_asked_for_and_is_not_there_is_told(driver: Callable[..., None], node: bool) -> None:
    driver(node=node, available=False)
    with pytest.raises(NotReady) as caught:
        torch_device("cuda")
    assert caught.value.hint


def test_without_a_driver_torch_is_not_even_loaded() -> None:
    code = (
        "import os, sys; os.path.exists = lambda path: False\n"
        "from datapunk_workers.embedders import torch_device\n"
        "assert torch_device('auto') is None and 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_batches_grow_with_the_free_memory_of_a_gpu(driver: Callable[..., None]) -> None:
    sizes = []
    for gib in (0, 1, 4, 8, 80):
        driver(node=True, available=True, free=gib * GIB)
        sizes.append(batch_size("cuda", 12_000_000))
    assert sizes == [1, 44, 178, 357, 1024]


def test_batches_of_a_larger_model_are_smaller(driver: Callable[..., None]) -> None:
    driver(node=True, available=True, free=8 * GIB)
    small, large = Recorder("small", "cuda"), Recorder("large", "cuda")
    large.max_seq_length, large.config = 512, SimpleNamespace(hidden_size=1024, num_attention_heads=16)
    sizes = [batch_size("cuda", bytes_a_text(model)) for model in (small, large)]
    assert sizes[0] > 4 * sizes[1] > 4 * 32
    assert bytes_a_text(object()) == 12_000_000


def test_batches_are_small_on_a_processor() -> None:
    assert batch_size("cpu", 1) == 32


class Recorder:
    """A model of MiniLM's size that notes how it was loaded and asked."""

    max_seq_length = 256

    def __init__(self, path: str, device: str) -> None:
        self.path, self.device = path, device
        self.config = SimpleNamespace(hidden_size=384, num_attention_heads=12)
        self.asked: list[dict[str, Any]] = []

    def __getitem__(self, place: int) -> Any:
        return SimpleNamespace(auto_model=SimpleNamespace(config=self.config))

    def encode(self, texts: list[str], **how: Any) -> "np.ndarray[Any, np.dtype[np.float64]]":
        self.asked.append({"texts": texts, **how})
        return np.tile([0.6, 0.8], (len(texts), 1))


def test_a_model_is_loaded_once_on_its_device_and_asked_in_batches_of_its_size(
    driver: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    driver(node=True, available=True, free=8 * GIB)
    monkeypatch.setattr("sentence_transformers.SentenceTransformer", Recorder)
    monkeypatch.setattr(TorchEmbedder, "_loaded", {})
    embedder = TorchEmbedder("/models/own", "cuda", {"prompts": {"document": "passage: "}})
    vectors = embedder.embed(["one", "two"], "own", "document")
    embedder.embed(["three"], "own", "document")
    (model,) = TorchEmbedder._loaded.values()
    assert (model.path, model.device) == ("/models/own", "cuda")
    assert [asked["batch_size"] for asked in model.asked] == [batch_size("cuda", bytes_a_text(model))] * 2
    assert model.asked[0]["texts"] == ["passage: one", "passage: two"]
    assert model.asked[0]["normalize_embeddings"]
    assert [np.frombuffer(raw, "<f4").tolist() for raw in vectors] == [pytest.approx([0.6, 0.8])] * 2
