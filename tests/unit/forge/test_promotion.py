"""A candidate and an incumbent on the same rows."""

from typing import Any

import numpy as np
import pytest

from datapunk_forge.promotion import Incumbent, compared, gate, paired
from datapunk_forge.trained import Column, Dataset, HeldOut, Trained
from tabular_models import COMPILED, numeric_rows

TARGET = {"name": "y", "type": "text"}


def dataset(rows: Any) -> Dataset:
    columns = [
        Column(name=f"x{i + 1}", type="float8", kind="number", values=rows[:, i].astype(float)) for i in range(4)
    ]
    return Dataset(columns=tuple(columns), row_count=len(rows), fingerprint="f", read_at="now")


def candidate(truth: Any, predicted: Any, labels: list[str] | None = None) -> Trained:
    return Trained(
        metrics=(), primary_metric="accuracy", parameters={},
        signature={"target": TARGET, "labels": labels or ["no", "yes"]},
        held_out=HeldOut(rows=np.arange(100, 300), truth=truth, predicted=predicted),
    )  # fmt: skip


def incumbent(kind: str = "linear_classifier") -> Incumbent:
    model = COMPILED[kind]()
    return Incumbent(version_id=7, signature={**model.signature, "target": TARGET}, graph=model.graph)


def perfect(truth: Any) -> Any:
    return np.stack([1 - truth, truth], axis=1)


def rows_and_truth() -> tuple[Any, Any]:
    rows, value = numeric_rows(300, 4, seed=11)
    return rows, (value[100:] > 0).astype(float)


def test_a_perfect_candidate_passes_every_gate() -> None:
    rows, truth = rows_and_truth()
    found = compared(
        candidate(truth, perfect(truth)), dataset(rows), incumbent(), {"gate": "confident"}, lambda *_: rows
    )
    assert found is not None
    assert (found.candidate, found.row_count, found.passed) == (1.0, 200, True)
    assert 0.6 < found.incumbent < 1.0
    assert found.lower > 0


def test_the_incumbents_score_is_its_own_on_those_rows() -> None:
    rows, truth = rows_and_truth()
    found = compared(candidate(truth, perfect(truth)), dataset(rows), incumbent(), {}, lambda *_: rows)
    pipeline = COMPILED["linear_classifier"]().pipeline
    assert found is not None
    assert found.incumbent == pytest.approx(float(np.mean(pipeline.predict(rows[100:300]) == truth)))


def test_a_worse_candidate_does_not_pass() -> None:
    rows, truth = rows_and_truth()
    found = compared(candidate(truth, perfect(1 - truth)), dataset(rows), incumbent(), {}, lambda *_: rows)
    assert found is not None
    assert not found.passed
    assert "does not pass" in found.reason


def test_labels_are_matched_by_name() -> None:
    rows, truth = rows_and_truth()
    swapped = candidate(1 - truth, perfect(1 - truth), ["yes", "no"])
    first = compared(candidate(truth, perfect(truth)), dataset(rows), incumbent(), {}, lambda *_: rows)
    second = compared(swapped, dataset(rows), incumbent(), {}, lambda *_: rows)
    assert first is not None
    assert second is not None
    assert first.incumbent == second.incumbent


def test_what_cannot_be_compared_is_not() -> None:
    rows, truth = rows_and_truth()
    other = Incumbent(version_id=7, signature={"kind": "tabular", "target": {"name": "z"}, "features": []}, graph=b"")
    assert compared(candidate(truth, perfect(truth)), dataset(rows), other, {}, lambda *_: rows) is None


@pytest.mark.parametrize(
    ("rule", "interval", "passed"),
    [("better", (-0.1, 0.3), True), ("confident", (-0.1, 0.3), False), ("confident", (0.05, 0.3), True),
     ("not_worse", (-0.4, 0.05), True), ("not_worse", (-0.4, -0.1), False)],
)  # fmt: skip
def test_the_gate_looks_at_the_interval(rule: str, interval: tuple[float, float], passed: bool) -> None:
    assert gate({"gate": rule}, sum(interval) / 2, *interval)[0] is passed


@pytest.mark.parametrize("metric", ["accuracy", "log_likelihood", "macro_f1", "roc_auc"])
def test_equal_predictions_gain_nothing(metric: str) -> None:
    truth = np.arange(50) % 2.0
    probabilities = np.stack([1 - 0.6 * truth, 0.6 * truth], axis=1)
    ours, theirs, gains = paired(metric, truth, probabilities, probabilities, 0)
    assert ours == theirs
    assert not gains.any()


def test_r2_is_that_of_its_definition() -> None:
    truth = np.array([1.0, 2, 3, 4])
    ours, _, _ = paired("r2", truth, truth[:, None] + 0.5, truth[:, None], 0)
    assert ours == pytest.approx(1 - 4 * 0.25 / 5.0)
