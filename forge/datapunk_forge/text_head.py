"""A linear head on what texts mean and how they are worded: an embedding beside TF-IDF of hashed terms."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from datapunk.forge.wording import PADDING, term_buckets
from datapunk_forge.export.texts import text_graph
from datapunk_forge.softmax import fit_softmax
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
    """A fitted head: `idf` by bucket, `kept` the buckets that have weights.

    `weights` are those of the embedding's dimensions and then of what is kept, (dimensions + kept, classes), `bias`
    (classes,); `classes` are the numbers of the labels that it was fitted to.
    """

    weights: Floats
    bias: Floats
    classes: Numbers
    idf: NDArray[np.float32]
    kept: Numbers
    dimensions: int

    @classmethod
    def fitted(
        cls, vectors: Vectors, wording: Wording, label: Numbers, rows: Numbers, strength: float, *, balanced: bool,
        seed: int,
    ) -> "Head":  # fmt: skip
        """Fit to some rows; `strength` is the inverse of the L2 penalty, `balanced` weighs all labels the same."""
        counted = wording.counted(rows)
        texts = np.asarray(counted.sum(axis=0)).ravel()
        kept = np.flatnonzero(texts >= _LEAST_TEXTS)
        idf = np.zeros(wording.buckets, dtype=np.float32)
        idf[kept] = np.log((1 + len(rows)) / (1 + texts[kept])) + 1
        words = _worded(counted, idf, kept)
        classes, own, counts = np.unique(label[rows], return_inverse=True, return_counts=True)
        weight = (len(rows) / (len(classes) * counts))[own] if balanced else np.ones(len(rows))
        if len(classes) == 2:
            # Two labels have one row of weights, which liblinear finds soonest.
            inputs = scipy.sparse.hstack([scipy.sparse.csr_matrix(vectors[rows].astype(np.float64)), words], "csr")
            model = LogisticRegression(C=strength, max_iter=200, tol=1e-3, solver="liblinear", random_state=seed)
            model.fit(inputs, own, sample_weight=weight)
            half, shift = model.coef_[0] / 2, model.intercept_ / 2
            weights, bias = np.stack([-half, half], axis=1), np.concatenate([-shift, shift])
        else:
            weights, bias = fit_softmax(vectors[rows], words, own, len(classes), strength, weight)
        return cls(weights=weights, bias=bias, classes=classes, idf=idf, kept=kept, dimensions=vectors.shape[1])

    def probabilities(self, vectors: Vectors, wording: Wording, rows: Numbers, labels: int) -> Floats:
        """Return the probabilities of all labels for some rows, shape (rows, labels)."""
        words = _worded(wording.counted(rows), self.idf, self.kept)
        logits = vectors[rows] @ self.weights[: self.dimensions] + words @ self.weights[self.dimensions :] + self.bias
        logits -= logits.max(axis=1, keepdims=True)
        found = np.zeros((len(rows), labels))
        found[:, self.classes] = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        return found

    def graph(self, wording: Wording) -> bytes:
        """Return the graph, whose labels are those that the head was fitted to."""
        terms = np.zeros((wording.buckets, len(self.bias)), dtype=np.float32)
        terms[self.kept] = self.weights[self.dimensions :]
        meaning = self.weights[: self.dimensions].astype(np.float32)
        return text_graph(meaning, terms, self.idf, self.bias.astype(np.float32), wording.terms)


def _worded(counted: scipy.sparse.csr_matrix, idf: NDArray[np.float32], kept: Numbers) -> scipy.sparse.csr_matrix:
    """Return the TF-IDF of the terms that are kept, each text of unit length."""
    weighed = counted[:, kept].multiply(idf[kept]).tocsr()
    lengths = np.sqrt(np.asarray(weighed.multiply(weighed).sum(axis=1)).ravel())
    return (scipy.sparse.diags(1.0 / np.maximum(lengths, 1e-12)) @ weighed).tocsr()
