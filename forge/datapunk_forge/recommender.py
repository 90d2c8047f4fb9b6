"""The recipe `recommender`: what goes with what, by EASE or another family.

The strength of a family (its penalty, or how many neighbours or factors) is chosen and the worth is measured on
held-out pairs. With several subjects, a share of the pairs is held out (the latest ones, or random ones). One person's
sessions are split by time instead: of each late session the first half is known and the second is to be found, which
is how it will be used.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from importlib.metadata import version

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from datapunk.errors import DatasetUnusable
from datapunk_forge.ease import Weights, sparse_weights, strongest
from datapunk_forge.evaluation import gain_metric, mean_metric, ranking_scores
from datapunk_forge.incumbent import Incumbent
from datapunk_forge.interactions import Interactions, Numbers, interactions
from datapunk_forge.neighbours import STRENGTHS, Contents, weights_of
from datapunk_forge.tabular.encoding import texts_of
from datapunk_forge.trained import (
    Dataset,
    Embed,
    Floats,
    Metric,
    Progress,
    RecommenderRows,
    SideBySide,
    Trained,
)

K = 10
# The entry of a signature that tells the time of the latest pair, in seconds since 1970.
UNTIL = "until"
_PENALISED = ("ease", "hybrid")
_MIN_ITEMS = 3
# With more items a fit takes seconds, and the cube of them.
_INNER, _FEW_ITEMS = 3, 2500
# One person's recommendations start from the latest items, each counting half as much this many items later.
_RECENT, _HALF_LIFE = 50, 10
_BATCH = 2048


@dataclass(frozen=True, kw_only=True)
class Split:
    """Rows of the interactions by their part in an evaluation: learned from, known of a test subject, to be found."""

    learn: Numbers
    known: Numbers
    target: Numbers
    # Neither known nor to be found: what an outer split holds out is not suggested, so it counts for nothing.
    hidden: Numbers = field(default_factory=lambda: np.empty(0, dtype=np.int64))


def train(dataset: Dataset, options: Mapping[str, object], progress: Progress, embed: Embed) -> Trained:
    """Train on (subject, item, optional time and weight). Raises DatasetUnusable."""
    seed = int(str(options["seed"]))
    data = _most_common(interactions(dataset, options), int(str(options["max_items"])))
    progress(0.05, "splitting")
    everything = np.arange(len(data.item))
    split = split_rows(data, options, seed, everything)
    way = Way(data=data, options=options, seed=seed, contents=_contents(dataset, data, options, embed))
    measured = _measured(way, split, *_chosen(way, split.learn, split.target, progress, 0.1)[:2])
    metrics = _evaluate(data, split, measured, seed)
    # The more pairs, the less penalty is best: what all of them are learned with is chosen on all of them.
    family, strength, tried = _chosen(way, everything, everything[:0], progress, 0.5)
    progress(0.9, "training on all rows", **{m.name: m.value for m in metrics if m.scored == "model"})
    neighbours, weights = way.strongest(family, strength, everything)
    progress(0.9, "writing")
    common = _popularity(data, everything)
    return Trained(
        metrics=metrics,
        primary_metric=f"ndcg@{K}",
        parameters={
            **options, "family": family, "regularization": strength, "tried": tried, "items": len(data.items),
            "subjects": len(data.subjects), "pairs": len(data.item), "rows_skipped": data.skipped,
            "sessions": data.owner is not None,
        },
        signature={
            "subject": "text", "output": "ranking", "sessions": data.owner is not None,
            **({UNTIL: float(data.time.max())} if data.has_time else {}),
        },
        recommender=RecommenderRows(
            items=data.items, popularity=common, neighbours=neighbours, weights=weights, subjects=_had(data)
        ),
        artifacts={"plots.json": json.dumps({"search": tried}).encode()},
        against=partial(_against, data, split, measured),
        libraries={name: version(name) for name in ("numpy", "scipy", "implicit")},
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Way:
    """How weights are made of some rows of the interactions."""

    data: Interactions
    options: Mapping[str, object]
    seed: int
    contents: Contents

    def strongest(self, family: str, strength: float, rows: Numbers) -> tuple[NDArray[np.int32], Weights]:
        """Return the neighbours of each item and their weights, learned from `rows`."""
        threads = int(str(self.options.get("cpus", 1)))
        weights = weights_of(family, _matrix(self.data, rows), strength, self.contents, self.seed, threads)
        return strongest(weights, int(str(self.options["neighbours"])))

    def score(self, family: str, strength: float, split: Split) -> float:
        """Return the NDCG of what the split learns from."""
        model = sparse_weights(*self.strongest(family, strength, split.learn))
        return float(scores(self.data, split, model)[0].mean())


def _contents(dataset: Dataset, data: Interactions, options: Mapping[str, object], embed: Embed) -> Contents:
    """Return what gives the vectors of the items: of their contents, else of their names; embedded once."""
    kept: list[Weights] = []

    def vectors() -> Weights:
        if not kept:
            texts = item_texts(dataset, data, options)
            embedder = str(options.get("embedder", "all-MiniLM-L6-v2"))
            kept.append(np.concatenate([embed(texts[i : i + 256], embedder) for i in range(0, len(texts), 256)]))
        return kept[0]

    return vectors


def item_texts(dataset: Dataset, data: Interactions, options: Mapping[str, object]) -> list[str]:
    """Return a text for each item: the first that the column `content` has beside it, else its name."""
    name = options.get("content")
    column = dataset.column(str(name)) if name else None
    if column is None:
        return list(data.items)
    told: dict[str, str] = {}
    item = dataset.column(str(options["item"])) if options.get("item") else dataset.columns[1]
    for key, text in zip(texts_of(item) if item is not None else (), texts_of(column), strict=True):
        if key and text and text.strip():
            told.setdefault(key, text)
    return [told.get(key, key) for key in data.items]


def split_rows(data: Interactions, options: Mapping[str, object], seed: int, rows: Numbers) -> Split:
    """Hold out a share of the given rows: of one person the latest sessions, else each subject's latest, else any.

    In time, subjects with a single item teach, but are not tested; at random, one that is left without is tested too.
    """
    share = float(str(options["test_size"]))
    subject = data.subject[rows]
    counts = np.bincount(subject, minlength=len(data.subjects))
    if data.owner is not None:
        return _split_sessions(data, rows, counts, share)
    shuffle = np.random.default_rng(seed).random(len(rows))
    if not (options["split"] == "time" and data.has_time):
        drawn = shuffle.argsort() < max(round(len(rows) * share), 1)
        return Split(learn=rows[~drawn], known=rows[~drawn], target=rows[drawn])
    # A random order among equal times keeps the order of the query from leaking into the split.
    order = np.lexsort((shuffle, data.time[rows], subject))
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


def _chosen(
    way: Way, learn: Numbers, hidden: Numbers, progress: Progress, done: float
) -> tuple[str, float, dict[str, float]]:
    """Return family and strength with the best NDCG on rows held out from the learning part, and what each gave."""
    asked = str(way.options.get("family", "ease"))
    given = way.options.get("regularization")
    candidates = [
        (family, strength)
        for family in (("ease", "item_knn", "als") if asked == "auto" else (asked,))
        for strength in ([float(str(given))] if given is not None and family in _PENALISED else STRENGTHS[family])
    ]
    # A random split tells close candidates apart poorly, the mean of a few better; one in time is the same each time.
    several = way.options["split"] == "random" and way.data.owner is None and len(way.data.items) <= _FEW_ITEMS
    draws = _INNER if several else 1
    # Half as many as are measured with: what is chosen shall suit nearly all rows.
    given_share = {**way.options, "test_size": float(str(way.options["test_size"])) / 2}
    inner = [
        replace(split_rows(way.data, given_share, way.seed + 1 + number, np.sort(learn)), hidden=hidden)
        for number in range(draws)
    ]
    if len(candidates) == 1 or not len(inner[0].target) or not len(inner[0].learn):
        return *candidates[len(candidates) // 2], {}
    tried: dict[str, float] = {}
    for number, (family, strength) in enumerate(candidates):
        name = f"{strength:g}" if asked == "ease" else f"{family} {strength:g}"
        tried[name] = float(np.mean([way.score(family, strength, part) for part in inner]))
        progress(done + 0.4 * (number + 1) / len(candidates), "choosing the strength", **{"ndcg@10": tried[name]})
    return (*candidates[steadiest(candidates, list(tried.values()))], tried)


def steadiest(candidates: Sequence[tuple[str, float]], scores: Sequence[float]) -> int:
    """Return the number of the candidate that is best together with its neighbours of the same family.

    Scores are all but flat around the best strength: the highest of them is often only the luckiest.
    """

    def level(number: int) -> float:
        near = [n for n in (number - 1, number + 1) if 0 <= n < len(scores)]
        beside = [scores[n] for n in near if candidates[n][0] == candidates[number][0]]
        # At an end the missing neighbour is as far below as the other one.
        return (2 * scores[number] + sum(beside) + (beside[0] if len(beside) == 1 else 0.0)) / (2 + 2 * bool(beside))

    return max(range(len(scores)), key=level)


def _measured(way: Way, split: Split, family: str, strength: float) -> scipy.sparse.csr_array:
    """Return the weights, items by items, that the split's learning part gives. Raises DatasetUnusable."""
    if not len(split.target) or not len(split.learn):
        raise DatasetUnusable(
            "no subject has two items, so nothing can be held out",
            hint="Recommend at a coarser level (a channel instead of a video), or give a longer session.",
        )
    return sparse_weights(*way.strongest(family, strength, split.learn))


def _against(
    data: Interactions, split: Split, measured: scipy.sparse.csr_array, incumbent: Incumbent, embed: Embed
) -> SideBySide | None:
    """Score another version, as `Rival`: on what is to be found of each subject and that version did not know yet."""
    del embed
    rows, signature = incumbent.rows, incumbent.signature
    if not isinstance(rows, RecommenderRows):
        return None
    place = {name: number for number, name in enumerate(data.items)}
    placed = np.array([place.get(name, -1) for name in rows.items], dtype=np.int64)
    if data.owner is None:
        number = {name: subject for subject, name in enumerate(data.subjects)}
        learned = [np.empty(0, dtype=np.int64)]
        for name in rows.subjects.keys() & number.keys():
            had = placed[rows.subjects[name][0]]
            learned.append(number[name] * len(data.items) + had[had >= 0])
        known = np.isin(data.subject * len(data.items) + data.item, np.concatenate(learned))
    elif data.has_time and UNTIL in signature:
        known = data.time <= signature[UNTIL]
    else:
        return None
    seen = known[split.target]
    if seen.all():
        return None
    part = replace(split, target=split.target[~seen], hidden=np.concatenate((split.hidden, split.target[seen])))
    here = np.flatnonzero(placed >= 0)
    moved = scipy.sparse.csr_array(
        (np.ones(len(here), dtype=np.float32), (here, placed[here])), shape=(len(placed), len(data.items))
    )
    theirs = (moved.T @ _weights_of(rows) @ moved).tocsr()
    return SideBySide(
        ours=scores(data, part, measured)[0], theirs=scores(data, part, theirs, moved.T @ rows.popularity)[0],
        unit="subjects",
    )  # fmt: skip


def _weights_of(rows: RecommenderRows) -> scipy.sparse.csr_array:
    """Return the weights of stored rows, items by items; a neighbour of -1 is none."""
    item, place = np.nonzero(rows.neighbours >= 0)
    return scipy.sparse.csr_array(
        (rows.weights[item, place], (item, rows.neighbours[item, place])), shape=(len(rows.items), len(rows.items))
    )


def _evaluate(data: Interactions, split: Split, model: scipy.sparse.csr_array, seed: int) -> tuple[Metric, ...]:
    ndcg, recall = scores(data, split, model)
    base_ndcg, base_recall = scores(data, split, None)
    return (
        mean_metric(f"ndcg@{K}", ndcg, seed),
        mean_metric(f"recall@{K}", recall, seed),
        mean_metric(f"ndcg@{K}", base_ndcg, seed, scored="popularity"),
        mean_metric(f"recall@{K}", base_recall, seed, scored="popularity"),
        gain_metric(f"ndcg@{K}", ndcg, base_ndcg, seed, "popularity"),
        gain_metric(f"recall@{K}", recall, base_recall, seed, "popularity"),
    )


def scores(
    data: Interactions, split: Split, model: scipy.sparse.csr_array | None, popularity: Floats | None = None
) -> tuple[Floats, Floats]:
    """Return NDCG and recall of each test subject; without a model, of popularity. Known items are left out.

    `popularity` is that of the items where it is not that of the rows learned from.
    """
    tested = np.unique(data.subject[split.target])
    known = _matrix(data, split.known)[tested]
    left_out = _matrix(data, np.concatenate((split.known, split.hidden)))[tested]
    wanted = _matrix(data, split.target)[tested]
    common = (_popularity(data, split.learn) if popularity is None else popularity).astype(np.float32)
    parts = []
    for start in range(0, len(tested), _BATCH):
        had = known[start : start + _BATCH]
        scores = np.repeat(common[None, :], had.shape[0], axis=0) if model is None else (had @ model).toarray()
        if model is not None:
            # As when it is asked: items without a positive score follow by how common they are.
            scores = np.where(scores > 0, scores + 1.0, common * 0.5 - 1.0)
        scores[left_out[start : start + _BATCH].toarray() > 0] = -np.inf
        parts.append(np.argsort(-scores, axis=1, kind="stable")[:, :K])
    relevant = [wanted.indices[wanted.indptr[i] : wanted.indptr[i + 1]].astype(np.int64) for i in range(len(tested))]
    ranked = np.pad(np.concatenate(parts), ((0, 0), (0, max(0, K - len(data.items)))), constant_values=-1)
    return ranking_scores(ranked, relevant, K)


def _matrix(data: Interactions, rows: Numbers) -> scipy.sparse.csr_array:
    """Return the binary subjects-by-items matrix of some rows."""
    ones = np.ones(len(rows), dtype=np.float32)
    shape = (len(data.subjects), len(data.items))
    return scipy.sparse.csr_array((ones, (data.subject[rows], data.item[rows])), shape=shape)


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
