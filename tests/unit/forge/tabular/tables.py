"""A small table of every kind of column, and an embedder that counts letters."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datapunk_forge.trained import Column, Dataset

ROWS = 600
OPTIONS: Mapping[str, object] = {
    "target": "y", "embedder": "letters", "test_size": 0.25, "folds": 3, "trials": 0, "seed": 0, "family": "linear",
    "metric": "accuracy", "leakage": "error", "refit": False, "early_stop": True, "search_rows": 20000,
    "timeout": 600, "cpus": 1,
}  # fmt: skip


def embed(texts: Sequence[str], model: str) -> NDArray[np.float32]:
    return np.array([[t.count(c) for c in "abdfgo"] for t in texts], dtype=np.float32) / 10


def silent(share: float, stage: str, **figures: float) -> None:
    assert 0 <= share <= 1


def number(name: str, values: Any, type_name: str = "float8") -> Column:
    return Column(name=name, type=type_name, kind="number", values=np.asarray(values, dtype=float))


def text(name: str, values: Sequence[str | None]) -> Column:
    return Column(name=name, type="text", kind="text", values=list(values))


def dataset(*columns: Column) -> Dataset:
    return Dataset(
        columns=columns, row_count=len(columns[0].values), fingerprint="f", read_at="2026-01-01T00:00:00+00:00"
    )


def features(rows: int = ROWS) -> tuple[tuple[Column, ...], NDArray[np.float64]]:
    """Columns of every kind, with gaps, and a number that depends on all of them but `paid`."""
    random = np.random.default_rng(1)
    size = random.normal(size=rows)
    size[random.random(rows) < 0.1] = np.nan
    city: list[str | None] = random.choice(["Bern", "Basel", "Chur"], rows).tolist()
    city[3] = None
    shop = [f"shop {i}" for i in random.integers(0, 40, rows)]
    at = 1.7e9 + random.random(rows) * 3e7
    taste = random.normal(size=(rows, 3)).astype(np.float32)
    note = [" ".join(random.choice(["good", "bad", "fine", "awful", "coffee"], 5)) for _ in range(rows)]
    columns = (
        number("size", size), text("city", city), text("shop", shop),
        Column(name="at", type="timestamptz", kind="time", values=at),
        Column(name="taste", type="vector", kind="vector", values=taste),
        number("paid", random.random(rows) < 0.5, "bool"), text("note", note),
    )  # fmt: skip
    value = (
        np.nan_to_num(size) + 1.5 * np.array([c == "Bern" for c in city]) + taste[:, 0]
        + np.array([n.count("good") for n in note]) + 0.2 * random.normal(size=rows)
    )  # fmt: skip
    return columns, value
