"""Which subroutine a question is for: a linear classifier of its meaning and its wording, fitted in closed form.

A question is its embedding beside its words and pairs of words, as far as the examples hold them, by how rare they are
(inverse document frequency, Sparck Jones 1972). Names that no example holds have no part in the wording.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from datapunk.gaia.calibration import LEXICAL, MOST_TERMS, NONE, RIDGE, THRESHOLD

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[Any]

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|\d+|[?:]")
_LETTERS = re.compile(r"[^\W\d_]+")
_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True, kw_only=True)
class Route:
    """A subroutine (or none) with its probability, 0 to 1.

    `likeness` says how much more like its examples the question is than it has to be, as a logit; None where the router
    does not tell.
    """

    subroutine: str
    score: float
    likeness: float | None = None


@dataclass(frozen=True, kw_only=True)
class ClassScore:
    """The part of one class's score that hangs on the meaning: weights of the embedding's dimensions, and bias.

    How near a question lies to the direction says whether it is in scope.
    """

    subroutine: str
    weights: tuple[float, ...]
    bias: float
    direction: tuple[float, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Term:
    """A word or pair of words: its inverse document frequency, and its weight for each class, in their order."""

    text: str
    idf: float
    weights: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """A fitted router; scores are logits, calibrated by what the examples get that were left out."""

    classes: tuple[ClassScore, ...]
    terms: tuple[Term, ...]


def terms(text: str) -> list[str]:
    """Return the words and pairs of neighbouring words of a question, each once; numbers and years as such."""
    words = [_form(word) for word in _WORD.findall(text.lower().replace("’", "'"))]
    if not words:
        return []
    pairs = [f"{a} {b}" for a, b in zip(["^", *words], [*words, "$"], strict=True)]
    return list(dict.fromkeys([*words, *pairs]))


def parts(text: str) -> list[str]:
    """Return the runs of three letters of a question's words, each once, marked by a tilde: what misspellings keep."""
    framed = [f"<{word}>" for word in _LETTERS.findall(text.lower())]
    return list(dict.fromkeys(f"~{word[i : i + 3]}" for word in framed for i in range(len(word) - 2)))


def _form(word: str) -> str:
    return "#year" if _YEAR.fullmatch(word) else "#" if word.isdigit() else word


def routes(
    logits: Sequence[tuple[str, float]], threshold: float | None = None, floor: float | None = None,
    nearness: Mapping[str, float] | None = None,
) -> list[Route]:  # fmt: skip
    """Return the classes by probability, best first.

    Where no subroutine reaches the threshold, none comes first with what is missing to certainty. So it does where the
    best of them is less alike than the floor: the probabilities, being relative, do not show that a question is unlike
    all examples. Likeness is the logit and, where it is given, how near the question lies to the class.
    """
    if not logits:
        return [Route(subroutine=NONE, score=1.0)]
    top = max(score for _, score in logits)
    parts = [(name, math.exp(score - top)) for name, score in logits]
    total = sum(part for _, part in parts)
    found = {name: part / total for name, part in parts}
    before = dict(found)
    best = max((score for name, score in found.items() if name != NONE), default=0.0)
    name, chosen = max(((n, s) for n, s in logits if n != NONE), key=lambda pair: pair[1], default=("", -math.inf))
    chosen += (nearness or {}).get(name, 0.0)
    if floor is not None and chosen < floor:
        best = min(best, 0.5 / (1.0 + math.exp(min(floor - chosen, 50.0))))
        found = {name: min(score, best) for name, score in found.items()} | {NONE: 1.0 - best}
    elif best < (THRESHOLD if threshold is None else threshold):
        found[NONE] = 1.0 - best
    # Those that are held down to the same score stay in their order.
    ranked = sorted(found.items(), key=lambda pair: (-pair[1], -before.get(pair[0], 1.0), pair[0]))
    told = (
        {n: round(s + nearness[n] - floor, 4) for n, s in logits if n in nearness}
        if nearness and floor is not None
        else {}
    )
    return [Route(subroutine=name, score=round(score, 4), likeness=told.get(name)) for name, score in ranked]


def fit(
    labels: Sequence[str], texts: Sequence[str], vectors: Sequence[Sequence[float]],
    importance: Sequence[float] | None = None,
) -> Fitted:  # fmt: skip
    """Fit the router by ridge regression on one-hot targets (Hoerl and Kennard 1970).

    `vectors` are the embeddings of `texts`, in the order of `labels`. A class with few examples weighs nearly as
    much as one with many, so a new subroutine is heard at once. The scale of the scores minimises the log loss
    of each example when it is left out, which ridge regression tells in closed form (Allen 1974). `importance` says how
    much each example counts, 1 where it is not given.
    """
    import numpy as np

    classes = sorted(set(labels))
    index = np.array([classes.index(label) for label in labels])
    counts = np.ones(len(labels)) if importance is None else np.array(importance)
    weight = (counts.sum() / len(classes) / np.bincount(index, counts, len(classes)))[index] ** 0.5 * counts
    frequencies = _vocabulary(texts)
    idf = {term: math.log(len(texts) / found) + 0.01 for term, found in frequencies.items()}
    meaning = np.asarray(vectors, dtype=np.float64)
    inputs = np.hstack([meaning, LEXICAL * _lexical(texts, idf), np.ones((len(labels), 1))])
    targets = np.eye(len(classes))[index]
    solved, left_out = _ridge(inputs, targets, weight)
    solved = solved * _scale(left_out, index)
    dimensions = meaning.shape[1]
    return Fitted(
        classes=tuple(
            ClassScore(subroutine=name, weights=tuple(solved[:dimensions, i].tolist()), bias=float(solved[-1, i]))
            for i, name in enumerate(classes)
        ),
        terms=tuple(
            Term(text=term, idf=idf[term], weights=tuple((LEXICAL * idf[term] * row).tolist()))
            for term, row in zip(idf, solved[dimensions:-1], strict=True)
        ),
    )


def _vocabulary(texts: Sequence[str]) -> dict[str, int]:
    """The commonest terms of the examples that at least two of them hold, with the number of those."""
    found = Counter(term for text in texts for term in terms(text))
    return {term: count for term, count in found.most_common(MOST_TERMS) if count > 1}


def _lexical(texts: Sequence[str], idf: Mapping[str, float]) -> "Matrix":
    import numpy as np

    place = {term: number for number, term in enumerate(idf)}
    rows = np.zeros((len(texts), len(place)))
    for row, text in zip(rows, texts, strict=True):
        for term in terms(text):
            if term in place:
                row[place[term]] = idf[term]
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1.0))


def _ridge(inputs: "Matrix", targets: "Matrix", weight: "Matrix") -> tuple["Matrix", "Matrix"]:
    """Weights, and what each example would get had it been left out; the smaller of the two systems is solved."""
    import numpy as np

    if len(inputs) <= inputs.shape[1]:
        hat = np.linalg.solve(inputs @ inputs.T + np.diag(RIDGE / weight), np.hstack([targets, np.eye(len(inputs))]))
        solved = inputs.T @ hat[:, : targets.shape[1]]
        leverage = 1 - RIDGE * np.diag(hat[:, targets.shape[1] :]) / weight
    else:
        weighted = inputs * weight[:, None]
        inverse = np.linalg.inv(weighted.T @ inputs + RIDGE * np.eye(inputs.shape[1]))
        solved = inverse @ (weighted.T @ targets)
        leverage = np.einsum("ij,ij->i", inputs @ inverse, weighted)
    fitted = inputs @ solved
    return solved, (fitted - leverage[:, None] * targets) / np.maximum(1 - leverage, 1e-9)[:, None]


def _scale(scores: "Matrix", index: "Matrix") -> float:
    """The factor that makes the scores logits: least log loss (Guo et al. 2017)."""
    import numpy as np

    def loss(factor: float) -> float:
        logits = scores * factor
        logits = logits - logits.max(1, keepdims=True)
        return float(np.mean(np.log(np.exp(logits).sum(1)) - logits[np.arange(len(index)), index]))

    return float(min(np.geomspace(2.0, 60.0, 40), key=loss))
