import numpy as np
import pytest

from datapunk_forge.evaluation import draws, mean_metric, share_metric


@pytest.mark.parametrize("hit", [1.0, 0.0])
def test_a_share_that_all_or_none_have_is_not_certain(hit: float) -> None:
    found = share_metric("accuracy", np.full(77, hit), 0)
    # Clopper and Pearson's bounds for 77 of 77, and for none.
    wanted = (0.9532, 1.0) if hit else (0.0, 0.0468)
    assert found.value == hit
    assert (found.lower, found.upper) == pytest.approx(wanted, abs=1e-4)


def test_other_shares_are_resampled() -> None:
    hits = np.array([1.0, 0.0, 1.0, 1.0])
    assert share_metric("accuracy", hits, 3) == mean_metric("accuracy", hits, 3)


def test_a_single_value_has_no_interval() -> None:
    found = mean_metric("mase", np.array([0.5]), 0)
    assert (found.value, found.lower, found.upper) == (0.5, None, None)


def test_blocks_stay_together() -> None:
    rows = next(draws(12, 0, block=4)).reshape(3, 4)
    assert ((rows[:, 1:] - rows[:, :-1]) % 12 == 1).all()


def test_steps_that_hang_together_tell_less_than_as_many_that_do_not() -> None:
    values = np.repeat(np.random.default_rng(0).normal(size=20), 5)
    alone, together = mean_metric("mase", values, 0), mean_metric("mase", values, 0, block=5)
    assert (together.upper or 0) - (together.lower or 0) > 1.5 * ((alone.upper or 0) - (alone.lower or 0))
