"""Anomalies, names in texts, and pairs of sentences: what these recipes measure themselves, or forge_score."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bench.recipe_forge import Floats, Forge, line

Lines = list[dict[str, Any]]
_RESAMPLES = 500


def anom_adbench(forge: Forge, folder: Path) -> Lines:
    """Fitted on 60 %, measured on the other 40 %; two splits of each set. What is chosen unasked has no list."""
    listed: dict[str, tuple[float, float]] = {
        "cardio": (0.924, 0.737), "musk": (0.999, 0.804), "satimage-2": (0.993, 0.955), "satellite": (0.701, 0.685),
        "optdigits": (0.714, 0.377), "letter": (0.619, 0.875),
    }  # fmt: skip
    found = []
    for path in sorted((folder / "npz").glob("*.npz")):
        name = path.stem.split("_")[-1].lower()
        if name not in listed:
            continue
        with np.load(path) as arrays:
            x, y = arrays["X"], arrays["y"]
        names = [f"x{n}" for n in range(x.shape[1])]
        forge.table(
            {"id": "int", **dict.fromkeys(names, "float8"), "odd": "text"},
            [(n, *row.tolist(), "odd" if truth else "normal") for n, (row, truth) in enumerate(zip(x, y, strict=True))],
        )
        for family, figure, what in (
            ("auto", None, None),
            ("isolation_forest", listed[name][0], "isolation forest of PyOD, mean of ten splits"),
            ("knn", listed[name][1], "k nearest neighbours of PyOD, mean of ten splits"),
        ):
            found.append(_unusual(forge, name, names, family, figure, what))
    return found


def _unusual(
    forge: Forge, name: str, columns: Sequence[str], family: str, listed: float | None, listed_is: str | None
) -> dict[str, Any]:
    values, bases, errors, gains, used = [], [], [], [], 0.0
    for seed in range(2):
        made = forge.train(
            "anomaly_detector", f"select {', '.join(columns)}, odd from public.bench_set", target="odd",
            test_size=0.4, seed=seed, family=family,
        )  # fmt: skip
        used += made["cpu_s"]
        metrics = forge.metrics()
        value, lower, upper = metrics["roc_auc", "model"]
        values.append(value)
        errors.append((upper - lower) / 3.92)
        bases.append(metrics["roc_auc", "largest deviation"][0])
        gains.append(metrics["roc_auc gain", "model - largest deviation"])
    value, error = float(np.mean(values)), float(np.mean(errors))
    gain = np.mean(gains, axis=0)
    return {
        "recipe": f"anomaly_detector, family {family}", "metric": f"roc_auc, {name}",
        "ours": round(value, 4), "standard_error": round(error, 4), "listed": listed, "listed_is": listed_is,
        "reached": None if listed is None else value >= listed - max(0.01 * listed, error),
        "baseline": round(float(np.mean(bases)), 4), "baseline_is": "largest deviation of a column",
        "gain_interval": [round(float(g), 4) for g in gain[1:]], "above_baseline": bool(gain[1] > 0),
        "cpu_s": round(used, 1),
    }  # fmt: skip


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
