"""Probabilities of subroutines."""

import math

import pytest

from datapunk.gaia.calibration import NONE, THRESHOLD
from datapunk.gaia.routing import fit, routes


def test_the_scores_are_probabilities_best_first() -> None:
    found = routes([("count", 0.6), ("top", 0.5), (NONE, 0.1)])
    assert [r.subroutine for r in found] == ["count", "top", NONE]
    assert sum(r.score for r in found) == pytest.approx(1.0, abs=1e-3)


def test_without_a_clear_winner_none_comes_first() -> None:
    found = routes([("count", 0.3), ("top", 0.3), ("when", 0.3), (NONE, 0.2)])
    assert found[0].subroutine == NONE
    assert found[0].score == pytest.approx(1 - found[1].score, abs=1e-3)
    assert found[1].score < THRESHOLD


def test_no_subroutine_at_all_is_none() -> None:
    assert [r.subroutine for r in routes([])] == [NONE]


def test_a_class_with_few_examples_is_heard() -> None:
    vectors = [[1.0, 0.02 * i, 0.0] for i in range(40)] + [[0.0, 0.0, 1.0], [0.1, 0.0, 1.0]]
    labels = ["many"] * 40 + ["few"] * 2
    unit = [[x / math.hypot(*v) for x in v] for v in vectors]
    scores = {
        c.subroutine: sum(w * x for w, x in zip(c.weights, [0.05, 0.0, 0.998], strict=True)) + c.bias
        for c in fit(labels, unit)
    }
    assert scores["few"] > scores["many"]
