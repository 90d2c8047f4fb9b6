from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from datapunk.errors import DatasetUnusable
from datapunk_forge import embedder
from datapunk_forge.embedder import Pairs
from datapunk_forge.incumbent import Incumbent
from datapunk_forge.learned_texts import LEARNED, digest, packed
from datapunk_forge.trained import SideBySide
from unit.forge.tabular.tables import dataset, embed, number, text

OPTIONS: dict[str, object] = {
    "seed": 0, "test_size": 0.2, "epochs": 1, "batch": 16, "learning_rate": 2e-5, "split": "random",
}  # fmt: skip


def letters(texts: Sequence[str]) -> NDArray[np.float32]:
    vectors = np.array([[t.count(c) for c in "abc"] for t in texts], dtype=np.float32) + 0.01
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def same(texts: Sequence[str]) -> NDArray[np.float32]:
    return np.ones((len(texts), 3), dtype=np.float32) / np.sqrt(3, dtype=np.float32)


def test_the_figures_are_beside_those_of_the_base_model() -> None:
    texts = ["a" * n + "b" * (9 - n) for n in range(10)]
    found = embedder.evaluate(Pairs(left=texts, right=["a"] * 10, scores=np.arange(10) / 9), letters, letters, 0)
    assert [(m.name, m.scored) for m in found] == [
        ("spearman", "model"), ("spearman", "base model"), ("spearman gain", "model - base model"),
    ]  # fmt: skip
    assert found[0].value == pytest.approx(1.0, abs=0.01)
    assert found[2].value == 0


def test_figures_are_numbers_where_resamples_are_all_the_same() -> None:
    texts = ["a"] * 9 + ["b"]
    pairs = Pairs(left=texts, right=["a"] * 10, scores=np.array([1.0] * 9 + [0.0]))
    found = embedder.evaluate(pairs, letters, same, 0)
    ends = [end for m in found for end in (m.value, m.lower, m.upper)]
    assert all(end is not None and np.isfinite(end) for end in ends)
    # A model to which all pairs are alike tells nothing.
    assert (found[1].value, found[1].lower, found[1].upper) == (0.0, 0.0, 0.0)


def test_a_match_is_found_by_rank() -> None:
    pairs = Pairs(left=["a", "b", "c"], right=["aa", "bb", "cc"], scores=None)
    assert embedder.evaluate(pairs, letters, letters, 0)[0].value == 1.0


def test_scores_are_scaled() -> None:
    scores = number("score", [n % 6 for n in range(60)])
    given = dataset(text("a", [f"a{n}" for n in range(60)]), text("b", ["b"] * 60), scores)
    read = embedder.read_pairs(given, {})
    assert read.scores is not None
    assert (read.scores.min(), read.scores.max()) == (0.0, 1.0)


@pytest.mark.parametrize(
    "given",
    [
        dataset(text("a", ["x"] * 60)),
        dataset(text("a", ["x"] * 60), text("b", [None] * 60)),
        dataset(text("a", ["x"] * 60), text("b", ["y"] * 60), number("score", [1] * 60)),
    ],
)
def test_what_are_no_pairs_is_refused(given: object) -> None:
    with pytest.raises(DatasetUnusable):
        embedder.read_pairs(given, {})  # type: ignore[arg-type]


@pytest.mark.parametrize("scores", [None, np.arange(12) / 11])
def test_versions_are_held_to_pairs_that_the_one_before_does_not_know(
    monkeypatch: pytest.MonkeyPatch, scores: NDArray[np.float64] | None
) -> None:
    texts = ["a" * n + "b" * (11 - n) for n in range(12)]
    held = Pairs(left=texts, right=["a"] * 12 if scores is not None else texts, scores=scores)
    monkeypatch.setattr(embedder, "encoder", lambda files: {b"good": letters, b"bad": same}[files["model.onnx"]])

    def asked(graph: bytes, known: int) -> SideBySide | None:
        digests = packed(digest(text) for text in held.joined()[:known])
        files = {LEARNED: digests, "tokenizer.json": b""}
        return embedder._against(held, letters, Incumbent(version_id=1, signature={}, graph=graph, files=files), embed)

    good, bad = asked(b"good", 2), asked(b"bad", 2)
    assert good is not None
    assert bad is not None
    assert len(good.ours) == len(bad.ours) == 10
    score = good.score or (lambda values: float(values.mean()))
    assert score(good.ours) == score(good.theirs) == score(bad.ours) == pytest.approx(1.0, abs=0.02)
    # All the same to it: no pair is told from another.
    assert score(bad.theirs) == (0.0 if scores is not None else 1.0)
    assert asked(b"bad", 12) is None
