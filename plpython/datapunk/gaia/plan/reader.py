"""Reads the parts of a question with the router and the parameter reader that whole questions go through."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from datapunk.gaia.calibration import NONE
from datapunk.gaia.hearing import Heard
from datapunk.gaia.mentions import Name
from datapunk.gaia.plan.draft import Side
from datapunk.gaia.routing import Route

_WORTH_A_TRY = 0.08
_MOST_TRIED = 4


@dataclass(frozen=True, kw_only=True)
class PartReader:
    """See draft.Reader; `heard`, `ranked` and `read` are those of the orchestrator."""

    heard: Callable[[str], Heard]
    ranked: Callable[[Heard], Sequence[Route]]
    read: Callable[[Heard, str], dict[str, Any]]

    def routes(self, text: str) -> Sequence[tuple[str, float]]:
        """See draft.Reader; nothing where none comes first."""
        ranking = self.ranked(self.heard(text))
        if not ranking or ranking[0].subroutine == NONE:
            return []
        return [(r.subroutine, r.score) for r in ranking[:_MOST_TRIED] if r.score >= _WORTH_A_TRY]

    def parameters(self, text: str, subroutine: str) -> dict[str, Any]:
        """See draft.Reader."""
        return self.read(self.heard(text), subroutine)

    def sides(self, text: str) -> list[Side]:
        """See draft.Reader: names of the kind that most places name."""
        by_place: dict[tuple[int, int], list[Name]] = {}
        for name in self.heard(text).names:
            by_place.setdefault((name.start, name.end), []).append(name)
        fields = [name.field for found in by_place.values() for name in found]
        common = max(sorted(set(fields)), key=fields.count, default="")
        sides = [
            Side(start=start, end=end, kind=common, values=[name.value for name in found if name.field == common])
            for (start, end), found in sorted(by_place.items())
            if any(name.field == common for name in found)
        ]
        return sides if len(sides) > 1 else []
