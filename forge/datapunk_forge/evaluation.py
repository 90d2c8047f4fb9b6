"""Metrics on held-out data with bootstrap intervals (Efron 1979), the baseline's on the same rows."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from datapunk_forge.trained import Floats, Metric

_RESAMPLES = 1000


def ranking_scores(ranked: NDArray[np.int64], relevant: list[NDArray[np.int64]], k: int) -> tuple[Floats, Floats]:
    """Return NDCG@k and recall@k of each subject, binary gains; the ideal list is cut at k too.

    `ranked` holds item numbers, shape (subjects, at least k), best first; `relevant` the held-out items of each.
    """
    discounts = 1.0 / np.log2(np.arange(2, k + 2))
    hits = np.zeros((len(relevant), k))
    for row, items in enumerate(relevant):
        hits[row] = np.isin(ranked[row, :k], items)
    sizes = np.array([len(items) for items in relevant])
    ideal = np.cumsum(discounts)[np.minimum(sizes, k) - 1]
    return hits @ discounts / ideal, hits.sum(axis=1) / sizes


def mean_metric(name: str, values: Floats, seed: int, scored: str = "model", block: int = 1) -> Metric:
    """Return the mean over subjects, rows or steps with its 95 % percentile interval.

    What hangs together with what comes next is drawn in blocks; a single value has no interval.
    """
    if len(values) == 1:
        return Metric(name=name, value=float(values[0]), scored=scored)
    means = np.array([values[rows].mean() for rows in draws(len(values), seed, block)])
    lower, upper = np.quantile(means, (0.025, 0.975))
    return Metric(name=name, value=float(values.mean()), lower=float(lower), upper=float(upper), scored=scored)


def share_metric(name: str, hits: Floats, seed: int, scored: str = "model", block: int = 1) -> Metric:
    """Return the share of hits (0 or 1) with its 95 % interval: Clopper and Pearson's (1934) where all hit, or none.

    Every resample of these is the same.
    """
    if (exact := exact_interval(hits)) is None:
        return mean_metric(name, hits, seed, scored, block)
    return Metric(name=name, value=float(hits.mean()), lower=exact[0], upper=exact[1], scored=scored)


def exact_interval(hits: Floats) -> tuple[float, float] | None:
    """Return the 95 % interval of the share where all of `hits` are 1, or all 0; None where they are not."""
    least = 0.025 ** (1.0 / len(hits))
    return (least, 1.0) if (hits == 1).all() else (0.0, 1.0 - least) if (hits == 0).all() else None


def gain_metric(name: str, model: Floats, baseline: Floats, seed: int, baseline_name: str) -> Metric:
    """Return the mean gain over a baseline, its interval from resampling both on the same rows."""
    return mean_metric(f"{name} gain", model - baseline, seed, scored=f"model - {baseline_name}")


def resampled_means(values: Floats, seed: int) -> Floats:
    """Return the means of bootstrap samples."""
    return np.array([values[rows].mean() for rows in draws(len(values), seed)])


def draws(count: int, seed: int, block: int = 1) -> Iterator[NDArray[np.int64]]:
    """Yield the rows of each bootstrap sample.

    `block` rows that follow each other are drawn together (circular blocks: Politis and Romano 1992).
    """
    random = np.random.default_rng(seed)
    for _ in range(_RESAMPLES):
        starts = random.integers(0, count, -(-count // block))
        yield starts if block == 1 else ((starts[:, None] + np.arange(block)) % count).ravel()[:count]


def macro_f1(truth: NDArray[np.int64], predicted: NDArray[np.int64], labels: int) -> float:
    """Return the unweighted mean of the F1 scores of all labels; a label never seen nor predicted counts 0."""
    pairs = np.bincount(truth * labels + predicted, minlength=labels * labels).reshape(labels, labels)
    hits = np.diag(pairs).astype(float)
    totals = pairs.sum(axis=0) + pairs.sum(axis=1)
    return float(np.mean(np.divide(2 * hits, totals, out=np.zeros(labels), where=totals > 0)))


def macro_f1_metric(
    truth: NDArray[np.int64], predicted: NDArray[np.int64], labels: int, seed: int, scored: str = "model"
) -> Metric:
    """Return macro-F1 with its 95 % percentile interval over resampled rows."""
    lower, upper = np.quantile(_resampled_f1(truth, predicted, labels, seed), (0.025, 0.975))
    return Metric(
        name="macro_f1", value=macro_f1(truth, predicted, labels), lower=float(lower), upper=float(upper), scored=scored
    )


def macro_f1_gain(
    truth: NDArray[np.int64], model: NDArray[np.int64], baseline: NDArray[np.int64], labels: int, seed: int,
    baseline_name: str,
) -> Metric:  # fmt: skip
    """Return the gain in macro-F1 over a baseline, its interval from resampling both on the same rows."""
    gains = _resampled_f1(truth, model, labels, seed) - _resampled_f1(truth, baseline, labels, seed)
    lower, upper = np.quantile(gains, (0.025, 0.975))
    value = macro_f1(truth, model, labels) - macro_f1(truth, baseline, labels)
    return Metric(
        name="macro_f1 gain", value=value, lower=float(lower), upper=float(upper), scored=f"model - {baseline_name}"
    )


def _resampled_f1(truth: NDArray[np.int64], predicted: NDArray[np.int64], labels: int, seed: int) -> Floats:
    """Return macro-F1 of bootstrap samples, which are the same rows for the same seed."""
    random = np.random.default_rng(seed)
    values = np.empty(_RESAMPLES)
    for index in range(_RESAMPLES):
        rows = random.integers(0, len(truth), len(truth))
        values[index] = macro_f1(truth[rows], predicted[rows], labels)
    return values
