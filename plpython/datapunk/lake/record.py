"""What adapters yield: a record, or a record that could not be read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

KINDS = frozenset(
    {
        "visit", "search", "watch", "listen", "message", "mail", "event", "place_visit", "movement", "document",
        "note", "highlight", "contact", "app_use", "purchase", "security_event", "photo", "task",
    }
)  # fmt: skip

SAMPLE_BYTES = 65_536


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """One thing that a person did, wrote, got or kept, as its source tells it.

    `occurred_at` and `ended_at` are aware; None means that the source does not say. `external_id` names the record
    within its source and is its identity. Without one, `key` (a natural key that may recur within a second, as a
    video's id) or else title and url identify it, together with kind, second and number of recurrence.
    """

    kind: str
    source: str
    occurred_at: datetime | None
    ended_at: datetime | None = None
    title: str | None = None
    body: str | None = None
    url: str | None = None
    external_id: str | None = None
    key: str | None = None
    precision: str = "s"
    zone_source: str = "utc"
    language: str | None = None
    attributes: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rejected:
    """A record that could not be read: why, where (in bytes from the member's start) and its first bytes."""

    reason: str
    byte_offset: int | None = None
    sample: bytes = b""


@dataclass(frozen=True, kw_only=True, slots=True)
class Context:
    """What an adapter may know about the file that it reads, besides its bytes.

    `timezone` is the IANA name for times that carry no zone of their own.
    """

    member: str
    timezone: str = "UTC"
