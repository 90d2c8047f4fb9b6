"""Which rows are learned from and which are held out, and the folds within the former."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import (
    GroupKFold,
    GroupShuffleSplit,
    KFold,
    StratifiedKFold,
    TimeSeriesSplit,
    train_test_split,
)

from datapunk.errors import DatasetUnusable
from datapunk_forge.tabular.encoding import numbers_of, texts_of
from datapunk_forge.trained import Dataset, Floats

Numbers = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Split:
    """Rows to learn from and rows held out; how they were told apart; each row's group where groups stay together."""

    learn: Numbers
    held: Numbers
    how: str
    groups: NDArray[np.int64] | None = None


def how_to_split(options: Mapping[str, object]) -> str:
    """Return time, group or random: as asked for, else by which column is named."""
    if options.get("split"):
        return str(options["split"])
    grouped = options.get("group") and not options.get("group_models")
    return "time" if options.get("time") else "group" if grouped else "random"


def group_of(split: Split, options: Mapping[str, object]) -> str | None:
    """Return the column whose rows stayed together, None where rows are held out by themselves."""
    return str(options["group"]) if split.how == "group" else None


def split_rows(
    dataset: Dataset, rows: Numbers, options: Mapping[str, object], seed: int, labels: NDArray[np.int64] | None = None
) -> Split:
    """Hold out a share of `rows`: the latest, whole groups, or random ones (stratified by `labels`).

    Raises DatasetUnusable.
    """
    share = float(str(options["test_size"]))
    how = how_to_split(options)
    if how == "group":
        if options.get("group_models"):
            raise DatasetUnusable(
                "a model for each group cannot be measured on groups that it did not see",
                hint="Set split to random or time, or leave group_models out.",
            )
        groups = _groups(dataset, options)
        splitter = GroupShuffleSplit(n_splits=1, test_size=share, random_state=seed)
        if len(np.unique(groups[rows])) < 2:
            raise DatasetUnusable(
                f"column {options['group']!r} has one group only", hint="Choose another group, or split random."
            )
        learn, held = next(splitter.split(rows, groups=groups[rows]))
        return Split(learn=np.sort(rows[learn]), held=np.sort(rows[held]), how=how, groups=groups)
    if how == "time":
        ordered = rows[np.argsort(_times(dataset, options)[rows], kind="stable")]
        cut = max(int(len(ordered) * (1 - share)), 1)
        return Split(learn=ordered[:cut], held=ordered[cut:], how=how)
    size = max(round(len(rows) * share), 2 if labels is None else len(np.unique(labels[rows])))
    # A label of one row is on one side.
    is_split = labels is not None and np.unique(labels[rows], return_counts=True)[1].min() > 1
    learn, held = train_test_split(
        rows, test_size=size, random_state=seed, stratify=labels[rows] if labels is not None and is_split else None
    )
    return Split(learn=np.sort(learn), held=np.sort(held), how=how)


def folds(
    split: Split, rows: Numbers, count: int, seed: int, labels: NDArray[np.int64] | None = None
) -> list[tuple[Numbers, Numbers]]:
    """Return (learn, check) rows of each fold within `rows`, as the split was made: a later fold checks later rows."""
    if split.how == "time":
        splits = TimeSeriesSplit(n_splits=count).split(rows)
    elif split.how == "group" and split.groups is not None:
        groups = split.groups[rows]
        splits = GroupKFold(n_splits=min(count, len(np.unique(groups)))).split(rows, groups=groups)
    elif labels is not None and np.bincount(labels[rows])[np.unique(labels[rows])].min() >= count:
        splits = StratifiedKFold(n_splits=count, shuffle=True, random_state=seed).split(rows, labels[rows])
    else:
        splits = KFold(n_splits=count, shuffle=True, random_state=seed).split(rows)
    return [(rows[learn], rows[check]) for learn, check in splits]


def _times(dataset: Dataset, options: Mapping[str, object]) -> Floats:
    name = options.get("time")
    column = dataset.column(str(name)) if name else next((c for c in dataset.columns if c.kind == "time"), None)
    if column is None and name:
        raise DatasetUnusable(f"the dataset has no column {name!r}", hint="Option time names the column.")
    if column is None:
        # The order of the query.
        return np.arange(dataset.row_count, dtype=np.float64)
    times = numbers_of(column)
    if np.isnan(times).any():
        raise DatasetUnusable(
            f"column {column.name!r} is null in {int(np.isnan(times).sum())} rows, which cannot be put in order",
            hint="Leave these rows out in the query.",
        )
    return times


def _groups(dataset: Dataset, options: Mapping[str, object]) -> Numbers:
    name = options.get("group")
    column = dataset.column(str(name)) if name else None
    if column is None:
        raise DatasetUnusable(
            f"the dataset has no column {name!r}" if name else "split is group, but no group is named",
            hint="Option group names the column whose rows stay together.",
        )
    numbers: dict[str | None, int] = {}
    return np.array([numbers.setdefault(t, len(numbers)) for t in texts_of(column)], dtype=np.int64)
