"""Personal data in the columns of a dataset: found by presidio's recognisers, and hidden where that is asked for.

What has a form is found: mail addresses, telephone numbers, cards, accounts, documents and network addresses. Names of
people have none, and are found only where a trained pipeline of spaCy is installed.
"""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from datapunk.errors import DatasetUnusable
from datapunk.pii import Finder, Span, mask
from datapunk_forge.trained import Column, Dataset

_SAMPLE = 200
# A column counts as personal when this share of the values looked at holds something.
_SHARE = 0.02
# What is told by its form has one of these; the recognisers are loaded only where some value does.
_POSSIBLE = re.compile(r"@|(?:\d\D{0,3}){5}|(?:[0-9a-f]{2}[:-]){5}", re.IGNORECASE)
# Libraries that the recognisers' libraries load where they are there, and that are of no use here.
_UNUSED = ("torch", "transformers")
# Columns that tell rows or people apart are needed as they are.
_ROLES = ("subject", "item", "key", "group", "time", "target", "where")
_ACTIONS = {"report": "kept", "mask": "masked", "drop": "dropped"}


class Finds(Protocol):
    """Who finds personal data."""

    def find(self, texts: Sequence[str]) -> list[list[Span]]:
        """Return the spans of each text."""
        ...


@dataclass(frozen=True, kw_only=True)
class Personal:
    """What a column holds: types by how many of the values looked at have them."""

    column: str
    types: Mapping[str, int]
    looked_at: int
    action: str

    def to_json(self) -> dict[str, str]:
        """Return it as one of the checks of a dataset."""
        found = ", ".join(f"{name} in {count} of {self.looked_at} values" for name, count in self.types.items())
        return {"column": self.column, "problem": "personal data", "reason": f"has {found}", "action": self.action}


def protect(
    dataset: Dataset, options: Mapping[str, object], finder: Finds | None = None
) -> tuple[Dataset, tuple[Personal, ...]]:  # fmt: skip
    """Return the dataset with the option `pii` applied, and what was found in each column.

    Raises DatasetUnusable where personal data is to be refused.
    """
    how = str(options.get("pii", "report"))
    exempt = {str(options[role]) for role in _ROLES if options.get(role)}
    for listed in (options.get("sensitive"), options.get("slices")):
        exempt |= set(listed) if isinstance(listed, list) else set()
    looking = _Looking(finder)
    found: list[Personal] = []
    columns: list[Column] = []
    for column in dataset.columns:
        types, looked_at = looking.types(column)
        action = "kept" if column.name in exempt else _ACTIONS.get(how, "refused")
        if types:
            found.append(Personal(column=column.name, types=types, looked_at=looked_at, action=action))
        if not types or action in ("kept", "refused"):
            columns.append(column)
        elif action == "masked":
            columns.append(looking.masked(column))
    if refused := [p for p in found if p.action == "refused"]:
        raise DatasetUnusable(
            f"column {refused[0].column!r} {refused[0].to_json()['reason']}",
            hint="Leave out in the query: "
            + ", ".join(p.column for p in refused)
            + "; or set pii to mask, drop or report.",
        )
    return replace(dataset, columns=tuple(columns)), tuple(found)


class _Looking:
    """Looks through columns; the recognisers are loaded when they are first needed."""

    def __init__(self, finder: Finds | None) -> None:
        self._finder = finder

    def types(self, column: Column) -> tuple[dict[str, int], int]:
        """Return the types in a column of text by a sample of its values, and how many were looked at."""
        present: Sequence[str] = [t for t in column.values if t] if column.kind == "text" else []
        picked = np.random.default_rng(0).permutation(len(present))[:_SAMPLE]
        counts: dict[str, int] = {}
        for spans in self._find([present[i] for i in picked]):
            for name in sorted({span.type for span in spans}):
                counts[name] = counts.get(name, 0) + 1
        most = {name: count for name, count in sorted(counts.items()) if count >= _SHARE * len(picked)}
        return most, len(picked)

    def masked(self, column: Column) -> Column:
        """Return the column with what is personal replaced by its type, as in <EMAIL_ADDRESS>."""
        texts = list(dict.fromkeys(t for t in column.values if t is not None))
        hidden = {t: mask(t, spans) for t, spans in zip(texts, self._find(texts), strict=True)}
        return replace(column, values=[None if t is None else hidden[t] for t in column.values], given=column.values)

    def _find(self, texts: Sequence[str]) -> list[list[Span]]:
        found: list[list[Span]] = [[] for _ in texts]
        possible = [number for number, text in enumerate(texts) if _POSSIBLE.search(text)]
        if possible:
            if self._finder is None:
                with _without(_UNUSED):
                    self._finder = Finder(model="none")
            for number, spans in zip(possible, self._finder.find([texts[n] for n in possible]), strict=True):
                found[number] = spans
        return found


@contextmanager
def _without(names: Sequence[str]) -> Iterator[None]:
    """Keep libraries that are not loaded yet from being loaded by others."""
    kept_away: dict[str, Any] = dict.fromkeys(name for name in names if name not in sys.modules)
    sys.modules.update(kept_away)
    try:
        yield
    finally:
        for name in kept_away:
            del sys.modules[name]
