"""The adapters that there are, and which of them reads a member."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from functools import cache
from typing import Protocol, cast

from datapunk.errors import InvalidArgument
from datapunk.lake import adapters
from datapunk.lake.record import Context, Found, Listing
from datapunk.lake.stream import MemberStream

SURE = 0.9
BY_NAME = 0.5
DOUBTFUL = 0.2
_LEAST = 0.1


class Adapter(Protocol):
    """What a module of `datapunk.lake.adapters` offers. It reads no file but the stream that it is given."""

    NAME: str
    VERSION: str

    def claims(self, member: str, head: bytes) -> float:
        """Return how surely (0 to 1) this is its file, from the first 64 KiB, or from the name where head is empty."""
        ...

    def inputs(self) -> tuple[str, ...]:
        """Return the paths that it reads, as glob patterns below the archive's root, for people."""
        ...

    def parse(self, stream: MemberStream, context: Context) -> Iterator[Found]:
        """Yield what the file holds, one after another; what cannot be read as Rejected."""
        ...


@cache
def all_adapters() -> tuple[Adapter, ...]:
    """Return every adapter, by name."""
    names = [m.name for m in pkgutil.iter_modules(adapters.__path__) if not m.name.startswith("_")]
    modules = [importlib.import_module(f"{adapters.__name__}.{name}") for name in sorted(names)]
    return tuple(cast(Adapter, module) for module in modules)


def claim(member: str, head: bytes) -> tuple[Adapter | None, float]:
    """Return the adapter that claims a member most surely, and how surely; None where none does."""
    best: Adapter | None = None
    best_claim = _LEAST
    for adapter in all_adapters():
        claimed = adapter.claims(member, head)
        if claimed > best_claim:
            best, best_claim = adapter, claimed
    return best, best_claim


def classify(member: str, head: bytes) -> Adapter | None:
    """Return the adapter that claims a member most surely; None where none does."""
    return claim(member, head)[0]


def listing_of(adapter: Adapter, member: str, head: bytes) -> Listing | None:
    """Return the list of a state that a member is (part of); adapters of such ones have a function `listing`."""
    tell: Callable[[str, bytes], Listing | None] | None = getattr(adapter, "listing", None)
    return tell(member, head) if tell else None


def by_name(name: str) -> Adapter:
    """Return the adapter called `name`. Raises InvalidArgument when there is none."""
    for adapter in all_adapters():
        if name == adapter.NAME:
            return adapter
    raise InvalidArgument(f"unknown source {name!r}", hint=f"Allowed: {', '.join(names())}.")


def names() -> tuple[str, ...]:
    """Return the names of all adapters."""
    return tuple(adapter.NAME for adapter in all_adapters())
