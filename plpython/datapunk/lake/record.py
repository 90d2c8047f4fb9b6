"""What adapters yield: a record, a position, a measurement, or what could not be read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from datapunk.lake.request import Limits

KINDS = frozenset(
    {
        "visit", "search", "watch", "listen", "message", "mail", "event", "place_visit", "movement", "document",
        "note", "highlight", "contact", "app_use", "purchase", "security_event", "photo", "task",
    }
)  # fmt: skip

SAMPLE_BYTES = 65_536


class Zones(NamedTuple):
    """The abbreviation of several zones that a time has, and the other instants that it can mean."""

    name: str
    others: tuple[datetime, ...]


_NOTHING: Mapping[str, object] = MappingProxyType({})


class Record(NamedTuple):
    """One thing that a person did, wrote, got or kept, as its source tells it.

    `occurred_at` and `ended_at` are aware; None means that the source does not say. `external_id` names the record
    within its source and is its identity. Without one, `key` (a natural key that may recur within a second, as a
    video's id) or else title and url identify it, together with kind, second and number of recurrence. `identity` is
    that of an item that was exported, and stands for all of these.

    Of two records of one thing the one of better `quality` is kept (1 for pages written for people, 2 for data), among
    equals the one `edited_at` later; None where the source does not say or nobody edits such a thing. `zones` is there
    where the time's zone is one of several; other records of the same history tell which.
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
    identity: bytes | None = None
    precision: str = "s"
    zone_source: str = "utc"
    language: str | None = None
    quality: int = 2
    edited_at: datetime | None = None
    zones: Zones | None = None
    attributes: Mapping[str, object] = _NOTHING


class Position(NamedTuple):
    """Where a device was: a dense sample, which goes to lake.position.

    Degrees north (-90 to 90) and east (-180 to 180), metres. Instant and place are its identity.
    """

    occurred_at: datetime
    latitude: float
    longitude: float
    source: str
    device: str = ""
    accuracy_m: float | None = None
    altitude_m: float | None = None


class Measurement(NamedTuple):
    """A figure of an interval, as steps of a day, which goes to lake.measurement.

    `unit` is empty for a count. Metric, start and source are its identity.
    """

    metric: str
    starts_at: datetime
    ends_at: datetime | None
    value: float
    unit: str
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Rejected:
    """A record that could not be read: why, where (in bytes from the member's start) and its bytes.

    `whole` says that the sample is a file from which the adapter reads that record alone (`samples` makes such ones);
    otherwise it is a piece for people to look at.
    """

    reason: str
    byte_offset: int | None = None
    sample: bytes = b""
    whole: bool = False


class Listing(NamedTuple):
    """The list of a state, as an address book, that a file is; unless `whole`, all files of its folder together are."""

    name: str
    whole: bool


class Contents(NamedTuple):
    """What the index of an archive says that a product's folder holds.

    `product` is Google's own word, the same in every language; `files` are names without folders, `failed` those that
    Google could not export.
    """

    folder: str
    product: str | None
    files: tuple[str, ...]
    failed: tuple[str, ...]


class DamagedData(Exception):
    """The rest of a file cannot be read: it is damaged, or not there."""


Found = Record | Position | Measurement | Rejected


@dataclass(frozen=True, kw_only=True, slots=True)
class Context:
    """What an adapter may know about the file that it reads, besides its bytes.

    `timezone` is the IANA name for times that carry no zone of their own; `exported_at` is when the archive was made,
    where its name says so. `names` is shared by all files of one import: an adapter of a directory of people or
    channels puts names there by a key of its own (as "slack:U024BE7LH"), and those of messages look them up. Files that
    hold such directories are read before the others wherever the container allows it. `mapping` is what the owner
    says of the columns of a table (`mapping.Columns`). `limits` hold for what is packed within the file.
    """

    member: str
    timezone: str = "UTC"
    exported_at: datetime | None = None
    mapping: Mapping[str, str | bool] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
