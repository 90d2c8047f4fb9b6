"""Anomalies, names in texts, and pairs of sentences: what these recipes measure themselves, or forge_score."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bench.recipe_forge import Floats, Forge, figure, line

Lines = list[dict[str, Any]]
_RESAMPLES = 500
_MOST_ROWS = 10_000
# Where a part would hold fewer odd rows, all rows are taken.
_FEWEST_ODD = 10
# Isolation forest and k nearest neighbours of PyOD on these sets, each the mean of ten splits.
_PYOD = {
    "cardio": (0.924, 0.737), "musk": (0.999, 0.804), "satimage-2": (0.993, 0.955), "satellite": (0.701, 0.685),
    "optdigits": (0.714, 0.377), "letter": (0.619, 0.875), "mnist": (0.803, 0.850), "lymphography": (0.991, 0.972),
}  # fmt: skip


def anom_adbench(forge: Forge, folder: Path) -> Lines:
    """Fitted on 60 %, measured on the other 40 %, two splits of each set; large sets by 10,000 rows, as in ADBench.

    What is chosen unasked is measured over all sets, which are what is resampled; nothing is listed of it. Families
    that are listed are measured over the sets that they are listed of.
    """
    figures: dict[str, dict[str, tuple[float, float]]] = {"auto": {}, "isolation_forest": {}, "knn": {}}
    for path in sorted((folder / "npz").glob("*.npz")):
        name = path.stem.split("_")[-1].lower()
        with np.load(path) as arrays:
            x, y = arrays["X"], arrays["y"]
        some = np.sort(np.random.default_rng(0).permutation(len(x))[:_MOST_ROWS])
        if y[some].sum() >= _FEWEST_ODD:
            x, y = x[some], y[some]
        names = [f"x{n}" for n in range(x.shape[1])]
        forge.table(
            # Of more columns a row of float8 is too long for a page.
            {"id": "int", **dict.fromkeys(names, "float8" if len(names) < 900 else "float4"), "odd": "text"},
            [(n, *row.tolist(), "odd" if truth else "normal") for n, (row, truth) in enumerate(zip(x, y, strict=True))],
        )
        for family, sets in figures.items():
            if family == "auto" or name in _PYOD:
                sets[name] = _unusual(forge, names, family)
    found = []
    for family, listed, what in (
        ("auto", None, "all sets at hand"), ("isolation_forest", 0, "isolation forest of PyOD, mean of the same sets"),
        ("knn", 1, "k nearest neighbours of PyOD, mean of the same sets"),
    ):  # fmt: skip
        sets = figures[family]
        ours, base = (np.array([pair[n] for pair in sets.values()]) for n in range(2))
        theirs = None if listed is None else np.array([_PYOD[name][listed] for name in sets])
        found.append(
            figure(
                f"anomaly_detector, family {family}", "mean roc_auc", ours, base, "largest deviation of a column",
                theirs, what, sets={name: [round(a, 4), round(b, 4)] for name, (a, b) in sets.items()},
            )
        )  # fmt: skip
    return found


def _unusual(forge: Forge, columns: Sequence[str], family: str) -> tuple[float, float]:
    """Return the area under the curve and the baseline's, each the mean of two splits."""
    values, bases = [], []
    for seed in range(2):
        forge.train(
            "anomaly_detector", f"select {', '.join(columns)}, odd from public.bench_set", target="odd",
            test_size=0.4, seed=seed, family=family,
        )  # fmt: skip
        metrics = forge.metrics()
        values.append(metrics["roc_auc", "model"][0])
        bases.append(metrics["roc_auc", "largest deviation"][0])
    return float(np.mean(values)), float(np.mean(bases))


def sts_benchmark(forge: Forge, folder: Path) -> Lines:
    """Tuned on the training part, measured on the test part."""
    train, test = (_pairs(folder / f"sts-{name}.csv") for name in ("train", "test"))
    train = list(forge.some(train))
    rows = [(n, *pair) for n, pair in enumerate(train + test)]
    forge.table({"id": "int", "a": "text", "b": "text", "score": "float8"}, rows)
    made = forge.train(
        "embedder", "select a, b, score from public.bench_set order by id", split="time",
        test_size=len(test) / len(rows), epochs=1,
    )  # fmt: skip
    metrics = forge.metrics()
    return [
        own_figures(
            "embedder", "spearman", metrics["spearman", "model"], metrics["spearman", "base model"],
            metrics["spearman gain", "model - base model"], "all-MiniLM-L6-v2 as it comes, int8", 0.8203,
            "all-MiniLM-L6-v2 of MTEB", cpu_s=made["cpu_s"], learned=len(train), rows=len(test),
        )
    ]  # fmt: skip


def _pairs(file: Path) -> list[tuple[str, str, float]]:
    entries = [entry.split("\t") for entry in file.read_text(encoding="utf-8").splitlines()]
    return [(fields[5], fields[6], float(fields[4])) for fields in entries]


def own_figures(
    recipe: str, metric: str, ours: tuple[float, float, float], base: tuple[float, float, float],
    gain: tuple[float, float, float], baseline: str, listed: float | None, what: str, **more: object,
) -> dict[str, Any]:  # fmt: skip
    """Return a line from the recipe's own figures: value, lower and upper of each."""
    return line(recipe, metric, ours[0], _normal(ours), base[0], _normal(gain), baseline, listed, what, **more)


def _normal(measured: tuple[float, float, float]) -> Floats:
    """Draws of a normal with the quantiles of an interval."""
    value, lower, upper = measured
    steps = np.linspace(-1.96, 1.96, 2 * _RESAMPLES + 1)
    return np.where(steps < 0, value + steps / 1.96 * (value - lower), value + steps / 1.96 * (upper - value))
