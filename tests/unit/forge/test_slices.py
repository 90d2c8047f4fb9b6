"""Figures by slice, worked out by hand; the rates are fairlearn's."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from datapunk.errors import DatasetUnusable, InvalidArgument
from datapunk_forge import classifier
from datapunk_forge.codec import decode, encode
from datapunk_forge.slices import MIN_ROWS, cell_rates, sliced, slices_of
from datapunk_forge.trained import HeldOut, Slice, Trained
from unit.forge.tabular.tables import OPTIONS, dataset, embed, features, number, silent, text

# 20 women: 10 good, of whom 8 are found, and 10 not, of whom 1 is taken for one; 10 men: 5 good, 2 found, none taken.
GROUPS = ["w"] * 20 + ["m"] * 10
TRUTH = [1] * 10 + [0] * 10 + [1] * 5 + [0] * 5
FOUND = [1] * 8 + [0] * 2 + [1] + [0] * 9 + [1] * 2 + [0] * 3 + [0] * 5


def trained(**more: Any) -> Trained:
    held = HeldOut(rows=np.arange(30), truth=np.array(TRUTH, dtype=float), predicted=np.eye(2)[FOUND])
    return Trained(
        metrics=(), primary_metric="accuracy", parameters={}, signature={"labels": ["no", "yes"]}, held_out=held, **more
    )


def report(model: Trained, *columns: Any, **options: Any) -> dict[tuple[str, str, str], Slice]:
    found = sliced(model, dataset(*columns), {"seed": 0, **options}).slices
    return {(s.slice, s.measure, s.metric): s for s in found}


def test_rates_of_two_groups_and_how_far_they_are_apart() -> None:
    found = report(trained(), text("sex", GROUPS), sensitive=["sex"])
    expected = {
        ("w", "value", "accuracy"): 17 / 20, ("m", "value", "accuracy"): 7 / 10,
        ("w", "value", "selection_rate"): 9 / 20, ("m", "value", "selection_rate"): 2 / 10,
        ("w", "value", "true_positive_rate"): 0.8, ("m", "value", "true_positive_rate"): 0.4,
        ("w", "value", "false_positive_rate"): 0.1, ("m", "value", "false_positive_rate"): 0.0,
        ("", "difference", "selection_rate"): 0.25, ("", "ratio", "selection_rate"): 0.2 / 0.45,
        ("", "difference", "true_positive_rate"): 0.4, ("", "ratio", "false_positive_rate"): 0.0,
    }  # fmt: skip
    assert {key: found[key].value for key in expected} == pytest.approx(expected)
    assert all(s.sensitive and s.attribute == "sex" for s in found.values())
    assert (found["w", "value", "accuracy"].rows, found["", "difference", "accuracy"].rows) == (20, 30)


def test_the_rates_that_are_resampled_are_those_of_fairlearn() -> None:
    from fairlearn.metrics import MetricFrame, false_positive_rate, selection_rate, true_positive_rate

    random = np.random.default_rng(3)
    truth, chosen, group = (random.integers(0, n, 500) for n in (2, 2, 3))
    counts = np.bincount(((group * 2 + (truth == chosen)) * 2 + truth) * 2 + chosen, minlength=24)
    ours = cell_rates(counts.reshape(3, 2, 2, 2).astype(float))
    named = {
        "selection_rate": selection_rate, "true_positive_rate": true_positive_rate,
        "false_positive_rate": false_positive_rate,
    }  # fmt: skip
    frame = MetricFrame(metrics=named, y_true=truth, y_pred=chosen, sensitive_features=group)
    for name in named:
        assert ours[name] == pytest.approx(frame.by_group[name].to_numpy())


def test_an_interval_holds_the_figure_and_is_that_of_a_share() -> None:
    found = report(trained(), text("sex", GROUPS), sensitive=["sex"])["w", "value", "accuracy"]
    half = 1.96 * (0.85 * 0.15 / 20) ** 0.5
    assert (found.lower, found.upper) == pytest.approx((0.85 - half, min(0.85 + half, 1.0)), abs=0.03)
    assert found == report(trained(), text("sex", GROUPS), sensitive=["sex"])["w", "value", "accuracy"]


def test_a_group_of_few_rows_has_figures_and_is_not_compared() -> None:
    assert MIN_ROWS == 10
    few = ["x"] * 9 + ["w"] * 11 + ["m"] * 10
    found = report(trained(), text("sex", few), slices=["sex"])
    assert found["x", "value", "accuracy"].rows == 9
    assert found["", "difference", "accuracy"].rows == 21
    assert not found["x", "value", "accuracy"].sensitive


def test_a_rate_of_no_rows_is_left_out() -> None:
    only = ["good" if t else "bad" for t in TRUTH]
    found = report(trained(), text("kind", only), slices=["kind"])
    assert ("bad", "value", "true_positive_rate") not in found
    assert found["good", "value", "true_positive_rate"].value == pytest.approx(10 / 15)
    assert ("", "difference", "true_positive_rate") not in found


def test_the_favourable_label_is_chosen() -> None:
    found = report(trained(), text("sex", GROUPS), sensitive=["sex"], favourable="no")
    assert found["w", "value", "selection_rate"].value == pytest.approx(11 / 20)
    with pytest.raises(InvalidArgument, match="maybe"):
        report(trained(), text("sex", GROUPS), sensitive=["sex"], favourable="maybe")


def test_of_many_labels_there_is_accuracy_alone_unless_one_is_favourable() -> None:
    model = replace(trained(), signature={"labels": ["a", "b", "c"]})
    assert {k[2] for k in report(model, text("sex", GROUPS), sensitive=["sex"])} == {"accuracy"}
    assert ("w", "value", "selection_rate") in report(model, text("sex", GROUPS), sensitive=["sex"], favourable="b")


def test_a_regressor_has_mean_errors() -> None:
    truth = np.arange(30, dtype=float)
    held = HeldOut(rows=np.arange(30), truth=truth, predicted=(truth + np.repeat([1.0, -2.0], [20, 10]))[:, None])
    model = Trained(metrics=(), primary_metric="r2", parameters={}, signature={}, held_out=held)
    found = report(model, text("sex", GROUPS), sensitive=["sex"])
    assert found["w", "value", "mean_error"].value == 1.0
    assert (found["m", "value", "mean_error"].value, found["m", "value", "mae"].value) == (-2.0, 2.0)
    assert (found["", "difference", "mean_error"].value, found["", "ratio", "mae"].value) == (3.0, 0.5)
    assert ("", "ratio", "mean_error") not in found


def test_numbers_are_cut_at_their_quartiles_and_gaps_are_a_slice() -> None:
    values = [float(n) for n in range(12)] + [float("nan")]
    names, numbers = slices_of(number("age", values), np.arange(13))
    assert names == ["up to 2.75", "2.75 to 5.5", "5.5 to 8.25", "above 8.25", "(missing)"]
    assert np.bincount(numbers).tolist() == [3, 3, 3, 3, 1]


def test_of_many_values_the_most_common_are_slices() -> None:
    values = [f"v{n}" for n in range(25)] + ["v7", None]
    names, numbers = slices_of(text("city", values), np.arange(27))
    assert (names[0], names[-1], len(names)) == ("v7", "(other)", 21)
    assert np.bincount(numbers)[[0, -1]].tolist() == [2, 6]


def test_what_is_sensitive_is_measured_and_not_learned_from() -> None:
    columns, value = features()
    target = text("y", np.where(value > 0, "high", "low").tolist())
    options = {**OPTIONS, "sensitive": ["city"], "slices": ["size"]}
    given = dataset(*columns, target)
    made = sliced(classifier.train(given, options, silent, embed), given, options)
    assert "city" not in [f["name"] for f in made.signature["features"]]  # type: ignore[attr-defined]
    assert "size" in [f["name"] for f in made.signature["features"]]  # type: ignore[attr-defined]
    assert {(s.attribute, s.sensitive) for s in made.slices} == {("city", True), ("size", False)}
    assert decode(encode(made)).slices == made.slices


def test_an_unknown_column_is_named() -> None:
    with pytest.raises(DatasetUnusable, match="nix"):
        report(trained(), text("sex", GROUPS), slices=["nix"])
