import numpy as np
import pytest

from datapunk_forge.series.intervals import LEVELS, Past, quantile, reaches


def test_what_is_to_come_counts_as_one_more() -> None:
    scores, weights = np.arange(1.0, 10.0), np.ones(9)
    assert quantile(scores, weights, 0.5) == 5.0
    assert quantile(scores, weights, 0.8) == 8.0
    assert quantile(scores, weights, 0.95) == 9.0


def test_older_windows_count_less() -> None:
    scores, weights = np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 1.0, 0.5, 0.5])
    assert quantile(scores, weights, 0.5) == 2.0
    assert quantile(scores, np.ones(4), 0.5) == 3.0


def test_each_step_reaches_as_far_as_its_own_errors_do() -> None:
    random = np.random.default_rng(0)
    growing = np.linspace(1, 4, 8)
    past = [Past(scores=np.abs(random.normal(size=8)) * growing, age=n % 3) for n in range(900)]
    found = reaches(past, 8)
    fresh = np.abs(random.normal(size=(4000, 8))) * growing
    covered = (fresh[:, :, None] <= found).mean(axis=0)
    assert np.abs(covered - np.array(LEVELS)).max() < 0.06
    pooled = np.quantile(np.concatenate([window.scores for window in past]), 0.8)
    assert found[0, 1] < 0.6 * pooled < pooled < 0.9 * found[-1, 1]


def test_steps_with_few_errors_borrow_from_the_nearest() -> None:
    past = [Past(scores=np.arange(1.0, 31.0), age=0) for _ in range(40)]
    # Five steps around have 200 errors: from 2 below to 2 above.
    assert reaches(past, 30)[14].tolist() == [15.0, 17.0, 17.0, 17.0]


def test_too_few_errors_leave_the_normals_quantiles() -> None:
    assert reaches([Past(scores=np.full(5, 9.0), age=0)], 5)[0] == pytest.approx([0.674, 1.282, 1.645, 1.96], abs=1e-3)
