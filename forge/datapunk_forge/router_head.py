"""A router that is fitted: weights of the embedding's dimensions and of terms, as Gaia's SQL scores by them.

Each label's name counts as an example of it (as label names do for SetFit, Tunstall et al. 2022). Beside its weights a
class has a direction, the mean of its examples (nearest centroid, Rocchio 1971) or what tuning made of it. The logit of
the class that a question was given to, and how near it lies to the direction, say together whether it is in scope at
all: the former knows what is close to the class and is not, the latter what is like nothing.
"""

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from datapunk.gaia.calibration import NONE
from datapunk.gaia.routing import parts, terms
from datapunk_forge.softmax import fit_softmax
from datapunk_forge.text_classifier import Examples

_WORDING = 0.5
_NAME_WEIGHT = 1.0
_MOST_TERMS = 5000
_LEAST_NORM = 1e-6
Numbers = NDArray[np.int64]
Matrix = NDArray[np.float64]


def spoken(labels: Sequence[str]) -> list[str]:
    """The names of labels as a person would say them."""
    return [name.replace("_", " ").replace(".", " ").lower() for name in labels]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How a head answers: logits are its scores times `scale`, and with a likeness below `floor` it declines.

    Likeness is the best logit in scope and `weight` times the cosine with the direction of its class.
    """

    scale: float
    floor: float
    weight: float


class Head:
    """A fitted router: weights of shape (classes, dimensions + terms), the terms with their idf, and directions.

    Directions have unit length, (classes, dimensions); that of none is zero.
    """

    def __init__(
        self, labels: tuple[str, ...], idf: Mapping[str, float], weights: Matrix, bias: Matrix, directions: Matrix
    ) -> None:
        self.labels, self.idf, self.weights, self.bias = labels, dict(idf), weights, bias
        self.directions = directions

    @classmethod
    def fitted(
        cls, examples: Examples, vectors: Matrix, names: Matrix, rows: Numbers, strength: float,
        tuned: Matrix | None = None,
    ) -> "Head":  # fmt: skip
        """Fit to the rows given, with the label names among them; `tuned` are directions that come from tuning."""
        texts = [examples.texts[i] for i in rows]
        found = Counter(term for text in texts for term in pieces(text))
        kept = [term for term, count in found.most_common(_MOST_TERMS) if count > 1]
        idf = {term: math.log(len(texts) / found[term]) + 0.01 for term in kept}
        meaning = np.vstack([vectors[rows], names])
        words = _WORDING * wording([*texts, *spoken(examples.labels)], idf)
        label = np.concatenate([examples.label[rows], np.arange(len(examples.labels))])
        weight = np.concatenate([np.ones(len(rows)), np.full(len(examples.labels), _NAME_WEIGHT)])
        if NONE in examples.labels:
            # The name of what is out of scope says nothing of it.
            weight[len(rows) + examples.labels.index(NONE)] = 1e-6
        count = len(examples.labels)
        weights, bias = fit_softmax(meaning, words, label, count, strength, weight)
        means = np.zeros((count, meaning.shape[1]))
        np.add.at(means, label, weight[:, None] * meaning)
        if NONE in examples.labels:
            # What is out of scope is like nothing, least of all like its mean.
            means[examples.labels.index(NONE)] = 0.0
        means /= np.maximum(np.linalg.norm(means, axis=1, keepdims=True), _LEAST_NORM)
        if tuned is not None:
            # The tuned vectors gather around their direction: it counts as much as what is learned of them.
            width = meaning.shape[1]
            spread = (meaning @ weights[:width] + words @ weights[width:]).std(1).mean()
            apart = float((meaning @ tuned.T).std(1).mean())
            weights[:width] += spread / max(apart, _LEAST_NORM) * tuned.T
        return cls(examples.labels, idf, np.asarray(weights.T), bias, means if tuned is None else tuned)

    def logits(self, vectors: Matrix, texts: list[str]) -> Matrix:
        """Scores of shape (texts, classes)."""
        width = vectors.shape[1]
        words = _WORDING * wording(texts, self.idf)
        return np.asarray(vectors @ self.weights[:, :width].T + words @ self.weights[:, width:].T + self.bias)

    def nearness(self, vectors: Matrix, logits: Matrix) -> tuple[Matrix, Matrix]:
        """The best logit in scope, and the cosine with the direction of its class: each of shape (texts,)."""
        inside = np.array([number for number, name in enumerate(self.labels) if name != NONE])
        best = logits[:, inside]
        return best.max(1), np.asarray((vectors * self.directions[inside[best.argmax(1)]]).sum(1))

    def as_json(self, embedder: str, settings: Settings, *, tuned: bool) -> bytes:
        """The form in which Gaia takes it over; scores are logits, and directions add to them to a likeness."""
        dimensions = self.weights.shape[1] - len(self.idf)
        scaled = self.weights * settings.scale
        content: dict[str, Any] = {
            "embedder": embedder,
            "tuned": tuned,
            "threshold": 0.0,
            "floor": round(settings.floor, 4),
            "classes": [
                {
                    "subroutine": name,
                    "weights": [round(w, 5) for w in row[:dimensions].tolist()],
                    "bias": float(b * settings.scale),
                    "direction": [round(d, 5) for d in (settings.weight * direction).tolist()],
                }
                for name, row, b, direction in zip(self.labels, scaled, self.bias, self.directions, strict=True)
            ],
            "terms": [
                {"text": term, "idf": idf, "weights": [round(w, 5) for w in (_WORDING * idf * column).tolist()]}
                for (term, idf), column in zip(self.idf.items(), scaled[:, dimensions:].T, strict=True)
            ],
        }
        return json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()


def pieces(text: str) -> list[str]:
    """The terms of a text: words, pairs of words, runs of letters."""
    return [*terms(text), *parts(text)]


def wording(texts: Sequence[str], idf: Mapping[str, float]) -> csr_matrix:
    """Sparse rows of unit length (or zero): the terms of each text by their inverse document frequency."""
    place = {term: number for number, term in enumerate(idf)}
    starts, columns, values = [0], [], []
    for text in texts:
        found = [term for term in pieces(text) if term in place]
        length = math.sqrt(sum(idf[term] ** 2 for term in found)) or 1.0
        columns += [place[term] for term in found]
        values += [idf[term] / length for term in found]
        starts.append(len(columns))
    return csr_matrix((np.array(values, dtype=np.float64), columns, starts), shape=(len(texts), len(place)))
