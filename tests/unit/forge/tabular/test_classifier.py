import json

import numpy as np
import pytest
from sklearn.tree import DecisionTreeClassifier

from datapunk.errors import DatasetUnusable
from datapunk.forge.features import read_features
from datapunk_forge import classifier
from datapunk_forge.export.estimator import run_graph
from datapunk_forge.serving import prepared
from datapunk_forge.tabular.encoding import encode
from datapunk_forge.tabular.families import pipeline
from datapunk_forge.trained import Trained
from unit.forge.tabular.tables import OPTIONS, dataset, embed, features, number, silent, text

COLUMNS, VALUE = features()
MIDDLE = float(np.median(VALUE))
TWO = text("y", np.where(VALUE > MIDDLE, "high", "low").tolist())
THREE = text("y", np.array(["low", "mid", "high"])[np.digitize(VALUE, np.quantile(VALUE, (0.33, 0.66)))].tolist())


def train(target: object = TWO, **options: object) -> Trained:
    return classifier.train(dataset(*COLUMNS, target), {**OPTIONS, **options}, silent, embed)  # type: ignore[arg-type]


def figures(trained: Trained) -> dict[tuple[str, str], float]:
    return {(m.name, m.scored): m.value for m in trained.metrics}


@pytest.mark.parametrize("target", [TWO, THREE], ids=["two labels", "three labels"])
@pytest.mark.parametrize("calibration", ["none", "sigmoid"])
@pytest.mark.parametrize("family", ["linear", "tree", "forest", "extra_trees", "boosting"])
def test_each_family_is_exported_as_it_predicts(family: str, calibration: str, target: object) -> None:
    trained = train(target, family=family, calibration=calibration)
    held = trained.held_out
    assert held is not None
    matrix = encode(dataset(*COLUMNS), read_features(trained.signature), embed)[held.rows]
    served = run_graph(trained.artifacts["model.onnx"], matrix, len(trained.signature["labels"]))  # type: ignore[arg-type]
    assert np.abs(served - held.predicted).max() < 1e-5
    found = figures(trained)
    assert found["accuracy", "model"] > found["accuracy", "majority"] + 0.2


def test_the_gain_over_the_majority_has_an_interval() -> None:
    gain = next(m for m in train().metrics if m.name == "accuracy gain")
    assert gain.lower is not None
    assert 0 < gain.lower < gain.value < (gain.upper or 0)


def test_the_same_seed_gives_the_same_version() -> None:
    first, second = (train(family="forest") for _ in range(2))
    assert first.metrics == second.metrics
    assert first.artifacts == second.artifacts


def test_a_tree_is_that_of_scikit_learn() -> None:
    trained = train(family="tree")
    held = trained.held_out
    assert held is not None
    given = read_features(trained.signature)
    matrix = encode(dataset(*COLUMNS), given, embed)
    learned = np.setdiff1d(np.arange(len(VALUE)), held.rows)
    truth = (VALUE <= MIDDLE).astype(int)
    grown = pipeline(
        "forest", given, labels=2, parameters={"trees": 1, "min_leaf": 7, "max_features": 1.0}, options={},
        rows=len(learned), rarest=200, seed=0,
    )  # fmt: skip
    grown.steps[-1] = ("tree", DecisionTreeClassifier(min_samples_leaf=7, random_state=0))
    grown.fit(matrix[learned], truth[learned])
    # Which of two columns that split alike is taken is left to chance.
    alike = grown.predict(matrix[held.rows]) == held.predicted.argmax(axis=1)
    assert alike.mean() > 0.9
    assert train(family="tree", trials=3).parameters["family_parameters"].keys() == {"min_leaf"}  # type: ignore[attr-defined]


def test_auto_compares_the_families_by_cross_validation() -> None:
    tried = train(family="auto").parameters["tried"]
    assert isinstance(tried, list)
    assert [t["family"] for t in tried] == ["linear", "forest", "extra_trees", "boosting"]
    assert all(t["folds"] == 3 and t["standard_error"] is not None for t in tried)


def test_a_search_tries_what_it_is_told_to() -> None:
    trained = train(trials=4)
    tried = trained.parameters["tried"]
    assert isinstance(tried, list)
    assert len(tried) == 4
    best = max((t for t in tried if not t.get("pruned")), key=lambda t: t["score"])
    assert trained.parameters["family_parameters"] == best["parameters"]


def test_boosting_stops_early_and_shows_its_loss() -> None:
    columns, value = features(2000)
    target = text("y", np.where(value > 1, "high", "low").tolist())
    options = {**OPTIONS, "family": "boosting", "early_stop": True}
    trained = classifier.train(dataset(*columns, target), options, silent, embed)
    loss = json.loads(trained.artifacts["plots.json"])["loss"]
    assert 10 < len(loss["validation"]) < 201


def test_a_later_share_is_held_out_by_time() -> None:
    trained = train(time="at", split="time")
    held = trained.held_out
    assert held is not None
    at = next(c for c in COLUMNS if c.name == "at").values
    others = np.setdiff1d(np.arange(len(at)), held.rows)
    assert at[held.rows].min() >= at[others].max()


def test_a_group_is_on_one_side_only() -> None:
    trained = train(group="shop")
    held = trained.held_out
    assert held is not None
    shop = np.array(next(c for c in COLUMNS if c.name == "shop").values)
    others = np.setdiff1d(np.arange(len(shop)), held.rows)
    assert not set(shop[held.rows]) & set(shop[others])
    assert "shop" not in [f["name"] for f in trained.signature["features"]]  # type: ignore[attr-defined]


def test_rare_values_weigh_more_when_balanced() -> None:
    high = float(np.quantile(VALUE, 0.93))
    target = text("y", np.where(high < VALUE, "rare", "common").tolist())
    plain, balanced = train(target), train(target, balanced=True)
    held = balanced.held_out
    assert held is not None
    assert plain.held_out is not None
    assert held.predicted[:, 1].mean() > plain.held_out.predicted[:, 1].mean()


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (["same"] * len(VALUE), "distinct values"),
        ([None] * len(VALUE), "distinct values"),
        (["once"] + ["often", "too"] * ((len(VALUE) - 1) // 2) + ["too"], "occurs once"),
        ([str(i) for i in range(len(VALUE))], "distinct values"),
    ],
)
def test_a_target_that_cannot_be_learned_is_refused(values: list[str | None], reason: str) -> None:
    with pytest.raises(DatasetUnusable, match=reason):
        train(text("y", values))


def test_a_copy_of_the_target_ends_the_training() -> None:
    copy = text("answer", [f"is {v}" for v in TWO.values])
    with pytest.raises(DatasetUnusable, match=r"'answer'.*target 'y'"):
        classifier.train(dataset(*COLUMNS, copy, TWO), OPTIONS, silent, embed)


def test_useless_columns_are_dropped_and_reported() -> None:
    columns = (
        *COLUMNS, number("id", np.random.default_rng(0).permutation(len(VALUE)), "int4"), number("zero", VALUE * 0),
        text("token", [f"t{i}" for i in range(len(VALUE))]),
        number("order_id", np.arange(len(VALUE)) * 3.0, "int8"), TWO,
    )  # fmt: skip
    trained = classifier.train(dataset(*columns), OPTIONS, silent, embed)
    checks = {c["column"]: c["problem"] for c in trained.parameters["checks"]}  # type: ignore[attr-defined]
    assert checks == {"id": "identifier", "zero": "constant", "token": "identifier", "order_id": "identifier"}


def test_drift_of_what_it_predicts_is_held_to_the_held_out_rows() -> None:
    trained = prepared(train())
    profile = trained.signature["prediction"]
    assert trained.held_out is not None
    share = float(np.mean(trained.held_out.predicted.argmax(axis=1) == 0))
    labels = trained.signature["labels"]
    expected = {labels[0]: pytest.approx(share), labels[1]: pytest.approx(1 - share)}  # type: ignore[index]
    assert profile == {"missing": 0.0, "other": 0.0, "shares": expected}
