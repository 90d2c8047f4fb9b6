"""A dataset as the matrix that graphs take; the same rules as `datapunk.forge.features`, a column at a time."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datapunk.errors import DatasetUnusable
from datapunk.forge.features import LARGEST, MISSING, TIME_PARTS, UNKNOWN, Feature, FeatureKind
from datapunk.forge.wording import padded
from datapunk_forge.tabular.columns import Check
from datapunk_forge.trained import Column, Dataset, Embed, Floats, Progress

Matrix = NDArray[np.float32]
Numbers = NDArray[np.int64]
# Values of a category that are told apart: unasked, and where each is known by what the target is like, with as many
# numbers as labels.
_VALUES, _MOST_VALUES, _MOST_NUMBERS = 1000, 20_000, 200_000
_LISTED = 20
_EMBED_BATCH = 256
_DAY = 86400.0
# Rows that tell how numbers are spread: a share of a tenth is then known to 0.002.
_PROFILED = 20_000


def fit_features(
    columns: Sequence[tuple[Column, FeatureKind]],
    rows: Numbers,
    embedder: str,
    dimensions: int,
    time_parts: tuple[str, ...] = TIME_PARTS,
    most_values: int = _VALUES,
) -> tuple[Feature, ...]:
    """Learn the features' rules from some rows: a category's values, what can be missing, what is usual.

    `dimensions` is the length of the embedder's vectors, `time_parts` what a time is told apart by,
    `most_values` how many values of a category are known, the commonest.
    """
    features: list[Feature] = []
    position = 0
    some = rows
    if len(rows) > _PROFILED:
        some = rows[np.sort(np.random.default_rng(0).choice(len(rows), _PROFILED, replace=False))]
    for column, kind in columns:
        values: tuple[str, ...] = ()
        parts: tuple[str, ...] = ()
        width = 1
        match kind:
            case "number":
                if np.isnan(_held(column.values[rows])).any():
                    parts, width = ("value", "missing"), 2
            case "category":
                values = _repeated(column, rows)[:most_values]
            case "time":
                parts, width = time_parts, len(time_parts)
            case "text":
                width = dimensions
            case "vector":
                width = column.values.shape[1]
            case "boolean":
                pass
        features.append(
            Feature(
                name=column.name, kind=kind, type=column.type, column=position, width=width, parts=parts,
                values=values, embedder=embedder if kind == "text" else None,
                profile=_profile(column, kind, rows, some),
            )
        )  # fmt: skip
        position += width
    return tuple(features)


def with_means(features: Sequence[Feature], matrix: Matrix) -> tuple[Feature, ...]:
    """Return the features with the mean of each of their columns in `matrix`."""
    known = ~np.isnan(matrix)
    means = np.where(known, matrix, 0.0).sum(axis=0, dtype=np.float64) / np.maximum(known.sum(axis=0), 1)
    return tuple(replace(f, mean=tuple(means[f.column : f.column + f.width].tolist())) for f in features)


def encode(dataset: Dataset, features: Sequence[Feature], embed: Embed, progress: Progress | None = None) -> Matrix:
    """Return all rows of a dataset as numbers, shape (rows, width). Raises DatasetUnusable for a column that lacks."""
    matrix = np.empty((dataset.row_count, sum(f.width for f in features)), dtype=np.float32)
    for feature in features:
        column = dataset.column(feature.name)
        if column is None:
            raise DatasetUnusable(
                f"the dataset has no column {feature.name!r}", hint="Select every column that the model was trained on."
            )
        matrix[:, feature.column : feature.column + feature.width] = _encoded(column, feature, embed, progress)
    # What float32 cannot hold is as good as missing.
    matrix[(matrix > LARGEST) | (matrix < -LARGEST)] = np.nan
    return matrix


def encode_given(
    dataset: Dataset, rows: Numbers, matrix: Matrix, features: Sequence[Feature], embed: Embed
) -> Matrix:  # fmt: skip
    """Return some rows as they are served, without the masks that they are learned with; `matrix` has all rows."""
    if all(column.given is None for column in dataset.columns):
        return matrix[rows]
    return encode(dataset.take(rows).as_given(), features, embed)


def _held(numbers: Floats) -> Floats:
    """Return the numbers with NaN in place of those that float32 cannot hold."""
    return np.where(np.abs(numbers) <= LARGEST, numbers, np.nan)


def _encoded(column: Column, feature: Feature, embed: Embed, progress: Progress | None) -> Any:  # noqa: PLR0911
    match feature.kind:
        case "number" | "boolean":
            values = _held(numbers_of(column))
            if feature.width == 2:
                return np.stack([values, np.isnan(values)], axis=1)
            return values[:, None]
        case "category":
            codes = feature.codes
            return np.fromiter(
                (MISSING if v is None else codes.get(v, UNKNOWN) for v in texts_of(column)),
                dtype=np.float32, count=len(column.values),
            )[:, None]  # fmt: skip
        case "time":
            return _time_parts(numbers_of(column))[:, [TIME_PARTS.index(name) for name in feature.parts]]
        case "text":
            return _embedded(texts_of(column), feature, embed, progress)
        case "wording":
            return np.array(
                [padded(t or "", feature.buckets, feature.width) for t in texts_of(column)], dtype=np.float32
            )
        case "vector":
            return column.values


def numbers_of(column: Column) -> Floats:
    """Return a column of numbers or times as it is. Raises DatasetUnusable for others."""
    if column.kind not in ("number", "time"):
        raise DatasetUnusable(f"column {column.name!r} is {column.type}, not a number", hint="Cast it in the query.")
    values: Floats = column.values
    return values


def texts_of(column: Column) -> Sequence[str | None]:
    """Return a column's values as text."""
    if column.kind == "text":
        texts: Sequence[str | None] = column.values
        return texts
    if column.kind == "vector":
        raise DatasetUnusable(f"column {column.name!r} holds arrays", hint="Select single elements.")
    if column.type == "bool":
        return [None if np.isnan(v) else "true" if v else "false" for v in column.values]
    return [None if np.isnan(v) else f"{v:.17g}" for v in column.values]


def _time_parts(seconds: Floats) -> Matrix:
    known = ~np.isnan(seconds)
    parts = np.full((len(seconds), len(TIME_PARTS)), np.nan, dtype=np.float32)
    at = seconds[known]
    days = np.floor(at / _DAY)
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12 + 1
    parts[known] = np.stack([at / _DAY, (at - days * _DAY) / 3600.0, (days + 3) % 7, months], axis=1)
    return parts


def _embedded(texts: Sequence[str | None], feature: Feature, embed: Embed, progress: Progress | None) -> Matrix:
    different = {t: i for i, t in enumerate(dict.fromkeys(t for t in texts if t and t.strip()))}
    vectors = np.zeros((len(different) + 1, feature.width), dtype=np.float32)
    listed = list(different)
    for start in range(0, len(listed), _EMBED_BATCH):
        part = listed[start : start + _EMBED_BATCH]
        vectors[start : start + len(part)] = embed(part, str(feature.embedder))
        if progress is not None:
            progress(0.1, f"embedding: {start + len(part)} of {len(listed)} texts")
    numbers = [different.get(t, -1) if t else -1 for t in texts]
    return vectors[numbers]


def most_values(labels: int) -> int:
    """Return how many values of a category are told apart where each has a number for each of so many labels."""
    return min(_MOST_VALUES, _MOST_NUMBERS // max(labels, 1))


def left_out(
    columns: Sequence[tuple[Column, FeatureKind]], features: Sequence[Feature], rows: Numbers, most: int
) -> list[Check]:
    """Return a check for each category with more than `most` values, the commonest, that occur repeatedly in `rows`."""
    return [
        Check(
            column=feature.name, problem="many values", action="kept",
            reason=f"has {count:,} values that occur more than once, of which the {most:,} commonest"
            " are told apart",
        )
        for (column, kind), feature in zip(columns, features, strict=True)
        if kind == "category" and len(feature.values) >= most and (count := len(_repeated(column, rows))) > most
    ]  # fmt: skip


def _repeated(column: Column, rows: Numbers) -> tuple[str, ...]:
    """Return the values that occur at least twice, the most common first; one with a mask is as good as not known."""
    texts = texts_of(column)
    counts = Counter(t for r in rows if (t := texts[r]) is not None and not column.is_masked(r))
    return tuple(sorted((v for v, n in counts.items() if n > 1), key=lambda v: (-counts[v], v)))


def _profile(column: Column, kind: FeatureKind, rows: Numbers, some: Numbers) -> Mapping[str, Any]:
    """Return how values are spread: what drift is measured against. Deciles are those of `some` of the rows."""
    if kind in ("number", "time"):
        missing = 1.0 - float(np.isfinite(column.values[rows]).mean()) if len(rows) else 1.0
        known = column.values[some]
        known = known[np.isfinite(known)]
        if not len(known):
            return {"missing": missing, "edges": [], "shares": []}
        known = np.sort(known)
        edges = np.unique(np.quantile(known, np.linspace(0.1, 0.9, 9)))
        # How many values are up to each edge, and so how many lie between two.
        counts = np.diff(np.searchsorted(known, edges, side="right"), prepend=0, append=len(known))
        return {"missing": missing, "edges": edges.tolist(), "shares": (counts / len(known)).tolist()}
    if kind in ("category", "boolean"):
        texts = texts_of(column)
        found = [texts[r] for r in rows]
        known_texts = [t for t in found if t is not None]
        shown = (t for r in rows if (t := texts[r]) is not None and not column.is_masked(r))
        common = Counter(shown).most_common(_LISTED)
        total = max(len(known_texts), 1)
        return {
            "missing": 1.0 - len(known_texts) / max(len(found), 1),
            "shares": {value: count / total for value, count in common},
            "other": 1.0 - sum(count for _, count in common) / total,
        }
    if kind == "vector":
        return {"missing": float(np.isnan(column.values[rows]).all(axis=1).mean())}
    texts = texts_of(column)
    return {"missing": float(np.mean([not (texts[r] or "").strip() for r in rows]))}
