import numpy as np
import pytest

from datapunk_forge.tabular import measures
from datapunk_forge.tabular.measures import classification_metrics, r2, rank_metrics, roc_auc
from datapunk_forge.trained import Metric


def test_the_interval_of_r2_over_many_rows_is_that_of_resampling() -> None:
    random = np.random.default_rng(0)
    truth = random.normal(size=6000) ** 3
    predicted = truth + random.standard_t(5, size=6000)
    found = r2(truth, predicted, 0)
    draws = []
    for _ in range(400):
        rows = random.integers(0, 6000, 6000)
        draws.append(r2(truth[rows], predicted[rows], 0).value)
    lower, upper = np.quantile(draws, (0.025, 0.975))
    assert found.lower == pytest.approx(lower, abs=0.15 * (upper - lower))
    assert found.upper == pytest.approx(upper, abs=0.15 * (upper - lower))


def test_r2_by_hand() -> None:
    assert r2(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 4.0]), 0).value == pytest.approx(0.5)


def test_one_row_of_a_label_gives_an_area_without_an_interval() -> None:
    truth, scores = np.array([0, 0, 0, 1]), np.array([0.1, 0.2, 0.6, 0.5])
    found = roc_auc(truth, scores)
    assert (found.value, found.lower, found.upper) == (pytest.approx(2 / 3), None, None)
    gain = rank_metrics(truth, scores, scores[::-1].copy(), "roc_auc", 0)[2]
    assert (gain.lower, gain.upper) == (None, None)


def test_rows_that_are_all_in_place_are_not_certain() -> None:
    found = roc_auc(np.repeat([0, 1], [50, 10]), np.arange(60.0))
    assert (found.value, found.upper) == (1.0, 1.0)
    assert found.lower == pytest.approx(0.025**0.1)


def figures(rows: int, seed: int = 0) -> dict[tuple[str, str], Metric]:
    random = np.random.default_rng(seed)
    yes = random.uniform(0.05, 0.95, rows)
    truth = (random.random(rows) < yes).astype(np.int64)
    found = classification_metrics(truth, np.stack([1 - yes, yes], axis=1), np.array([0.6, 0.4]), 0)
    return {(m.name, m.scored): m for m in found}


def test_probabilities_have_intervals_and_stand_beside_the_majority() -> None:
    found = figures(400)
    for name in ("accuracy", "macro_f1", "log_loss", "brier", "calibration_error"):
        for scored in ("model", "majority"):
            metric = found[name, scored]
            assert metric.lower is not None
            assert metric.upper is not None
            assert metric.lower <= metric.value <= metric.upper
    assert found["roc_auc", "majority"].value == 0.5
    # 0.6 for the one and 0.4 for the other label, whatever the row.
    truth = found["accuracy", "majority"].value
    assert found["calibration_error", "majority"].value == pytest.approx(abs(0.6 - truth))
    assert found["brier", "majority"].value == pytest.approx(2 * (truth * 0.16 + (1 - truth) * 0.36))


def test_the_interval_of_the_calibration_error_holds_what_it_is_of_many_rows() -> None:
    # These probabilities are true, so that all of the error of few rows is chance.
    held = [figures(300, seed)["calibration_error", "model"] for seed in range(20)]
    whole = figures(100_000)["calibration_error", "model"].value
    assert sum((m.lower or 0) <= whole <= (m.upper or 0) for m in held) >= 18
    assert all((m.upper or 0) > (m.lower or 0) for m in held)


def test_all_rows_right_is_not_certain() -> None:
    truth = np.arange(77) % 2
    found = classification_metrics(truth, np.eye(2)[truth], np.array([0.5, 0.5]), 0)[0]
    assert (found.name, found.value, found.upper) == ("accuracy", 1.0, 1.0)
    assert found.lower == pytest.approx(0.9532, abs=1e-4)


def test_the_interval_of_the_calibration_error_is_the_same_by_resampling(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = np.random.default_rng(1).random(6000)
    truth = (np.random.default_rng(2).random(6000) < 0.9 * chance).astype(np.int64)
    probabilities = np.stack([1 - chance, chance], axis=1)
    by_limit = measures._calibration(truth, probabilities, 0)
    monkeypatch.setattr(measures, "_MANY", 10**9)
    resampled = measures._calibration(truth, probabilities, 0)
    assert by_limit.lower == pytest.approx(resampled.lower, abs=1e-3)
    assert by_limit.upper == pytest.approx(resampled.upper, abs=1e-3)
