from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from datapunk.errors import DatasetUnusable
from datapunk_forge import sentiment
from datapunk_forge.lexicon import tone_label, tones
from datapunk_forge.trained import Trained
from unit.forge.tabular.tables import dataset, number, silent, text

OPTIONS: dict[str, object] = {
    "text": "text", "target": "label", "embedder": "words", "split": "random", "test_size": 0.25, "seed": 0,
}  # fmt: skip
WORDS = ("good", "great", "love", "bad", "awful", "hate", "table", "train", "paper")
RANDOM = np.random.default_rng(0)
TEXTS = [" ".join(RANDOM.choice(WORDS, 4)) + f" {n}" for n in range(300)]


def embed(texts: Sequence[str], model: str) -> NDArray[np.float32]:
    return np.array([[t.count(w) for w in WORDS] for t in texts], dtype=np.float32) + 0.01


def train(*columns: object) -> Trained:
    return sentiment.train(dataset(*columns), OPTIONS, silent, embed)  # type: ignore[arg-type]


def test_the_lexicon_knows_negation() -> None:
    assert [tone_label(t) for t in tones(["I love it", "I do not love it", "a table"])] == [
        "positive", "negative", "neutral",
    ]  # fmt: skip


def test_without_labels_the_lexicon_teaches() -> None:
    trained = train(text("text", TEXTS))
    assert trained.parameters["labels_from"] == "lexicon"
    assert trained.signature["labels"] == ["negative", "neutral", "positive"]
    found = {(m.name, m.scored): m.value for m in trained.metrics}
    assert found["lexicon_agreement", "model"] > 0.7
    assert trained.primary_metric == "lexicon_agreement"
    # How often it is right is not known, and not told.
    assert {name for name, _ in found} == {"lexicon_agreement", "lexicon_agreement gain"}


def test_with_labels_the_lexicon_is_a_baseline() -> None:
    labels = ["pos" if sum(t.count(w) for w in WORDS[6:]) > 1 else "neg" for t in TEXTS]
    trained = train(text("text", TEXTS), text("label", labels))
    found = {(m.name, m.scored): m for m in trained.metrics}
    assert trained.parameters["labels_from"] == "dataset"
    # These labels have nothing to do with tone, so what was learned is better than the lexicon.
    assert found["accuracy", "model"].value > found["accuracy", "lexicon"].value
    assert (found["accuracy gain", "model - lexicon"].lower or 0) > 0


def test_labels_of_another_kind_have_no_lexicon() -> None:
    labels = ["tea" if "good" in t else "milk" for t in TEXTS]
    assert not [m for m in train(text("text", TEXTS), text("label", labels)).metrics if m.scored == "lexicon"]


def test_a_text_column_is_needed() -> None:
    with pytest.raises(DatasetUnusable, match="'text'"):
        train(number("text", range(300)))
