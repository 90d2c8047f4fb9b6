"""Training and asking through the public SQL functions, and figures with their intervals, for the recipes' table."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import psycopg
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Row = TypeVar("Row")
_RESAMPLES = 2000
MODEL = "bench_recipe"


@dataclass(frozen=True, kw_only=True)
class Forge:
    """A user's connection; tables of a set are public ones, made by `root`.

    `scale` is the share of the rows to learn from where a set takes long.
    """

    root: psycopg.Connection[Any]
    user: psycopg.Connection[Any]
    scale: float = 1.0

    def some(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Return the share of rows to learn from, evenly taken."""
        return rows[:: max(round(1 / self.scale), 1)]

    def table(self, types: Mapping[str, str], rows: Iterator[Sequence[object]] | Sequence[Sequence[object]]) -> None:
        """Make public.bench_set anew."""
        self.root.execute("drop table if exists public.bench_set")
        self.root.execute(f"create table public.bench_set ({', '.join(f'{n} {t}' for n, t in types.items())})")
        with self.root.cursor() as cursor, cursor.copy("copy public.bench_set from stdin") as copy:
            for row in rows:
                copy.write_row(row)
        self.root.execute("analyze public.bench_set")
        self.root.execute("grant select on public.bench_set to public")

    def train(self, recipe: str, query: str, **options: object) -> dict[str, Any]:
        """Train, wait; return the version's parameters and what the training used. Raises RuntimeError."""
        self.user.execute("select api.forge_drop(model) from api.models where model = %s", (MODEL,))
        given = json.dumps({"deploy": "always", **options})
        job = self.one("select api.forge_train(%s, %s, %s, %s)", MODEL, recipe, query, given)
        status, error = self.rows("select status, error from api.forge_wait(%s)", job)[0]
        if status != "succeeded":
            raise RuntimeError(f"{recipe}: {status}: {error}")
        cpu, memory = self.rows("select cpu_s, peak_memory_mb from api.runs where job_id = %s", job)[0]
        parameters = self.one("select parameters from api.model_versions where model = %s", MODEL)
        return {**parameters, "cpu_s": round(float(cpu), 1), "memory_mb": round(float(memory))}

    def metrics(self) -> dict[tuple[str, str], tuple[float, float, float]]:
        """Return value and interval by name and by what was scored."""
        found = self.rows("select metric, scored, value, lower, upper from api.metrics where model = %s", MODEL)
        return {(name, scored): (value, lower, upper) for name, scored, value, lower, upper in found}

    def score(self, query: str) -> dict[str, tuple[float | None, str | None, float | None]]:
        """Return value, label and probability by key."""
        found = self.rows("select key, value, label, probability from api.forge_score(%s, %s)", MODEL, query)
        return {key: (value, label, probability) for key, value, label, probability in found}

    def rows(self, statement: str, *given: object) -> list[Any]:
        """Return the rows of a statement."""
        return self.user.execute(statement, given).fetchall()  # type: ignore[call-overload,no-any-return]

    def one(self, statement: str, *given: object) -> Any:
        """Return the only value of a statement."""
        ((value,),) = self.rows(statement, *given)
        return value


def figure(
    recipe: str, metric: str, ours: Floats, base: Floats, baseline: str, listed: float | Floats | None, listed_is: str,
    *, higher: bool = True, **more: object,
) -> dict[str, Any]:  # fmt: skip
    """Return a line of the table from a figure a row (a text, a subject, a series) and the baseline's on the same row.

    `reached` says whether ours is within 1 % or one standard error of the listed figure, or better. Where that was
    measured on the same rows, the standard error is that of the difference.
    """
    random = np.random.default_rng(0)
    picks = random.integers(0, len(ours), (_RESAMPLES, len(ours)))
    means, gains = ours[picks].mean(axis=1), (ours - base)[picks].mean(axis=1) * (1 if higher else -1)
    slack = None
    if isinstance(listed, np.ndarray):
        slack = float((ours - listed)[picks].mean(axis=1).std(ddof=1))
        listed = round(float(listed.mean()), 4)
    return line(
        recipe, metric, float(ours.mean()), means, float(base.mean()), gains, baseline, listed, listed_is,
        higher=higher, slack=slack, rows=len(ours), **more,
    )  # fmt: skip


def line(
    recipe: str, metric: str, value: float, draws: Floats, base: float, gains: Floats, baseline: str,
    listed: float | None, listed_is: str, *, higher: bool = True, slack: float | None = None, **more: object,
) -> dict[str, Any]:  # fmt: skip
    """Return a line of the table from resampled values and gains (more than 0: better than the baseline).

    `slack` is the standard error of the difference to the listed figure; else that of the value.
    """
    error = float(draws.std(ddof=1))
    lower, upper = (round(float(q), 4) for q in np.quantile(draws, (0.025, 0.975)))
    gain_lower, gain_upper = (round(float(q), 4) for q in np.quantile(gains, (0.025, 0.975)))
    reached = None
    if listed is not None:
        allowed = max(0.01 * abs(listed), error if slack is None else slack)
        reached = value >= listed - allowed if higher else value <= listed + allowed
    return {
        "recipe": recipe, "metric": metric, "ours": round(value, 4), "interval": [lower, upper],
        "standard_error": round(error, 4), "listed": listed, "listed_is": listed_is, "reached": reached,
        "baseline": round(base, 4), "baseline_is": baseline, "gain_interval": [gain_lower, gain_upper],
        "above_baseline": gain_lower > 0, **more,
    }  # fmt: skip
