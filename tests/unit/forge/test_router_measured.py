"""Routers are compared as they were measured, on examples that neither has learned from."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from datapunk.errors import UnsupportedFile
from datapunk_forge import router
from datapunk_forge.learned_texts import digest
from datapunk_forge.promotion import Comparison, Incumbent, compared
from datapunk_forge.router_measured import MEASURED, Measured, decided, outcomes, split_by_digest
from datapunk_forge.trained import Column, Dataset, Trained

OPTIONS: dict[str, object] = {
    "text": "text", "target": "subroutine", "embedder": "tiny", "split": "random", "test_size": 0.25, "seed": 0,
}  # fmt: skip
TOPICS = {"bread": "flour", "boats": "sail", "birds": "wing"}
SIZES = ("small", "large", "old", "new", "plain", "odd", "last", "next", "best", "worst", "cheap", "dear")


def embed(texts: Sequence[str], model: str) -> NDArray[np.float32]:
    """One dimension a topic; the model `blind` sees none of them."""
    rows = [[float(word in text) * (model != "blind") for word in TOPICS.values()] + [0.3] for text in texts]
    vectors = np.array(rows, dtype=np.float32)
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def dataset(places: Sequence[str], topics: Sequence[str] = tuple(TOPICS)) -> Dataset:
    rows = [(f"the {size} {TOPICS[name]} of {place}", name) for name in topics for size in SIZES for place in places]
    return Dataset(
        columns=(
            Column(name="text", type="text", kind="text", values=[text for text, _ in rows]),
            Column(name="subroutine", type="text", kind="text", values=[name for _, name in rows]),
        ),
        row_count=len(rows), fingerprint="f", read_at="2025-01-01T00:00:00+00:00",
    )  # fmt: skip


def trained(rows: Dataset, **options: object) -> Trained:
    return router.train(rows, {**OPTIONS, **options}, lambda *_, **__: None, embed)


def against(candidate: Trained, rows: Dataset, standing: Trained) -> Comparison | None:
    incumbent = Incumbent(version_id=7, signature=standing.signature, files=standing.artifacts)
    return compared(candidate, rows, incumbent, OPTIONS, embed)


def test_what_was_held_out_is_held_out_again_when_examples_come() -> None:
    texts = [f"question {n}" for n in range(60)]
    label = np.arange(60) % 2
    learn, held = split_by_digest(texts, label, 0.2, 5)
    assert sorted([*learn, *held]) == list(range(60))
    assert [int((label[held] == n).sum()) for n in (0, 1)] == [6, 6]
    more = [*texts, *(f"another {n}" for n in range(20))]
    again = set(split_by_digest(more, np.arange(80) % 2, 0.2, 5)[1].tolist())
    assert len(again & set(held.tolist())) >= 10
    assert set(split_by_digest(texts, label, 0.2, 6)[1].tolist()) != set(held.tolist())


def test_a_label_of_two_examples_keeps_one_to_learn_from() -> None:
    learn, held = split_by_digest(["a", "b", "c", "d"], np.array([0, 0, 1, 1]), 0.5, 0)
    assert (len(learn), len(held)) == (2, 2)
    assert len(split_by_digest(["a", "b", "c", "d"], np.array([0, 0, 1, 1]), 0.1, 0)[1]) == 1


def test_it_is_kept_as_it_answers() -> None:
    found = trained(dataset(["Rome", "Oslo"]))
    measured = Measured.from_bytes(found.artifacts[MEASURED])
    again = Measured.from_bytes(measured.to_bytes())
    asked = ["the sail of Lima", "the odd flour of Lima", "xyzzy"]
    assert np.allclose(measured.answers(asked, embed), again.answers(asked, embed), atol=1e-6)
    assert again.learned == measured.learned
    with pytest.raises(UnsupportedFile):
        Measured.from_bytes(b"nothing of the kind")


def test_below_the_floor_it_says_none() -> None:
    said = decided(np.array([[2.0, 1.0], [2.0, 1.0]]), np.array([-0.1, 0.1]), ("a", "b"))
    assert outcomes(("a", "b")) == ("a", "b", "none")
    assert said.argmax(1).tolist() == [0, 2]


def test_what_is_declined_keeps_its_order() -> None:
    said = decided(np.array([[2.0, 1.5, 1.0]]), np.array([9.0]), ("a", "b", "c"))
    assert said.argsort(1)[0].tolist() == [2, 1, 0, 3]


def test_examples_that_the_incumbent_learned_from_are_left_out() -> None:
    standing, rows = trained(dataset(["Rome"])), dataset(["Rome", "Oslo", "Lima"])
    candidate = trained(rows)
    found = against(candidate, rows, standing)
    assert found is not None
    assert candidate.held_out is not None
    learned = Measured.from_bytes(standing.artifacts[MEASURED]).learned
    texts = [rows.columns[0].values[row] for row in candidate.held_out.rows]
    assert found.row_count == sum(digest(text) not in learned for text in texts)
    assert found.row_count < len(texts)


def test_one_that_learned_a_new_subroutine_passes() -> None:
    standing, rows = trained(dataset(["Rome", "Oslo"], ["bread", "boats"])), dataset(["Rome", "Oslo"])
    found = against(trained(rows), rows, standing)
    assert found is not None
    assert found.passed
    assert found.candidate > found.incumbent


def test_one_that_understands_less_does_not_pass() -> None:
    rows = dataset(["Rome", "Oslo"])
    blind = trained(rows, embedder="blind")
    assert blind.held_out is not None
    worse = replace(blind, held_out=replace(blind.held_out, predicted=blind.held_out.predicted[:, ::-1]))
    found = against(worse, rows, trained(rows))
    assert found is not None
    assert not found.passed


def test_with_a_version_that_kept_nothing_to_compare_it_is_not_compared() -> None:
    rows = dataset(["Rome", "Oslo"])
    standing = trained(rows)
    kept = {name: content for name, content in standing.artifacts.items() if name != MEASURED}
    assert against(trained(rows), rows, replace(standing, artifacts=kept)) is None
