"""Categories with many values: what is learned of each, and that the graph says the same."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from datapunk.forge.features import read_features
from datapunk_forge import classifier, regressor
from datapunk_forge.export.estimator import run_graph
from datapunk_forge.serving import NATIVE, prepared
from datapunk_forge.tabular import encoding
from datapunk_forge.tabular.encoding import encode
from datapunk_forge.trained import Dataset, Trained
from unit.forge.tabular.tables import OPTIONS, dataset, embed, number, silent, text

RANDOM = np.random.default_rng(2)


def labelled(values: int, labels: int, rows: int) -> Dataset:
    """Shops that each go with one of the labels, but for one row in ten."""
    shop = np.arange(rows) % values
    label = RANDOM.integers(0, labels, values)[shop]
    label = np.where(RANDOM.random(rows) < 0.1, RANDOM.integers(0, labels, rows), label)
    return dataset(
        text("shop", [f"shop {s}" for s in shop]), number("x", RANDOM.normal(size=rows)),
        text("y", [f"label {n}" for n in label]),
    )  # fmt: skip


def train(data: Dataset, **options: object) -> Trained:
    return classifier.train(data, {**OPTIONS, **options}, silent, embed)


def figure(made: Trained, name: str) -> float:
    return next(m.value for m in made.metrics if m.name == name and m.scored == "model")


def checks(made: Trained) -> list[Mapping[str, Any]]:
    found: Any = made.parameters["checks"]
    return list(found)


@pytest.mark.parametrize("calibration", ["none", "sigmoid"])
@pytest.mark.parametrize("family", ["linear", "forest", "boosting"])
def test_with_three_labels_each_value_tells_what_it_goes_with(family: str, calibration: str) -> None:
    data = labelled(300, 3, 6000)
    made = train(data, family=family, calibration=calibration)
    assert figure(made, "accuracy") > 0.85
    held = made.held_out
    assert held is not None
    matrix = encode(data, read_features(made.signature), embed)[held.rows]
    assert np.abs(run_graph(made.artifacts["model.onnx"], matrix, 3) - held.predicted).max() < 1e-5
    assert checks(made) == []


def test_a_value_that_was_never_seen_is_like_all_of_them() -> None:
    made = train(labelled(60, 3, 1200))
    features = read_features(made.signature)
    rows = dataset(text("shop", ["nowhere", None]), number("x", [0.0, 0.0]))
    said = run_graph(made.artifacts["model.onnx"], encode(rows, features, embed), 3)
    assert np.abs(said - 1 / 3).max() < 0.25


def test_three_labels_have_a_native_form_that_explains() -> None:
    made = prepared(train(labelled(300, 3, 6000), family="boosting"))
    assert made.parameters["sql_form"] == "native"
    assert NATIVE in made.artifacts


def test_thousands_of_values_are_told_apart() -> None:
    shop = np.arange(24_000) % 3000
    value = RANDOM.normal(size=3000)[shop] + 0.2 * RANDOM.normal(size=24_000)
    given = dataset(text("shop", [f"shop {s}" for s in shop]), number("y", value))
    made = regressor.train(given, {**OPTIONS, "metric": "r2", "family": "boosting"}, silent, embed)
    assert figure(made, "r2") > 0.85
    assert checks(made) == []


def test_values_that_are_left_out_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "_MOST_VALUES", 50)
    (found,) = checks(train(labelled(60, 2, 1200)))
    assert (found["column"], found["problem"], found["action"]) == ("shop", "many values", "kept")
    assert "60 values" in found["reason"]
    assert "the 50 commonest" in found["reason"]


def test_the_more_labels_the_fewer_values() -> None:
    assert [encoding.most_values(labels) for labels in (0, 3, 20, 200)] == [20_000, 20_000, 10_000, 1000]


def test_a_rare_label_needs_no_row_in_each_fold() -> None:
    data = labelled(60, 2, 1200)
    rare = [*data.columns[2].values[:-3], "rare", "rare", "rare"]
    assert figure(train(dataset(*data.columns[:2], text("y", rare))), "accuracy") > 0.7
