"""Pictures are SVG, the same for the same figures, and drawn only of what there is."""

import json
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from datapunk_forge.pictures import pictures
from datapunk_forge.serving import prepared
from datapunk_forge.trained import Trained
from tabular_models import COMPILED, numeric_rows

PLOTS: dict[str, Any] = {
    "loss": {"train": [3.0, 2.0, 1.5], "validation": [3.1, 2.5, 2.4]},
    "calibration": [[0.55, 0.5, 20], [0.9, 0.85, 200]],
    "confusion": [[50, 3], [7, 40]],
    "residuals": {"truth": [1.0, 2.0], "predicted": [1.5, 1.5], "edges": [], "counts": []},
    "importance": {"x1": 0.2, "x2": -0.01},
    "dependence": {"x1": [[-1.0, 0.2], [0.0, 0.4], [1.0, 0.9]]},
    "scores": {"edges": [0.0, 1.0, 2.0], "counts": [90, 2]},
    "projection": [[0.0, 1.0, 0], [2.0, 0.5, 1], [2.1, 0.4, 1]],
    "coverage": [[0.5, 0.52], [0.8, 0.79]],
    "horizon": {"model": [0.5, 0.9], "seasonal_naive": [0.7, 1.1]},
    "search": {"10": 0.4, "100": 0.45},
}
SIGNATURE = {"labels": ["no <&>", "yes"], "threshold": 1.5}


@pytest.mark.parametrize("kind", sorted(PLOTS))
def test_each_kind_is_well_formed_and_reproducible(kind: str) -> None:
    drawn = pictures({kind: PLOTS[kind]}, SIGNATURE)
    assert list(drawn) == [kind]
    assert ET.fromstring(drawn[kind]).tag.endswith("svg")
    assert pictures({kind: PLOTS[kind]}, SIGNATURE) == drawn


def test_what_there_is_no_figure_of_is_not_drawn() -> None:
    assert pictures({"loss": {}, "nonsense": [1]}, SIGNATURE) == {}


def test_a_training_is_prepared_with_native_form_and_dependence() -> None:
    model = COMPILED["linear_regressor"]()
    features = [replace_profile(f) for f in model.signature["features"]]
    rows = numeric_rows(50, 4)[0]
    trained = Trained(
        metrics=(), primary_metric="r2", parameters={}, signature={**model.signature, "features": features},
        artifacts={"model.onnx": model.graph, "background.f4": rows.astype("<f4").tobytes(), "plots.json": b"{}"},
    )  # fmt: skip
    found = prepared(trained)
    assert found.parameters["sql_form"] == "native"
    curve = json.loads(found.artifacts["plots.json"])["dependence"]["x1"]
    slope = (curve[-1][1] - curve[0][1]) / (curve[-1][0] - curve[0][0])
    coefficient = model.pipeline[-1].coef_[0] / model.pipeline[1].scale_[0]
    assert slope == pytest.approx(coefficient, rel=1e-3)
    assert "plot_dependence.svg" in found.artifacts
    assert prepared(replace(trained, artifacts={"model.onnx": model.graph})).artifacts == {"model.onnx": model.graph}


def test_what_has_no_table_of_features_has_its_pictures_too() -> None:
    losses = json.dumps({"loss": {"train": [2.0, 1.0]}}).encode()
    trained = Trained(
        metrics=(), primary_metric="f1", parameters={}, signature={"kind": "entities"}, artifacts={"plots.json": losses}
    )
    assert set(prepared(trained).artifacts) == {"plots.json", "plot_loss.svg"}


def replace_profile(feature: dict[str, Any]) -> dict[str, Any]:
    return {**feature, "profile": {"missing": 0.0, "edges": [-1.0, 0.0, 1.0], "shares": [0.25] * 4}}
