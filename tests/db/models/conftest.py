"""A person with items, a language model of the test's own, and the handler that answers in the background."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from chat_server import ChatServer, chatting
from cortex_items import insert_items
from datapunk.inference import InferenceClient
from datapunk_workers.answering import AnswerHandler
from datapunk_workers.embedding import EmbeddingHandler
from harness import Database

MAIL = {
    "kind": "mail", "title": "Kestrel or Lumen", "occurred_at": "2024-06-10T12:00:00Z",
    "body": "I would take the Kestrel 64. Start at setting 2.4 for light roast and 1.9 for medium roast.",
    "attributes": json.dumps({"sender": "Jonas Weber", "labels": ["Inbox"]}),
}  # fmt: skip
NOTE = {"kind": "note", "title": "Locker", "body": "The locker at the gym opens with 4411."}
QUESTION = "Which grinder setting did Jonas recommend for light roast?"


@pytest.fixture
def items(person: psycopg.Connection[Any], worker: psycopg.Connection[Any], inference: InferenceClient) -> list[int]:
    """A mail and a note, embedded."""
    ids = insert_items(person, [MAIL, NOTE])
    worker.execute("select set_config('datapunk.owner', 'local', false)")
    EmbeddingHandler().handle({"owner_id": "local"}, worker, inference)
    return ids


@pytest.fixture
def chat(person: psycopg.Connection[Any]) -> Iterator[ChatServer]:
    """A language model, known as `wise`, at 2 and 10 a million tokens."""
    with chatting() as server:
        add(person, server)
        yield server


def add(person: psycopg.Connection[Any], server: ChatServer, protocol: str = "openai", **more: Any) -> None:
    options = server.options(protocol, price_in=2, price_out=10, max_tokens=200, timeout_s=20) | more
    person.execute("select cortex_provider_add('wise', 'chat', %s)", (json.dumps(options),))


Ask = Callable[..., dict[str, Any]]


@pytest.fixture
def answer(
    database: Database, person: psycopg.Connection[Any], worker: psycopg.Connection[Any], inference: InferenceClient
) -> Ask:
    """Ask in the background, have a worker answer, and return the row of gaia_result."""

    def run(question: str = QUESTION, asker: psycopg.Connection[Any] | None = None, **options: Any) -> dict[str, Any]:
        asking = asker or person
        options.setdefault("model", "wise")
        given = json.dumps({name: value for name, value in options.items() if value is not None})
        job_id = asking.execute("select gaia_ask_async(%s, %s)", (question, given)).fetchone()[0]
        owner = asking.execute("select ops.current_owner()").fetchone()[0]
        work(database, worker, inference, job_id, owner)
        cursor = asking.execute("select * from gaia_result(%s)", (job_id,))
        return dict(zip([c.name for c in cursor.description], cursor.fetchone(), strict=True))

    return run


def work(
    database: Database, worker: psycopg.Connection[Any], inference: InferenceClient, job_id: int, owner: str = "local"
) -> Any:
    worker.execute("select set_config('datapunk.owner', %s, false)", (owner,))
    handler = AnswerHandler(database.dsn("datapunk_worker"), "a test", lease_s=30)
    return handler.handle({"task_id": job_id, "owner_id": owner}, worker, inference)  # type: ignore[arg-type]
