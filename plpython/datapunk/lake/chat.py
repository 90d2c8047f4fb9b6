"""What the adapters of chats share: times, natural keys, and attributes without empty ones."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from datapunk.lake.record import Rejected
from datapunk.lake.samples import rejected

# What reading a record of another shape than the usual one raises.
MISSHAPEN = (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def epoch(value: object, per_second: int = 1) -> datetime:
    """Return the instant that many units after 1970. Raises ValueError or OverflowError where it is none."""
    if isinstance(value, bool) or value is None:
        raise ValueError(f"no time: {value!r}")
    return _EPOCH + timedelta(microseconds=int(str(value)) * (1_000_000 // per_second))


def told(**attributes: object) -> dict[str, object]:
    """Return the attributes that say something: neither None nor False, nor empty."""
    return {name: value for name, value in attributes.items() if value not in (None, False, "", [], {})}


def natural_key(*parts: object) -> str:
    """Return the identity, within its second, of a message that has no identifier of its own."""
    return "\x1f".join("" if part is None else str(part) for part in parts)


def reaction(emoji: object, count: object, by: Iterable[object] = ()) -> dict[str, object]:
    """Return a reaction: what it was, how often, and whose, where that is known."""
    people = [str(person) for person in by if person]
    number = int(str(count)) if count is not None else len(people)
    return told(emoji=str(emoji), count=number, by=people)


def misshapen(
    what: str, exc: Exception, value: object, within: str | None = None, about: Mapping[str, object] | None = None
) -> Rejected:
    """Return what tells of a record that could not be read, as "a message needs a time: KeyError('ts')".

    `within` and `about` are those of `samples.rejected`; without them the record cannot be read apart from other files.
    """
    reason = f"{what}: {exc!r}"
    if isinstance(value, bytes):
        return Rejected(reason=reason, sample=value)
    found = rejected(reason, value, within or "", about)
    return found if within is not None else replace(found, whole=False)
