"""Which columns of a dataset a model may learn from, as what, and what is wrong with the others."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from datapunk.errors import DatasetUnusable
from datapunk.forge.features import FeatureKind
from datapunk_forge.trained import Column, Dataset, Floats

# A text with more words than this, on average, is language and not a name.
_WORDS = 3.0
# Above this share of different values a short text tells rows apart and not groups of them.
_IDENTIFIER_SHARE = 0.9
_MIN_IDENTIFIERS = 20
_ID = re.compile(r"(?:.*_)?(?:id|ID)|.*[a-z]Id|.*_(?:no|nr|number|key|ref)", re.ASCII)
# Numbers drawn at random would have so many pairs of equal ones; and no more than so much in common with the target.
_PAIRS, _IN_COMMON = 20.0, 0.2
_CHUNKS = 64
_COPY = 1.0 - 1e-9
_FIRST = (1000, 100_000)


@dataclass(frozen=True, kw_only=True)
class Check:
    """What a check found about a column, and what was done: `dropped`, `masked` or `kept`."""

    column: str
    problem: str
    reason: str
    action: str


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """The columns that are learned from, each with its kind, and what the checks found."""

    columns: tuple[tuple[Column, FeatureKind], ...]
    checks: tuple[Check, ...]


def target_column(dataset: Dataset, name: object) -> Column:
    """Return the column to predict. Raises DatasetUnusable."""
    listed = f"Its columns: {', '.join(c.name for c in dataset.columns)}."
    wanted = [str(name)] if name else ["target", "label"]
    column = next((found for n in wanted if (found := dataset.column(n)) is not None), None)
    if column is None:
        raise DatasetUnusable(
            f"the dataset has no column {wanted[0]!r}" if name else "it is not said which column to predict",
            hint=f"Option target names the column. {listed}",
        )
    if column.kind == "vector":
        raise DatasetUnusable(f"column {column.name!r} holds arrays", hint="The target is a single value.")
    return column


def choose_columns(dataset: Dataset, target: Column | None, options: Mapping[str, object]) -> Chosen:
    """Return what can be learned from.

    A constant column and one that only names rows are dropped and reported. A column that repeats the target ends the
    training unless the option leakage says otherwise. Raises DatasetUnusable, which names the column and why.
    """
    grouped = options.get("group") if options.get("group_models") else None
    without = {str(options[role]) for role in ("key", "group") if options.get(role) and options[role] != grouped}
    without |= {str(name) for option in ("exclude", "sensitive") for name in _list(options.get(option))}
    for name in without:
        if dataset.column(name) is None:
            raise DatasetUnusable(
                f"the dataset has no column {name!r}",
                hint=f"Its columns: {', '.join(c.name for c in dataset.columns)}.",
            )
    chosen: list[tuple[Column, FeatureKind]] = []
    checks: list[Check] = []
    for column in dataset.columns:
        if column.name in without or (target is not None and column.name == target.name):
            continue
        # Groups that have models of their own are told apart by name, also where that is a number.
        kind: FeatureKind = "category" if column.name == grouped else _kind(column)
        if (found := _useless(column, kind, target)) is not None:
            checks.append(found)
            continue
        if target is not None and (reason := _copies(column, kind, target)) is not None:
            if options.get("leakage") == "error":
                raise DatasetUnusable(
                    f"column {column.name!r} {reason}",
                    hint=f"Leave it out of the query, or name it in the option exclude, "
                    f"or set leakage to drop or keep if it is known when {target.name!r} is not.",
                )
            dropped = options.get("leakage") == "drop"
            checks.append(
                Check(column=column.name, problem="leakage", reason=reason, action="dropped" if dropped else "kept")
            )
            if dropped:
                continue
        chosen.append((column, kind))
    if not chosen:
        raise DatasetUnusable(
            "no column is left to learn from",
            hint="; ".join(f"{c.column} {c.reason}" for c in checks) or "Select more than the target.",
        )
    return Chosen(columns=tuple(chosen), checks=tuple(checks))


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, (list, tuple)) else ()


def _kind(column: Column) -> FeatureKind:
    if column.kind == "number":
        return "boolean" if column.type == "bool" else "number"
    if column.kind == "time":
        return "time"
    if column.kind == "vector":
        return "vector"
    present = {v for v in column.values if v is not None}
    words = float(np.mean([v.count(" ") + 1 for v in present])) if present else 0.0
    return "text" if words > _WORDS and len(present) > _MIN_IDENTIFIERS else "category"


def _useless(column: Column, kind: FeatureKind, target: Column | None) -> Check | None:
    if kind == "vector":
        present = column.values[~np.isnan(column.values).all(axis=1)]
        constant = len(present) == 0 or bool((present == present[0]).all())
    elif column.kind == "text":
        texts = [v for v in column.values if v is not None]
        if kind == "category" and texts and all(v is None or column.is_masked(r) for r, v in enumerate(column.values)):
            reason = "has nothing else once it is masked"
            return Check(column=column.name, problem="personal data", reason=reason, action="dropped")
        different = set(texts)
        constant = len(different) < 2
        if kind == "category" and len(texts) >= _MIN_IDENTIFIERS and len(different) > _IDENTIFIER_SHARE * len(texts):
            reason = f"has {len(different)} different values in {len(texts)} rows, and so names rows"
            return Check(column=column.name, problem="identifier", reason=reason, action="dropped")
    else:
        values = column.values[~np.isnan(column.values)]
        constant = len(values) == 0 or bool((values == values[0]).all())
        if not constant and kind == "number" and (numbering := _numbers_rows(column, values, target)):
            return Check(column=column.name, problem="identifier", reason=numbering, action="dropped")
    if constant:
        return Check(column=column.name, problem="constant", reason="has one value throughout", action="dropped")
    return None


def _numbers_rows(column: Column, values: Floats, target: Column | None) -> str | None:
    """Return in words how whole numbers, each in one row alone, name rows: by having no gaps, a name, or no pairs."""
    if (
        column.type not in ("int2", "int4", "int8")
        or len(values) < _MIN_IDENTIFIERS
        or len(np.unique(values)) < len(values)
    ):
        return None
    if values.max() - values.min() == len(values) - 1:
        return "numbers the rows one after the other"
    if _ID.fullmatch(column.name):
        return "is another number in each row, and called an id"
    if target is not None and _pairs_by_chance(values) >= _PAIRS and _in_common(column, target) < _IN_COMMON:
        return "is another number in each row, which numbers that mean something would not be"
    return None


def _pairs_by_chance(values: Floats) -> float:
    """Return how many pairs of equal numbers there would be among as many drawn as densely as these lie."""
    parts = np.array_split(np.sort(values), _CHUNKS)
    return float(sum(len(p) ** 2 / (2 * max(p[-1] - p[0], 1.0)) for p in parts if len(p) > 1))


def _in_common(column: Column, target: Column) -> float:
    """Return the size of the rank correlation of a number with the target, of labels in the order of their names."""
    if target.kind == "text":
        known = sorted({v for v in target.values if v is not None})
        place = {v: float(n) for n, v in enumerate(known)} | {None: math.nan}
        truth = np.array([place[v] for v in target.values])
    else:
        truth = target.values
    both = ~np.isnan(column.values) & ~np.isnan(truth)
    x, y = column.values[both], truth[both]
    return abs(float(np.corrcoef(rankdata(x), rankdata(y))[0, 1])) if len(x) > 2 and np.ptp(x) and np.ptp(y) else 0.0


def _copies(column: Column, kind: FeatureKind, target: Column) -> str | None:
    """Return in words how a column repeats the target; None when it does not."""
    if kind == "vector":
        return _holds(column, target)
    if kind == "text":
        return None
    if column.kind != "text" and target.kind != "text":
        both = ~np.isnan(column.values) & ~np.isnan(target.values)
        x, y = column.values[both], target.values[both]
        if len(x) > 2 and np.ptp(x) > 0 and np.ptp(y) > 0 and abs(float(np.corrcoef(x, y)[0, 1])) > _COPY:
            return f"is the target {target.name!r} but for a factor and an offset"
    # What is not one to one on some rows is not on all: most columns are told at once.
    if (
        all(_pairs(column, target, rows) for rows in _FIRST)
        and 1 < (pairs := _pairs(column, target, None)) <= len(target.values) / 2
    ):
        return f"says in other words what the target {target.name!r} is: each of its {pairs} values goes with one"
    return None


def _holds(column: Column, target: Column) -> str | None:
    """Return in words which element of an array repeats the target; None when none does."""
    first = slice(_FIRST[0])
    for place in range(column.values.shape[1]):
        some = Column(name=column.name, type="float4", kind="number", values=column.values[first, place])
        if _copies(some, "number", replace(target, values=target.values[first])) is None:
            continue
        if reason := _copies(replace(some, values=column.values[:, place].astype(np.float64)), "number", target):
            return f"holds the target: its element {place + 1} {reason}"
    return None


def _pairs(column: Column, target: Column, rows: int | None) -> int:
    """Return how many different pairs of values the first rows have; 0 unless each value goes with one of the other."""
    left, right = _codes(column.values[:rows]), _codes(target.values[:rows])
    both = (left >= 0) & (right >= 0)
    if not both.any():
        return 0
    left, right = left[both], right[both]
    found = np.unique(left * (int(right.max()) + 1) + right)
    return len(found) if len(found) == len(np.unique(left)) == len(np.unique(right)) else 0


def _codes(values: Any) -> NDArray[np.int64]:
    """Return a number for each different value, -1 for none."""
    if isinstance(values, np.ndarray):
        return np.unique(values, return_inverse=True)[1].astype(np.int64)
    numbers: dict[str, int] = {}
    coded = (-1 if v is None else numbers.setdefault(v, len(numbers)) for v in values)
    return np.fromiter(coded, dtype=np.int64, count=len(values))
