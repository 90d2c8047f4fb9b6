"""The recipe `recommender`: EASE on who had what, its penalty chosen and its worth measured on held-out pairs.

With several subjects, a share of the pairs is held out (the latest ones, or random ones). One person's sessions are
split by time instead: of each late session the first half is known and the second is to be found, which is how it
will be used.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np
import scipy.sparse

from datapunk.errors import DatasetUnusable
from datapunk_forge.ease import ease_weights, sparse_weights, strongest
from datapunk_forge.evaluation import gain_metric, mean_metric, ranking_scores
from datapunk_forge.interactions import Interactions, Numbers, interactions
from datapunk_forge.trained import Dataset, Embed, Floats, Metric, Progress, RecommenderRows, Trained

K = 10
_PENALTIES = (10.0, 50.0, 200.0, 500.0, 2000.0)
_MIN_ITEMS = 3
# One person's recommendations start from the latest items, each counting half as much this many items later.
_RECENT, _HALF_LIFE = 50, 10
_BATCH = 2048


@dataclass(frozen=True, kw_only=True)
class Split:
    """Rows of the interactions by their part in an evaluation: learned from, known of a test subject, to be found."""

    learn: Numbers
    known: Numbers
    target: Numbers


def train(dataset: Dataset, options: Mapping[str, object], progress: Progress, embed: Embed) -> Trained:
    """Train on (subject, item, optional time and weight). Raises DatasetUnusable."""
    del embed
    seed = int(str(options["seed"]))
    data = _most_common(interactions(dataset, options), int(str(options["max_items"])))
    progress(0.05, "splitting")
    split = split_rows(data, options, seed, np.arange(len(data.item)))
    penalty, tried = _penalty(data, options, split, seed, progress)
    progress(0.6, "evaluating")
    count = int(str(options["neighbours"]))
    metrics = _evaluate(data, split, penalty, count, seed)
    progress(0.75, "training on all rows", **{m.name: m.value for m in metrics if m.scored == "model"})
    everything = np.arange(len(data.item))
    neighbours, weights = strongest(ease_weights(_gram(data, everything), penalty), count)
    progress(0.9, "writing")
    common = _popularity(data, everything)
    return Trained(
        metrics=metrics,
        primary_metric=f"ndcg@{K}",
        parameters={
            **options, "regularization": penalty, "tried": tried, "items": len(data.items),
            "subjects": len(data.subjects), "pairs": len(data.item), "rows_skipped": data.skipped,
            "sessions": data.owner is not None,
        },
        signature={"subject": "text", "output": "ranking", "sessions": data.owner is not None},
        recommender=RecommenderRows(
            items=data.items, popularity=common, neighbours=neighbours, weights=weights, subjects=_had(data)
        ),
        libraries={name: version(name) for name in ("numpy", "scipy")},
    )  # fmt: skip


def split_rows(data: Interactions, options: Mapping[str, object], seed: int, rows: Numbers) -> Split:
    """Hold out a share of the given rows. Subjects with a single item teach, but are not tested."""
    share = float(str(options["test_size"]))
    subject = data.subject[rows]
    counts = np.bincount(subject, minlength=len(data.subjects))
    if data.owner is not None:
        return _split_sessions(data, rows, counts, share)
    by_time = options["split"] == "time" and data.has_time
    # A random order among equal times keeps the order of the query from leaking into the split.
    shuffle = np.random.default_rng(seed).random(len(rows))
    order = np.lexsort((shuffle, data.time[rows] if by_time else shuffle, subject))
    starts = np.concatenate(([0], np.cumsum(counts)))[subject[order]]
    position = np.arange(len(rows)) - starts
    held = np.maximum(np.round(counts * share), 1)
    target = (position >= (counts - held)[subject[order]]) & (counts[subject[order]] > 1)
    known = rows[order[~target]]
    return Split(learn=known, known=known, target=rows[order[target]])


def _split_sessions(data: Interactions, rows: Numbers, counts: Numbers, share: float) -> Split:
    """Test the latest sessions (numbered in order of time): their first half is known, the second to be found."""
    present = np.flatnonzero(counts)
    first_test = present[min(int(len(present) * (1 - share)), len(present) - 1)]
    late = data.subject[rows] >= first_test
    late_rows = rows[late]
    order = late_rows[np.lexsort((data.time[late_rows], data.subject[late_rows]))]
    subject = data.subject[order]
    starts = np.searchsorted(subject, subject)
    target = (np.arange(len(order)) - starts >= (counts[subject] + 1) // 2) & (counts[subject] > 1)
    return Split(learn=rows[~late], known=order[~target], target=order[target])


def _penalty(
    data: Interactions, options: Mapping[str, object], split: Split, seed: int, progress: Progress
) -> tuple[float, dict[str, float]]:
    """Return the penalty with the best NDCG on rows held out from the learning part, and what each gave."""
    if options.get("regularization") is not None:
        return float(str(options["regularization"])), {}
    inner = split_rows(data, options, seed + 1, np.sort(split.learn))
    if not len(inner.target) or not len(inner.learn):
        return _PENALTIES[2], {}
    gram = _gram(data, inner.learn)
    tried: dict[str, float] = {}
    for number, penalty in enumerate(_PENALTIES):
        scores = sparse_weights(*strongest(ease_weights(gram, penalty), int(str(options["neighbours"]))))
        tried[f"{penalty:g}"] = float(_scores(data, inner, scores)[0].mean())
        progress(
            0.1 + 0.5 * (number + 1) / len(_PENALTIES), "choosing the penalty", **{"ndcg@10": tried[f"{penalty:g}"]}
        )
    return max(_PENALTIES, key=lambda p: tried[f"{p:g}"]), tried


def _evaluate(data: Interactions, split: Split, penalty: float, count: int, seed: int) -> tuple[Metric, ...]:
    if not len(split.target) or not len(split.learn):
        raise DatasetUnusable(
            "no subject has two items, so nothing can be held out",
            hint="Recommend at a coarser level (a channel instead of a video), or give a longer session.",
        )
    model = sparse_weights(*strongest(ease_weights(_gram(data, split.learn), penalty), count))
    ndcg, recall = _scores(data, split, model)
    base_ndcg, base_recall = _scores(data, split, None)
    return (
        mean_metric(f"ndcg@{K}", ndcg, seed),
        mean_metric(f"recall@{K}", recall, seed),
        mean_metric(f"ndcg@{K}", base_ndcg, seed, scored="popularity"),
        mean_metric(f"recall@{K}", base_recall, seed, scored="popularity"),
        gain_metric(f"ndcg@{K}", ndcg, base_ndcg, seed, "popularity"),
        gain_metric(f"recall@{K}", recall, base_recall, seed, "popularity"),
    )


def _scores(data: Interactions, split: Split, model: scipy.sparse.csr_array | None) -> tuple[Floats, Floats]:
    """Return NDCG and recall of each test subject; without a model, of popularity. Known items are left out."""
    tested = np.unique(data.subject[split.target])
    known = _matrix(data, split.known)[tested]
    wanted = _matrix(data, split.target)[tested]
    common = _popularity(data, split.learn).astype(np.float32)
    parts = []
    for start in range(0, len(tested), _BATCH):
        had = known[start : start + _BATCH]
        scores = np.repeat(common[None, :], had.shape[0], axis=0) if model is None else (had @ model).toarray()
        if model is not None:
            # As when it is asked: items without a positive score follow by how common they are.
            scores = np.where(scores > 0, scores + 1.0, common * 0.5 - 1.0)
        scores[had.toarray() > 0] = -np.inf
        parts.append(np.argsort(-scores, axis=1, kind="stable")[:, :K])
    relevant = [wanted.indices[wanted.indptr[i] : wanted.indptr[i + 1]].astype(np.int64) for i in range(len(tested))]
    ranked = np.pad(np.concatenate(parts), ((0, 0), (0, max(0, K - len(data.items)))), constant_values=-1)
    return ranking_scores(ranked, relevant, K)


def _matrix(data: Interactions, rows: Numbers) -> scipy.sparse.csr_array:
    """Return the binary subjects-by-items matrix of some rows."""
    ones = np.ones(len(rows), dtype=np.float32)
    shape = (len(data.subjects), len(data.items))
    return scipy.sparse.csr_array((ones, (data.subject[rows], data.item[rows])), shape=shape)


def _gram(data: Interactions, rows: Numbers) -> "np.ndarray[tuple[int, int], np.dtype[np.float32]]":
    matrix = _matrix(data, rows)
    return np.asarray((matrix.T @ matrix).toarray(), dtype=np.float32)


def _popularity(data: Interactions, rows: Numbers) -> Floats:
    subjects = max(len(np.unique(data.subject[rows])), 1)
    return np.bincount(data.item[rows], minlength=len(data.items)) / subjects


def _most_common(data: Interactions, limit: int) -> Interactions:
    """Keep the most common items and number them by how common they are."""
    counts = np.bincount(data.item, minlength=len(data.items))
    order = np.lexsort((np.arange(len(counts)), -counts))[:limit]
    if len(order) < _MIN_ITEMS:
        raise DatasetUnusable(
            f"the dataset has {len(order)} distinct items", hint=f"A recommender needs at least {_MIN_ITEMS}."
        )
    number = np.full(len(counts), -1, dtype=np.int64)
    number[order] = np.arange(len(order))
    kept = number[data.item] >= 0
    return Interactions(
        subjects=data.subjects, items=tuple(data.items[i] for i in order), subject=data.subject[kept],
        item=number[data.item[kept]], weight=data.weight[kept], time=data.time[kept], owner=data.owner,
        skipped=data.skipped,
    )  # fmt: skip


def _had(
    data: Interactions,
) -> dict[str, tuple["np.ndarray[tuple[int], np.dtype[np.int32]]", "np.ndarray[tuple[int], np.dtype[np.float32]]"]]:
    """Return what each subject had. A person whose rows became sessions is one subject again, with its latest items."""
    if data.owner is not None:
        order = np.argsort(-data.time, kind="stable")
        _, first = np.unique(data.item[order], return_index=True)
        latest = data.item[order][np.sort(first)[:_RECENT]]
        decay = 0.5 ** (np.arange(len(latest)) / _HALF_LIFE)
        return {data.owner: (latest.astype(np.int32), decay.astype(np.float32))}
    order = np.lexsort((-np.nan_to_num(data.time), data.subject))
    bounds = np.searchsorted(data.subject[order], np.arange(len(data.subjects) + 1))
    items = data.item[order].astype(np.int32)
    return {
        name: (items[bounds[i] : bounds[i + 1]], np.ones(bounds[i + 1] - bounds[i], dtype=np.float32))
        for i, name in enumerate(data.subjects)
        if bounds[i + 1] > bounds[i]
    }
