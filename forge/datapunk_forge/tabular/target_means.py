"""Categories with many values as what the target is like for each of them."""

from typing import Any

import numpy as np
from sklearn.preprocessing import TargetEncoder


class TargetMeans(TargetEncoder):  # type: ignore[misc]
    """The mean of the target, or the share of each label, by category: smoothed, and cross-fitted for what is learned.

    As scikit-learn's (Micci-Barreca 2001), with numbers that float32 holds: a graph takes the same branch by them.
    """

    encodings_: list[Any]
    target_mean_: Any

    def fit(self, X: Any, y: Any) -> "TargetMeans":
        """Learn the means of each category."""
        super().fit(X, y)
        return self._rounded()

    def fit_transform(self, X: Any, y: Any, **params: Any) -> Any:
        """Learn the means, and return those that the other folds tell of each row."""
        found = super().fit_transform(X, y, **params)
        self._rounded()
        return found.astype(np.float32)

    def transform(self, X: Any) -> Any:
        """Return the means of the rows' categories, and of all rows for one that is not known."""
        return super().transform(X).astype(np.float32)

    def _rounded(self) -> "TargetMeans":
        self.encodings_ = [_of_float32(encoding) for encoding in self.encodings_]
        self.target_mean_ = _of_float32(self.target_mean_)
        return self


def _of_float32(values: Any) -> Any:
    return np.asarray(values, dtype=np.float32).astype(np.float64)
