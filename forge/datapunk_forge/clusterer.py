"""The recipe `clusterer`: rows that are alike, with what tells each group in words, and a picture in two dimensions.

Groups are measured by the silhouette (Rousseeuw 1987) of rows held out, among those and rows learned from: how much
nearer a row is to its own group than to the next one.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from functools import partial
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from sklearn.cluster import HDBSCAN, KMeans
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.impute import SimpleImputer
from sklearn.metrics import silhouette_samples
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from datapunk.errors import DatasetUnusable, TrainingFailed
from datapunk.forge.features import Feature
from datapunk_forge.evaluation import gain_metric, mean_metric
from datapunk_forge.export.anomalies import INPUT, PREPARED, after
from datapunk_forge.export.session import open_session
from datapunk_forge.incumbent import Incumbent
from datapunk_forge.learned_rows import LEARNED_ROWS, learned_rows, row_digests
from datapunk_forge.tabular.columns import choose_columns
from datapunk_forge.tabular.encoding import Matrix, texts_of
from datapunk_forge.tabular.learning import MIN_ROWS, background, libraries
from datapunk_forge.tabular.splitting import group_of, split_rows
from datapunk_forge.tabular.unlabelled import encoded
from datapunk_forge.trained import Dataset, Embed, Floats, Progress, SideBySide, Trained

OUTPUT = "distances"
_MOST = 12
_JUDGED = 2000
_SHOWN = 2000
_MAX_VALUES = 20
_WORDS = 5
_WORD = r"(?u)\b[^\W\d]{3,}\b"
Numbers = NDArray[np.int64]


def train(dataset: Dataset, options: Mapping[str, object], progress: Progress, embed: Embed) -> Trained:
    """Group the rows by all columns. Raises DatasetUnusable."""
    seed = int(str(options["seed"]))
    if dataset.row_count < MIN_ROWS:
        raise DatasetUnusable(f"the dataset has {dataset.row_count} rows", hint=f"Give at least {MIN_ROWS}.")
    chosen = choose_columns(dataset, None, options)
    split = split_rows(dataset, np.arange(dataset.row_count), options, seed)
    checks, features, matrix = encoded(dataset, chosen, split, options, _MAX_VALUES, progress, embed)
    preparation = _preparation(features).fit(matrix[split.learn])
    prepared = preparation.transform(matrix).astype(np.float32)
    progress(0.3, "clustering")
    centres, tried = _centres(prepared[split.learn], options, seed, progress)
    labels = _nearest(prepared, centres)
    graph = after(preparation, matrix.shape[1], _distances_graph(centres))
    difference = _check(graph, matrix, prepared, centres)
    progress(0.8, "evaluating")
    held, beside = _some(split.held, seed), _some(split.learn, seed)
    judged = np.concatenate([held, beside])
    own = _silhouette(prepared[judged], labels[judged])[: len(held)]
    mixed = np.concatenate([_shuffled(prepared[part], seed) for part in (held, beside)])
    by_chance = KMeans(len(centres), n_init=3, random_state=seed).fit(mixed[len(held) :]).cluster_centers_
    chance = _silhouette(mixed, _nearest(mixed, by_chance.astype(np.float32)))[: len(held)]
    clusters = _described(dataset, features, matrix, labels, len(centres))
    projected = _projected(prepared, seed)
    shown = np.sort(np.random.default_rng(seed).permutation(len(prepared))[:_SHOWN])
    points = [[round(float(x), 4), round(float(y), 4), int(labels[row])] for row, (x, y) in zip(
        shown, projected[shown], strict=True)]  # fmt: skip
    return Trained(
        metrics=(
            mean_metric("silhouette", own, seed),
            mean_metric("silhouette", chance, seed, scored="shuffled columns"),
            gain_metric("silhouette", own, chance, seed, "shuffled columns"),
        ),
        primary_metric="silhouette",
        parameters={
            **options, "clusters": len(centres), "tried": tried, "rows_learned": len(split.learn),
            "rows_held_out": len(split.held), "split": split.how,
            "checks": [asdict(c) for c in checks], "onnx_difference": difference,
        },
        signature={
            "kind": "tabular", "task": "clustering", "input": INPUT, "output": OUTPUT, "width": matrix.shape[1],
            "labels": [c["label"] for c in clusters], "clusters": clusters, "features": [f.to_json() for f in features],
        },
        artifacts={
            "model.onnx": graph, "background.f4": background(matrix, split.learn),
            "plots.json": json.dumps({"projection": points}).encode(),
            LEARNED_ROWS: learned_rows(
                dataset, row_digests(dataset, features, None), split.learn, group_of(split, options)
            ).to_bytes(),
        },
        said=[clusters[n]["label"] for n in labels[split.held]],
        against=partial(_against, dataset, judged, prepared[judged], own),
        libraries=libraries(),
    )  # fmt: skip


def _some(rows: Numbers, seed: int) -> Numbers:
    """Return rows to measure with: all, or as many as are judged."""
    return np.sort(np.random.default_rng(seed).permutation(rows)[:_JUDGED])


def _against(
    dataset: Dataset, judged: Numbers, prepared: Matrix, own: Floats, incumbent: Incumbent, embed: Embed
) -> SideBySide | None:  # fmt: skip
    """Score another version, as `Rival`: by its groups of the same rows, where distances are those of this one.

    Of `judged` the held-out rows, of which `own` are the figures, come first; those that are new to both count.
    """
    if incumbent.signature.get("task") != "clustering":
        return None
    unseen = incumbent.unseen(dataset, judged[: len(own)])
    distances = incumbent.of_rows(dataset.take(judged), embed)
    if unseen is None or distances is None:
        return None
    theirs = _silhouette(prepared, distances.argmin(axis=1).astype(np.int64))[: len(own)]
    return SideBySide(ours=own[unseen], theirs=theirs[unseen], unit="rows")


def _preparation(features: Sequence[Feature]) -> ColumnTransformer:
    numbers: list[int] = []
    wide: list[int] = []
    categories: list[int] = []
    for feature in features:
        kind = categories if feature.kind == "category" else wide if feature.kind in ("text", "vector") else numbers
        kind.extend(range(feature.column, feature.column + feature.width))
    filled = SimpleImputer(strategy="median", keep_empty_features=True)
    steps: list[tuple[str, Any, list[int]]] = []
    if numbers:
        steps.append(("number", make_pipeline(filled, StandardScaler()), numbers))
    if wide:
        # Directions of a vector have a meaning together only, and are not stretched one by one.
        steps.append(("vector", SimpleImputer(strategy="median", keep_empty_features=True), wide))
    if categories:
        common = [np.arange(-2, _MAX_VALUES, dtype=np.float32)] * len(categories)
        coder = OneHotEncoder(categories=common, handle_unknown="ignore", sparse_output=False, dtype=np.float32)
        steps.append(("category", coder, categories))
    return ColumnTransformer(steps)


def _centres(
    prepared: Matrix, options: Mapping[str, object], seed: int, progress: Progress
) -> tuple[Matrix, dict[str, float]]:
    """Return the centres of the clusters, and the silhouette of each number of them that was tried."""
    sample = prepared[np.sort(np.random.default_rng(seed).permutation(len(prepared))[:_JUDGED])]
    if options["family"] == "hdbscan":
        smallest = int(str(options.get("min_size") or max(5, len(prepared) // 100)))
        labels = np.full(len(prepared), -1)
        if smallest <= len(prepared):
            labels = HDBSCAN(min_cluster_size=smallest, copy=True).fit(prepared).labels_
        count = int(labels.max()) + 1
        if count < 2:
            raise TrainingFailed(
                f"{count} clusters of {smallest} rows or more were found",
                hint="Lower the option min_size, or set family to kmeans.",
            )
        centres = [prepared[labels == label].mean(axis=0) for label in range(count)]
        return np.stack(centres).astype(np.float32), {}
    asked = options.get("k")
    if asked and int(str(asked)) > len(prepared):
        raise DatasetUnusable(
            f"{asked} clusters are asked for of {len(prepared)} rows to learn from", hint="Lower the option k."
        )
    counts = [int(str(asked))] if asked else list(range(2, min(_MOST, len(sample) // 5) + 1))
    tried: dict[str, float] = {}
    for number, count in enumerate(counts):
        if len(counts) > 1:
            labels = KMeans(count, n_init=3, random_state=seed).fit_predict(sample)
            tried[str(count)] = float(_silhouette(sample, labels.astype(np.int64)).mean())
        progress(0.3 + 0.4 * (number + 1) / len(counts), f"clustering: {count} clusters", **{
            "silhouette": tried.get(str(count), 0.0)})  # fmt: skip
    best = max(counts, key=lambda c: tried.get(str(c), 0.0))
    centres = KMeans(best, n_init=5, random_state=seed).fit(prepared).cluster_centers_
    return centres.astype(np.float32), tried


def _projected(prepared: Matrix, seed: int) -> Floats:
    """Return the rows in two dimensions; of one column the second is 0."""
    found = PCA(min(2, prepared.shape[1]), random_state=seed).fit_transform(prepared)
    return np.pad(found.astype(np.float64), ((0, 0), (0, 2 - found.shape[1])))


def _silhouette(prepared: Matrix, labels: Numbers) -> Floats:
    # One group has no next one, and groups of one row each no company.
    if not 2 <= len(np.unique(labels)) < len(labels):
        return np.zeros(len(labels))
    samples: Floats = silhouette_samples(prepared, labels).astype(np.float64)
    return samples


def _shuffled(prepared: Matrix, seed: int) -> Matrix:
    """Return the rows with each column shuffled: the same values without what holds them together."""
    random = np.random.default_rng(seed)
    return np.stack([column[random.permutation(len(column))] for column in prepared.T], axis=1)


def _nearest(prepared: Matrix, centres: Matrix) -> Numbers:
    labels = np.empty(len(prepared), dtype=np.int64)
    for start in range(0, len(prepared), 4096):
        part = prepared[start : start + 4096]
        labels[start : start + 4096] = ((part[:, None, :] - centres[None]) ** 2).sum(axis=2).argmin(axis=1)
    return labels


def _distances_graph(centres: Matrix) -> onnx.ModelProto:
    """Return the graph of the distances to each centre, by the expanded square."""
    nodes = [
        helper.make_node("Mul", [PREPARED, PREPARED], ["squares"]),
        helper.make_node("ReduceSum", ["squares", "axis"], ["own"], keepdims=1),
        helper.make_node("MatMul", [PREPARED, "doubled"], ["cross"]),
        helper.make_node("Sub", ["own", "cross"], ["partly"]),
        helper.make_node("Add", ["partly", "lengths"], ["square"]),
        helper.make_node("Relu", ["square"], ["positive"]),
        helper.make_node("Sqrt", ["positive"], [OUTPUT]),
    ]
    constants = {
        "axis": np.array([1], dtype=np.int64), "doubled": 2 * centres.T,
        "lengths": (centres**2).sum(axis=1)[None, :].astype(np.float32),
    }  # fmt: skip
    graph = helper.make_graph(
        nodes, "clusters", [helper.make_tensor_value_info(PREPARED, TensorProto.FLOAT, [None, None])],
        [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, [None, len(centres)])],
        [numpy_helper.from_array(np.ascontiguousarray(v), name) for name, v in constants.items()],
    )  # fmt: skip
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def _check(graph: bytes, matrix: Matrix, prepared: Matrix, centres: Matrix) -> float:
    session = open_session(graph)
    rows = slice(0, 5000)
    served = np.asarray(session.run([OUTPUT], {INPUT: matrix[rows]})[0], dtype=np.float64)
    expected = np.sqrt(((prepared[rows, None, :].astype(np.float64) - centres[None]) ** 2).sum(axis=2))
    difference = float(np.abs(served - expected).max() / max(expected.max(), 1e-9))
    if not difference <= 1e-2:
        raise TrainingFailed(f"the ONNX graph differs by {difference:.2g}", hint="Report it with your data's ranges.")
    return difference


def _described(
    dataset: Dataset, features: Sequence[Feature], matrix: Matrix, labels: Numbers, count: int
) -> list[dict[str, Any]]:
    """Return label, size and words for each cluster: what it has more or less of than all rows have."""
    words = {f.name: _telling_words(dataset, f, labels, count) for f in features if f.kind == "text"}
    clusters = []
    for cluster in range(count):
        rows = np.flatnonzero(labels == cluster)
        told: list[tuple[float, str]] = []
        for feature in features:
            if feature.kind == "text":
                if words[feature.name][cluster]:
                    told.append((1.0, f"{feature.name} with {', '.join(words[feature.name][cluster])}"))
            elif feature.kind in ("category", "boolean"):
                told += _telling_values(dataset, feature, rows)
            elif feature.kind in ("number", "time"):
                told += _telling_number(feature, matrix, rows)
            told += _telling_gaps(dataset, feature, rows)
        told.sort(key=lambda item: -item[0])
        clusters.append({
            "label": f"cluster {cluster + 1}", "size": len(rows),
            "description": "; ".join(text for _, text in told[:3]) or "like all rows",
        })  # fmt: skip
    return clusters


def _telling_number(feature: Feature, matrix: Matrix, rows: Numbers) -> list[tuple[float, str]]:
    told = []
    names = {"days": "date", "hour": "hour", "weekday": "weekday", "month": "month"}
    for offset in range(feature.width if feature.kind == "time" else 1):
        column = matrix[:, feature.column + offset]
        deviation = float(np.nanstd(column))
        if not len(rows) or deviation == 0 or np.isnan(column[rows]).all():
            continue
        mean, whole = float(np.nanmean(column[rows])), float(np.nanmean(column))
        distance = (mean - whole) / deviation
        if abs(distance) <= 0.5:
            continue
        part = feature.parts[offset] if feature.kind == "time" else ""
        if part == "days":
            side, one, other = "late" if distance > 0 else "early", _day(mean), _day(whole)
        else:
            side, one, other = "high" if distance > 0 else "low", f"{mean:.4g}", f"{whole:.4g}"
        name = f"{feature.name} ({names[part]})" if part else feature.name
        told.append((abs(distance), f"{side} {name} ({one} against {other})"))
    return told


def _day(days: float) -> str:
    return (date(1970, 1, 1) + timedelta(days=days)).isoformat()


def _telling_values(dataset: Dataset, feature: Feature, rows: Numbers) -> list[tuple[float, str]]:
    column = dataset.column(feature.name)
    if column is None or not len(rows):
        return []
    texts = texts_of(column)
    whole, own = Counter(texts), Counter(texts[int(r)] for r in rows)
    told = []
    for value, number in own.most_common(3):
        if value is not None:
            told += _telling_share(f"{feature.name} {value}", number / len(rows), whole[value] / len(texts))
    return told[:1]


def _telling_gaps(dataset: Dataset, feature: Feature, rows: Numbers) -> list[tuple[float, str]]:
    column = dataset.column(feature.name)
    if column is None or not len(rows):
        return []
    if column.kind == "text":
        missing = np.array([value is None for value in column.values])
    else:
        missing = np.isnan(column.values.reshape(len(column.values), -1)).all(axis=1)
    return _telling_share(f"{feature.name} missing", float(missing[rows].mean()), float(missing.mean()))


def _telling_share(what: str, share: float, usual: float) -> list[tuple[float, str]]:
    telling = share > 0.3 and share > 1.3 * usual
    return [(share - usual + 0.5, f"{what} ({share:.0%} against {usual:.0%})")] if telling else []


def _telling_words(dataset: Dataset, feature: Feature, labels: Numbers, count: int) -> list[list[str]]:
    """Return the words of each cluster by class-based TF-IDF (Grootendorst 2022)."""
    column = dataset.column(feature.name)
    texts = texts_of(column) if column is not None else []
    joined = [" ".join(t for t, label in zip(texts, labels, strict=True) if label == c and t) for c in range(count)]
    try:
        counter = CountVectorizer(stop_words="english", max_features=5000, token_pattern=_WORD)
        counts = counter.fit_transform(joined).toarray().astype(float)
    except ValueError:
        return [[] for _ in range(count)]
    names = counter.get_feature_names_out()
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    weight = shares * np.log1p(counts.sum() / count / np.maximum(counts.sum(axis=0), 1))
    return [[str(names[i]) for i in np.argsort(-row, kind="stable")[:_WORDS] if row[i] > 0] for row in weight]
