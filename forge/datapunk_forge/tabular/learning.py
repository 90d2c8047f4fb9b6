"""What classifier and regressor have in common: from a dataset to a checked ONNX graph with its figures."""

import logging
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from datapunk.errors import DatasetUnusable
from datapunk.forge.features import TIME_PARTS, Feature
from datapunk_forge.export.estimator import INPUT, check_graph, opened, pipeline_to_onnx
from datapunk_forge.learned_rows import Digests, LearnedRows, learned_rows, row_digests
from datapunk_forge.spreading import Here, Spread, spread
from datapunk_forge.tabular.columns import Check, Chosen, choose_columns
from datapunk_forge.tabular.encoding import (
    Matrix,
    encode,
    encode_given,
    fit_features,
    left_out,
    most_values,
    with_means,
)
from datapunk_forge.tabular.families import estimator_of, pipeline
from datapunk_forge.tabular.groups import GroupModels, fit_groups
from datapunk_forge.tabular.plots import loss_curves, shuffled_importance
from datapunk_forge.tabular.search import Found, search
from datapunk_forge.tabular.splitting import Split, folds, group_of, split_rows
from datapunk_forge.tabular.suspects import suspects
from datapunk_forge.tabular.watching import watched
from datapunk_forge.trained import Column, Dataset, Embed, Floats, GraphParts, Progress

Numbers = NDArray[np.int64]
Ask = Callable[[Matrix], Floats]
MIN_ROWS = 20
ONE_MODEL = "one model for all groups"
_LIBRARIES = ("scikit-learn", "skl2onnx", "onnx", "onnxruntime", "numpy")
_BACKGROUND = 100
# So many held-out rows are predicted by estimator and graph both.
_CHECKED = 2000
SUSPECTED = "suspected leakage"
# Share of held-out rows that repeat learned ones, beyond that of shuffled columns, from which this is told.
_REPEATED = 0.1
log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Task:
    """What is learned: `truth` by row of the dataset (numbers of labels, or values), `rows` where it is known.

    `labels` is how many there are, 0 for a regression. `score` judges a prediction of some rows, higher is better.
    """

    target: Column
    truth: NDArray[Any]
    rows: Numbers
    labels: int
    score: Callable[[NDArray[Any], Floats], float]
    time_parts: tuple[str, ...] = TIME_PARTS


@dataclass(frozen=True, kw_only=True)
class Learned:
    """The graph that is served, and its predictions for the held-out rows: of the measured model, before a refit.

    With a model for each group, `whole` is what the one for all rows says there.
    """

    graph: bytes
    difference: float
    predicted: Floats
    whole: Floats | None
    groups: GroupModels | None
    parts: GraphParts | None
    split: Split
    features: tuple[Feature, ...]
    matrix: Matrix
    chosen: Chosen
    found: Found
    plots: dict[str, Any]
    known: LearnedRows
    iterations: int | None

    def artifacts(self) -> dict[str, bytes]:
        """Return graph and background rows."""
        return {"model.onnx": self.graph, "background.f4": background(self.matrix, self.split.learn)}

    def signature(self, task: Task) -> dict[str, Any]:
        """Return what serving needs to know, but for the labels."""
        return {
            "kind": "tabular", "task": "classification" if task.labels else "regression", "input": INPUT,
            "output": "probabilities" if task.labels else "value", "width": self.matrix.shape[1],
            "target": {"name": task.target.name, "type": task.target.type},
            "features": [f.to_json() for f in self.features],
        }  # fmt: skip

    def parameters(self, options: Mapping[str, object], task: Task, rows: int) -> dict[str, Any]:
        """Return how it was made."""
        return {
            **options, "family": self.found.family, "family_parameters": dict(self.found.parameters),
            "tried": list(self.found.tried), "split": self.split.how, "rows_learned": len(self.split.learn),
            "rows_held_out": len(self.split.held), "rows_skipped": rows - len(task.rows),
            "checks": [asdict(c) for c in self.chosen.checks], "onnx_difference": self.difference,
            **({"iterations_used": self.iterations} if self.iterations is not None else {}),
            **({"models_by_group": self.groups.parameters()} if self.groups else {}),
        }  # fmt: skip


def background(matrix: Matrix, learned: Numbers) -> bytes:
    """Return some of the rows learned from, evenly spread, as explanations compare with them."""
    step = max(len(learned) // _BACKGROUND, 1)
    return matrix[learned[::step][:_BACKGROUND]].astype("<f4").tobytes()


def libraries() -> dict[str, str]:
    """Return the versions of what trains."""
    return {name: version(name) for name in _LIBRARIES}


def learn(
    dataset: Dataset, task: Task, options: Mapping[str, object], progress: Progress, embed: Embed, seed: int
) -> Learned:
    """Choose columns and model, fit, predict what was held out, export and compare. Raises DatasetUnusable."""
    started = time.monotonic()
    if len(task.rows) < MIN_ROWS:
        raise DatasetUnusable(
            f"{len(task.rows)} rows have a value of {task.target.name!r}", hint=f"Give at least {MIN_ROWS}."
        )
    chosen = choose_columns(dataset, task.target, options)
    strata = task.truth if task.labels else None
    split = split_rows(dataset, task.rows, options, seed, strata)
    _check_split(task, split, options)
    chosen, features, matrix, digests = _encoded(dataset, chosen, task, split, options, progress, embed, seed)
    where = spread()
    limit_s = 0.6 * float(str(options["timeout"]))
    left_s = limit_s - (time.monotonic() - started)
    found = _search(task, split, features, matrix, options, seed, left_s, progress, where)
    progress(0.65, f"training: {found.family}", **_score_of(found))

    def fit(found: Found, rows: Numbers) -> Pipeline:
        return _fit(found.family, found.parameters, features, matrix, task, rows, options, seed)

    def fit_whole(rows: Numbers, share: float, stage: str) -> Pipeline:
        def told(figures: Mapping[str, float]) -> None:
            progress(share, f"{stage}: {found.family}", **figures)

        return _fit(found.family, found.parameters, features, matrix, task, rows, options, seed, told)

    def ask(fitted: Pipeline, rows: Matrix) -> Floats:
        return predict(fitted, rows, task.labels)

    def compare(own: Numbers, seconds: float) -> Found:
        return _search(task, replace(split, learn=own), features, matrix, options, seed, seconds, _silent, Here())

    def groups_told(done: int, count: int) -> None:
        progress(0.65 + 0.15 * done / count, f"training: {done} of {count} groups")

    fitted, groups = fit_whole(split.learn, 0.65, "training"), None
    if options.get("group_models"):
        groups = fit_groups(
            features, matrix, task.truth, split.learn, task.labels, options, compare, fit, groups_told, where,
            max(limit_s - (time.monotonic() - started), 1.0),
        )  # fmt: skip
    held = encode_given(dataset, split.held, matrix, features, embed)
    some = held[:: -(-len(held) // _CHECKED)]

    def exported() -> tuple[bytes, GraphParts | None, Ask, float]:
        graph, parts = _exported(fitted, groups, matrix.shape[1], task.labels)
        run = opened(graph, task.labels)
        expected = groups.predict(fitted, some, ask) if groups else ask(fitted, some)
        return graph, parts, run, check_graph(run(some), expected, task.labels)

    progress(0.8, "exporting")
    plots: dict[str, Any] = {"loss": loss_curves(estimator_of(fitted))}
    whole = ask(fitted, held) if groups else None
    graph, parts, run, difference = exported()
    # What is served is what is measured.
    predicted = run(held)
    plots["importance"] = shuffled_importance(run, features, held, task.truth[split.held], task.score, seed)
    if options["refit"]:
        progress(0.85, "training on all rows")
        fitted = fit_whole(task.rows, 0.85, "training on all rows")
        groups = _refitted(groups, matrix, task.rows, fit)
        graph, parts, _, again = exported()
        difference = max(difference, again)
    return Learned(
        graph=graph, difference=difference, predicted=predicted, split=split, features=features, matrix=matrix,
        chosen=chosen, found=found, plots=plots, whole=whole, groups=groups, parts=parts,
        known=learned_rows(
            dataset, digests, task.rows if options["refit"] else split.learn, group_of(split, options)
        ),
        iterations=getattr(estimator_of(fitted), "n_iter_", None) if found.family == "boosting" else None,
    )  # fmt: skip


def _encoded(
    dataset: Dataset, chosen: Chosen, task: Task, split: Split, options: Mapping[str, object], progress: Progress,
    embed: Embed, seed: int,
) -> tuple[Chosen, tuple[Feature, ...], Matrix, Digests]:  # fmt: skip
    """Return features and matrix of what is learned from, with all checks, and the digests of the rows."""
    embedder = str(options["embedder"])
    dimensions = embed(["dimensions"], embedder).shape[1] if any(k == "text" for _, k in chosen.columns) else 0
    most = most_values(task.labels)
    features = fit_features(chosen.columns, split.learn, embedder, dimensions, task.time_parts, most)
    chosen = replace(chosen, checks=(*chosen.checks, *left_out(chosen.columns, features, split.learn, most)))
    matrix = encode(dataset, features, embed, progress)
    chosen, features, matrix = _without_suspects(chosen, features, matrix, task, split.learn, options, seed)
    features = with_means(features, matrix[split.learn])
    digests = row_digests(dataset, features, task.target, labelled=task.labels > 0)
    chosen = replace(chosen, checks=(*chosen.checks, *_repeated(dataset, features, task, digests, split, seed)))
    for check in chosen.checks:
        log.info("%s %s: %s", check.column, check.reason, check.action)
    return chosen, features, matrix, digests


def _without_suspects(
    chosen: Chosen, features: tuple[Feature, ...], matrix: Matrix, task: Task, rows: Numbers,
    options: Mapping[str, object], seed: int,
) -> tuple[Chosen, tuple[Feature, ...], Matrix]:  # fmt: skip
    """Report the columns that tell nearly the whole target, and leave them out where leakage is to be dropped."""
    found = suspects(features, matrix, task.truth, rows, task.labels, seed)
    if options.get("group_models"):
        found.pop(str(options["group"]), None)
    dropped = options.get("leakage") == "drop"
    checks = [
        Check(
            column=name, problem=SUSPECTED, action="dropped" if dropped else "kept",
            reason=f"tells nearly the whole target {task.target.name!r} by {what}",
        )
        for name, what in found.items()
    ]  # fmt: skip
    chosen = replace(chosen, checks=(*chosen.checks, *checks))
    if not found or not dropped:
        return chosen, features, matrix
    if len(found) == len(features):
        raise DatasetUnusable(
            "no column is left to learn from",
            hint="; ".join(f"{c.column} {c.reason}" for c in checks) + "; set leakage to keep to learn from them.",
        )
    kept = [f for f in features if f.name not in found]
    columns = [np.arange(f.column, f.column + f.width) for f in kept]
    starts = np.cumsum([0, *(f.width for f in kept)])
    return (
        replace(chosen, columns=tuple(c for c in chosen.columns if c[0].name not in found)),
        tuple(replace(f, column=int(start)) for f, start in zip(kept, starts, strict=False)),
        np.ascontiguousarray(matrix[:, np.concatenate(columns)]),
    )


def _repeated(
    dataset: Dataset, features: tuple[Feature, ...], task: Task, digests: Digests, split: Split, seed: int
) -> tuple[Check, ...]:  # fmt: skip
    """Return a check where many held-out rows equal one that is learned from, more than columns of few values bring."""
    share = _known(digests, split)
    if share < _REPEATED:
        return ()
    random = np.random.default_rng(seed)
    named = {task.target.name, *(f.name for f in features)}
    columns = tuple(c.take(random.permutation(dataset.row_count)) for c in dataset.columns if c.name in named)
    mixed = replace(dataset, columns=columns)
    by_chance = row_digests(mixed, features, mixed.column(task.target.name), labelled=task.labels > 0)
    if share - _known(by_chance, split) < _REPEATED:
        return ()
    reason = (
        f"repeat themselves: {share:.0%} of those held out equal one learned from, target included; where rows of one"
        " thing do, name its column as group"
    )
    return (Check(column="(rows)", problem="repeated rows", reason=reason, action="kept"),)


def _known(digests: Digests, split: Split) -> float:
    return float(np.isin(digests[split.held], digests[split.learn]).mean())


def _silent(share: float, stage: str, **figures: float) -> None:
    """Tell nothing: the groups' own progress is told."""


def _exported(
    fitted: Pipeline, groups: GroupModels | None, width: int, labels: int
) -> tuple[bytes, GraphParts | None]:  # fmt: skip
    graph = pipeline_to_onnx(fitted, width, labels=labels)
    return groups.graphs(graph, width, labels) if groups else (graph, None)


def _refitted(
    groups: GroupModels | None, matrix: Matrix, rows: Numbers, fit: Callable[[Found, Numbers], Pipeline]
) -> GroupModels | None:  # fmt: skip
    if groups is None:
        return None
    codes = matrix[:, groups.column]
    parts = tuple(replace(p, fitted=fit(p.found, rows[codes[rows] == p.code])) for p in groups.parts)
    return replace(groups, parts=parts)


def predict(fitted: Pipeline, matrix: Matrix, labels: int) -> Floats:
    """Return probabilities (rows, labels), or values (rows, 1). A label that was not learned has none."""
    if labels:
        found = np.zeros((len(matrix), labels))
        found[:, fitted.classes_.astype(int)] = fitted.predict_proba(matrix)
        return found
    return np.asarray(fitted.predict(matrix), dtype=np.float64).reshape(-1, 1)


def _fit(
    family: str, parameters: Mapping[str, Any], features: tuple[Feature, ...], matrix: Matrix, task: Task,
    rows: Numbers, options: Mapping[str, object], seed: int,
    tell: Callable[[Mapping[str, float]], None] | None = None,
) -> Pipeline:  # fmt: skip
    """Return a pipeline that has learned from `rows`; `tell` hears of its loss while it does."""
    truth = task.truth[rows]
    counts = np.unique(truth, return_counts=True)[1] if task.labels else np.array([len(rows)])
    model = pipeline(
        family, features, labels=len(counts) if task.labels else 0, parameters=parameters, options=options,
        rows=len(rows), rarest=int(counts.min()), seed=seed,
    )  # fmt: skip
    with watched(model[-1], tell) if tell is not None else nullcontext():
        model.fit(matrix[rows], truth)
    return model


def _score_of(found: Found) -> dict[str, float]:
    """Return the cross-validated score of what was found, where it was compared."""
    done = [t["score"] for t in found.tried if t["family"] == found.family and not t.get("pruned")]
    return {"score": max(done)} if done else {}


def _search(
    task: Task, split: Split, features: tuple[Feature, ...], matrix: Matrix, options: Mapping[str, object], seed: int,
    seconds: float, progress: Progress, where: Spread,
) -> Found:  # fmt: skip
    """Compare on a sample of the rows to learn from: enough to tell models apart, and the same work for any size."""
    limit = int(str(options["search_rows"]))
    rows = split.learn
    if len(rows) > limit:
        picked = np.random.default_rng(seed).choice(len(rows), limit, replace=False)
        rows = rows[np.sort(picked)]
    parts = folds(split, rows, int(str(options["folds"])), seed, task.truth if task.labels else None)
    if task.labels:
        parts = [(a, b) for a, b in parts if len(np.unique(task.truth[a])) == task.labels] or parts[-1:]

    def score(family: str, parameters: Mapping[str, Any], learned: Numbers, checked: Numbers) -> float:
        model = _fit(family, parameters, features, matrix, task, learned, options, seed)
        return task.score(task.truth[checked], predict(model, matrix[checked], task.labels))

    return search(options, parts, score, seed, seconds, progress, where)


def _check_split(task: Task, split: Split, options: Mapping[str, object]) -> None:
    if not len(split.held):
        raise DatasetUnusable("no row is left to measure with", hint="Give more rows, or a larger test_size.")
    if task.labels and len(np.unique(task.truth[split.learn])) < task.labels:
        raise DatasetUnusable(
            f"a value of {task.target.name!r} occurs in the held-out rows only",
            hint="Set split to random, or leave rare values out in the query.",
        )
    if not task.labels and options["metric"] == "r2" and np.ptp(task.truth[split.held]) == 0:
        raise DatasetUnusable(
            f"the {len(split.held)} held-out rows have one value of {task.target.name!r}, of which r2 explains nothing",
            hint="Set metric to mae, split to random, or a larger test_size.",
        )
