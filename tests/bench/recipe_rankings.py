"""Sets of who had what: trained on the training part, then every subject asked for ten by forge_recommend."""

import csv
from pathlib import Path
from typing import Any

import numpy as np

from bench.recipe_forge import MODEL, Floats, Forge, figure

Lines = list[dict[str, Any]]
Pairs = list[tuple[str, str]]
_K = 10


def rec_filmtrust(forge: Forge, folder: Path) -> Lines:
    """80 % of all pairs, at random, teach."""
    text = (folder / "ratings_filmtrust.dat").read_text()
    pairs = list(dict.fromkeys((r[0], r[1]) for r in (line.split() for line in text.splitlines()) if r))
    train, test = _random(pairs)
    listed = {
        "ease": (0.594, "EASE on such a split, ideal list cut at 10; popularity .551 there"),
        "item_knn": (0.554, "ItemKNN with cosine, Ferrari Dacrema et al."),
        "als": (0.5201, "iALS, Ferrari Dacrema et al."),
    }
    return [_measured(forge, train, test, family, *listed[family], max_items=4000) for family in listed]


def rec_frappe_apps(forge: Forge, folder: Path) -> Lines:
    """Who used which app, the context left out; 80 % of the pairs, at random, teach."""
    pairs: dict[tuple[str, str], None] = {}
    for name in ("train.csv", "test.csv"):
        with (folder / name).open() as file:
            for row in csv.reader(file):
                pairs[row[0].split("-")[0], row[1].split("-")[0]] = None
    train, test = _random(list(pairs))
    listed = {
        "ease": (0.2856, "EASE, Ferrari Dacrema et al., of another extract; popularity .2118 there"),
        "item_knn": (0.2564, "ItemKNN with cosine, the same"),
        "als": (0.2313, "iALS, the same"),
    }
    return [
        _measured(forge, train, test, family, *listed[family], whole_ideal=True, max_items=4100) for family in listed
    ]


def rec_amazon_digital_music(forge: Forge, folder: Path) -> Lines:
    """The last fifth of each subject's pairs in time is to be found; nothing is listed for that."""
    text = (folder / "Amazon_ratings_Digital_Music_pruned.txt").read_text()
    by_subject: dict[str, list[tuple[int, str]]] = {}
    for row in (line.split() for line in text.splitlines()):
        by_subject.setdefault(row[0], []).append((int(row[3]), row[1]))
    train: Pairs = []
    test: Pairs = []
    for subject, had in by_subject.items():
        ordered = list(dict.fromkeys(item for _, item in sorted(had)))
        cut = len(ordered) - max(round(len(ordered) * 0.2), 1)
        train += [(subject, item) for item in ordered[:cut]]
        test += [(subject, item) for item in ordered[cut:]]
    return [_measured(forge, train, test, "ease", None, "none for this protocol", max_items=4000)]


def _random(pairs: Pairs) -> tuple[Pairs, Pairs]:
    order = np.random.default_rng(42).permutation(len(pairs))
    cut = len(pairs) // 5
    return [pairs[n] for n in order[cut:]], [pairs[n] for n in order[:cut]]


def _measured(
    forge: Forge, train: Pairs, test: Pairs, family: str, listed: float | None, listed_is: str, *,
    whole_ideal: bool = False, **options: object,
) -> dict[str, Any]:  # fmt: skip
    """Return NDCG@10; with `whole_ideal` divided by the ideal over all relevant items, as the listed figure is."""
    forge.table({"who": "text", "what": "text"}, train)
    made = forge.train(
        "recommender", "select who, what from public.bench_set", family=family, split="random", **options
    )
    had: dict[str, set[str]] = {}
    for who, what in train:
        had.setdefault(who, set()).add(what)
    wanted: dict[str, set[str]] = {}
    for who, what in test:
        wanted.setdefault(who, set()).add(what)
    counts: dict[str, int] = {}
    for _, what in train:
        counts[what] = counts.get(what, 0) + 1
    popular = sorted(counts, key=lambda item: -counts[item])
    subjects = list(wanted)
    found: dict[str, list[str]] = {who: [] for who in subjects}
    for who, item in forge.rows(
        "select u.who, r.item from unnest(%s::text[]) as u (who)"
        " cross join lateral api.forge_recommend(%s, u.who, %s) with ordinality as r order by u.who, r.ordinality",
        subjects, MODEL, _K,
    ):  # fmt: skip
        found[who].append(item)
    # A subject without a row to learn from is asked for like any other; what is common answers.
    usual = {who: [item for item in popular if item not in had.get(who, set())][:_K] for who in subjects}
    ours, base = (_ndcg(ranked, wanted, whole_ideal) for ranked in (found, usual))
    recall = np.mean([len(set(found[who]) & wanted[who]) / len(wanted[who]) for who in subjects])
    return figure(
        f"recommender, family {family}", f"ndcg@{_K}", ours, base, "popularity", listed, listed_is,
        recall=round(float(recall), 4), strength=made["regularization"], cpu_s=made["cpu_s"],
    )  # fmt: skip


def _ndcg(ranked: dict[str, list[str]], wanted: dict[str, set[str]], whole_ideal: bool) -> Floats:
    discounts = 1 / np.log2(np.arange(2, 1002))
    values = []
    for who, items in ranked.items():
        gain = sum(discounts[place] for place, item in enumerate(items) if item in wanted[who])
        count = min(len(wanted[who]), 1000 if whole_ideal else _K)
        values.append(gain / discounts[:count].sum())
    return np.array(values)
