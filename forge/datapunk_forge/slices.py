"""Figures on parts of the held-out rows, and how far apart they are: metrics by slice, and the bias report.

Rates are fairlearn's (Weerts et al. 2023). Groups are compared by the largest figure less the smallest, and by the
smallest by the largest. Intervals are percentiles of bootstrap samples; labels are resampled by their counts,
which gives the bootstrap's distribution exactly.
"""

import itertools
import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datapunk.errors import DatasetUnusable, InvalidArgument
from datapunk_forge.tabular.encoding import texts_of
from datapunk_forge.trained import AGREEMENT, Column, Dataset, Floats, HeldOut, Slice, Trained

MISSING, OTHERS = "(missing)", "(other)"
_MOST_SLICES, _FEW_VALUES, _PARTS = 20, 10, 4
# A group with fewer held-out rows has figures, but is left out of what compares groups.
MIN_ROWS = 10
_RESAMPLES, _RESAMPLED_ROWS = 1000, 20_000_000
Numbers = NDArray[np.int64]
Draws = dict[str, Floats]


def sliced(trained: Trained, dataset: Dataset, options: Mapping[str, object]) -> Trained:
    """Return what was learned with its figures by slice, for the columns named in `sensitive` and `slices`."""
    sensitive = _names(options.get("sensitive"))
    asked = [*sensitive, *(n for n in _names(options.get("slices")) if n not in sensitive)]
    if options.get("group_models") and options.get("group") and options["group"] not in asked:
        asked.append(str(options["group"]))
    if not asked or trained.held_out is None:
        return trained
    found: list[Slice] = []
    for name in asked:
        column = dataset.column(name)
        if column is None:
            raise DatasetUnusable(
                f"the dataset has no column {name!r}", hint="Options sensitive and slices name columns of the dataset."
            )
        names, groups = slices_of(column, trained.held_out.rows)
        made = figures(trained, options, names, groups)
        if trained.primary_metric == AGREEMENT:
            made = [replace(s, metric=AGREEMENT) for s in made if s.metric == "accuracy"]
        found += [replace(s, attribute=name, sensitive=name in sensitive) for s in made]
    return replace(trained, slices=tuple(found))


def slices_of(column: Column, rows: Numbers) -> tuple[list[str], Numbers]:
    """Return the names of the slices of some rows, and the number of each row's.

    Numbers and times with many values are cut at their quartiles; of texts the most common ones are kept.
    """
    if column.kind in ("number", "time") and column.type != "bool":
        values = column.values[rows]
        known = np.isfinite(values)
        if len(np.unique(values[known])) > _FEW_VALUES:
            edges = np.unique(np.quantile(values[known], np.linspace(0, 1, _PARTS + 1)[1:-1]))
            numbers = np.where(known, np.searchsorted(edges, np.where(known, values, 0.0), side="left"), len(edges) + 1)
            shown = [_shown(column, edge) for edge in edges]
            middle = [f"{low} to {high}" for low, high in itertools.pairwise(shown)]
            return _present([f"up to {shown[0]}", *middle, f"above {shown[-1]}", MISSING], numbers)
    every = texts_of(column)
    texts = [MISSING if every[r] is None else str(every[r]) for r in rows.tolist()]
    common = sorted(Counter(texts).items(), key=lambda item: (-item[1], item[0]))
    kept = [text for text, _ in common[:_MOST_SLICES]]
    place = {text: number for number, text in enumerate(kept)}
    return _present([*kept, OTHERS], np.array([place.get(text, len(kept)) for text in texts], dtype=np.int64))


def _present(names: Sequence[str], numbers: Numbers) -> tuple[list[str], Numbers]:
    used = np.unique(numbers)
    return [names[n] for n in used], np.searchsorted(used, numbers)


def _shown(column: Column, value: float) -> str:
    if column.kind == "time":
        return str(np.datetime64(int(value), "s"))[:10]
    return f"{value:.6g}"


def figures(
    trained: Trained, options: Mapping[str, object], names: Sequence[str], groups: Numbers
) -> list[Slice]:  # fmt: skip
    """Return each slice's figures, and differences and ratios between the slices that are large enough."""
    held = trained.held_out
    assert held is not None
    seed = int(str(options.get("seed", 0)))
    labels = trained.signature.get("labels")
    counts = np.bincount(groups, minlength=len(names))
    if isinstance(labels, Sequence):
        values, draws = _rates(held, groups, len(names), _favourable(labels, options), seed)
    else:
        values, draws = _errors(held, groups, len(names), seed)
    found = []
    for metric, value in values.items():
        drawn = draws[metric]
        for number, name in enumerate(names):
            if np.isfinite(value[number]):
                low, high = _interval(drawn[:, number])
                found.append(
                    Slice(metric=metric, slice=name, rows=int(counts[number]), value=float(value[number]), lower=low,
                          upper=high)
                )  # fmt: skip
        compared = np.flatnonzero((counts >= MIN_ROWS) & np.isfinite(value))
        if len(compared) > 1:
            found += _apart(metric, value[compared], drawn[:, compared], int(counts[compared].sum()))
    return found


def _apart(metric: str, value: Floats, draws: Floats, rows: int) -> list[Slice]:
    """Return difference and ratio of the groups' figures; a ratio of figures with a sign means nothing."""
    measures: dict[str, Callable[[Floats], Floats]] = {
        "difference": lambda v: np.nanmax(v, axis=-1) - np.nanmin(v, axis=-1)
    }
    if metric != "mean_error":
        measures["ratio"] = _ratio
    found = []
    for measure, of in measures.items():
        with warnings.catch_warnings():
            # A sample may lack every row that a rate is of.
            warnings.simplefilter("ignore", RuntimeWarning)
            low, high = _interval(of(draws))
        found.append(Slice(metric=metric, measure=measure, rows=rows, value=float(of(value)), lower=low, upper=high))
    return found


def _ratio(values: Floats) -> Floats:
    most, least = np.nanmax(values, axis=-1), np.nanmin(values, axis=-1)
    # Where no group has any, they are alike.
    return np.asarray(np.divide(least, most, out=np.ones_like(np.asarray(most, dtype=float)), where=most > 0))


def _interval(draws: Floats) -> tuple[float | None, float | None]:
    known = draws[np.isfinite(draws)]
    if not len(known):
        return None, None
    low, high = np.quantile(known, (0.025, 0.975))
    return float(low), float(high)


def _favourable(labels: Sequence[str], options: Mapping[str, object]) -> int | None:
    """Return the number of the label that counts as selected: the one named, or the second of two."""
    wanted = options.get("favourable")
    if wanted is None:
        return 1 if len(labels) == 2 else None
    if wanted not in labels:
        raise InvalidArgument(
            f"option 'favourable' is {wanted!r}", hint=f"Labels: {', '.join(map(str, labels))}."
        )  # fmt: skip
    return list(labels).index(str(wanted))


def _rates(
    held: HeldOut, groups: Numbers, count: int, favourable: int | None, seed: int
) -> tuple[Draws, Draws]:  # fmt: skip
    """Return accuracy and, where a label counts as selected, selection, true and false positive rates by group."""
    truth, chosen = held.truth.astype(np.int64), held.predicted.argmax(axis=1)
    selected = np.full(len(truth), -1) if favourable is None else chosen
    wanted = -1 if favourable is None else favourable
    # A cell: group, whether it is right, whether it should be selected, whether it is.
    cell = ((groups * 2 + (truth == chosen)) * 2 + (truth == wanted)) * 2 + (selected == wanted)
    cells = np.bincount(cell, minlength=count * 8)
    drawn = np.random.default_rng(seed).multinomial(len(truth), cells / len(truth), size=_RESAMPLES)
    values, draws = _fairlearn(cells, count), cell_rates(drawn.reshape(-1, count, 2, 2, 2).astype(float))
    if favourable is None:
        return {"accuracy": values["accuracy"]}, draws
    return values, draws


def cell_rates(cells: Floats) -> Draws:
    """Return the rates of counts of shape (..., groups, right, wanted, selected); NaN where a group has no such row."""

    def share(part: Floats, whole: Floats) -> Floats:
        return np.asarray(np.divide(part, whole, out=np.full_like(whole, np.nan), where=whole > 0))

    total = cells.sum(axis=(-3, -2, -1))
    by_label = cells.sum(axis=-3)
    return {
        "accuracy": share(cells[..., 1, :, :].sum(axis=(-2, -1)), total),
        "selection_rate": share(by_label[..., 1].sum(axis=-1), total),
        "true_positive_rate": share(by_label[..., 1, 1], by_label[..., 1, :].sum(axis=-1)),
        "false_positive_rate": share(by_label[..., 0, 1], by_label[..., 0, :].sum(axis=-1)),
    }


def _fairlearn(cells: Numbers, count: int) -> Draws:
    """Return the rates of each group by fairlearn, over the cells with their counts as weights."""
    from fairlearn.metrics import MetricFrame, false_positive_rate, selection_rate, true_positive_rate
    from sklearn.metrics import accuracy_score

    used = np.flatnonzero(cells)
    group, right, wanted, selected = used // 8, used // 4 % 2, used // 2 % 2, used % 2
    weight = cells[used]
    rates: dict[str, tuple[Any, Numbers, Numbers, NDArray[np.bool_]]] = {
        "accuracy": (accuracy_score, np.ones_like(right), right, np.ones(len(used), dtype=bool)),
        "selection_rate": (selection_rate, wanted, selected, np.ones(len(used), dtype=bool)),
        # Of groups that have such rows alone.
        "true_positive_rate": (true_positive_rate, wanted, selected, np.isin(group, group[wanted == 1])),
        "false_positive_rate": (false_positive_rate, wanted, selected, np.isin(group, group[wanted == 0])),
    }
    found = {}
    for name, (rate, truth, predicted, rows) in rates.items():
        found[name] = np.full(count, np.nan)
        if not rows.any():
            continue
        with warnings.catch_warnings():
            # A group whose rows all have one label has the other rate undefined, which is masked above.
            warnings.simplefilter("ignore")
            frame = MetricFrame(
                metrics=rate, y_true=truth[rows], y_pred=predicted[rows], sensitive_features=group[rows],
                sample_params={"sample_weight": weight[rows]},
            )  # fmt: skip
        # fairlearn gives an array of one for a group of one cell.
        found[name][frame.by_group.index.to_numpy(dtype=int)] = [float(np.ravel(v)[0]) for v in frame.by_group]
    return found


def _errors(held: HeldOut, groups: Numbers, count: int, seed: int) -> tuple[Draws, Draws]:
    """Return mean error (predicted less true) and mean absolute error by group, rows resampled."""
    error = held.predicted[:, 0] - held.truth
    random = np.random.default_rng(seed)
    whole = {"mean_error": error, "mae": np.abs(error)}
    # Of many rows fewer samples: their time grows with the rows, and what they are to tell shrinks.
    resamples = int(np.clip(_RESAMPLED_ROWS // len(error), 200, _RESAMPLES))
    draws = {name: np.empty((resamples, count)) for name in whole}
    ones = np.ones(len(error))

    def means(values: Floats, weight: Floats) -> Floats:
        total = np.bincount(groups, weights=weight, minlength=count)
        sums = np.bincount(groups, weights=weight * values, minlength=count)
        return np.asarray(np.divide(sums, total, out=np.full(count, np.nan), where=total > 0))

    for number in range(resamples):
        weight = np.bincount(random.integers(0, len(error), len(error)), minlength=len(error)).astype(float)
        for name, values in whole.items():
            draws[name][number] = means(values, weight)
    return {name: means(values, ones) for name, values in whole.items()}, draws


def _names(value: object) -> list[str]:
    return list(dict.fromkeys(map(str, value))) if isinstance(value, (list, tuple)) else []
