"""Probabilities of subroutines."""

import math

import pytest

from datapunk.gaia.calibration import NONE, THRESHOLD
from datapunk.gaia.routing import Fitted, fit, parts, routes, terms


def test_the_scores_are_probabilities_best_first() -> None:
    found = routes([("count", 6.0), ("top", 4.0), (NONE, 1.0)])
    assert [r.subroutine for r in found] == ["count", "top", NONE]
    assert sum(r.score for r in found) == pytest.approx(1.0, abs=1e-3)


def test_without_a_clear_winner_none_comes_first() -> None:
    found = routes([("count", 3.0), ("top", 3.0), ("when", 3.0), (NONE, 1.0)])
    assert found[0].subroutine == NONE
    assert found[0].score == pytest.approx(1 - found[1].score, abs=1e-3)
    assert found[1].score < THRESHOLD


def test_no_subroutine_at_all_is_none() -> None:
    assert [r.subroutine for r in routes([])] == [NONE]


def test_years_and_numbers_are_terms_of_their_kind() -> None:
    assert terms("Compare 2023 to 7?") == [
        "compare", "#year", "to", "#", "?", "^ compare", "compare #year", "#year to", "to #", "# ?", "? $"
    ]  # fmt: skip


def scored(fitted: Fitted, vector: list[float], text: str) -> dict[str, float]:
    """The scores as SQL computes them."""
    found = [t for t in fitted.terms if t.text in terms(text)]
    length = math.sqrt(sum(t.idf**2 for t in found)) or 1.0
    return {
        c.subroutine: sum(w * x for w, x in zip(c.weights, vector, strict=True)) + c.bias
        + sum(t.weights[i] for t in found) / length
        for i, c in enumerate(fitted.classes)
    }  # fmt: skip


def test_a_class_with_few_examples_is_heard() -> None:
    vectors = [[1.0, 0.02 * i, 0.0] for i in range(40)] + [[0.0, 0.0, 1.0], [0.1, 0.0, 1.0]]
    unit = [[x / math.hypot(*v) for x in v] for v in vectors]
    fitted = fit(["many"] * 40 + ["few"] * 2, [f"text {i}" for i in range(42)], unit)
    scores = scored(fitted, [0.05, 0.0, 0.998], "another")
    assert scores["few"] > scores["many"]


def test_wording_tells_apart_what_means_the_same() -> None:
    texts = [
        "compare the cats",
        "compare the dogs",
        "compare my birds",
        "count the cats",
        "count the dogs",
        "count my birds",
    ]
    fitted = fit(["compare"] * 3 + ["count"] * 3, texts, [[1.0, 0.0]] * 6)
    scores = scored(fitted, [1.0, 0.0], "compare the fish")
    assert scores["compare"] > scores["count"] + 1


def test_more_examples_than_features_give_the_same_scores() -> None:
    """Both ways of solving ridge regression agree: with 9 features, for 8 and for 16 rows of the same content."""
    vectors = [[math.cos(i), math.sin(i), math.cos(3 * i)] for i in range(40)]
    labels = ["a" if v[0] > 0 else "b" for v in vectors]
    fitted = fit(labels, [f"x{chr(97 + i % 26)}" * 3 for i in range(40)], vectors)
    right = [
        max(s := scored(fitted, v, ""), key=s.__getitem__) == label for v, label in zip(vectors, labels, strict=True)
    ]
    assert sum(right) >= 38


def test_what_has_low_scores_for_every_class_is_none() -> None:
    logits = [("count", -3.0), ("top", -9.0)]
    assert routes(logits, 0.0)[0].subroutine == "count"
    assert routes(logits, 0.0, floor=-1.0)[0].subroutine == NONE


def test_runs_of_letters_survive_a_slip() -> None:
    assert set(parts("mails")) & set(parts("mials"))
    assert parts("ab") == ["~<ab", "~ab>"]


def test_what_is_less_alike_than_the_floor_is_none_however_sure_the_logits_are() -> None:
    logits, near = [("fish", 9.0), ("trains", 1.0), ("none", 0.0)], {"fish": 2.0, "trains": 5.0}
    declined = routes(logits, 0.0, 12.0, near)
    assert declined[0].subroutine == "none"
    assert {route.subroutine: route.likeness for route in declined} == {"fish": -1.0, "trains": -6.0, "none": None}
    assert routes(logits, 0.0, 10.0, near)[0].subroutine == "fish"


def test_what_comes_behind_none_stays_in_its_order() -> None:
    logits = [("apples", 1.0), ("bread", 1.5), ("cheese", 2.0)]
    declined = routes(logits, 0.0, floor=9.0)
    assert [route.subroutine for route in declined] == ["none", "cheese", "bread", "apples"]
