"""Identity of a record: what makes a second import add nothing while true repeats survive."""

from datetime import datetime
from hashlib import sha256

from datapunk.lake.record import Record
from datapunk.lake.text import normal

_SEPARATOR = "\x1f"
_REMEMBERED = 50_000


class Occurrences:
    """Numbers the records of one file that are alike to the second: 0, 1, 2 ...

    Memory stays bounded: alike records lie near each other in every export, so only the latest keys are remembered.
    """

    def __init__(self) -> None:
        self._recent: dict[str, int] = {}
        self._older: dict[str, int] = {}

    def number(self, key: str) -> int:
        """Return how often `key` came before."""
        before = self._recent.get(key)
        if before is None:
            before = self._older.get(key, 0)
            if len(self._recent) >= _REMEMBERED:
                self._older, self._recent = self._recent, {}
        self._recent[key] = before + 1
        return before


def content_hash(record: Record, occurrences: Occurrences) -> bytes:
    """Return the SHA-256 that identifies `record` within its owner's items.

    Neither language, product, verb nor file enter it, so the same act found in two exports is one item.
    """
    if record.identity is not None:
        return record.identity
    if record.external_id:
        return sha256(f"{record.source}{_SEPARATOR}{record.external_id}".encode("utf-8", "replace")).digest()
    natural = _natural(record, record.occurred_at)
    return _digest(natural, occurrences.number(natural))


def candidate_hashes(record: Record, occurrences: Occurrences) -> list[bytes]:
    """Return the identity of a record with `zones` for now, which no other record shares, then what it is if each of
    the instants is the right one: the assumed one, then the others.

    By these it meets other records of the same act when it is known which zone its page is in.
    """
    assert record.zones is not None
    number = occurrences.number(f"{record.zones.name}{_SEPARATOR}{_natural(record, record.occurred_at)}")
    found = [_digest(_natural(record, at), number) for at in (record.occurred_at, *record.zones.others)]
    return [sha256(record.zones.name.encode() + found[0]).digest(), *found]


def _digest(natural: str, number: int) -> bytes:
    return sha256(f"{natural}{_SEPARATOR}{number}".encode("utf-8", "replace")).digest()


def _natural(record: Record, at: datetime | None) -> str:
    second = "" if at is None else str(int(at.timestamp() // 1))
    if record.key:
        natural = _SEPARATOR.join((record.kind, second, record.key))
    else:
        natural = _SEPARATOR.join((record.kind, second, normal(record.title or ""), record.url or ""))
        if at is None or not (record.title or record.url):
            natural += _SEPARATOR + normal(record.body or "")
            if not (record.title or record.url or record.body):
                natural += repr(sorted((name, str(value)) for name, value in record.attributes.items()))
    return natural
