"""The native form of a graph is kept where it says what the graph says, as far as float32 does."""

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from datapunk_forge.export.native import NotNative
from datapunk_forge.export.native_reader import native_form
from tabular_models import numeric_rows, to_graph

WIDTH = 20
ESTIMATORS: dict[str, Any] = {
    "linear": lambda: make_pipeline(SimpleImputer(), StandardScaler(), Ridge()),
    "forest": lambda: _over(RandomForestRegressor(30, min_samples_leaf=5, random_state=0)),
    "boosting": lambda: _over(HistGradientBoostingRegressor(max_iter=50, random_state=0)),
}


def _over(model: Any) -> Any:
    return make_pipeline(make_column_transformer(("passthrough", list(range(WIDTH)))), model)


def graph_and_rows(kind: str, scale: float) -> tuple[bytes, Any]:
    rows, value = numeric_rows(1500, WIDTH)
    return to_graph(ESTIMATORS[kind]().fit(rows, value * scale), WIDTH), rows[:200]


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3, 1e6])
@pytest.mark.parametrize("kind", sorted(ESTIMATORS))
def test_a_sound_form_is_kept_whatever_the_targets_unit(kind: str, scale: float) -> None:
    graph, rows = graph_and_rows(kind, scale)
    assert native_form(graph, "value", rows).inputs


def changed(graph: bytes, operator: str, attribute: str, place: int, factor: float) -> bytes:
    """The graph with one number of an attribute multiplied: the form is read from what it was."""
    model = onnx.load_from_string(graph)
    (node,) = [n for n in model.graph.node if n.op_type == operator]
    (old,) = [a for a in node.attribute if a.name == attribute]
    numbers = list(helper.get_attribute_value(old))
    numbers[place] = numbers[place] * factor if factor else float(np.float32(numbers[place] + 0.5))
    node.attribute.remove(old)
    node.attribute.append(helper.make_attribute(attribute, numbers))
    content: bytes = model.SerializeToString()
    return content


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
@pytest.mark.parametrize(
    ("kind", "operator", "attribute", "factor"),
    [
        ("linear", "LinearRegressor", "coefficients", 1.0001),
        ("forest", "TreeEnsembleRegressor", "nodes_values", 0.0),
        ("boosting", "TreeEnsembleRegressor", "nodes_values", 0.0),
    ],
)
def test_a_form_with_one_wrong_number_is_refused(
    kind: str, operator: str, attribute: str, factor: float, scale: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph, rows = graph_and_rows(kind, scale)
    other = onnx.load_from_string(changed(graph, operator, attribute, 0, factor))
    monkeypatch.setattr(onnx, "load_from_string", lambda _: other)
    with pytest.raises(NotNative, match="differs"):
        native_form(graph, "value", rows)
