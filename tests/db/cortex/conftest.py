"""Items to search among, and the handler that embeds them."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from datapunk.db.psycopg_db import PsycopgDb
from datapunk.inference import InferenceClient, StoredArtifacts, connect
from datapunk.settings import Settings
from datapunk_workers.embedding import EmbeddingHandler
from harness import Database, ModelHost


@pytest.fixture
def person(database: Database) -> Iterator[psycopg.Connection[Any]]:
    """A connection of the role datapunk in autocommit mode."""
    with database.connect() as connection:
        yield connection


@pytest.fixture
def worker(database: Database) -> Iterator[psycopg.Connection[Any]]:
    """A connection as a worker has it."""
    with database.connect("datapunk_worker") as connection:
        yield connection


@pytest.fixture
def inference(worker: psycopg.Connection[Any], model_host: ModelHost) -> InferenceClient:
    """A worker's client of the model host."""
    settings = Settings(inference="resident", host_socket=str(model_host.socket))
    return connect(settings, {}, StoredArtifacts(PsycopgDb(worker)))


@pytest.fixture
def embed(worker: psycopg.Connection[Any], inference: InferenceClient) -> Callable[..., Any]:
    """Work off an owner's backlog as a worker does."""

    def run(owner: str = "local") -> Any:
        return EmbeddingHandler().handle({"owner_id": owner}, worker, inference)

    return run
