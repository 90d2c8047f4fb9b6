import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray

from datapunk.errors import DatasetUnusable
from datapunk.forge.explaining import Explainer, Learned
from datapunk.forge.features import encode_row, read_features
from datapunk.forge.predict import Served
from datapunk_forge import anomaly_detector
from datapunk_forge.detectors import DETECTORS
from datapunk_forge.serving import prepared
from datapunk_forge.trained import Column, Dataset, Trained
from unit.forge.tabular.tables import dataset, embed, number, silent, text

OPTIONS: dict[str, object] = {
    "embedder": "letters", "test_size": 0.25, "seed": 0, "family": "auto", "contamination": 0.06,
}  # fmt: skip


ONE = {"name": "x", "kind": "number", "type": "float8", "column": 0, "width": 1}


def train(given: Dataset, **options: object) -> Trained:
    return anomaly_detector.train(given, {**OPTIONS, **options}, silent, embed)


def points(*more: Column) -> Dataset:
    """A cloud in which x and y rise together, with a few points far away."""
    random = np.random.default_rng(0)
    x = random.normal(size=800)
    y = x + 0.1 * random.normal(size=800)
    x[::40] += 8 * np.sign(random.normal(size=20))
    kind = ["odd" if n % 40 == 0 else "normal" for n in range(800)]
    city = random.choice(["Bern", "Basel"], 800).tolist()
    return dataset(number("x", x), number("y", y), text("city", city), text("kind", kind), *more)


def score(trained: Trained, **given: object) -> float:
    def one_by_one(texts: list[str], model: str) -> list[list[float]]:
        return embed(texts, model).tolist()

    row = encode_row(read_features(trained.signature), given, one_by_one)  # type: ignore[arg-type]
    session = onnxruntime.InferenceSession(trained.artifacts["model.onnx"])
    found: NDArray[np.float32] = session.run(["score"], {"features": np.array([row], dtype=np.float32)})[0]
    return float(found[0, 0])


@pytest.mark.parametrize("family", ["auto", "isolation_forest", "ecod", "knn", "lof"])
def test_what_is_far_away_scores_high(family: str) -> None:
    trained = train(points(), family=family, target="kind")
    threshold = float(str(trained.signature["threshold"]))
    assert score(trained, x=0.0, y=0.0, city="Bern") < threshold < score(trained, x=9.0, y=0.0, city="Bern")
    found = {(m.name, m.scored): m.value for m in trained.metrics}
    assert found["roc_auc", "model"] > 0.9
    assert ("roc_auc", "largest deviation") in found


def test_one_known_anomaly_is_enough() -> None:
    kind = ["odd", *["normal"] * 799]
    trained = train(dataset(*points().columns[:2], text("kind", kind)), target="kind")
    # On whichever side it is, rows that are shuffled tell as well.
    assert trained.primary_metric in ("roc_auc", "roc_auc_shuffled")


def test_the_outlier_factor_of_a_row_is_that_worked_out_by_hand() -> None:
    # On a grid with steps of 1 all rows are alike; far outside, the distances decide.
    x = np.arange(30, dtype=float)
    learned, expected = DETECTORS["lof"](x[:, None].astype(np.float32), read_features({"features": [ONE]}), 0)
    step = 1 / x.std()
    rows = np.array([[15.0], [49.0]], dtype=np.float32)
    # Of 49 the 20 nearest are 29 to 10: 20 to 39 steps away, none of them reaching as far itself.
    reach = np.arange(20, 40) * step
    from sklearn.neighbors import LocalOutlierFactor

    density = LocalOutlierFactor(20).fit((x * step)[:, None])._lrd[::-1][:20]
    assert anomaly_detector._run(learned, rows)[1] == pytest.approx(density.mean() * reach.mean(), rel=1e-5)
    assert anomaly_detector._run(learned, rows) == pytest.approx(expected(rows), rel=1e-5)


def test_the_distance_to_the_fifth_nearest_row_is_that_worked_out_by_hand() -> None:
    x = np.arange(30, dtype=float)
    graph, expected = DETECTORS["knn"](x[:, None].astype(np.float32), read_features({"features": [ONE]}), 0)
    rows = np.array([[49.0], [14.5]], dtype=np.float32)
    # Of 49 they are 29 to 25; of 14.5 two are half a step away, two one and a half, two two and a half.
    wanted = np.array([24.0, 2.5]) / x.std()
    assert anomaly_detector._run(graph, rows) == pytest.approx(wanted, rel=1e-5)
    assert expected(rows) == pytest.approx(wanted)


def test_of_many_rows_some_are_the_neighbours() -> None:
    matrix = np.random.default_rng(0).normal(size=(5000, 3)).astype(np.float32)
    three = [{**ONE, "name": name, "column": number} for number, name in enumerate("xyz")]
    for family in ("knn", "ensemble"):
        graph, expected = DETECTORS[family](matrix, read_features({"features": three}), 0)
        assert len(graph) < 2_000_000
        assert anomaly_detector._run(graph, matrix[:50]) == pytest.approx(expected(matrix[:50]), abs=1e-3)


def test_the_ensemble_is_the_largest_of_its_views_in_their_standard_deviations() -> None:
    matrix = np.random.default_rng(0).normal(size=(400, 2)).astype(np.float32)
    two = read_features({"features": [ONE, {**ONE, "name": "y", "column": 1}]})
    rows = np.array([[0.0, 0.0], [4.0, -4.0], [1.0, 2.0]], dtype=np.float32)
    parts = []
    for family in ("isolation_forest", "ecod", "knn"):
        graph, expected = DETECTORS[family](matrix, two, 0)
        scores = expected(matrix)
        if family == "knn":
            # Of the row's neighbours the first is the row itself.
            gaps = np.sort(np.linalg.norm((matrix[:, None] - matrix) / matrix.std(axis=0), axis=2), axis=1)
            scores = gaps[:, 5]
        parts.append((anomaly_detector._run(graph, rows) - scores.mean()) / scores.std())
    forest, tails, distances = parts
    graph, _ = DETECTORS["ensemble"](matrix, two, 0)
    largest = np.max([forest, distances, (forest + tails) / 2], axis=0)
    assert anomaly_detector._run(graph, rows) == pytest.approx(largest, abs=1e-3)


def test_the_ensemble_sees_what_each_of_its_parts_is_blind_to() -> None:
    random = np.random.default_rng(0)
    angle = random.uniform(0, 2 * np.pi, 400)
    ring = np.stack([np.cos(angle), np.sin(angle)], axis=1) + 0.02 * random.normal(size=(400, 2))
    two = read_features({"features": [ONE, {**ONE, "name": "y", "column": 1}]})
    graph, _ = DETECTORS["ensemble"](ring.astype(np.float32), two, 0)
    usual = np.quantile(anomaly_detector._run(graph, ring.astype(np.float32)), 0.99)
    # In the middle of everything, and beside it.
    assert (anomaly_detector._run(graph, np.array([[0, 0], [3, 0]], dtype=np.float32)) > usual).all()


@pytest.mark.parametrize("family", ["auto", "isolation_forest", "lof"])
def test_a_score_is_explained_by_what_is_unusual(family: str) -> None:
    trained = prepared(train(points(), family=family, target="kind"))
    explainer = Explainer(
        client=Here(trained.artifacts["model.onnx"]), sha256="", samples=20, seed=0,
        served=Served(
            owner_id="o", version_id=1, version=1, recipe="anomaly_detector", signature=dict(trained.signature)
        ),
        learned=Learned.read(None, trained.artifacts["background.f4"], int(str(trained.signature["width"]))),
    )  # fmt: skip
    given = {"x": 9.0, "y": 0.0, "city": "Bern"}
    found = {name: value for name, _, value in explainer.explain(given, None)}
    assert sum(found.values()) == pytest.approx(score(trained, **given), rel=1e-4)
    assert max(("x", "y", "city"), key=lambda name: found[name]) == "x"


class Here:
    """Runs a graph in this process, as the model host would."""

    def __init__(self, graph: bytes) -> None:
        self._session = onnxruntime.InferenceSession(graph)

    def embed(self, texts: Sequence[str], model: str) -> list[bytes]:
        raise NotImplementedError

    def entities(self, pipeline_sha: str, texts: Sequence[str]) -> list[list[dict[str, Any]]]:
        raise NotImplementedError

    def predict(self, model_sha: str, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        rows = {name: np.array(values, dtype=np.float32) for name, values in inputs.items()}
        return {"score": self._session.run(["score"], rows)[0].tolist()}


def test_a_row_between_clouds_of_different_density_is_found() -> None:
    random = np.random.default_rng(2)
    tight, loose = 0.05 * random.normal(size=(300, 2)), 5 + 2 * random.normal(size=(300, 2))
    both = np.vstack([tight, loose])
    trained = train(dataset(number("x", both[:, 0]), number("y", both[:, 1])), family="lof")
    # Near for the loose cloud, far for the tight one.
    assert score(trained, x=0.8, y=0.8) > 3 * score(trained, x=5.5, y=5.5)


def test_without_labels_it_is_measured_against_shuffled_rows() -> None:
    trained = train(dataset(*points().columns[:2]), family="isolation_forest")
    found = {(m.name, m.scored): m for m in trained.metrics}
    assert found["roc_auc_shuffled", "model"].value > 0.6
    assert found["roc_auc_shuffled gain", "model - largest deviation"].lower is not None


def test_a_share_like_the_contamination_is_flagged() -> None:
    flagged = next(m for m in train(points(), contamination=0.1).metrics if m.name == "flagged_share")
    assert flagged.value == pytest.approx(0.1, abs=0.05)


def test_a_series_is_compared_with_its_season() -> None:
    random = np.random.default_rng(0)
    at = 1.7e9 + np.arange(24 * 90) * 3600.0
    hour = np.floor(at / 3600) % 24
    value = 10 + 5 * (hour > 12) + 0.2 * random.normal(size=len(at))
    columns = (Column(name="at", type="timestamptz", kind="time", values=at), number("value", value))
    trained = train(dataset(*columns), family="seasonal")
    evening, morning = "2026-01-05T20:00:00Z", "2026-01-05T06:00:00Z"
    assert score(trained, at=evening, value=15.0) < 4 < score(trained, at=morning, value=15.0)


def test_the_label_is_not_learned_from() -> None:
    trained = train(points(), target="kind")
    assert [f["name"] for f in trained.signature["features"]] == ["x", "y", "city"]  # type: ignore[attr-defined]


def test_missing_values_have_a_score() -> None:
    trained = train(points(), family="ecod")
    assert np.isfinite(score(trained, x=None, y=1.0))


def test_the_same_seed_gives_the_same_version() -> None:
    first, second = train(points()), train(points())
    assert first.metrics == second.metrics
    assert json.loads(first.artifacts["plots.json"]) == json.loads(second.artifacts["plots.json"])


def test_a_series_is_judged_by_what_went_before_unasked() -> None:
    trained = train(dataset(*series(np.arange(100.0) % 7)))
    assert trained.parameters["family"] == "rolling"
    assert trained.signature["rolling"] == {"step": 3600.0, "threshold": 7.0, "quiet": 20, "window": 1000}


def test_a_series_keeps_its_newest_rows() -> None:
    trained = train(dataset(*series(np.arange(1500.0) % 7)))
    window = json.loads(trained.artifacts["window.json"])
    assert (len(window), window[-1]) == (1000, [1.7e9 + 1499 * 3600.0, 1499 % 7])


def test_rows_of_a_series_come_in_any_order() -> None:
    value = np.random.default_rng(0).normal(size=200)
    forwards, backwards = (dataset(*(reordered(c, step) for c in series(value))) for step in (1, -1))
    assert train(forwards).artifacts["window.json"] == train(backwards).artifacts["window.json"]


def test_a_bursts_first_row_is_flagged_and_the_next_are_quiet() -> None:
    value = np.random.default_rng(0).normal(size=400)
    value[390:] += 50
    flagged = next(m for m in train(dataset(*series(value)), quiet=30).metrics if m.name == "flagged_share")
    # One hundred rows are held out, and the first of the ten says it.
    assert flagged.value == pytest.approx(0.01)


def test_a_series_with_a_target_is_measured_by_it() -> None:
    value = np.random.default_rng(0).normal(size=400)
    value[[330, 370]] += 50
    odd = text("odd", ["odd" if n in (330, 370) else "normal" for n in range(400)])
    found = {(m.name, m.scored): m.value for m in train(dataset(*series(value), odd), target="odd").metrics}
    assert found["roc_auc", "model"] > 0.99


def test_values_in_another_ones_place_are_told_where_there_is_a_season() -> None:
    random = np.random.default_rng(0)
    value = 10 * (np.arange(2400) % 24 > 12) + random.normal(size=2400)
    found = {(m.name, m.scored): m for m in train(dataset(*series(value))).metrics}
    assert found["roc_auc_shuffled", "model"].value > 0.65
    lower = found["roc_auc_shuffled gain", "model - largest deviation"].lower
    assert lower is not None
    assert lower > 0


def test_a_rolling_detector_needs_a_time() -> None:
    with pytest.raises(DatasetUnusable, match="one number and a time"):
        train(points(), family="rolling")


def test_drift_of_scores_is_held_to_those_of_the_held_out_rows() -> None:
    trained = train(points())
    profile = prepared(trained).signature["prediction"]
    assert isinstance(profile, dict)
    # A quarter of 800 rows.
    assert trained.said is not None
    assert len(trained.said) == 200
    assert profile["shares"] == pytest.approx([0.1] * 10)
    assert profile["edges"][4] == pytest.approx(np.median(np.asarray(trained.said, dtype=float)), abs=0.01)


def test_drift_of_a_series_is_held_to_what_is_said_of_its_last_rows() -> None:
    value = np.random.default_rng(0).normal(size=400)
    value[390:] += 50
    trained = train(dataset(*series(value)), quiet=30)
    said = np.asarray(trained.said, dtype=float)
    # After the alarm of the first of ten, the scores of the others are no more than half the threshold.
    assert len(said) == 100
    assert (said[90] > 7, said[91:].max() <= 3.5) == (True, True)
    assert "prediction" in prepared(trained).signature


def test_a_threshold_that_is_given_counts() -> None:
    assert train(points(), threshold=0.61, family="isolation_forest").signature["threshold"] == 0.61


def series(value: NDArray[np.float64]) -> tuple[Column, Column]:
    at = 1.7e9 + np.arange(len(value)) * 3600.0
    return Column(name="at", type="timestamptz", kind="time", values=at), number("value", value)


def reordered(column: Column, step: int) -> Column:
    return Column(name=column.name, type=column.type, kind=column.kind, values=column.values[::step])


def test_a_seasonal_residual_needs_a_time() -> None:
    with pytest.raises(DatasetUnusable, match="one number and a time"):
        train(points(), family="seasonal")


@pytest.mark.parametrize("family", ["auto", "knn", "lof"])
@pytest.mark.parametrize(
    "values",
    [
        np.arange(400) % 2,
        np.arange(1001) % 3,
        np.arange(600) % 97 == 0,
        1e9 + np.arange(400) % 2,
        np.where(np.arange(500) == 7, 1e6, np.arange(500) % 5),
    ],
    ids=["two values", "three values", "rare", "one in float32", "far away"],
)
def test_a_few_values_that_come_again_and_again_are_learned(family: str, values: NDArray[Any]) -> None:
    trained = train(dataset(number("x", values)), family=family)
    assert float(str(trained.parameters["onnx_difference"])) < 1e-4
    common = float(np.float32(values[1]))
    assert score(trained, x=common) < score(trained, x=3 * float(np.max(values)))
