import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnxruntime
import pytest

from datapunk.errors import DatasetUnusable, TrainingFailed
from datapunk.forge.explaining import Explainer, Learned
from datapunk.forge.features import Feature, encode_row, read_features
from datapunk.forge.predict import Served
from datapunk_forge import clusterer
from datapunk_forge.serving import prepared
from datapunk_forge.trained import Dataset, Trained
from unit.forge.tabular.tables import dataset, embed, number, silent, text

OPTIONS: dict[str, object] = {"embedder": "letters", "seed": 0, "family": "kmeans", "test_size": 0.2}


def people() -> Dataset:
    """Three groups: young and in Bern, old and in Chur, and one between them in Basel."""
    random = np.random.default_rng(0)
    group = np.arange(300) % 3
    age = np.array([20, 50, 80])[group] + random.normal(size=300)
    steps = np.array([9000, 5000, 1000])[group] + 200 * random.normal(size=300)
    city = np.array(["Bern", "Basel", "Chur"])[group].tolist()
    return dataset(number("age", age), number("steps", steps), text("city", city))


def train(given: Dataset, **options: object) -> Trained:
    return clusterer.train(given, {**OPTIONS, **options}, silent, embed)


def label(trained: Trained, **given: object) -> str:
    row = encode_row(read_features(trained.signature), given, lambda texts, model: embed(texts, model).tolist())
    session = onnxruntime.InferenceSession(trained.artifacts["model.onnx"])
    distances = session.run(["distances"], {"features": np.array([row], dtype=np.float32)})[0]
    return str(trained.signature["labels"][int(distances.argmin())])  # type: ignore[index]


@pytest.mark.parametrize("family", ["kmeans", "hdbscan"])
def test_groups_are_found_and_told_in_words(family: str) -> None:
    trained = train(people(), family=family)
    clusters = {c["label"]: c for c in trained.signature["clusters"]}  # type: ignore[attr-defined]
    assert [c["size"] for c in clusters.values()] == [100, 100, 100]
    young = clusters[label(trained, age=21, steps=9000, city="Bern")]
    assert "low age" in young["description"]
    assert "city Bern (100% against 33%)" in young["description"]


def test_drift_of_clusters_is_held_to_those_of_the_held_out_rows() -> None:
    trained = train(people())
    profile = prepared(trained).signature["prediction"]
    assert trained.said is not None
    # A fifth of 300 rows.
    assert len(trained.said) == 60
    shares = {label: list(trained.said).count(label) / 60 for label in ("cluster 1", "cluster 2", "cluster 3")}
    assert profile == {"missing": 0.0, "shares": shares, "other": 0.0}
    assert min(shares.values()) > 0.2


def test_more_structure_than_in_shuffled_columns() -> None:
    gain = next(m for m in train(people()).metrics if m.name == "silhouette gain")
    assert (gain.lower or 0) > 0


def test_the_number_of_clusters_can_be_given() -> None:
    assert train(people(), k=5).parameters["clusters"] == 5
    assert train(people()).parameters["clusters"] == 3


def test_points_in_two_dimensions_keep_groups_apart() -> None:
    points = np.array(json.loads(train(people()).artifacts["plots.json"])["projection"])
    centres = np.array([points[points[:, 2] == c, :2].mean(axis=0) for c in range(3)])
    spread = max(points[points[:, 2] == c, :2].std() for c in range(3))
    assert np.linalg.norm(centres[0] - centres[1]) > 2 * spread


def test_one_column_is_enough() -> None:
    trained = train(dataset(people().columns[0]))
    assert trained.parameters["clusters"] == 3
    assert {y for _, y, _ in json.loads(trained.artifacts["plots.json"])["projection"]} == {0.0}


def test_texts_are_told_by_their_words() -> None:
    random = np.random.default_rng(0)
    words = (["aabbaa", "abab", "bbaabb"], ["foggo", "gofog", "oggof"])
    notes = [" ".join(random.choice(words[n % 2], 5)) for n in range(120)]
    clusters = train(dataset(text("note", notes)), k=2).signature["clusters"]
    told = sorted(str(c["description"]) for c in clusters)  # type: ignore[attr-defined]
    assert "abab" in told[0] + told[1]
    assert ("abab" in told[0]) != ("abab" in told[1])


def test_too_few_rows_and_no_groups_are_refused() -> None:
    with pytest.raises(DatasetUnusable, match="3 rows"):
        train(dataset(number("a", [1, 2, 4]), number("b", [1, 5, 4])))
    with pytest.raises(TrainingFailed, match="clusters"):
        train(people(), family="hdbscan", min_size=250)
    few = dataset(*(c.take(np.arange(25)) for c in people().columns))
    assert train(few, k=20).parameters["clusters"] == 20
    with pytest.raises(DatasetUnusable, match="21 clusters are asked for of 20 rows"):
        train(few, k=21)


def test_a_cluster_is_explained_by_the_distance_to_it() -> None:
    trained = train(people())
    session = onnxruntime.InferenceSession(trained.artifacts["model.onnx"])

    class Here:
        """Runs the graph in this process, as the model host would."""

        def predict(self, model_sha: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
            (found,) = session.run(["distances"], {k: np.array(v, dtype=np.float32) for k, v in inputs.items()})
            return {"distances": found.tolist()}

        def embed(self, texts: Sequence[str], model: str) -> list[bytes]:
            raise AssertionError("people have no language")

    explainer = Explainer(
        client=Here(), sha256="", samples=20, seed=0,
        served=Served(owner_id="o", version_id=1, version=1, recipe="clusterer", signature=dict(trained.signature)),
        learned=Learned.read(None, trained.artifacts["background.f4"], int(str(trained.signature["width"]))),
    )  # fmt: skip
    given = {"age": 21, "steps": 9000, "city": "Bern"}
    labels: list[str] = trained.signature["labels"]  # type: ignore[assignment]
    nearest = label(trained, **given)
    found, same = (sum(c for *_, c in explainer.explain(given, name)) for name in (None, nearest))
    others = [sum(c for *_, c in explainer.explain(given, name)) for name in labels if name != nearest]
    assert found == pytest.approx(same)
    assert 0 <= found < min(others)


def test_a_group_of_the_rows_without_a_value_is_told_by_that() -> None:
    random = np.random.default_rng(0)
    without = np.arange(300) % 10 == 0
    x1 = np.where(without, np.nan, random.normal(size=300))
    place = [None if gone else "Bern" for gone in without]
    told = [
        clusterer._telling_gaps(dataset(column), feature, np.flatnonzero(without))
        for column in (number("x1", x1), text("x1", place))
        for feature in [Feature(name="x1", kind="number", type="float8", column=0, width=1)]
    ]
    assert [text for found in told for _, text in found] == ["x1 missing (100% against 10%)"] * 2
    trained = train(dataset(number("x1", x1), number("gone", without * 9.0)), k=2)
    words = [c["description"] for c in trained.signature["clusters"] if c["size"] == 30]  # type: ignore[attr-defined]
    assert len(words) == 1
    assert "x1 missing (100% against 10%)" in words[0]
