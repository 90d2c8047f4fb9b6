"""The time that the steps of an answer take."""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(kw_only=True)
class Watch:
    """Spans of an answer as they pass; the only thing here that changes."""

    began: float = field(default_factory=time.perf_counter)
    spans: list[dict[str, Any]] = field(default_factory=list)

    @contextmanager
    def span(self, name: str) -> Iterator[dict[str, Any]]:
        """Time a step; what the block puts into the dictionary is kept with it."""
        detail: dict[str, Any] = {}
        started = time.perf_counter()
        yield detail
        ended = time.perf_counter()
        self.spans.append({
            "ordinal": len(self.spans) + 1, "name": name, "detail": detail,
            "started_ms": round((started - self.began) * 1000, 3), "duration_ms": round((ended - started) * 1000, 3),
        })  # fmt: skip

    def take_over(self, spans: Iterable[Mapping[str, Any]], began_ms: float) -> None:
        """Add the spans of what another watch has timed, which began at `began_ms` of this one."""
        for span in spans:
            started = round(began_ms + float(span["started_ms"]), 3)
            self.spans.append({**span, "ordinal": len(self.spans) + 1, "started_ms": started})

    def elapsed_ms(self) -> float:
        """Milliseconds since the question."""
        return round((time.perf_counter() - self.began) * 1000, 3)
