"""What the backend asks of the process that reads files."""

import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from hashlib import sha256

# What the process may take, unless the setting datapunk.import_max_memory says otherwise.
MEMORY_BYTES = 2 << 30
_FINGERPRINT_BYTES = 1 << 16

# Exit status of a reader that has given up a member.
TOO_SLOW = 75


#: A file's bytes, whole or in parts; None where it is read from a path.
Content = bytes | Iterable[bytes] | None


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What an archive may hold: unpacked bytes, members, and unpacked bytes per packed one."""

    max_bytes: int = 1 << 40
    max_members: int = 1_000_000
    max_ratio: int = 200


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What to read and how.

    `path` is a file or folder, `filename` what its owner calls it; `source` names the adapter (None: by content);
    `timezone` is the IANA name for times that carry no zone; `language` that of texts whose source does not tell;
    `mapping` says what the columns of tables and the keys of objects mean that no other adapter knows.
    `kept` says that the file holds samples of rejects (`kept.packed`).
    """

    path: str
    filename: str
    source: str | None = None
    timezone: str = "UTC"
    language: str | None = None
    mapping: dict[str, str | bool] | None = None
    limits: Limits = field(default_factory=Limits)
    kept: bool = False

    def fingerprint(self) -> str:
        """Return a hash that tells a file or folder from others without reading all of it: sizes, start and end."""
        digest = sha256(self.filename.encode("utf-8", "replace"))
        for path in _files(self.path):
            digest.update(os.path.relpath(path, self.path).encode("utf-8", "replace"))
            try:
                _digest_file(path, digest.update)
            except OSError as exc:
                # One that nobody may read, or that is gone meanwhile: reading tells of it.
                digest.update(f" {exc.errno} ".encode())
        return digest.hexdigest()


def _digest_file(path: str, update: Callable[[bytes], object]) -> None:
    with open(path, "rb") as stream:
        size = os.fstat(stream.fileno()).st_size
        update(f" {size} ".encode())
        update(stream.read(_FINGERPRINT_BYTES))
        stream.seek(max(0, size - _FINGERPRINT_BYTES))
        update(stream.read(_FINGERPRINT_BYTES))


def _files(path: str) -> Iterator[str]:
    if not os.path.isdir(path):
        yield path
        return
    for folder, folders, names in os.walk(path):
        folders.sort()
        yield from (found for name in sorted(names) if os.path.isfile(found := os.path.join(folder, name)))


@dataclass(frozen=True, kw_only=True)
class Request:
    """One run of the reader: from member `start` on, without those of `crashed`, which tells why by their ordinal.

    `memory_bytes` bounds the process, `patience_seconds` the time in which reading must come forward; `mark_fd` is an
    open file where the process notes the ordinal of the member that it reads.
    """

    reading: Reading
    mark_fd: int
    memory_bytes: int
    patience_seconds: float = 120.0
    start: int = 0
    crashed: dict[int, str] = field(default_factory=dict)

    def to_json(self) -> str:
        """Return the request as one line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str | bytes) -> "Request":
        """Read what `to_json` wrote."""
        given = json.loads(text)
        reading = given.pop("reading")
        limits = Limits(**reading.pop("limits"))
        crashed = {int(ordinal): reason for ordinal, reason in given.pop("crashed").items()}
        return cls(reading=Reading(limits=limits, **reading), crashed=crashed, **given)
