import numpy as np
import pytest

from datapunk_forge.tabular.measures import r2


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
