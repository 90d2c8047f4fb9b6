from dataclasses import replace

import numpy as np
import onnxruntime
import pytest

from datapunk.errors import DatasetUnusable
from datapunk.forge.features import read_features
from datapunk_forge import regressor
from datapunk_forge.export.estimator import run_graph
from datapunk_forge.serving import prepared
from datapunk_forge.tabular.encoding import encode
from datapunk_forge.trained import Column, Trained
from unit.forge.tabular.tables import OPTIONS, dataset, embed, features, number, silent, text

COLUMNS, VALUE = features()


def train(*more: Column, target: Column | None = None, **options: object) -> Trained:
    given = {**OPTIONS, "metric": "r2", **options}
    return regressor.train(dataset(*COLUMNS, *more, target or number("y", VALUE)), given, silent, embed)


@pytest.mark.parametrize("family", ["linear", "tree", "forest", "extra_trees", "boosting"])
def test_each_family_is_exported_as_it_predicts(family: str) -> None:
    trained = train(family=family)
    held = trained.held_out
    assert held is not None
    matrix = encode(dataset(*COLUMNS), read_features(trained.signature), embed)[held.rows]
    served = run_graph(trained.artifacts["model.onnx"], matrix, 0)
    assert np.abs(served - held.predicted).max() < 1e-4
    r2 = next(m for m in trained.metrics if m.name == "r2" and m.scored == "model")
    assert r2.lower is not None
    assert 0.5 < r2.lower < r2.value


def test_mean_and_median_are_scored_on_the_same_rows() -> None:
    found = {(m.name, m.scored): m for m in train().metrics}
    assert found["r2", "mean"].value <= 0
    assert found["mae", "model"].value < found["mae", "median"].value
    gain = found["mae gain", "median - model"]
    assert gain.value == pytest.approx(found["mae", "median"].value - found["mae", "model"].value)
    assert (gain.lower or 0) > 0


def test_a_refit_learns_from_all_rows_and_keeps_the_figures() -> None:
    plain, again = train(), train(refit=True)
    assert plain.metrics == again.metrics
    assert plain.artifacts["model.onnx"] != again.artifacts["model.onnx"]


def test_rows_without_a_value_are_skipped() -> None:
    gaps = VALUE.copy()
    gaps[:50] = np.nan
    trained = train(target=number("y", gaps))
    assert trained.parameters["rows_skipped"] == 50


def test_what_is_the_target_but_for_its_unit_ends_the_training() -> None:
    with pytest.raises(DatasetUnusable, match="'cents'"):
        train(number("cents", VALUE * 100 + 7))
    checks = train(number("cents", VALUE * 100 + 7), leakage="drop").parameters["checks"]
    assert [(c["column"], c["action"]) for c in checks] == [("cents", "dropped")]  # type: ignore[attr-defined]


def test_a_text_is_no_number() -> None:
    with pytest.raises(DatasetUnusable, match="not a number"):
        train(target=text("y", ["1"] * len(VALUE)))


def test_drift_of_what_it_predicts_is_held_to_the_held_out_rows() -> None:
    profile = prepared(train()).signature["prediction"]
    assert isinstance(profile, dict)
    assert len(profile["edges"]) == 9
    assert profile["shares"] == pytest.approx([0.1] * 10, abs=0.05)


def test_an_edge_of_predictions_lies_between_two_of_them() -> None:
    values = np.array([2.0] * 50 + [5.0] * 30 + [6.0] * 20)
    trained = replace(train(), held_out=None, said=values)
    profile = prepared(trained).signature["prediction"]
    # Deciles are 2, 5 and 6; whatever is above the largest has a bin of its own.
    assert profile == {"missing": 0.0, "edges": [3.5, 5.5, pytest.approx(6.000006)], "shares": [0.5, 0.3, 0.2, 0.0]}


def test_a_row_asked_alone_has_the_bin_that_it_had_among_others() -> None:
    """A product of one row is summed in another order than that of many: the two differ in their last bit."""
    random = np.random.default_rng(0)
    rows = np.arange(1200)
    a, b = rows % 3 * 1.0, rows % 4 * 1.0
    given = dataset(number("a", a), number("b", b), number("y", a / 7 + b + 0.1 * random.normal(size=1200)))
    trained = regressor.train(given, {**OPTIONS, "metric": "r2", "family": "linear"}, silent, embed)
    assert trained.held_out is not None
    profile = prepared(trained).signature["prediction"]
    assert isinstance(profile, dict)
    matrix = encode(given, read_features(trained.signature), embed)[trained.held_out.rows]
    threads = onnxruntime.SessionOptions()
    threads.intra_op_num_threads = 2
    session = onnxruntime.InferenceSession(trained.artifacts["model.onnx"], threads)
    alone = [float(session.run(["value"], {"features": row[None]})[0][0, 0]) for row in matrix]
    bins = np.searchsorted(profile["edges"], alone, side="left")
    shares = np.bincount(bins, minlength=len(profile["shares"])) / len(alone)
    assert shares.tolist() == pytest.approx(profile["shares"])
