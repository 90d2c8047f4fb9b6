from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray

from datapunk.errors import DatasetUnusable
from datapunk.forge.features import encode_row, read_features
from datapunk.forge.predict import WHEN, WHERE, Served, predict_more, predict_row
from datapunk_forge import next_event
from datapunk_forge.trained import Column, Dataset, Trained
from unit.forge.tabular.tables import dataset, number, silent, text

OPTIONS: dict[str, object] = {
    "embedder": "none", "test_size": 0.25, "folds": 3, "trials": 0, "seed": 0, "family": "forest", "refit": False,
    "early_stop": True, "timeout": 600, "cpus": 1,
}  # fmt: skip
DAY = ("wake", "run", "work", "lunch", "work", "home")
PLACE = ("home", "park", "office", "office", "office", "home")


def embed(texts: Sequence[str], model: str) -> NDArray[np.float32]:
    raise AssertionError("events have no language")


def routine(days: int = 100) -> Dataset:
    """The same day again and again, but for one event in ten."""
    random = np.random.default_rng(0)
    at, what, where = [], [], []
    for day in range(days):
        for hour, (event, place) in enumerate(zip(DAY, PLACE, strict=True)):
            at.append(1.7e9 + day * 86400 + (7 + 2 * hour) * 3600 + random.random() * 600)
            what.append(event if random.random() < 0.9 else str(random.choice(DAY)))
            where.append(place)
    time = Column(name="occurred_at", type="timestamptz", kind="time", values=np.array(at))
    return dataset(time, text("what", what), text("place", where))


def train(given: Dataset | None = None, **options: object) -> Trained:
    return next_event.train(given or routine(), {**OPTIONS, **options}, silent, embed)


def test_what_comes_next_is_learned_from_what_came_before() -> None:
    found = {(m.name, m.scored): m for m in train().metrics}
    assert found["accuracy", "model"].value > 0.75
    gain = found["accuracy gain", "model - most frequent"]
    assert (gain.lower or 0) > 0


def test_nothing_of_the_future_is_learned_from() -> None:
    random = np.random.default_rng(0)
    at = Column(name="at", type="timestamptz", kind="time", values=1.7e9 + np.arange(600) * 3600.0)
    noise = dataset(at, text("what", random.choice(["a", "b", "c", "d"], 600).tolist()))
    accuracy = next(m.value for m in train(noise).metrics if m.name == "accuracy" and m.scored == "model")
    assert accuracy == pytest.approx(0.25, abs=0.12)


def test_its_graph_says_what_follows() -> None:
    trained = train(where="place")
    given = {"at": "2026-01-05T09:00:00Z", "previous": "run", "before": "wake", "place": "park"}
    row = encode_row(read_features(trained.signature), given, lambda texts, model: [])
    feed = {"features": np.array([row], dtype=np.float32)}

    def run(name: str, output: str) -> NDArray[np.float32]:
        found: NDArray[np.float32] = onnxruntime.InferenceSession(trained.artifacts[name]).run([output], feed)[0]
        return found[0]

    labels, places = trained.signature["labels"], trained.signature["where_labels"]
    assert labels[int(run("model.onnx", "probabilities").argmax())] == "work"  # type: ignore[index]
    assert places[int(run("where.onnx", "probabilities").argmax())] == "office"  # type: ignore[index]
    assert np.expm1(run("when.onnx", "value"))[0] == pytest.approx(2.0, abs=0.5)


def test_the_last_event_is_where_a_prediction_starts() -> None:
    last = train().signature["last"]
    assert isinstance(last, dict)
    assert set(last) == {"at", "previous", "before", "earlier", "log_hours"}
    assert last["before"] in DAY


class Graphs:
    """The model host, with the graphs of a training by the names of their files."""

    def __init__(self, trained: Trained) -> None:
        self.trained = trained

    def predict(self, model_sha: str, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        session = onnxruntime.InferenceSession(self.trained.artifacts[model_sha])
        fed = {name: np.array(rows, dtype=np.float32) for name, rows in inputs.items()}
        return dict(zip([o.name for o in session.get_outputs()], session.run(None, fed), strict=True))

    def embed(self, texts: Sequence[str], model: str) -> list[bytes]:
        raise AssertionError("events have no language")


def test_a_prediction_says_what_comes_where_and_when() -> None:
    trained = train(where="place")
    served = Served(owner_id="ada", version_id=1, version=3, recipe="next_event", signature=trained.signature)
    client, graphs = Graphs(trained), {WHERE: WHERE, WHEN: WHEN}
    given = {"at": "2026-01-05T09:00:00Z", "previous": "run", "before": "wake", "place": "park"}
    row = served.checked_row(client, given)
    assert predict_row(client, served, "model.onnx", row)["label"] == "work"
    more = predict_more(client, served, graphs, given, row)
    assert dict(more["where"])["label"] == "office"  # type: ignore[call-overload]
    assert datetime.fromisoformat(str(more["when"])) == pytest.approx(
        datetime(2026, 1, 5, 11, tzinfo=UTC), abs=timedelta(minutes=30)
    )
    # Nothing given: after the newest event, an evening at home.
    row = served.checked_row(client, {})
    assert predict_row(client, served, "model.onnx", row)["label"] == "wake"
    newest = float(trained.signature["last"]["at"])  # type: ignore[index]
    after = predict_more(client, served, graphs, {}, row)
    assert datetime.fromisoformat(str(after["when"])).timestamp() == pytest.approx(newest + 14 * 3600, abs=3600)
    assert predict_more(client, served, graphs, {"at": None}, row).keys() == {"where", "hours"}
    # Further than a date goes.
    assert predict_more(client, served, graphs, {"at": 9e12}, row).keys() == {"where", "hours"}
    assert predict_more(client, served, {}, {}, row) == {}


def test_people_are_kept_apart() -> None:
    at = Column(name="at", type="timestamptz", kind="time", values=1.7e9 + np.arange(400) * 60.0)
    who = ["ann", "bob"] * 200
    what = [("a", "b", "x", "y")[n % 4] for n in range(400)]
    found = train(dataset(at, text("who", who), text("what", what)), subject="who", target="what")
    assert next(m.value for m in found.metrics if m.name == "accuracy" and m.scored == "model") == 1.0


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (dataset(text("what", ["a"] * 90)), "says when"),
        (dataset(number("n", range(90))), "says when"),
        (routine(5), "events have one before"),
    ],
)
def test_what_cannot_be_learned_is_refused(given: Dataset, reason: str) -> None:
    with pytest.raises(DatasetUnusable, match=reason):
        train(given)


def test_a_kind_that_an_early_part_of_the_rows_has_once_is_no_obstacle() -> None:
    kinds = np.random.default_rng(0).choice(["a", "b"], 1900).tolist()
    for place in (10, 1100, 1200, 1300, 1400):
        kinds[place] = "rare"
    at = Column(name="at", type="timestamptz", kind="time", values=1.7e9 + np.arange(1900) * 3600.0)
    found = train(dataset(at, text("what", kinds)), family="boosting", trials=1)
    assert found.signature["labels"] == ["a", "b", "rare"]


def test_when_is_measured_in_hours() -> None:
    found = {
        (m.name, m.scored): m.value
        for m in next_event.when_metrics(np.array([1.0, 3.0]), np.array([2.0, 3.0]), usual=1.0, seed=0)
    }
    assert found["when mae", "model"] == pytest.approx(0.5)
    assert found["when mae", "median"] == pytest.approx(1.0)
    assert found["when mae gain", "median - model"] == pytest.approx(0.5)
    assert found["when log_mae", "model"] == pytest.approx(np.log(1.5) / 2)
