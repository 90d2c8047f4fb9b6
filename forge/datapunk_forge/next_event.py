"""The recipe `next_event`: what comes next, where and when, from what came before.

Each event is a row to learn from: the events before it and the time at which they were known, and what then came. The
latest events are measured with, since that is how it will be used.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datapunk.errors import DatasetUnusable
from datapunk_forge.evaluation import gain_metric, mean_metric, share_metric
from datapunk_forge.incumbent import Incumbent
from datapunk_forge.tabular.encoding import numbers_of, texts_of
from datapunk_forge.tabular.learning import Learned, Task, learn, libraries
from datapunk_forge.tabular.measures import interval
from datapunk_forge.trained import Column, Dataset, Embed, Floats, Metric, Progress, SideBySide, Trained

_MAX_KINDS = 100
_OTHER = "other"
_MIN_EVENTS = 50
_TOP = 3
# The days that pass say nothing about a habit.
_CLOCK = ("hour", "weekday")
Numbers = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Events:
    """Events in order of who and when."""

    who: list[str]
    what: list[str]
    where: list[str] | None
    at: Floats


def train(dataset: Dataset, options: Mapping[str, object], progress: Progress, embed: Embed) -> Trained:
    """Train on (when, what, optional where and who). Raises DatasetUnusable."""
    seed = int(str(options["seed"]))
    events = read_events(dataset, options)
    pairs, before, after = _pairs(events)
    if len(before) < _MIN_EVENTS:
        raise DatasetUnusable(f"{len(before)} events have one before them", hint=f"Give at least {_MIN_EVENTS}.")
    told = {**options, "leakage": "keep", "split": "time", "time": "at", "metric": "accuracy", "search_rows": 5000,
            "target": None, "exclude": None, "group": None, "key": None}  # fmt: skip
    what = [events.what[i] for i in after]
    learned, labels = _learn(pairs, what, told, _part(progress, 0.0, 0.6), embed, seed)
    held = learned.split.held
    truth = np.array([labels.index(what[i]) for i in held], dtype=np.int64)
    known = Counter(what[i] for i in learned.split.learn)
    metrics = list(_ranked(learned.predicted, truth, labels, known, [events.what[before[i]] for i in held], seed))
    artifacts = {**learned.artifacts(), "plots.json": json.dumps(learned.plots).encode()}
    signature: dict[str, Any] = {
        **learned.signature(_task(what, labels)), "labels": list(labels), "last": _last(events),
    }  # fmt: skip
    if events.where is not None:
        where = [events.where[i] for i in after]
        place, places = _learn(pairs, where, {**told, "family": "forest"}, _part(progress, 0.6, 0.2), embed, seed)
        artifacts["where.onnx"] = place.graph
        signature["where_labels"] = list(places)
        metrics += _where_metrics(place, where, places, seed)
    metrics += _when(pairs, events, before, after, told, _part(progress, 0.8, 0.2), embed, artifacts)
    return Trained(
        metrics=tuple(metrics),
        primary_metric="accuracy",
        parameters={
            **options, "family": learned.found.family, "tried": list(learned.found.tried), "events": len(events.at),
            "rows_learned": len(learned.split.learn), "rows_held_out": len(held),
            "onnx_difference": learned.difference,
        },
        signature=signature,
        artifacts=artifacts,
        against=partial(
            _against, _dataset(pairs).take(held), [what[i] for i in held], events.at[after[held]],
            learned.predicted.argmax(axis=1) == truth,
        ),
        libraries=libraries(),
    )  # fmt: skip


def _against(
    known: Dataset, what: list[str], at: Floats, right: NDArray[np.bool_], incumbent: Incumbent, embed: Embed
) -> SideBySide | None:
    """Score another version, as `Rival`: on the held-out events that came after the last one that it knew."""
    last = incumbent.signature.get("last")
    new = np.flatnonzero(at > float(last["at"])) if last else np.empty(0, dtype=np.int64)
    said = incumbent.of_rows(known.take(new), embed) if len(new) else None
    if said is None:
        return None
    labels = incumbent.signature["labels"]
    theirs = [labels[best] == what[row] for best, row in zip(said.argmax(axis=1), new, strict=True)]
    return SideBySide(ours=right[new].astype(float), theirs=np.array(theirs, dtype=float), unit="events")


def read_events(dataset: Dataset, options: Mapping[str, object]) -> Events:
    """Return the events in order; rare kinds become one. Raises DatasetUnusable."""
    columns = {role: _named(dataset, options, role) for role in ("time", "target", "where", "subject")}
    time = columns["time"] or next((c for c in dataset.columns if c.kind == "time"), None)
    if time is None:
        raise DatasetUnusable("no column says when", hint="Select a timestamp; option time names the column.")
    taken = {c.name for c in columns.values() if c is not None} | {time.name}
    what = columns["target"] or next((c for c in dataset.columns if c.kind == "text" and c.name not in taken), None)
    if what is None:
        raise DatasetUnusable("no column says what", hint="Select a text; option target names the column.")
    at, names = numbers_of(time), texts_of(what)
    who = texts_of(columns["subject"]) if columns["subject"] else [""] * dataset.row_count
    where = texts_of(columns["where"]) if columns["where"] else None
    rows = [i for i in range(dataset.row_count) if names[i] and who[i] is not None and not np.isnan(at[i])]
    if not rows:
        raise DatasetUnusable(
            f"no row has both {time.name!r} and {what.name!r}", hint="Check the query: it gives no usable row."
        )
    rows.sort(key=lambda i: (str(who[i]), at[i]))
    return Events(
        who=[str(who[i]) for i in rows], what=_common([str(names[i]) for i in rows]),
        where=_common([str(where[i] or "unknown") for i in rows]) if where is not None else None, at=at[rows],
    )  # fmt: skip


def _named(dataset: Dataset, options: Mapping[str, object], role: str) -> Column | None:
    name = options.get(role)
    column = dataset.column(str(name)) if name else None
    if name and column is None:
        raise DatasetUnusable(f"the dataset has no column {name!r}", hint=f"Option {role} names the column.")
    return column


def _common(values: list[str]) -> list[str]:
    """Keep the most common values; the others, and what is seen less than five times, are one."""
    counts = Counter(values)
    kept = {v for v, n in counts.most_common(_MAX_KINDS) if n >= 5}
    return [v if v in kept else _OTHER for v in values]


def _pairs(events: Events) -> tuple[tuple[Column, ...], Numbers, Numbers]:
    """Return what was known before each event that has one before it, and the numbers of both."""
    index = np.arange(len(events.at))
    same = np.array([events.who[i] == events.who[i - 1] for i in index[1:]], dtype=bool)
    after = index[1:][same]
    before = after - 1
    return _known(events, before), before, after


def _known(events: Events, now: Numbers) -> tuple[Column, ...]:
    """Return what is known at each of the events `now`: itself, two before it, when it is, and how long it took."""

    def earlier(steps: int, values: Sequence[str]) -> list[str | None]:
        return [values[i - steps] if i - steps >= 0 and events.who[i - steps] == events.who[i] else None for i in now]

    gap = [
        float(np.log1p((events.at[i] - events.at[i - 1]) / 3600))
        if i and events.who[i] == events.who[i - 1]
        else np.nan
        for i in now
    ]
    columns = [
        Column(name="at", type="timestamptz", kind="time", values=events.at[now]),
        Column(name="previous", type="text", kind="text", values=earlier(0, events.what)),
        Column(name="before", type="text", kind="text", values=earlier(1, events.what)),
        Column(name="earlier", type="text", kind="text", values=earlier(2, events.what)),
        Column(name="log_hours", type="float8", kind="number", values=np.array(gap)),
    ]
    if events.where is not None:
        columns.append(Column(name="place", type="text", kind="text", values=earlier(0, events.where)))
    return tuple(columns)


def _dataset(columns: tuple[Column, ...]) -> Dataset:
    return Dataset(columns=columns, row_count=len(columns[0].values), fingerprint="", read_at="")


def _task(values: list[str], labels: tuple[str, ...]) -> Task:
    def accuracy(truth: NDArray[Any], probabilities: Floats) -> float:
        return float(np.mean(probabilities.argmax(axis=1) == truth))

    numbers = {label: i for i, label in enumerate(labels)}
    truth = np.array([numbers[v] for v in values], dtype=np.int64)
    target = Column(name="next", type="text", kind="text", values=values)
    return Task(
        target=target, truth=truth, rows=np.arange(len(values)), labels=len(labels), score=accuracy, time_parts=_CLOCK
    )


def _learn(
    columns: tuple[Column, ...], values: list[str], options: Mapping[str, object], progress: Progress, embed: Embed,
    seed: int,
) -> tuple[Learned, tuple[str, ...]]:  # fmt: skip
    """Learn a label; kinds that occur among the latest rows alone are put together with the rare ones."""
    cut = np.argsort(columns[0].values, kind="stable")[
        : max(int(len(values) * (1 - float(str(options["test_size"])))), 1)
    ]
    early = {values[int(i)] for i in cut}
    values[:] = [v if v in early else _OTHER for v in values]
    if _OTHER not in early and _OTHER in values:
        common = Counter(values[int(i)] for i in cut).most_common()[-1][0]
        values[:] = [common if v == _OTHER else v for v in values]
    labels = tuple(sorted(set(values)))
    if len(labels) < 2:
        raise DatasetUnusable("all events are of one kind", hint="There is nothing to predict.")
    return learn(_dataset(columns), _task(values, labels), options, progress, embed, seed), labels


def _ranked(
    predicted: Floats, truth: Numbers, labels: tuple[str, ...], known: Counter[str], previous: list[str], seed: int
) -> tuple[Metric, ...]:
    order = np.argsort(-predicted, axis=1, kind="stable")
    place = (order == truth[:, None]).argmax(axis=1)
    right = (place == 0).astype(float)
    frequent = sorted(range(len(labels)), key=lambda i: -known[labels[i]])
    base = (truth == frequent[0]).astype(float)
    again = np.array([labels[t] == p for t, p in zip(truth, previous, strict=True)], dtype=float)
    top = np.isin(truth, frequent[:_TOP]).astype(float)
    return (
        share_metric("accuracy", right, seed),
        share_metric("accuracy", base, seed, scored="most frequent"),
        share_metric("accuracy", again, seed, scored="same again"),
        gain_metric("accuracy", right, base, seed, "most frequent"),
        gain_metric("accuracy", right, again, seed, "same again"),
        share_metric(f"accuracy@{_TOP}", (place < _TOP).astype(float), seed),
        share_metric(f"accuracy@{_TOP}", top, seed, scored="most frequent"),
        mean_metric("mrr", 1.0 / (place + 1.0), seed),
    )


def _where_metrics(learned: Learned, where: list[str], labels: tuple[str, ...], seed: int) -> list[Metric]:
    held = learned.split.held
    truth = np.array([labels.index(where[i]) for i in held])
    right = (learned.predicted.argmax(axis=1) == truth).astype(float)
    common = Counter(where[i] for i in learned.split.learn).most_common(1)[0][0]
    base = np.array([where[i] == common for i in held], dtype=float)
    return [
        share_metric("where accuracy", right, seed),
        share_metric("where accuracy", base, seed, scored="most frequent"),
        gain_metric("where accuracy", right, base, seed, "most frequent"),
    ]


def _when(
    columns: tuple[Column, ...], events: Events, before: Numbers, after: Numbers, options: Mapping[str, object],
    progress: Progress, embed: Embed, artifacts: dict[str, bytes],
) -> list[Metric]:  # fmt: skip
    """Learn the logarithm of one plus the hours until the next event; its graph goes to `artifacts`."""
    hours = (events.at[after] - events.at[before]) / 3600.0
    value = np.log1p(hours)
    if float(np.ptp(value)) == 0.0:
        return []

    def score(truth: NDArray[Any], predicted: Floats) -> float:
        return -float(np.abs(truth - predicted[:, 0]).mean())

    target = Column(name="hours", type="float8", kind="number", values=value)
    task = Task(target=target, truth=value, rows=np.arange(len(value)), labels=0, score=score, time_parts=_CLOCK)
    told = {**options, "family": "boosting", "calibration": None}
    learned = learn(_dataset(columns), task, told, progress, embed, int(str(options["seed"])))
    artifacts["when.onnx"] = learned.graph
    said, usual = learned.predicted[:, 0], float(np.median(value[learned.split.learn]))
    return when_metrics(hours[learned.split.held], np.expm1(said), float(np.expm1(usual)), int(str(options["seed"])))


def when_metrics(truth: Floats, said: Floats, usual: float, seed: int) -> list[Metric]:
    """Return the mean absolute error in hours, and in the logarithm of one plus the hours, which is what is learned.

    A single long pause weighs as much as hundreds of short ones in the former. `usual` is the median of what was
    learned.
    """
    metrics = []
    for name, scale in (("when mae", np.asarray), ("when log_mae", np.log1p)):
        error = np.abs(scale(truth) - scale(np.maximum(said, 0.0)))
        base = np.abs(scale(truth) - scale(usual))
        metrics += [
            interval(name, error, seed), interval(name, base, seed, "median"),
            interval(f"{name} gain", base - error, seed, "median - model"),
        ]  # fmt: skip
    return metrics


def _last(events: Events) -> dict[str, Any]:
    """Return what is known after the very last event: what a prediction starts from where nothing is given."""
    latest = int(np.argmax(events.at))
    row = _known(events, np.array([latest]))
    given: dict[str, Any] = {}
    for column in row:
        value = column.values[0]
        given[column.name] = None if isinstance(value, float) and np.isnan(value) else value
    return {name: float(v) if isinstance(v, (float, np.floating)) else v for name, v in given.items()}


def _part(progress: Progress, start: float, part: float) -> Progress:
    """Return a progress that covers a part of the whole."""

    def told(share: float, stage: str, **figures: float) -> None:
        progress(start + part * share, stage, **figures)

    return told
