"""A linear head on what texts mean and how they are worded: an embedding beside TF-IDF of hashed terms."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from datapunk.forge.wording import PADDING, term_buckets
from datapunk_forge.export.texts import text_graph
from datapunk_forge.trained import Floats

# Numbers in the table of the terms' weights: as many buckets as that allows for the labels.
_TABLE = 1 << 22
_FEWEST, _MOST = 1 << 14, 1 << 18
_MOST_TERMS = 2048
# A term that one text alone has says nothing of others.
_LEAST_TEXTS = 2
Numbers = NDArray[np.int64]
Vectors = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Wording:
    """The terms of texts: for each a list of buckets; `terms` is how many a text may have."""

    rows: list[list[int]]
    buckets: int
    terms: int

    @classmethod
    def of(cls, texts: Sequence[str], labels: int) -> "Wording":
        """Read texts that are to be told apart by so many labels."""
        buckets = _MOST
        while buckets > _FEWEST and buckets * labels > _TABLE:
            buckets //= 2
        rows = [term_buckets(text, buckets, _MOST_TERMS) for text in texts]
        return cls(rows=rows, buckets=buckets, terms=max(map(len, rows), default=1) or 1)

    def counted(self, rows: Numbers) -> scipy.sparse.csr_matrix:
        """Return the (texts, buckets) matrix of which terms some texts have."""
        chosen = [self.rows[row] for row in rows]
        bounds = np.cumsum([0, *map(len, chosen)])
        columns = np.concatenate([np.asarray(terms, dtype=np.int64) for terms in chosen])
        ones = np.ones(len(columns), dtype=np.float32)
        return scipy.sparse.csr_matrix((ones, columns, bounds), shape=(len(rows), self.buckets))

    def padded(self, rows: Numbers) -> Vectors:
        """Return the numbers that a graph gets of some texts."""
        matrix = np.full((len(rows), self.terms), PADDING, dtype=np.float32)
        for number, row in enumerate(rows):
            matrix[number, : len(self.rows[row])] = self.rows[row]
        return matrix


@dataclass(frozen=True, kw_only=True)
class Head:
    """A fitted head: `idf` by bucket, `kept` the buckets that have weights, in the order of the model's columns."""

    model: Any
    idf: NDArray[np.float32]
    kept: Numbers
    dimensions: int

    @classmethod
    def fitted(
        cls, vectors: Vectors, wording: Wording, label: Numbers, rows: Numbers, strength: float, weighting: str | None,
        seed: int,
    ) -> "Head":  # fmt: skip
        """Fit to some rows; `strength` is the inverse of the L2 penalty."""
        counted = wording.counted(rows)
        texts = np.asarray(counted.sum(axis=0)).ravel()
        kept = np.flatnonzero(texts >= _LEAST_TEXTS)
        idf = np.zeros(wording.buckets, dtype=np.float32)
        idf[kept] = np.log((1 + len(rows)) / (1 + texts[kept])) + 1
        inputs = _inputs(vectors[rows], counted, idf, kept)
        # Two labels have one row of weights, which liblinear finds soonest.
        solver = "liblinear" if len(np.unique(label[rows])) == 2 else "lbfgs"
        model = LogisticRegression(
            C=strength, max_iter=200, tol=1e-3, solver=solver, class_weight=weighting, random_state=seed
        ).fit(inputs, label[rows])
        return cls(model=model, idf=idf, kept=kept, dimensions=vectors.shape[1])

    def probabilities(self, vectors: Vectors, wording: Wording, rows: Numbers, labels: int) -> Floats:
        """Return the probabilities of all labels for some rows, shape (rows, labels)."""
        found = np.zeros((len(rows), labels))
        inputs = _inputs(vectors[rows], wording.counted(rows), self.idf, self.kept)
        if self.model.coef_.shape[0] > 1:
            logits = inputs @ self.model.coef_.T + self.model.intercept_
            logits -= logits.max(axis=1, keepdims=True)
            found[:, self.model.classes_] = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        else:
            found[:, self.model.classes_] = self.model.predict_proba(inputs)
        return found

    def graph(self, wording: Wording) -> bytes:
        """Return the graph, whose labels are those that the head was fitted to."""
        coefficients, bias = self.model.coef_, self.model.intercept_
        if len(self.model.classes_) == 2:
            coefficients, bias = np.vstack([-coefficients, coefficients]) / 2, np.concatenate([-bias, bias]) / 2
        terms = np.zeros((wording.buckets, len(bias)), dtype=np.float32)
        terms[self.kept] = coefficients[:, self.dimensions :].T
        meaning = coefficients[:, : self.dimensions].T.astype(np.float32)
        return text_graph(meaning, terms, self.idf, bias.astype(np.float32), wording.terms)


def _inputs(
    vectors: Vectors, counted: scipy.sparse.csr_matrix, idf: NDArray[np.float32], kept: Numbers
) -> scipy.sparse.csr_matrix:
    weighed = counted[:, kept].multiply(idf[kept]).tocsr()
    lengths = np.sqrt(np.asarray(weighed.multiply(weighed).sum(axis=1)).ravel())
    unit = scipy.sparse.diags(1.0 / np.maximum(lengths, 1e-12)) @ weighed
    return scipy.sparse.hstack([scipy.sparse.csr_matrix(vectors.astype(np.float64)), unit], format="csr")
