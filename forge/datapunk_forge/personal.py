"""Personal data in the columns of a dataset: found by presidio's recognisers, and hidden where that is asked for.

What has a form is found: mail addresses, telephone numbers, cards, accounts, documents and network addresses. Names of
people have none, and are found only where a trained pipeline of spaCy is installed.
"""

import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from datapunk.errors import DatasetUnusable
from datapunk.pii import Finder, Span, mask
from datapunk_forge.personal_numbers import personal_type
from datapunk_forge.trained import Column, Dataset, Progress

_SAMPLE = 200
# A column is reported as personal when this share of the values looked at holds something.
_SHARE = 0.02
_BATCH = 200
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
    dataset: Dataset, options: Mapping[str, object], finder: Finds | None = None, progress: Progress | None = None
) -> tuple[Dataset, tuple[Personal, ...]]:  # fmt: skip
    """Return the dataset with the option `pii` applied, and what was found in each column.

    To report, a sample of each column is looked at; to hide, drop or refuse, every value, and one is enough.
    Raises DatasetUnusable where personal data is to be refused.
    """
    how = str(options.get("pii", "report"))
    exempt = {str(options[role]) for role in _ROLES if options.get(role)}
    for listed in (options.get("sensitive"), options.get("slices")):
        exempt |= set(listed) if isinstance(listed, list) else set()
    looking = _Looking(finder, progress)
    found: list[Personal] = []
    columns: list[Column] = []
    for column in dataset.columns:
        action = "kept" if column.name in exempt else _ACTIONS.get(how, "refused")
        if action == "masked" and column.kind != "text":
            # Within a number nothing can be hidden.
            action = "dropped"
        shown, types, looked_at = looking.at(column, action)
        if types:
            found.append(Personal(column=column.name, types=types, looked_at=looked_at, action=action))
        if not types or action != "dropped":
            columns.append(shown)
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

    def __init__(self, finder: Finds | None, progress: Progress | None) -> None:
        self._finder, self._progress = finder, progress

    def at(self, column: Column, action: str) -> tuple[Column, dict[str, int], int]:
        """Return the column, masked where that is the action, its types by values, and how many were looked at."""
        if column.kind == "number":
            return column, *personal_type(column)
        if column.kind != "text":
            return column, {}, 0
        if action == "kept":
            return column, *self._sampled(column)
        return self._searched(column, action)

    def _sampled(self, column: Column) -> tuple[dict[str, int], int]:
        present = [t for t in column.values if t]
        picked = np.random.default_rng(0).permutation(len(present))[:_SAMPLE]
        counts = _counted(self._find([present[i] for i in picked]))
        return {name: count for name, count in counts.items() if count >= _SHARE * len(picked)}, len(picked)

    def _searched(self, column: Column, action: str) -> tuple[Column, dict[str, int], int]:
        """Look at every different value, those with an @ first; all of them where they are to be masked."""
        texts = list(dict.fromkeys(t for t in column.values if t))
        possible = sorted((t for t in texts if _POSSIBLE.search(t)), key=lambda t: "@" not in t)
        spans: dict[str, list[Span]] = {}
        for start in range(0, len(possible), _BATCH):
            batch = possible[start : start + _BATCH]
            spans |= {t: s for t, s in zip(batch, self._find(batch), strict=True) if s}
            done = start + len(batch)
            if self._progress is not None:
                self._progress(0.0, f"looking for personal data in {column.name}: {done} of {len(possible)} values")
            if spans and action != "masked":
                # What comes after changes nothing.
                return column, _counted(spans.values()), len(texts) - len(possible) + done
        if spans and action == "masked":
            hidden = {t: mask(t, found) for t, found in spans.items()}
            column = replace(column, values=[hidden.get(t, t) for t in column.values], given=column.values)
        return column, _counted(spans.values()), len(texts)

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


def _counted(found: Iterable[Sequence[Span]]) -> dict[str, int]:
    """Return how many texts have each type."""
    return dict(sorted(Counter(name for spans in found for name in {span.type for span in spans}).items()))


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
