"""Questions of several parts with the figures of each, in the wordings of tests/fixtures/gaia/deliberate.toml."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from bench import deliberate_truths
from bench.gaia_bank import PARTS, Bank

WORDINGS = Path(__file__).parents[1] / "fixtures" / "gaia" / "deliberate.toml"
FILLS = 3
_DRAWS = 12


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question with the figures of its parts in the order of their answers; none where it is to be declined."""

    intent: str
    part: str
    text: str
    figures: tuple[dict[str, Any], ...]


def questions(bank: Bank, part: str) -> Iterator[Asked]:
    """All questions of the part dev or held_out."""
    assert part in PARTS
    for intent, entry in tomllib.loads(WORDINGS.read_text(encoding="utf-8")).items():
        # Draws of their own: a wording more of one intent leaves the others as they are.
        bank.random = Random(f"{bank.seed} {intent} {part}")
        for wording in entry[part]:
            yield from _filled(bank, intent, part, wording)


def _filled(bank: Bank, intent: str, part: str, wording: str) -> Iterator[Asked]:
    if intent == "none":
        yield Asked(intent=intent, part=part, text=wording, figures=())
        return
    draw = getattr(deliberate_truths, intent)
    seen: set[str] = set()
    for _ in range(_DRAWS):
        try:
            slots, figures = draw(bank, wording)
        except LookupError:
            # What is not to be told apart is not asked.
            continue
        slots |= {f"{key[0].upper()}{key[1:]}": f"{value[0].upper()}{value[1:]}" for key, value in slots.items()}
        text = wording.format(**slots)
        if text not in seen:
            seen.add(text)
            yield Asked(intent=intent, part=part, text=text, figures=tuple(figures))
        if len(seen) == FILLS:
            return
