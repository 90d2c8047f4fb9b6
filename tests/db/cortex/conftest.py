"""What workers do for Cortex, and a second model."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from datapunk.inference import InferenceClient
from datapunk_workers.embedding import EmbeddingHandler
from datapunk_workers.maintenance import MaintenanceHandler
from harness import Database
from tiny_models import embedder_files, install_embedder


@pytest.fixture
def embed(worker: psycopg.Connection[Any], inference: InferenceClient) -> Callable[..., Any]:
    """Work off an owner's backlog as a worker does."""

    def run(owner: str = "local") -> Any:
        return EmbeddingHandler().handle({"owner_id": owner}, worker, inference)

    return run


@pytest.fixture
def maintain(database: Database, worker: psycopg.Connection[Any], inference: InferenceClient) -> Callable[..., Any]:
    """Do one task of upkeep as a worker does."""
    handler = MaintenanceHandler(database.dsn("datapunk_worker"))

    def run(task: str, subject: object = None, owner: str = "local") -> Any:
        message = {"owner_id": owner, "task": task, "subject": None if subject is None else str(subject)}
        return handler.handle(message, worker, inference)

    return run


@pytest.fixture
def build(maintain: Callable[..., Any], embed: Callable[..., Any]) -> Callable[..., None]:
    """Build a generation to its end, as a worker does over several messages."""

    def run(generation: int, owners: tuple[str, ...] = ("local",)) -> None:
        for _ in range(10):
            later = maintain("build", generation)
            for owner in owners:
                embed(owner)
            if later is None or "cortex_switch" in later.reason:
                return
        raise AssertionError(later)

    return run


@pytest.fixture
def tiny(database: Database) -> None:
    """A model of four dimensions beside the default one."""
    with database.connect("postgres") as admin:
        install_embedder(admin, "colours", embedder_files())
