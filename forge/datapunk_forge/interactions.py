"""From a dataset's rows to who had what: subjects, items, how much and when; one person's rows become sessions."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from datapunk.errors import DatasetUnusable, InvalidArgument
from datapunk_forge.trained import Column, Dataset, Floats

_UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}
_DURATION = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(second|minute|hour|day|week)s?\s*$")
_AUTO_PAUSE = 8 * 3600.0
# An item becomes an index entry in the database, whose size is bounded.
_MAX_ITEM = 600
Numbers = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Interactions:
    """Distinct pairs of subject and item, as numbers; `time` is NaN throughout where the dataset has none.

    `owner` is set when one person's rows were split into sessions: then the subjects are sessions, in order of time.
    """

    subjects: tuple[str, ...]
    items: tuple[str, ...]
    subject: Numbers
    item: Numbers
    weight: Floats
    time: Floats
    owner: str | None
    skipped: int

    @property
    def has_time(self) -> bool:
        """Whether it is known when."""
        return bool(len(self.time)) and not bool(np.isnan(self.time).any())


def interactions(dataset: Dataset, options: Mapping[str, object]) -> Interactions:
    """Read subject, item, time and weight from the columns that the options or the order name.

    Raises DatasetUnusable, which names the column and why.
    """
    subject = _named(dataset, options, "subject") or dataset.columns[0]
    item = _named(dataset, options, "item") or dataset.columns[1]
    time = _named(dataset, options, "time") or next((c for c in dataset.columns if c.kind == "time"), None)
    weight = _named(dataset, options, "weight")
    subjects, items = _texts(subject), _texts(item)
    usable = np.array(
        [bool(s) and bool(i) and len(i or "") <= _MAX_ITEM for s, i in zip(subjects, items, strict=True)], dtype=bool
    )
    times = _numbers(time, "time") if time else np.full(dataset.row_count, np.nan)
    weights = _numbers(weight, "weight") if weight else np.ones(dataset.row_count)
    usable &= ~np.isnan(weights) & (weights > 0)
    if time:
        usable &= ~np.isnan(times)
    if not usable.any():
        raise DatasetUnusable(
            f"no row has both {subject.name!r} and {item.name!r}", hint="Check the query: it gives no usable row."
        )
    rows = np.flatnonzero(usable)
    names, who = _numbered([subjects[r] for r in rows])
    item_names, what = _numbered([items[r] for r in rows])
    owner = None
    if len(names) == 1 and options.get("session") != "none":
        owner = names[0]
        who = _sessions(times[rows], pause_seconds(str(options.get("session", "auto"))))
        names = tuple(f"{owner} {number}" for number in range(int(who.max()) + 1))
    return _distinct(names, item_names, who, what, weights[rows], times[rows], owner, dataset.row_count - len(rows))


def pause_seconds(session: str) -> float:
    """Return the pause that ends a session. Raises InvalidArgument for what is no duration."""
    if session == "auto":
        return _AUTO_PAUSE
    match = _DURATION.match(session)
    if not match:
        raise InvalidArgument(f"option 'session' is {session!r}", hint="Give auto, none, or as in: 8 hours, 1 day.")
    return float(match[1]) * _UNITS[match[2]]


def _sessions(times: Floats, pause: float) -> Numbers:
    if np.isnan(times).any():
        raise DatasetUnusable(
            "all rows have the same subject, and no column says when",
            hint="Add a timestamp column, so that the rows can be split into sessions.",
        )
    order = np.argsort(times, kind="stable")
    starts = np.concatenate(([False], np.diff(times[order]) > pause))
    sessions = np.empty(len(times), dtype=np.int64)
    sessions[order] = np.cumsum(starts)
    return sessions


def _distinct(
    subjects: tuple[str, ...], items: tuple[str, ...], who: Numbers, what: Numbers,
    weights: Floats, times: Floats, owner: str | None, skipped: int,
) -> Interactions:  # fmt: skip
    """Merge rows of the same pair: their weights add up, the latest time counts."""
    pairs, inverse = np.unique(who * len(items) + what, return_inverse=True)
    weight = np.bincount(inverse, weights=weights).astype(np.float64)
    time = np.full(len(pairs), np.nan)
    np.fmax.at(time, inverse, times)
    return Interactions(
        subjects=subjects, items=items, subject=pairs // len(items), item=pairs % len(items),
        weight=weight, time=time, owner=owner, skipped=skipped,
    )  # fmt: skip


def _named(dataset: Dataset, options: Mapping[str, object], role: str) -> Column | None:
    name = options.get(role)
    if name is None:
        return None
    column = dataset.column(str(name))
    if column is None:
        raise DatasetUnusable(f"the dataset has no column {name!r}", hint=f"Option {role} names the column.")
    return column


def _texts(column: Column) -> list[str | None]:
    if column.kind == "text":
        texts: list[str | None] = column.values
        return texts
    return [None if np.isnan(v) else f"{v:.17g}" for v in column.values]


def _numbers(column: Column, role: str) -> Floats:
    if column.kind == "text":
        raise DatasetUnusable(f"column {column.name!r} is {column.type}, not a {role}", hint="Cast it in the query.")
    values: Floats = column.values
    return values


def _numbered(names: list[str | None]) -> tuple[tuple[str, ...], Numbers]:
    numbers: dict[str, int] = {}
    coded = np.fromiter((numbers.setdefault(n or "", len(numbers)) for n in names), dtype=np.int64, count=len(names))
    return tuple(numbers), coded
