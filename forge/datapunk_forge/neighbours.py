"""Item-item weights by other ways than EASE: co-occurrence, factors, contents, and a blend. All are served alike.

Each way gives a matrix of weights (items that were had by items to suggest), of which the strongest of each item are
kept as rows. What is kept is what is measured.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import scipy.sparse

from datapunk_forge.ease import Weights, ease_weights

FAMILIES = ("ease", "item_knn", "als", "content", "hybrid")
_SHRINK = 10.0
# What is tried of each family: penalty of the L2 norm, neighbours of an item, factors.
STRENGTHS: Mapping[str, tuple[float, ...]] = {
    "ease": (10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0),
    "item_knn": (10.0, 20.0, 50.0, 100.0),
    "als": (8.0, 16.0, 32.0, 64.0),
    "content": (0.0,),
    "hybrid": (10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0),
}
_ITERATIONS = 15
_CONFIDENCE = 10.0
Contents = Callable[[], Weights]


def cosine_weights(gram: Weights, count: int, shrink: float = _SHRINK) -> Weights:
    """Return the shrunk cosine of the subjects that items share (ItemKNN; Sarwar et al. 2001).

    Of each item that could be suggested the `count` nearest are kept: a sum over all of them would rank by how common
    an item is, and worse than popularity does.
    """
    norms = np.sqrt(np.diag(gram))
    weights: Weights = (gram / (norms[:, None] * norms[None, :] + np.float32(shrink))).astype(np.float32)
    np.fill_diagonal(weights, 0.0)
    if count < len(weights):
        least = np.partition(weights, -count, axis=0)[-count]
        weights[weights < least[None, :]] = 0.0
    return weights


def factor_weights(matrix: scipy.sparse.csr_array, seed: int, threads: int, factors: int) -> Weights:
    """Return item-item weights from the item factors Y of implicit ALS (Hu et al. 2008; the library `implicit`).

    A subject's factors are the least-squares fold-in of what it had, so its scores are a sum over its items: the
    weights Y (Y'Y + cI)^-1 Y'. That drops the confidence of single pairs, and makes new subjects cost nothing.
    """
    from implicit.cpu.als import AlternatingLeastSquares
    from threadpoolctl import threadpool_limits

    factors = min(factors, max(2, min(matrix.shape) - 1))
    confident = scipy.sparse.csr_matrix(matrix * np.float32(_CONFIDENCE), dtype=np.float32)
    # Its own threads each solve small systems: those of BLAS would get in their way.
    with threadpool_limits(1, "blas"):
        model = AlternatingLeastSquares(
            factors=factors, iterations=_ITERATIONS, regularization=0.05, random_state=seed, num_threads=threads
        )
        model.fit(confident, show_progress=False)
    items = np.asarray(model.item_factors, dtype=np.float32)
    inner = items.T @ items + np.float32(1.0) * np.eye(items.shape[1], dtype=np.float32)
    weights: Weights = items @ np.linalg.solve(inner, items.T)
    np.fill_diagonal(weights, 0.0)
    return weights


def content_weights(vectors: Weights) -> Weights:
    """Return the cosine of the items' contents, what is below the mean cut off; a new item has neighbours too."""
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    weights: Weights = (unit @ unit.T).astype(np.float32)
    np.fill_diagonal(weights, 0.0)
    weights -= weights.mean(axis=1, keepdims=True)
    np.maximum(weights, 0.0, out=weights)
    np.fill_diagonal(weights, 0.0)
    return weights


def blended(parts: Sequence[Weights], shares: Sequence[float]) -> Weights:
    """Return the weighted sum of weights, each scaled to a mean absolute row sum of 1."""
    total: Weights = np.zeros_like(parts[0])
    for part, share in zip(parts, shares, strict=True):
        scale = float(np.abs(part).sum(axis=1).mean())
        total += np.float32(share / max(scale, 1e-9)) * part
    return total


def weights_of(
    family: str, matrix: scipy.sparse.csr_array, strength: float, contents: Contents, seed: int, threads: int
) -> Weights:
    """Return the weights of a family from a subjects-by-items matrix; `contents` gives the items' vectors if needed.

    `strength` is one of the family's STRENGTHS, or a penalty in their place.
    """
    if family == "als":
        return factor_weights(matrix, seed, threads, int(strength))
    if family == "content":
        return content_weights(contents())
    gram: Weights = np.asarray((matrix.T @ matrix).toarray(), dtype=np.float32)
    if family == "item_knn":
        return cosine_weights(gram, int(strength))
    ease = ease_weights(gram, strength)
    if family == "hybrid":
        return blended([ease, content_weights(contents())], [0.8, 0.2])
    return ease
