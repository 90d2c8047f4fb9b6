"""A new version against the one that answers, on the same held-out rows.

Both are asked through their graphs, the incumbent with the features of its own signature, on what neither has learned
from: about what it has learned from a version would seem right. What has no target is measured by its recipe. The gain
has an interval from paired resampling: rows are drawn once for both, so that a hard row is hard for both.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from datapunk.errors import InvalidArgument
from datapunk.forge.wording import padded
from datapunk_forge.evaluation import resampled_means
from datapunk_forge.incumbent import Incumbent, relabelled
from datapunk_forge.learned_texts import LEARNED, digest, unpacked
from datapunk_forge.router_measured import MEASURED, ROUTER, Measured, as_asked, outcomes
from datapunk_forge.trained import AGREEMENT, Dataset, Embed, Floats, HeldOut, SideBySide, Trained

_RESAMPLES = 300
# Fewer things that neither has learned from tell two versions apart by chance alone; of series each is many steps.
_FEWEST, _FEWEST_SERIES = 10, 3
_MAY_HAVE_LEARNED = "the version before does not say which of them it has learned from"
Score = Callable[[Floats, Floats], float]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Both on the same rows; `lower` and `upper` bound the gain."""

    incumbent_id: int
    metric: str
    row_count: int
    candidate: float
    incumbent: float
    lower: float
    upper: float
    passed: bool
    reason: str

    def to_json(self) -> dict[str, Any]:
        """Return it as it is kept with the version."""
        return asdict(self)


def compared(
    trained: Trained, dataset: Dataset, incumbent: Incumbent, options: Mapping[str, object], embed: Embed
) -> Comparison | None:
    """Return how the two compare; None where the incumbent cannot take these rows or answers something else."""
    if trained.against is not None:
        return _measured(trained, trained.against(incumbent, embed), incumbent, options)
    held = trained.held_out
    if held is None:
        return None
    is_router, is_text = trained.signature.get("kind") == ROUTER, "wording" in trained.signature
    judge = _routers if is_router else _texts if is_text else _tabular
    return judge(trained, held, dataset, incumbent, options, embed)


def _tabular(
    trained: Trained, held: HeldOut, dataset: Dataset, incumbent: Incumbent, options: Mapping[str, object], embed: Embed
) -> Comparison | None:
    """Compare two models of columns on the held-out rows that the incumbent has not learned from."""
    if incumbent.signature.get("target") != trained.signature.get("target"):
        return None
    if incumbent.signature.get("kind") != "tabular":
        return None
    unseen = incumbent.unseen(dataset, held.rows)
    if unseen is None or (incumbent.keeps_rows and unseen.sum() < _FEWEST):
        return None
    theirs = incumbent.of_rows(dataset.take(held.rows[unseen]), embed)
    if theirs is None:
        return None
    if labels := trained.signature.get("labels"):
        theirs = relabelled(theirs, incumbent.signature["labels"], labels)  # type: ignore[arg-type]
    found = _judged(trained.primary_metric, incumbent, held.truth[unseen], held.predicted[unseen], theirs, options)
    return found if incumbent.keeps_rows else replace(found, reason=f"{found.reason}; {_MAY_HAVE_LEARNED}")


def _texts(
    trained: Trained, held: HeldOut, dataset: Dataset, incumbent: Incumbent, options: Mapping[str, object], embed: Embed
) -> Comparison | None:
    """Compare two classifiers of texts on the held-out ones that the incumbent has not learned from."""
    column = dataset.column(str(options["text"]))
    if LEARNED not in incumbent.files or "wording" not in incumbent.signature or column is None:
        return None
    learned = unpacked(incumbent.files[LEARNED])
    texts = [str(column.values[row]) for row in held.rows.tolist()]
    unseen = np.flatnonzero([digest(text) not in learned for text in texts])
    if len(unseen) < _FEWEST:
        return None
    chosen = [texts[row] for row in unseen.tolist()]
    wording = incumbent.signature["wording"]
    terms = np.array([padded(text, wording["buckets"], wording["terms"]) for text in chosen], dtype=np.float32)
    answers = incumbent.asked(np.hstack([embed(chosen, str(incumbent.signature["embedder"])), terms]))
    labels: Sequence[str] = trained.signature["labels"]  # type: ignore[assignment]
    theirs = relabelled(answers, incumbent.signature["labels"], labels)
    return _judged(trained.primary_metric, incumbent, held.truth[unseen], held.predicted[unseen], theirs, options)


def _measured(
    trained: Trained, found: SideBySide | None, incumbent: Incumbent, options: Mapping[str, object]
) -> Comparison | None:
    """Compare two versions by what their recipe measured of both."""
    if found is None or len(found.ours) < (_FEWEST_SERIES if found.unit == "series" else _FEWEST):
        return None
    seed = int(str(options.get("seed", 0)))
    if found.score is None:
        scores, gains = _means(found), resampled_means(found.ours - found.theirs, seed)
    else:
        score = found.score
        scores, gains = (score(found.ours), score(found.theirs)), _resampled(score, found.ours, found.theirs, seed)
    return _told(trained.primary_metric, incumbent, len(found.ours), scores, gains, options, unit=found.unit)


def _means(found: SideBySide) -> tuple[float, float]:
    return float(found.ours.mean()), float(found.theirs.mean())


def _resampled(score: Callable[[Floats], float], ours: Floats, theirs: Floats, seed: int) -> Floats:
    """Return the gains of a score over resampled rows, the same ones of both."""
    random = np.random.default_rng(seed)
    drawn = [random.integers(0, len(ours), len(ours)) for _ in range(_RESAMPLES)]
    return np.array([score(ours[rows]) - score(theirs[rows]) for rows in drawn])


def _routers(
    trained: Trained, held: HeldOut, dataset: Dataset, incumbent: Incumbent, options: Mapping[str, object], embed: Embed
) -> Comparison | None:
    """Compare two routers as they were measured, on the held-out examples that the incumbent has not learned from."""
    text = dataset.column(str(options["text"]))
    if MEASURED not in incumbent.files or text is None:
        return None
    measured = Measured.from_bytes(incumbent.files[MEASURED])
    texts = as_asked([text.values[row] for row in held.rows.tolist()])
    unseen = np.flatnonzero([digest(one) not in measured.learned for one in texts])
    if len(unseen) < _FEWEST:
        return None
    labels: Sequence[str] = trained.signature["labels"]  # type: ignore[assignment]
    answers = measured.answers([texts[row] for row in unseen.tolist()], embed)
    theirs = relabelled(answers, outcomes(measured.head.labels), labels)
    return _judged(trained.primary_metric, incumbent, held.truth[unseen], held.predicted[unseen], theirs, options)


def _judged(
    metric: str, incumbent: Incumbent, truth: Floats, ours: Floats, theirs: Floats, options: Mapping[str, object]
) -> Comparison:
    candidate, standing, gains = paired(metric, truth, ours, theirs, int(str(options.get("seed", 0))))
    return _told(metric, incumbent, len(truth), (candidate, standing), gains, options)


def _told(
    metric: str, incumbent: Incumbent, count: int, scores: tuple[float, float], gains: Floats,
    options: Mapping[str, object], *, unit: str = "rows",
) -> Comparison:  # fmt: skip
    """Return the comparison of two `scores`, the candidate's and the incumbent's, by `gains` of resampled `unit`."""
    candidate, standing = scores
    lower, upper = (float(q) for q in np.quantile(gains, (0.025, 0.975)))
    passed, why = gate(options, candidate - standing, lower, upper)
    return Comparison(
        incumbent_id=incumbent.version_id, metric=metric, row_count=count, candidate=candidate,
        incumbent=standing, lower=lower, upper=upper, passed=passed,
        reason=f"{metric} {candidate:.4f} against {standing:.4f} on the same {count} {unit}, gain"
        f" {lower:+.4f} to {upper:+.4f}: {why}",
    )  # fmt: skip


def gate(options: Mapping[str, object], gain: float, lower: float, upper: float) -> tuple[bool, str]:
    """Return whether a gain passes the gate of the options, and why."""
    rule, margin = str(options.get("gate", "better")), float(str(options.get("gate_margin", 0.0)))
    passed = {"better": gain > margin, "confident": lower > margin, "not_worse": upper >= margin}[rule]
    return passed, f"{'passes' if passed else 'does not pass'} the gate {rule} with margin {margin:g}"


def paired(metric: str, truth: Floats, ours: Floats, theirs: Floats, seed: int) -> tuple[float, float, Floats]:
    """Return the metric of both, and the gains of resampled rows. Raises InvalidArgument for an unknown metric."""
    if metric in ("accuracy", AGREEMENT, "log_likelihood", "r2"):
        mine, other = (_by_row(metric, truth, p) for p in (ours, theirs))
        scale, shift = _scale(metric, truth)
        gains = (resampled_means(mine - other, seed)) * scale
        return float(mine.mean() * scale + shift), float(other.mean() * scale + shift), gains
    score = _whole(metric)
    random = np.random.default_rng(seed)
    drawn = [random.integers(0, len(truth), len(truth)) for _ in range(_RESAMPLES)]
    gains = np.array([score(truth[r], ours[r]) - score(truth[r], theirs[r]) for r in drawn])
    return score(truth, ours), score(truth, theirs), gains


def _by_row(metric: str, truth: Floats, predicted: Floats) -> Floats:
    if metric == "r2":
        return np.asarray(-((truth - predicted[:, 0]) ** 2))
    labels = truth.astype(np.int64)
    if metric in ("accuracy", AGREEMENT):
        return np.asarray(predicted.argmax(axis=1) == labels, dtype=np.float64)
    return np.asarray(np.log(np.clip(predicted[np.arange(len(labels)), labels], 1e-15, 1.0)))


def _scale(metric: str, truth: Floats) -> tuple[float, float]:
    """Return what turns the mean over rows into the metric: r2 is 1 - squared error over variance."""
    variance = float(truth.var())
    return (1.0 / variance, 1.0) if metric == "r2" and variance else (1.0, 0.0)


def _whole(metric: str) -> Score:
    from sklearn.metrics import f1_score, roc_auc_score

    def macro_f1(truth: Floats, predicted: Floats) -> float:
        return float(f1_score(truth, predicted.argmax(axis=1), average="macro", zero_division=0))

    def roc_auc(truth: Floats, predicted: Floats) -> float:
        return float(roc_auc_score(truth, predicted[:, 1])) if len(np.unique(truth)) > 1 else 0.5

    found = {"macro_f1": macro_f1, "roc_auc": roc_auc}
    if metric not in found:
        raise InvalidArgument(f"no comparison by {metric!r}", hint="Choose another metric.")
    return found[metric]
