"""One queue as a worker sees it: messages on a lease, and what becomes of them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import psycopg

from datapunk.db import load_queries
from datapunk.db.psycopg_db import PsycopgDb
from datapunk.inference import InferenceClient

Q = load_queries("datapunk_workers")
# Their messages take long, so that owners take turns.
FAIR_QUEUES = frozenset({"training"})


class Message(Mapping[str, Any]):
    """A message that this worker holds: a mapping of its payload. `read_count` is how often it was delivered."""

    def __init__(self, *, message_id: int, read_count: int, payload: Mapping[str, Any]) -> None:
        self.id, self.read_count, self._payload = message_id, read_count, payload

    def __getitem__(self, name: str) -> Any:
        return self._payload[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._payload)

    def __len__(self) -> int:
        return len(self._payload)


@dataclass(frozen=True, kw_only=True)
class RetryLater:
    """What a handler returns for a message that is to come back after `seconds`."""

    seconds: int
    reason: str


class Handler(Protocol):
    """Works off the messages of one queue.

    `handle` runs with datapunk.owner set to the message's owner, outside of a transaction. It returns None when the
    message is done. When it raises, the message is delivered again later, and buried after too many deliveries.
    """

    @property
    def queue(self) -> str:
        """Name of the queue."""
        ...

    @property
    def lease_s(self) -> int:
        """Seconds that a message is held; a handler that needs longer extends that."""
        ...

    def handle(
        self, message: Message, connection: psycopg.Connection[Any], inference: InferenceClient
    ) -> RetryLater | None:
        """Work off one message."""
        ...


class Queue:
    """A queue over one connection (autocommit, as datapunk_worker)."""

    def __init__(self, connection: psycopg.Connection[Any], name: str) -> None:
        self._db = PsycopgDb(connection)
        self.name = name

    def receive(self, lease_s: int, limit: int = 1) -> list[Message]:
        """Take up to `limit` messages for `lease_s` seconds, the oldest first; of a fair queue one, owners in turn."""
        return [
            Message(message_id=row["message_id"], read_count=row["read_count"], payload=json.loads(row["payload"]))
            for row in (
                self._db.rows(Q.receive_fairly, self.name, lease_s)
                if self.name in FAIR_QUEUES
                else self._db.rows(Q.receive, self.name, lease_s, limit)
            )
        ]

    def extend(self, message: Message, lease_s: int) -> None:
        """Hold a message for `lease_s` more seconds from now; 0 gives it back."""
        self._db.execute(Q.extend, self.name, message.id, lease_s)

    def done(self, message: Message) -> None:
        """Remove a message that was worked off."""
        self._db.execute(Q.done, self.name, message.id)

    def bury(self, message: Message, reason: str) -> None:
        """Put a message aside, with the reason."""
        self._db.execute(Q.bury, self.name, message.id, reason)
