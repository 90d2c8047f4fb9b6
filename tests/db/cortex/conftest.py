"""Items to search among, and the handler that embeds them."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from datapunk.inference import InferenceClient
from datapunk_workers.embedding import EmbeddingHandler


@pytest.fixture
def embed(worker: psycopg.Connection[Any], inference: InferenceClient) -> Callable[..., Any]:
    """Work off an owner's backlog as a worker does."""

    def run(owner: str = "local") -> Any:
        return EmbeddingHandler().handle({"owner_id": owner}, worker, inference)

    return run
