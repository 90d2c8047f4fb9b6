"""What is masked is learned from with its mask and measured without: as it comes to be predicted."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from datapunk.forge.features import read_features
from datapunk_forge import anomaly_detector, classifier, clusterer, router, text_classifier
from datapunk_forge.export.estimator import run_graph
from datapunk_forge.export.session import open_session
from datapunk_forge.personal import protect
from datapunk_forge.tabular.encoding import encode
from datapunk_forge.trained import Column, Dataset
from unit.forge.tabular.tables import OPTIONS, dataset, embed, number, silent, text

RANDOM = np.random.default_rng(0)
LABELS = RANDOM.choice(["high", "low"], 400).tolist()
WORDS = {"high": "good food and more of that", "low": "bad loaf and less of it all"}
NOTES = [f"{WORDS[y]} {'dad' * (n % 3)} {n}: bob{n % 7}@badfood.org" for n, y in enumerate(LABELS)]
CONTACTS = [(["form", "shop"] if y == "high" else ["ann@example.org", "ben@example.org"])[n % 2] for n, y in
            enumerate(LABELS)]  # fmt: skip


def masked(*columns: Column) -> Dataset:
    return protect(dataset(*columns, text("y", LABELS)), {"pii": "mask", "target": "y"})[0]


def test_a_value_with_a_mask_is_one_that_the_model_does_not_know() -> None:
    given = masked(text("contact", CONTACTS))
    trained = classifier.train(given, {**OPTIONS, "leakage": "keep"}, silent, embed)
    (feature,) = read_features(trained.signature)
    assert set(feature.values) == set(feature.profile["shares"]) == {"form", "shop"}
    assert feature.profile["other"] == pytest.approx(0.5, abs=0.1)
    assert trained.held_out is not None
    matrix = encode(given.as_given(), [feature], embed)[trained.held_out.rows]
    served = run_graph(trained.artifacts["model.onnx"], matrix, 2)
    np.testing.assert_allclose(served, trained.held_out.predicted, atol=1e-5)
    assert {m.value for m in trained.metrics if m.name == "accuracy" and m.scored == "model"} == {1.0}


def test_a_column_of_nothing_but_personal_data_is_no_feature() -> None:
    given = masked(text("mail", [f"ann{n % 9}@example.org" for n in range(400)]), number("n", RANDOM.normal(size=400)))
    checks: Any = classifier.train(given, OPTIONS, silent, embed).parameters["checks"]
    assert [(c["column"], c["problem"], c["action"]) for c in checks] == [("mail", "personal data", "dropped")]


def without_raw(given: Dataset) -> Dataset:
    """The same dataset, of which nobody knows how it came."""
    return replace(given, columns=tuple(replace(c, given=None) for c in given.columns))


def test_texts_of_a_table_are_measured_as_they_come() -> None:
    given = masked(text("note", NOTES))
    trained = classifier.train(given, OPTIONS, silent, embed)
    assert trained.held_out is not None
    matrix = encode(given.as_given(), read_features(trained.signature), embed)[trained.held_out.rows]
    served = run_graph(trained.artifacts["model.onnx"], matrix, 2)
    np.testing.assert_allclose(served, trained.held_out.predicted, atol=1e-5)


@pytest.mark.parametrize(
    ("recipe", "options"),
    [
        (classifier, {"refit": True}), (text_classifier, {"text": "note", "split": "random"}),
        (anomaly_detector, {"target": None, "exclude": ["y"], "family": "isolation_forest", "contamination": 0.1}),
        (clusterer, {"target": None, "exclude": ["y"], "k": 3}),
    ],
)  # fmt: skip
def test_masks_are_learned_from_and_not_measured_with(recipe: Any, options: dict[str, Any]) -> None:
    given = masked(text("note", NOTES))
    known, unknown = (
        recipe.train(rows, {**OPTIONS, "split": "random", **options}, silent, embed)
        for rows in (given, without_raw(given))
    )
    graphs = [run_first(trained.artifacts["model.onnx"], trained.signature) for trained in (known, unknown)]
    np.testing.assert_allclose(*graphs, atol=1e-6)
    measured = [
        t.held_out.predicted.tolist() if t.held_out else [(m.name, m.value) for m in t.metrics]
        for t in (known, unknown)
    ]
    assert measured[0] != measured[1]


def run_first(graph: bytes, signature: Any) -> Any:
    """What a graph makes of a text, whose embedding comes first and whose terms are padded."""
    session = open_session(graph)
    width = session.get_inputs()[0].shape[1]
    row = np.full((1, width), -1.0, dtype=np.float32)
    row[0, :6] = embed([NOTES[0]], "letters")[0]
    return session.run([str(signature["output"])], {session.get_inputs()[0].name: row})[0]


def test_a_router_is_measured_by_questions_as_they_come() -> None:
    given = masked(text("note", NOTES))
    options = {**OPTIONS, "text": "note", "split": "random"}
    known, unknown = (router.train(rows, options, silent, embed).held_out for rows in (given, without_raw(given)))
    assert known is not None
    assert unknown is not None
    assert known.predicted.tolist() != unknown.predicted.tolist()
