"""A model for each group: chosen by the group's value, one graph, and one model for the rest."""

import json
from typing import Any

import numpy as np
import pytest

from datapunk.errors import DatasetUnusable
from datapunk.forge.features import encode_row, read_features
from datapunk_forge import classifier, regressor
from datapunk_forge.export.estimator import run_graph
from datapunk_forge.serving import prepared
from datapunk_forge.trained import Trained
from unit.forge.tabular.tables import OPTIONS, dataset, embed, number, silent, text

ROWS = 900
RANDOM = np.random.default_rng(5)
X = RANDOM.normal(size=ROWS)
SHOP = np.array(["up", "down", "rare"])[RANDOM.choice(3, ROWS, p=[0.48, 0.48, 0.04])]
# What goes up in one shop goes down in the other: no single line says both.
Y = np.where(SHOP == "up", 2.0, -2.0) * X + 0.01 * RANDOM.normal(size=ROWS)
GROUPED = {**OPTIONS, "metric": "r2", "group": "shop", "group_models": True, "group_rows": 100}


def train(recipe: Any = regressor, target: Any = None, shop: Any = None, **options: Any) -> Trained:
    given = dataset(number("x", X), shop or text("shop", SHOP.tolist()), target or number("y", Y))
    trained: Trained = prepared(recipe.train(given, {**GROUPED, **options}, silent, embed))
    return trained


def answers(trained: Trained, *rows: dict[str, object]) -> Any:
    features = read_features(trained.signature)
    matrix = np.array([encode_row(features, row, lambda *_: []) for row in rows], dtype=np.float32)
    labels = trained.signature.get("labels", [])
    return run_graph(trained.artifacts["model.onnx"], matrix, len(labels))  # type: ignore[arg-type]


def test_each_group_is_answered_by_its_own_model() -> None:
    found = answers(train(), {"x": 1.0, "shop": "up"}, {"x": 1.0, "shop": "down"}, {"x": -1.0, "shop": "up"})
    assert found.ravel() == pytest.approx([2.0, -2.0, -2.0], abs=0.02)


def test_groups_that_are_small_unseen_or_missing_are_answered_by_the_model_of_all_rows() -> None:
    trained = train()
    assert set(trained.parameters["models_by_group"]) == {"up", "down"}  # type: ignore[call-overload]
    assert trained.parts is not None
    features = read_features(trained.signature)
    rows = [{"x": 1.0, "shop": "rare"}, {"x": 1.0, "shop": "new"}, {"x": 1.0}, {"x": 1.0, "shop": "up"}]
    matrix = np.array([encode_row(features, row, lambda *_: []) for row in rows], dtype=np.float32)
    other = run_graph(trained.parts.other, matrix, 0)
    found = answers(trained, *rows)
    assert found[:3] == pytest.approx(other[:3])
    assert abs(found[3, 0] - other[3, 0]) > 1


def test_one_row_and_many_rows_are_answered_alike() -> None:
    trained = train(family="boosting")
    rows = [{"x": float(x), "shop": s} for x, s in zip(X[:40], SHOP[:40], strict=True)]
    assert answers(trained, *rows) == pytest.approx(np.vstack([answers(trained, r) for r in rows]))


def test_it_is_measured_beside_one_model_for_all() -> None:
    figures = {(m.name, m.scored): m for m in train().metrics}
    assert figures["r2", "model"].value > 0.9
    gain = figures["mae gain", "one model for all groups - model"]
    assert (gain.lower or 0) > 0.5
    assert figures["mae", "one model for all groups"].value > 5 * figures["mae", "model"].value


@pytest.mark.parametrize("family", ["linear", "boosting"])
def test_a_classifier_has_models_by_group(family: str) -> None:
    trained = train(classifier, text("y", np.where(Y > 0, "more", "less").tolist()), family=family, metric="accuracy")
    found = answers(trained, {"x": 1.0, "shop": "up"}, {"x": 1.0, "shop": "down"}, {"x": 1.0, "shop": "new"})
    assert found.argmax(axis=1).tolist()[:2] == [1, 0]
    assert found.sum(axis=1) == pytest.approx([1.0, 1.0, 1.0])
    assert {m.scored for m in trained.metrics} >= {"one model for all groups"}


def test_numbers_can_name_groups() -> None:
    numbers = number("shop", np.where(SHOP == "up", 7, 12).astype(float), "int4")
    trained = train(shop=numbers)
    found = answers(trained, {"x": 1.0, "shop": 7}, {"x": 1.0, "shop": 12.0})
    assert found.ravel() == pytest.approx([2.0, -2.0], abs=0.02)


def test_a_group_without_a_label_has_no_model_of_its_own() -> None:
    labels = np.where((SHOP == "down") | (X > 0), "more", "less")
    trained = train(classifier, text("y", labels.tolist()), metric="accuracy")
    assert set(trained.parameters["models_by_group"]) == {"up"}  # type: ignore[call-overload]


def test_the_native_form_has_a_part_for_each_group() -> None:
    native = json.loads(train().artifacts["native.json"])
    assert (native["kind"], len(native["parts"]), native["codes"]) == ("parts", 2, [0.0, 1.0])
    assert native["other"]["kind"] == "linear"


def test_all_rows_are_learned_from_again_where_asked() -> None:
    trained = train(refit=True)
    assert answers(trained, {"x": 1.0, "shop": "up"}).ravel() == pytest.approx([2.0], abs=0.02)


def test_the_same_seed_gives_the_same_version() -> None:
    first, second = (train(family="auto") for _ in range(2))
    assert (first.metrics, first.artifacts) == (second.metrics, second.artifacts)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"split": "group"}, "did not see"),
        ({"group_rows": 5000}, "no group of 'shop'"),
        ({"group": "one"}, "one value"),
    ],
)
def test_groups_that_cannot_be_learned_are_refused(options: dict[str, Any], reason: str) -> None:
    given = dataset(number("x", X), text("shop", SHOP.tolist()), text("one", ["a"] * ROWS), number("y", Y))
    with pytest.raises(DatasetUnusable, match=reason):
        regressor.train(given, {**GROUPED, **options}, silent, embed)
