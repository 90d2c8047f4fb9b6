"""A person, a worker and a worker's client of the model host, for tests of what workers do."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from datapunk.db.psycopg_db import PsycopgDb
from datapunk.inference import InferenceClient, StoredArtifacts, connect
from datapunk.settings import Settings
from datapunk_workers.child_process import Spare
from harness import Database, ModelHost


@pytest.fixture(autouse=True)
def no_spare_trainings(monkeypatch: pytest.MonkeyPatch) -> None:
    """A handler that trains in a test's own process leaves none behind that waits for another order."""
    monkeypatch.setattr(Spare, "prepare", lambda self: None)


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
