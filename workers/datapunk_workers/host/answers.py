"""Answers that are given again: a graph is named by its content and has no state."""

import time
from collections import OrderedDict
from collections.abc import Callable

_MOST_BYTES = 65_536


class AnswerCache:
    """The answers used last, each for `ttl_s` seconds; large ones are not kept. `clock` is for tests."""

    def __init__(self, *, ttl_s: float, entries: int = 4096, clock: Callable[[], float] = time.monotonic) -> None:
        self._ttl_s, self._entries, self._clock = ttl_s, entries, clock
        self._kept: OrderedDict[bytes, tuple[float, bytes]] = OrderedDict()

    def get(self, request: bytes) -> bytes | None:
        """Return the answer to the very same request, None when there is none that is young enough."""
        entry = self._kept.get(request)
        if entry is None:
            return None
        if entry[0] <= self._clock():
            del self._kept[request]
            return None
        self._kept.move_to_end(request)
        return entry[1]

    def put(self, request: bytes, answer: bytes) -> None:
        """Keep an answer; the one that was not used for longest goes when there are too many."""
        if self._ttl_s <= 0 or len(request) + len(answer) > _MOST_BYTES:
            return
        self._kept[request] = (self._clock() + self._ttl_s, answer)
        self._kept.move_to_end(request)
        while len(self._kept) > self._entries:
            self._kept.popitem(last=False)
