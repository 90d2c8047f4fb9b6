"""The recipe router: what it learns is what Gaia scores by, and what is like no example falls below its floor."""

import json
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from datapunk_forge import router
from datapunk_forge.router_head import pieces
from datapunk_forge.softmax import fit_softmax
from datapunk_forge.trained import Column, Dataset

OPTIONS: dict[str, object] = {
    "text": "text", "target": "subroutine", "embedder": "tiny", "split": "random", "test_size": 0.25, "seed": 0,
}  # fmt: skip
WORDS = {"bread": ("oven", "flour", "crust", "dough"), "boats": ("sail", "mast", "harbour", "keel")}


def embed(texts: Sequence[str], model: str) -> NDArray[np.float32]:
    """One dimension a class, one for anything else."""
    rows = []
    for text in texts:
        row = [sum(word in text for word in (*words, name)) for name, words in WORDS.items()]
        rows.append([*row, 0.0 if sum(row) else 1.0])
    vectors = np.array(rows, dtype=np.float32) + 0.01
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def silent(share: float, stage: str, **figures: float) -> None:
    assert 0 <= share <= 1


def dataset() -> Dataset:
    rows = [(f"the {one} and the {two} again", name) for name, of in WORDS.items() for one in of for two in of]
    return Dataset(
        columns=(
            Column(name="text", type="text", kind="text", values=[text for text, _ in rows]),
            Column(name="subroutine", type="text", kind="text", values=[name for _, name in rows]),
        ),
        row_count=len(rows), fingerprint="f", read_at="2025-01-01T00:00:00+00:00",
    )  # fmt: skip


def score(trained: dict[str, object], text: str) -> dict[str, float]:
    """Logits as Gaia's SQL makes them: the embedding's part, and the terms' weights by the length of their vector."""
    vector = embed([text], "tiny")[0]
    classes, terms = trained["classes"], trained["terms"]
    assert isinstance(classes, list)
    assert isinstance(terms, list)
    found = [t for t in terms if t["text"] in pieces(text)]
    length = sum(t["idf"] ** 2 for t in found) ** 0.5 or 1.0
    return {
        c["subroutine"]: float(np.dot(c["weights"], vector)) + c["bias"] + sum(t["weights"][i] for t in found) / length
        for i, c in enumerate(classes)
    }


def likeness(trained: dict[str, object], text: str) -> dict[str, float]:
    classes = trained["classes"]
    assert isinstance(classes, list)
    near = {c["subroutine"]: float(np.dot(c["direction"], embed([text], "tiny")[0])) for c in classes}
    return {name: logit + near[name] for name, logit in score(trained, text).items()}


@pytest.fixture(scope="module")
def trained() -> dict[str, object]:
    found = router.train(dataset(), OPTIONS, silent, embed)
    return dict(json.loads(found.artifacts[router.ARTIFACT]))


@pytest.mark.parametrize(("text", "name"), [("flour in the oven", "bread"), ("the keel of a sail", "boats")])
def test_a_question_goes_where_its_words_are(trained: dict[str, object], text: str, name: str) -> None:
    found = score(trained, text)
    assert max(found, key=lambda c: found[c]) == name
    assert likeness(trained, text)[name] >= float(str(trained["floor"]))


def test_what_is_like_no_example_falls_below_the_floor(trained: dict[str, object]) -> None:
    found = score(trained, "xyzzy quux")
    assert likeness(trained, "xyzzy quux")[max(found, key=lambda c: found[c])] < float(str(trained["floor"]))


def test_dense_and_sparse_columns_have_the_optimum_of_one_matrix() -> None:
    random = np.random.default_rng(0)
    dense, other = random.normal(size=(60, 4)), random.normal(size=(60, 3)) * (random.random((60, 3)) > 0.5)
    label = random.integers(0, 3, 60)
    weights, bias = fit_softmax(dense, csr_matrix(other), label, 3, 2.0, np.ones(60))
    peer = LogisticRegression(C=2.0, tol=1e-8, max_iter=1000).fit(np.hstack([dense, other]), label)
    assert np.allclose(weights.T, peer.coef_, atol=0.02)
    assert np.allclose(bias - bias.mean(), peer.intercept_ - peer.intercept_.mean(), atol=0.02)
