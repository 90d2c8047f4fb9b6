"""Multinomial logistic regression on dense columns beside sparse ones, each kept in its own form.

Embeddings are dense and terms are sparse: stacked into one matrix either would cost what the other is. The penalty
and the optimum are those of scikit-learn's LogisticRegression(C=strength); the bias is not penalised.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

Matrix = NDArray[np.float64]
_ROUNDS = 150
_TOLERANCE = 1e-3
_IMPROVEMENT = 1e-6


def fit_softmax(
    dense: NDArray[Any], sparse: csr_matrix, label: NDArray[np.int64], classes: int, strength: float, weight: Matrix
) -> tuple[Matrix, Matrix]:
    """Return weights of shape (dense + sparse columns, classes) and the bias, by L-BFGS (Byrd et al. 1995)."""
    rows, width = dense.shape
    columns = width + sparse.shape[1]
    # In single precision, which the tolerance is far above, products take half the time.
    dense, sparse, weight = dense.astype(np.float32), sparse.astype(np.float32), weight.astype(np.float32)
    truth = np.zeros((rows, classes), dtype=np.float32)
    truth[np.arange(rows), label] = 1.0
    turned = sparse.T.tocsr()

    def loss(flat: Matrix) -> tuple[float, Matrix]:
        weights = flat[: columns * classes].reshape(columns, classes).astype(np.float32)
        bias = flat[columns * classes :].astype(np.float32)
        logits = dense @ weights[:width] + sparse @ weights[width:] + bias
        logits -= logits.max(1, keepdims=True)
        error = np.exp(logits)
        total = error.sum(1)
        losses = weight * (np.log(total) - logits[np.arange(rows), label])
        value = losses.sum(dtype=np.float64) + 0.5 / strength * (weights**2).sum(dtype=np.float64)
        error /= total[:, None]
        error -= truth
        error *= weight[:, None]
        slope = np.empty_like(flat)
        of_weights = slope[: columns * classes].reshape(columns, classes)
        of_weights[:width] = dense.T @ error
        of_weights[width:] = turned @ error
        of_weights += weights / strength
        slope[columns * classes :] = error.sum(0)
        return float(value), slope

    settings: dict[str, Any] = {"maxiter": _ROUNDS, "gtol": _TOLERANCE, "ftol": _IMPROVEMENT}
    found = minimize(loss, np.zeros((columns + 1) * classes), jac=True, method="L-BFGS-B", options=settings)
    return found.x[: columns * classes].reshape(columns, classes), found.x[columns * classes :]
