"""EASE: Embarrassingly Shallow Autoencoders for Sparse Data (Steck, WWW 2019), and its cut to strongest neighbours."""

import numpy as np
import scipy.linalg
import scipy.sparse
from numpy.typing import NDArray

Weights = NDArray[np.float32]


def ease_weights(gram: Weights, regularization: float) -> Weights:
    """Return the item-item weights B, shape (items, items), row: item that was had, column: item to suggest.

    `gram` is X'X of the subjects-by-items matrix X and stays as it is.
    """
    penalised = gram + np.float32(regularization) * np.eye(len(gram), dtype=np.float32)
    # X'X + cI is positive definite; the Cholesky route halves time and memory of a general inverse.
    factor = scipy.linalg.cholesky(penalised, lower=True, overwrite_a=True, check_finite=False)
    inverse, info = scipy.linalg.lapack.spotri(factor, lower=True, overwrite_c=True)
    if info != 0:
        raise ArithmeticError(f"the penalised co-occurrence matrix cannot be inverted (LAPACK info {info})")
    inverse = np.tril(inverse)
    inverse += np.tril(inverse, -1).T
    weights: Weights = inverse / -np.diag(inverse)
    np.fill_diagonal(weights, 0.0)
    return weights


def strongest(weights: Weights, count: int) -> tuple[NDArray[np.int32], Weights]:
    """Return the `count` strongest neighbours of each item by absolute weight, and their weights, strongest first."""
    count = min(count, len(weights) - 1)
    chosen = np.argpartition(-np.abs(weights), count - 1, axis=1)[:, :count]
    values = np.take_along_axis(weights, chosen, axis=1)
    order = np.argsort(-np.abs(values), axis=1, kind="stable")
    return (
        np.take_along_axis(chosen, order, axis=1).astype(np.int32),
        np.take_along_axis(values, order, axis=1).astype(np.float32),
    )


def sparse_weights(neighbours: NDArray[np.int32], weights: Weights) -> scipy.sparse.csr_array:
    """Return the cut weights as a sparse matrix: what is stored is what is evaluated."""
    items, count = neighbours.shape
    return scipy.sparse.csr_array(
        (weights.ravel(), neighbours.ravel(), np.arange(0, items * count + 1, count)), shape=(items, items)
    )
