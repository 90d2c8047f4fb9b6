"""Figures of classifiers and regressors on held-out rows with 95 % intervals, the baseline's on the same rows.

What is counted is resampled by its counts, which gives the bootstrap's distribution exactly. Means over many rows take
the normal limit of it; the area under the ROC curve takes DeLong's variance (DeLong et al. 1988).
"""

import numpy as np
from numpy.typing import NDArray

from datapunk_forge.evaluation import exact_interval, mean_metric
from datapunk_forge.trained import Floats, Metric, SideBySide

Numbers = NDArray[np.int64]
_RESAMPLES = 2000
_MANY = 5000
_BINS = 10
_Z = 1.959964


def interval(name: str, values: Floats, seed: int, scored: str = "model") -> Metric:
    """Return the mean over rows with its interval."""
    different, counts = np.unique(values, return_counts=True)
    mean = float(values.mean())
    if len(different) <= 16:
        draws = np.random.default_rng(seed).multinomial(len(values), counts / len(values), size=_RESAMPLES)
        lower, upper = np.quantile(draws @ different / len(values), (0.025, 0.975))
    elif len(values) >= _MANY:
        half = _Z * float(values.std(ddof=1)) / float(np.sqrt(len(values)))
        lower, upper = mean - half, mean + half
    else:
        return mean_metric(name, values, seed, scored)
    return Metric(name=name, value=mean, lower=float(lower), upper=float(upper), scored=scored)


def share(name: str, hits: Floats, seed: int, scored: str = "model") -> Metric:
    """Return the share of hits (0 or 1) with its interval, which has a width also where all hit, or none."""
    if (exact := exact_interval(hits)) is None:
        return interval(name, hits, seed, scored)
    return Metric(name=name, value=float(hits.mean()), lower=exact[0], upper=exact[1], scored=scored)


def macro_f1(truth: Numbers, predicted: Numbers, labels: int, seed: int, scored: str = "model") -> Metric:
    """Return the unweighted mean of the labels' F1; the confusion matrix is resampled."""
    pairs = np.bincount(truth * labels + predicted, minlength=labels * labels)

    def score(matrix: NDArray[np.int64]) -> Floats:
        square = matrix.reshape(*matrix.shape[:-1], labels, labels)
        hits = np.diagonal(square, axis1=-2, axis2=-1).astype(float)
        totals = (square.sum(axis=-1) + square.sum(axis=-2)).astype(float)
        ratio: Floats = np.divide(2 * hits, totals, out=np.zeros_like(totals), where=totals > 0)
        mean: Floats = ratio.mean(axis=-1)
        return mean

    resamples = min(_RESAMPLES, max(200, 4_000_000 // (labels * labels)))
    draws = np.random.default_rng(seed).multinomial(len(truth), pairs / len(truth), size=resamples)
    lower, upper = np.quantile(score(draws), (0.025, 0.975))
    return Metric(name="macro_f1", value=float(score(pairs)), lower=float(lower), upper=float(upper), scored=scored)


def roc_auc(truth: Numbers, score: Floats, scored: str = "model") -> Metric:
    """Return the area under the ROC curve of label 1.

    One row of a label says nothing of how its scores are spread: then there is no interval. Where no row is out of
    place, each row of the rarer label is a trial that went well, and the bound is Clopper and Pearson's.
    """
    from scipy.stats import rankdata

    yes, no = score[truth == 1], score[truth == 0]
    m, n = len(yes), len(no)
    ranks, own_yes, own_no = rankdata(np.concatenate([yes, no])), rankdata(yes), rankdata(no)
    placed_yes = (ranks[:m] - own_yes) / n
    placed_no = 1.0 - (ranks[m:] - own_no) / m
    area = float(placed_yes.mean())
    if min(m, n) == 1:
        return Metric(name="roc_auc", value=area, scored=scored)
    if exact := exact_interval(np.full(min(m, n), area)):
        return Metric(name="roc_auc", value=area, lower=exact[0], upper=exact[1], scored=scored)
    half = _Z * float(np.sqrt(placed_yes.var(ddof=1) / m + placed_no.var(ddof=1) / n))
    return Metric(name="roc_auc", value=area, lower=max(area - half, 0.0), upper=min(area + half, 1.0), scored=scored)


def r2(truth: Floats, predicted: Floats, seed: int, scored: str = "model") -> Metric:
    """Return the coefficient of determination; rows are resampled.

    Of many rows the interval is the normal limit of a ratio of means (the delta method).
    """
    errors = (truth - predicted) ** 2
    squares = (truth - truth.mean()) ** 2
    total = float(squares.sum())
    value = 1.0 - float(errors.sum()) / total
    if len(truth) >= _MANY:
        influence = (errors - (1.0 - value) * squares) / (total / len(truth))
        half = _Z * float(influence.std(ddof=1)) / float(np.sqrt(len(truth)))
        return Metric(name="r2", value=value, lower=value - half, upper=value + half, scored=scored)
    random = np.random.default_rng(seed)
    draws = np.empty(400)
    for number in range(len(draws)):
        weight = np.bincount(random.integers(0, len(truth), len(truth)), minlength=len(truth)).astype(float)
        mean = (weight @ truth) / weight.sum()
        draws[number] = 1.0 - (weight @ errors) / max(weight @ (truth - mean) ** 2, 1e-300)
    lower, upper = np.quantile(draws, (0.025, 0.975))
    return Metric(name="r2", value=value, lower=float(lower), upper=float(upper), scored=scored)


def classification_metrics(truth: Numbers, probabilities: Floats, shares: Floats, seed: int) -> tuple[Metric, ...]:
    """Return the figures of a classifier beside the majority label's; `shares` are the labels' in what was learned."""
    labels = probabilities.shape[1]
    predicted = probabilities.argmax(axis=1)
    majority = np.full(len(truth), int(shares.argmax()))
    rows = np.arange(len(truth))
    right, base_right = (predicted == truth).astype(float), (majority == truth).astype(float)
    chosen = np.clip(probabilities[rows, truth], 1e-15, 1.0)
    loss, base_loss = -np.log(chosen), -np.log(np.clip(shares[truth], 1e-15, 1.0))
    usual = np.tile(shares, (len(truth), 1))
    metrics = [
        share("accuracy", right, seed),
        share("accuracy", base_right, seed, "majority"),
        interval("accuracy gain", right - base_right, seed, "model - majority"),
        macro_f1(truth, predicted, labels, seed),
        macro_f1(truth, majority, labels, seed, "majority"),
        interval("log_loss", loss, seed),
        interval("log_loss", base_loss, seed, "majority"),
        interval("log_loss gain", base_loss - loss, seed, "majority - model"),
        # As log_loss, but the higher the better, as what decides between versions must be.
        interval("log_likelihood", -loss, seed),
        interval("brier", _brier(truth, probabilities), seed),
        interval("brier", _brier(truth, usual), seed, "majority"),
    ]
    if labels == 2 and 0 < truth.sum() < len(truth):
        # Who says the same of all rows ranks none before another.
        metrics += [roc_auc(truth, probabilities[:, 1]), Metric(name="roc_auc", value=0.5, scored="majority")]
    metrics += [_calibration(truth, probabilities, seed), _calibration(truth, usual, seed, "majority")]
    return tuple(metrics)


def _brier(truth: Numbers, probabilities: Floats) -> Floats:
    squares: Floats = ((probabilities - np.eye(probabilities.shape[1])[truth]) ** 2).sum(axis=1)
    return squares


def regression_metrics(truth: Floats, predicted: Floats, mean: float, median: float, seed: int) -> tuple[Metric, ...]:
    """Return the figures of a regressor beside those of the learned rows' mean (squares) and median (absolutes).

    Rows of one value have no r2.
    """
    absolute, base_absolute = np.abs(truth - predicted), np.abs(truth - median)
    squared, base_squared = (truth - predicted) ** 2, (truth - mean) ** 2
    explained = (
        (r2(truth, predicted, seed), r2(truth, np.full(len(truth), mean), seed, "mean")) if np.ptp(truth) else ()
    )
    return (
        *explained,
        interval("mae", absolute, seed),
        interval("neg_mae", -absolute, seed),
        interval("mae", base_absolute, seed, "median"),
        interval("mae gain", base_absolute - absolute, seed, "median - model"),
        _root(interval("rmse", squared, seed)),
        _root(interval("rmse", base_squared, seed, "mean")),
        interval("squared error gain", base_squared - squared, seed, "mean - model"),
    )


def _root(metric: Metric) -> Metric:
    def root(value: float | None) -> float | None:
        return None if value is None else float(np.sqrt(max(value, 0.0)))

    return Metric(
        name=metric.name, value=float(np.sqrt(metric.value)), lower=root(metric.lower), upper=root(metric.upper),
        scored=metric.scored,
    )  # fmt: skip


def _calibration(truth: Numbers, probabilities: Floats, seed: int, scored: str = "model") -> Metric:
    """Return the calibration error; rows are resampled.

    By chance alone rows are worse calibrated than what they are drawn from, and resampled ones than these: as much as
    the latter are above, the interval is below (the basic bootstrap interval, Davison and Hinkley 1997).
    """
    over = probabilities.max(axis=1) - (probabilities.argmax(axis=1) == truth)
    number = _bins(probabilities, _BINS)
    value = calibration_error(truth, probabilities)
    random, count = np.random.default_rng(seed), len(truth)
    if count >= _MANY:
        # What each bin is over, as the sum of many rows.
        sums, squares = (np.bincount(number, weights=over**power) for power in (1, 2))
        spread = np.sqrt(np.maximum(squares - sums**2 / count, 0.0))
        draws = np.abs(sums + spread * random.normal(size=(_RESAMPLES, len(sums)))).sum(axis=1) / count
    else:
        drawn = (random.integers(0, count, count) for _ in range(1000))
        draws = np.array([np.abs(np.bincount(number[rows], weights=over[rows])).sum() / count for rows in drawn])
    lower, upper = np.clip(2 * value - np.quantile(draws, (0.975, 0.025)), 0.0, 1.0)
    return Metric(
        name="calibration_error", value=value, lower=min(float(lower), value), upper=max(float(upper), value),
        scored=scored,
    )  # fmt: skip


def _bins(probabilities: Floats, bins: int) -> Numbers:
    number: Numbers = np.minimum((probabilities.max(axis=1) * bins).astype(np.int64), bins - 1)
    return number


def calibration_bins(truth: Numbers, probabilities: Floats, bins: int = _BINS) -> list[tuple[float, float, int]]:
    """Return (mean probability, share right, rows) of the most probable label, in bins of equal width."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == truth
    number = _bins(probabilities, bins)
    return [
        (float(confidence[number == b].mean()), float(right[number == b].mean()), int((number == b).sum()))
        for b in range(bins)
        if (number == b).any()
    ]


def calibration_error(truth: Numbers, probabilities: Floats) -> float:
    """Return the expected calibration error (Naeini et al. 2015) of the most probable label."""
    bins = calibration_bins(truth, probabilities)
    return sum(abs(mean - share) * rows for mean, share, rows in bins) / len(truth)


def rank_metrics(truth: Numbers, scores: Floats, plain: Floats, name: str, seed: int) -> list[Metric]:
    """Return the area under the ROC curve of scores, of the largest deviation on the same rows, and the gain."""
    model, base = roc_auc(truth, np.nan_to_num(scores)), roc_auc(truth, plain, "largest deviation")
    random = np.random.default_rng(seed)
    draws = []
    for _ in range(200):
        rows = random.integers(0, len(truth), len(truth))
        if 0 < truth[rows].sum() < len(rows):
            draws.append(
                roc_auc(truth[rows], np.nan_to_num(scores[rows])).value - roc_auc(truth[rows], plain[rows]).value
            )
    lower, upper = np.quantile(draws, (0.025, 0.975)) if model.lower is not None else (None, None)
    gain = Metric(
        name=f"{name} gain", value=model.value - base.value, lower=lower, upper=upper,
        scored="model - largest deviation",
    )  # fmt: skip
    return [
        Metric(name=name, value=model.value, lower=model.lower, upper=model.upper),
        Metric(name=name, value=base.value, lower=base.lower, upper=base.upper, scored="largest deviation"),
        gain,
    ]


def ranking(truth: Numbers, ours: Floats, theirs: Floats) -> SideBySide:
    """Return how two versions rank rows of which some are odd, to be judged by the area under the ROC curve."""

    def area(rows: Floats) -> float:
        """Of (rows, 2): whether it is odd, and its score. Rows of one kind tell nothing."""
        kinds = rows[:, 0].astype(np.int64)
        return roc_auc(kinds, rows[:, 1]).value if 0 < kinds.sum() < len(kinds) else 0.5

    mine, other = (np.stack([truth, np.nan_to_num(scores)], axis=1) for scores in (ours, theirs))
    return SideBySide(ours=mine, theirs=other, unit="rows", score=area)


def histogram(scores: Floats) -> dict[str, list[float]]:
    """Return edges and counts of scores, as the picture of them has it."""
    counts, edges = np.histogram(scores[np.isfinite(scores)], bins=40)
    return {"edges": edges.tolist(), "counts": counts.tolist()}
