"""What is chosen for a question, and what running it gave."""

from dataclasses import dataclass, field
from typing import Any

from datapunk.gaia.material import Cited


@dataclass(frozen=True, kw_only=True)
class Second:
    """The search that is asked where the best route has no answer: its handler and probability."""

    handler: str
    score: float


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """The subroutine for a question with its handler (None where there is none), and what else might do."""

    name: str
    handler: str | None
    score: float
    second: Second | None = None
    rivals: tuple[tuple[str, str, float], ...] = ()
    ranking: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What was run for a question, and what it gave; no handler where nothing was."""

    name: str
    handler: str | None
    confidence: float
    data: dict[str, Any] = field(default_factory=dict)
    cited: list[Cited] = field(default_factory=list)
    said: str | None = None
