import warnings
from collections.abc import Sequence

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray

from datapunk.errors import DatasetUnusable, InvalidArgument, TrainingFailed
from datapunk.forge.predict import Served, predict_row
from datapunk_forge import text_classifier
from datapunk_forge.export.texts import check_text_graph, text_graph
from datapunk_forge.trained import Column, Dataset

OPTIONS: dict[str, object] = {
    "text": "text", "target": "label", "embedder": "tiny", "split": "random", "test_size": 0.25, "seed": 0,
}  # fmt: skip


def embed(texts: Sequence[str], model: str) -> NDArray[np.float32]:
    """Letters counted: enough to tell words of different letters apart."""
    assert model == "tiny"
    vectors = np.array([[t.count(c) for c in "abcdefgh"] for t in texts], dtype=np.float32) + 0.01
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def silent(share: float, stage: str, **figures: float) -> None:
    assert 0 <= share <= 1


def dataset(texts: list[str | None], labels: list[str | None]) -> Dataset:
    return Dataset(
        columns=(
            Column(name="text", type="text", kind="text", values=texts),
            Column(name="label", type="text", kind="text", values=labels),
        ),
        row_count=len(texts), fingerprint="f", read_at="2025-01-01T00:00:00+00:00",
    )  # fmt: skip


def letters() -> Dataset:
    random = np.random.default_rng(0)
    texts: list[str | None] = []
    labels: list[str | None] = []
    for number in range(200):
        label = ("low", "high")[number % 2]
        alphabet = "abcd" if label == "low" else "efgh"
        texts.append("".join(random.choice(list(alphabet), 12)) + f" {number}")
        labels.append(label)
    return dataset(texts, labels)


@pytest.fixture(autouse=True)
def third_party_warnings() -> object:
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        yield


def test_balanced_a_rare_label_counts_as_much_as_a_common_one() -> None:
    random = np.random.default_rng(1)
    # A letter in ten is of the rare label's alphabet in the common one's texts too.
    texts: list[str | None] = []
    labels: list[str | None] = []
    for number in range(400):
        rare = number % 10 == 0
        own, other = ("efgh", "abcd") if rare else ("abcd", "efgh")
        texts.append("".join(str(random.choice(list(own if random.random() < 0.6 else other))) for _ in range(8)))
        labels.append("rare" if rare else "common")
    found = {}
    for balanced in (False, True):
        made = text_classifier.train(dataset(texts, labels), {**OPTIONS, "balanced": balanced}, silent, embed)
        metrics = {(m.name, m.scored): m for m in made.metrics}
        gain = metrics["macro_f1 gain", "model - majority"]
        assert gain.value == pytest.approx(metrics["macro_f1", "model"].value - metrics["macro_f1", "majority"].value)
        assert (gain.lower or 0) <= gain.value <= (gain.upper or 0)
        found[balanced] = (made.primary_metric, metrics["macro_f1", "model"].value)
    assert found[True][1] > found[False][1]
    assert [name for name, _ in found.values()] == ["accuracy", "macro_f1"]


def test_it_learns_and_is_measured_beside_the_majority() -> None:
    result = text_classifier.train(letters(), OPTIONS, silent, embed)
    value = {(m.name, m.scored): m.value for m in result.metrics}
    assert value["accuracy", "model"] > 0.95
    assert value["accuracy", "majority"] == pytest.approx(0.5, abs=0.1)
    assert result.signature["labels"] == ["high", "low"]


def test_its_graph_predicts_without_scikit_learn() -> None:
    result = text_classifier.train(letters(), OPTIONS, silent, embed)
    session = onnxruntime.InferenceSession(result.artifacts["model.onnx"])

    class Client:
        def embed(self, texts: Sequence[str], model: str) -> list[bytes]:
            return [row.tobytes() for row in embed(texts, model)]

        def predict(self, model_sha: str, inputs: dict[str, object]) -> dict[str, object]:
            return {"probabilities": session.run(["probabilities"], {"features": np.float32(inputs["features"])})[0]}

    served = Served(owner_id="o", version_id=1, version=4, recipe="text_classifier", signature=result.signature)
    client = Client()
    answer = predict_row(client, served, "sha", served.checked_row(client, {"text": "hhhgggfff"}))
    assert answer["label"] == "high"
    assert answer["version"] == 4


def test_a_graph_looks_terms_up_by_their_buckets() -> None:
    meaning = np.array([[1.0, -1.0]], dtype=np.float32)
    terms = np.array([[0, 0], [2, 0], [0, 4], [0, 0]], dtype=np.float32)
    idf = np.array([0, 3, 4, 0], dtype=np.float32)
    graph = text_graph(meaning, terms, idf, np.array([0.5, 0.0], dtype=np.float32), 3)
    rows = np.array([[0.25, 1, 2, -1], [0.25, -1, -1, -1]], dtype=np.float32)
    # A term counts by its share of the length (3, 4) has: 0.6 and 0.8.
    logits = np.array([[0.25 + 2 * 0.6 + 0.5, -0.25 + 4 * 0.8], [0.25 + 0.5, -0.25]])
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert check_text_graph(graph, expected, rows) < 1e-6
    with pytest.raises(TrainingFailed):
        check_text_graph(graph, expected[::-1], rows)


def test_words_tell_apart_what_means_the_same() -> None:
    texts: list[str | None] = [f"the {'kettle' if n % 2 else 'teapot'} of day {n}" for n in range(80)]
    data = dataset(texts, ["kettle" if n % 2 else "teapot" for n in range(80)])

    def deaf(given: Sequence[str], model: str) -> NDArray[np.float32]:
        assert model
        return np.ones((len(given), 4), dtype=np.float32) / 2

    def accuracy(**options: object) -> float:
        result = text_classifier.train(data, {**OPTIONS, **options}, silent, deaf)
        return next(m.value for m in result.metrics if m.name == "accuracy" and m.scored == "model")

    assert accuracy() == 1.0
    assert accuracy(wording=False) < 0.7


@pytest.mark.parametrize(
    ("texts", "labels"),
    [
        ([f"t{n}" for n in range(30)], ["same"] * 30),
        ([f"t{n}" for n in range(30)], ["rare"] + ["common"] * 29),
        (["one text"] * 30, ["a", "b"] * 15),
        ([f"t{n}" for n in range(30)], [None] * 30),
    ],
)
def test_what_cannot_be_learned_is_refused(texts: list[str | None], labels: list[str | None]) -> None:
    with pytest.raises(DatasetUnusable, match=r"'label'|different texts"):
        text_classifier.train(dataset(texts, labels), OPTIONS, silent, embed)


@pytest.mark.parametrize("features", [None, {}, {"text": 1}, {"text": " "}, {"text": "a", "more": 1}, ["a"]])
def test_features_must_match_the_signature(features: object) -> None:
    class Client:
        def embed(self, texts: Sequence[str], model: str) -> list[bytes]:
            raise AssertionError("nothing to embed")

        predict = embed

    signature = {"dimensions": 2, "embedder": "letters"}
    served = Served(owner_id="o", version_id=1, version=1, recipe="text_classifier", signature=signature)
    with pytest.raises(InvalidArgument):
        served.checked_row(Client(), features)  # type: ignore[arg-type]


def test_texts_with_several_labels_are_counted() -> None:
    given = letters()
    texts, labels = list(given.columns[0].values), list(given.columns[1].values)
    texts += [*texts[:3], texts[0]]
    labels += ["low" if label == "high" else "high" for label in labels[:3]] + [labels[0]]
    trained = text_classifier.train(dataset(texts, labels), OPTIONS, silent, embed)
    assert trained.parameters["texts_with_several_labels"] == 3
    assert trained.parameters["rows_skipped"] == 4


def test_one_text_under_two_labels_is_told_as_such() -> None:
    given = dataset(["the same"] * 40, ["low", "high"] * 20)
    with pytest.raises(DatasetUnusable, match="1 of 1 different texts have different labels in 'label'"):
        text_classifier.train(given, OPTIONS, silent, embed)
