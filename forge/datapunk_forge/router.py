"""The recipe `router`: which subroutine a question is for, by multinomial logistic regression on meaning and wording.

What is learned has the form of Gaia's own router, weights of the embedding's dimensions and of terms, so it is served
by the same rows. Each label's name counts as an example of it (as label names do for SetFit, Tunstall et al. 2022).
A share of each class's mean is added to its weights (nearest centroid, Rocchio 1971): what is like no example has low
scores for every class then, and is declined below a floor.
"""

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from datapunk.gaia.calibration import NONE
from datapunk.gaia.languages import ENGLISH
from datapunk.gaia.languages.detection import language_of
from datapunk.gaia.languages.reading import readings
from datapunk.gaia.routing import parts, terms
from datapunk_forge.evaluation import gain_metric, macro_f1_metric, mean_metric
from datapunk_forge.softmax import fit_softmax
from datapunk_forge.text_classifier import Examples, embedded, read_examples, split_examples
from datapunk_forge.trained import Dataset, Embed, Metric, Progress, Trained

ARTIFACT = "router.json"
_STRENGTHS = (5.0, 20.0, 60.0)
_WORDING = 0.5
_NAME_WEIGHT = 1.0
_MOST_TERMS = 5000
# How much the class means weigh beside what is learned, both by the spread of their scores.
_CENTROID = 0.2
# Rows on which the penalty is chosen, at most.
_MOST_TRIED = 4000
# The share of questions in scope that may be declined, so that as many out of scope as possible are.
_LOSS = 0.03
Numbers = NDArray[np.int64]
Matrix = NDArray[np.float64]


def train(dataset: Dataset, options: Mapping[str, object], progress: Progress, embed: Embed) -> Trained:
    """Train on the columns subroutine and text. Raises DatasetUnusable."""
    seed = int(str(options["seed"]))
    examples = _as_read(read_examples(dataset, str(options["text"]), str(options["target"])))
    embedder = str(options["embedder"])
    vectors = embedded(examples.texts, embedder, embed, progress).astype(np.float64)
    names = embed([name.replace("_", " ").replace(".", " ").lower() for name in examples.labels], embedder)
    learn, held = split_examples(examples, options, seed)
    strength, tried = _strength(examples, vectors, names, learn, seed, progress)
    progress(0.75, "evaluating")
    model = Head.fitted(examples, vectors, names, learn, strength)
    logits = model.logits(vectors[held], [examples.texts[i] for i in held])
    scale = _scale(logits, examples.label[held])
    floor = _floor(logits * scale, examples, held)
    metrics = _evaluate(logits * scale, floor, examples, vectors, learn, held, seed)
    progress(0.9, "training on all rows", **{m.name: m.value for m in metrics if m.scored == "model"})
    final = Head.fitted(examples, vectors, names, np.arange(len(examples.texts)), strength)
    return Trained(
        metrics=metrics,
        primary_metric="accuracy",
        parameters={
            **options, "C": strength, "tried": tried, "scale": scale, "floor": floor,
            "rows_skipped": examples.skipped, "texts": len(examples.texts), "terms": len(final.idf),
        },
        signature={
            "features": ["text"], "embedder": embedder, "dimensions": vectors.shape[1], "labels": list(examples.labels)
        },
        artifacts={ARTIFACT: final.as_json(embedder, scale, floor)},
        libraries={name: version(name) for name in ("scikit-learn", "numpy")},
    )  # fmt: skip


def _as_read(examples: Examples) -> Examples:
    """The examples as Gaia reads questions of their languages, which is what the router is asked."""
    languages = [language_of(text, ENGLISH) for text in examples.texts]
    return replace(examples, texts=readings(examples.texts, languages))


class Head:
    """A fitted router: weights of shape (classes, dimensions + terms), and the terms with their idf."""

    def __init__(self, labels: tuple[str, ...], idf: Mapping[str, float], weights: Matrix, bias: Matrix) -> None:
        self.labels, self.idf, self.weights, self.bias = labels, dict(idf), weights, bias

    @classmethod
    def fitted(
        cls, examples: Examples, vectors: Matrix, names: NDArray[np.float32], rows: Numbers, strength: float
    ) -> "Head":
        """Fit to the rows given, with the label names among them."""
        texts = [examples.texts[i] for i in rows]
        found = Counter(term for text in texts for term in _pieces(text))
        kept = [term for term, count in found.most_common(_MOST_TERMS) if count > 1]
        idf = {term: math.log(len(texts) / found[term]) + 0.01 for term in kept}
        named = [name.replace("_", " ").replace(".", " ").lower() for name in examples.labels]
        meaning = np.vstack([vectors[rows], names])
        words = _WORDING * wording([*texts, *named], idf)
        label = np.concatenate([examples.label[rows], np.arange(len(examples.labels))])
        weight = np.concatenate([np.ones(len(rows)), np.full(len(examples.labels), _NAME_WEIGHT)])
        if NONE in examples.labels:
            # The name of what is out of scope says nothing of it.
            weight[len(rows) + examples.labels.index(NONE)] = 1e-6
        count = len(examples.labels)
        weights, bias = fit_softmax(meaning, words, label, count, strength, weight)
        chosen = np.zeros((count, len(label)))
        chosen[label, np.arange(len(label))] = weight
        means = (chosen / chosen.sum(1, keepdims=True)) @ meaning
        if NONE in examples.labels:
            # What is out of scope is like nothing, least of all like its mean.
            means[examples.labels.index(NONE)] = 0.0
        width = meaning.shape[1]
        spread = (meaning @ weights[:width] + words @ weights[width:]).std(1).mean()
        weights[:width] += _CENTROID * spread / max(float((meaning @ means.T).std(1).mean()), 1e-9) * means.T
        return cls(examples.labels, idf, np.asarray(weights.T), bias)

    def logits(self, vectors: Matrix, texts: list[str]) -> Matrix:
        """Scores of shape (texts, classes)."""
        width = vectors.shape[1]
        words = _WORDING * wording(texts, self.idf)
        return np.asarray(vectors @ self.weights[:, :width].T + words @ self.weights[:, width:].T + self.bias)

    def as_json(self, embedder: str, scale: float, floor: float) -> bytes:
        """The form in which Gaia takes it over; scores are logits then."""
        dimensions = self.weights.shape[1] - len(self.idf)
        scaled = self.weights * scale
        content: dict[str, Any] = {
            "embedder": embedder,
            "threshold": 0.0,
            "floor": round(floor, 4),
            "classes": [
                {
                    "subroutine": name,
                    "weights": [round(w, 5) for w in row[:dimensions].tolist()],
                    "bias": float(b * scale),
                }
                for name, row, b in zip(self.labels, scaled, self.bias, strict=True)
            ],
            "terms": [
                {"text": term, "idf": idf, "weights": [round(w, 5) for w in (_WORDING * idf * column).tolist()]}
                for (term, idf), column in zip(self.idf.items(), scaled[:, dimensions:].T, strict=True)
            ],
        }
        return json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()


def _pieces(text: str) -> list[str]:
    return [*terms(text), *parts(text)]


def wording(texts: Sequence[str], idf: Mapping[str, float]) -> csr_matrix:
    """Sparse rows of unit length (or zero): the terms of each text by their inverse document frequency."""
    place = {term: number for number, term in enumerate(idf)}
    starts, columns, values = [0], [], []
    for text in texts:
        found = [term for term in _pieces(text) if term in place]
        length = math.sqrt(sum(idf[term] ** 2 for term in found)) or 1.0
        columns += [place[term] for term in found]
        values += [idf[term] / length for term in found]
        starts.append(len(columns))
    return csr_matrix((np.array(values, dtype=np.float64), columns, starts), shape=(len(texts), len(place)))


def _strength(
    examples: Examples, vectors: Matrix, names: NDArray[np.float32], learn: Numbers, seed: int, progress: Progress
) -> tuple[float, dict[str, float]]:
    """Return the inverse penalty with the best accuracy on a fifth of the learning rows."""
    random = np.random.default_rng(seed).permutation(learn)[:_MOST_TRIED]
    cut = max(len(random) // 5, 1)
    inner, check = np.sort(random[cut:]), np.sort(random[:cut])
    tried: dict[str, float] = {}
    texts = [examples.texts[i] for i in check]
    for number, strength in enumerate(_STRENGTHS):
        # Every label has its name among the examples, so none is missing from the inner rows.
        head = Head.fitted(examples, vectors, names, inner, strength)
        tried[f"{strength:g}"] = float(np.mean(head.logits(vectors[check], texts).argmax(1) == examples.label[check]))
        progress(0.6 + 0.15 * (number + 1) / len(_STRENGTHS), "choosing the penalty", accuracy=tried[f"{strength:g}"])
    return max(_STRENGTHS, key=lambda c: tried[f"{c:g}"]), tried


def _scale(logits: Matrix, label: Numbers) -> float:
    """The factor that makes the scores of held-out rows logits (Guo et al. 2017)."""

    def loss(factor: float) -> float:
        scaled = logits * factor
        scaled = scaled - scaled.max(1, keepdims=True)
        return float(np.mean(np.log(np.exp(scaled).sum(1)) - scaled[np.arange(len(label)), label]))

    return float(min(np.geomspace(0.1, 10.0, 60), key=loss))


def probabilities(logits: Matrix) -> Matrix:
    """Softmax over the classes."""
    shifted = np.exp(logits - logits.max(1, keepdims=True))
    return np.asarray(shifted / shifted.sum(1, keepdims=True))


def _floor(logits: Matrix, examples: Examples, held: Numbers) -> float:
    """The logit of the best subroutine below which Gaia declines: it loses 3 % of the held-out questions in scope."""
    inside = np.array([examples.labels[i] != NONE for i in examples.label[held]])
    best = _in_scope(logits, examples).max(1)[inside]
    return float(np.quantile(best, _LOSS)) if len(best) else float(np.min(logits))


def _in_scope(logits: Matrix, examples: Examples) -> Matrix:
    return logits[:, [number for number, name in enumerate(examples.labels) if name != NONE]]


def _evaluate(
    logits: Matrix, floor: float, examples: Examples, vectors: Matrix, learn: Numbers, held: Numbers, seed: int
) -> tuple[Metric, ...]:
    """Accuracy and macro-F1 beside the nearest example's, with what out of scope is declined."""
    truth = examples.label[held]
    found = logits.argmax(1)
    nearest = examples.label[learn][(vectors[held] @ vectors[learn].T).argmax(1)]
    right, beside = (found == truth).astype(np.float64), (nearest == truth).astype(np.float64)
    metrics = [
        mean_metric("accuracy", right, seed),
        mean_metric("accuracy", beside, seed, scored="nearest example"),
        gain_metric("accuracy", right, beside, seed, "nearest example"),
        macro_f1_metric(truth, found, len(examples.labels), seed),
    ]
    if NONE in examples.labels:
        none = examples.labels.index(NONE)
        declined = (found == none) | (_in_scope(logits, examples).max(1) < floor)
        outside = truth == none
        if outside.any() and (~outside).any():
            metrics.append(mean_metric("out of scope declined", declined[outside].astype(np.float64), seed))
            metrics.append(mean_metric("in scope declined", declined[~outside].astype(np.float64), seed))
    return tuple(metrics)
