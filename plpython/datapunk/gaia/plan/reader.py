"""Reads the parts of a question with the router and the parameter reader that whole questions go through."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from datapunk.gaia.calibration import NONE
from datapunk.gaia.parameters import Name
from datapunk.gaia.routing import Route

_WORTH_A_TRY = 0.08
_MOST_TRIED = 4


@dataclass(frozen=True, kw_only=True)
class PartReader:
    """See planning.Reader; `names`, `ranked` and `read` are those of the orchestrator."""

    names: Callable[[str], Sequence[Name]]
    ranked: Callable[[str, Sequence[Name]], Sequence[Route]]
    read: Callable[[str, Sequence[Name], str], dict[str, Any]]

    def routes(self, text: str) -> Sequence[tuple[str, float]]:
        """See planning.Reader; nothing where none comes first."""
        ranking = self.ranked(text, self.names(text))
        if not ranking or ranking[0].subroutine == NONE:
            return []
        return [(r.subroutine, r.score) for r in ranking[:_MOST_TRIED] if r.score >= _WORTH_A_TRY]

    def parameters(self, text: str, subroutine: str) -> dict[str, Any]:
        """See planning.Reader."""
        return self.read(text, self.names(text), subroutine)

    def sides(self, text: str) -> list[dict[str, list[str]]]:
        """See planning.Reader: names of the kind that most places name."""
        by_place: dict[tuple[int, int], list[Name]] = {}
        for name in self.names(text):
            by_place.setdefault((name.start, name.end), []).append(name)
        fields = [name.field for found in by_place.values() for name in found]
        common = max(sorted(set(fields)), key=fields.count, default="")
        placed = [found for _, found in sorted(by_place.items()) if any(name.field == common for name in found)]
        sides = [{common: [name.value for name in found if name.field == common]} for found in placed]
        return sides if len(sides) > 1 else []
