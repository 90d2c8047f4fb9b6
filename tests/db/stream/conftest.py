"""Somebody with functions to subscribe, and a worker that delivers."""

from collections.abc import Callable, Iterator

import pytest

from datapunk.inference import connect
from datapunk.settings import Settings
from datapunk_workers.connection import WorkerArtifacts, act_as
from datapunk_workers.delivery import DeliveryHandler
from datapunk_workers.queue import Queue, RetryLater
from harness import Database
from stream_messages import FUNCTIONS, Connection


@pytest.fixture
def person(database: Database) -> Iterator[Connection]:
    """A connection of the role datapunk as the owner ada, in autocommit mode, with functions to subscribe."""
    with database.connect(owner="ada") as connection:
        connection.execute(FUNCTIONS)
        yield connection


@pytest.fixture
def worker(database: Database) -> Iterator[Connection]:
    """A connection as a worker has it."""
    with database.connect("datapunk_worker") as connection:
        yield connection


@pytest.fixture
def deliver(worker: Connection) -> Callable[..., list[RetryLater | None]]:
    """Hand out every message of the queue once, as a worker does, but without the pause before another attempt."""

    def run(handler: DeliveryHandler | None = None) -> list[RetryLater | None]:
        queue = Queue(worker, "delivery")
        outcomes = []
        for message in queue.receive(60, limit=100):
            act_as(worker, str(message["owner_id"]))
            inference = connect(Settings(), {}, WorkerArtifacts(worker))
            outcomes.append((handler or DeliveryHandler()).handle(message, worker, inference))
            if outcomes[-1] is None:
                queue.done(message)
            else:
                queue.extend(message, 0)
        return outcomes

    return run
