"""What a training learned, as bytes for the way from the training process to its worker: an npz without pickles."""

import io
import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datapunk.errors import TrainingFailed
from datapunk_forge.trained import Column, Dataset, ForecastRows, Metric, Origin, RecommenderRows, Slice, Trained


def encode(trained: Trained) -> bytes:
    """Return `trained` as bytes. Raises TrainingFailed where one of its figures is no number."""
    head: dict[str, Any] = {
        "metrics": [vars(m) for m in trained.metrics],
        "primary_metric": trained.primary_metric,
        "parameters": dict(trained.parameters),
        "signature": dict(trained.signature),
        "libraries": dict(trained.libraries),
        "artifacts": list(trained.artifacts),
        "slices": [vars(s) for s in trained.slices],
    }
    arrays: dict[str, NDArray[Any]] = {
        f"artifact_{i}": np.frombuffer(content, dtype=np.uint8) for i, content in enumerate(trained.artifacts.values())
    }
    if rows := trained.recommender:
        head["items"], head["subjects"] = rows.items, list(rows.subjects)
        arrays |= {"popularity": rows.popularity, "neighbours": rows.neighbours, "weights": rows.weights}
        had = list(rows.subjects.values())
        arrays["subject_sizes"] = np.array([len(items) for items, _ in had], dtype=np.int64)
        arrays["subject_items"] = np.concatenate([items for items, _ in had])
        arrays["subject_weights"] = np.concatenate([weights for _, weights in had])
    if made := trained.forecasts:
        head["series"] = made.series
        arrays |= {"at": made.at, "value": made.value, "lower": made.lower, "upper": made.upper}
    try:
        told = json.dumps(head, allow_nan=False)
    except ValueError as exc:
        unfit = ", ".join(name for name, part in head.items() if "NaN" in (t := json.dumps(part)) or "Infinity" in t)
        raise TrainingFailed(f"there are figures that are no numbers among: {unfit}") from exc
    arrays["head"] = np.frombuffer(told.encode(), dtype=np.uint8)
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def decode(content: bytes) -> Trained:
    """Return what `encode` was given."""
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        head = json.loads(arrays["head"].tobytes())
        return Trained(
            metrics=tuple(Metric(**m) for m in head["metrics"]),
            primary_metric=head["primary_metric"],
            parameters=head["parameters"],
            signature=head["signature"],
            libraries=head["libraries"],
            slices=tuple(Slice(**s) for s in head["slices"]),
            artifacts={name: arrays[f"artifact_{i}"].tobytes() for i, name in enumerate(head["artifacts"])},
            recommender=_recommender(head, arrays) if "items" in head else None,
            forecasts=ForecastRows(
                series=tuple(head["series"]),
                at=arrays["at"],
                value=arrays["value"],
                lower=arrays["lower"],
                upper=arrays["upper"],
            )
            if "series" in head
            else None,
        )


def encode_dataset(dataset: Dataset) -> bytes:
    """Return a dataset as bytes."""
    arrays: dict[str, NDArray[Any]] = {}
    for number, column in enumerate(dataset.columns):
        if column.kind == "text":
            arrays[f"column_{number}"] = np.frombuffer(json.dumps(column.values).encode(), dtype=np.uint8)
        else:
            arrays[f"column_{number}"] = column.values
    head = {
        "columns": [(c.name, c.type, c.kind) for c in dataset.columns], "row_count": dataset.row_count,
        "fingerprint": dataset.fingerprint, "read_at": dataset.read_at, "origins": [vars(o) for o in dataset.origins],
    }  # fmt: skip
    arrays["head"] = np.frombuffer(json.dumps(head).encode(), dtype=np.uint8)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def decode_dataset(content: bytes) -> Dataset:
    """Return what `encode_dataset` was given."""
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        head = json.loads(arrays["head"].tobytes())
        columns = tuple(
            Column(
                name=name, type=type_name, kind=kind,
                values=json.loads(arrays[f"column_{i}"].tobytes()) if kind == "text" else arrays[f"column_{i}"],
            )
            for i, (name, type_name, kind) in enumerate(head["columns"])
        )  # fmt: skip
    return Dataset(
        columns=columns, row_count=head["row_count"], fingerprint=head["fingerprint"], read_at=head["read_at"],
        # What was kept by an earlier release has none.
        origins=tuple(Origin(**o) for o in head.get("origins", ())),
    )  # fmt: skip


def _recommender(head: dict[str, Any], arrays: Any) -> RecommenderRows:
    bounds = np.concatenate(([0], np.cumsum(arrays["subject_sizes"])))
    items, weights = arrays["subject_items"], arrays["subject_weights"]
    return RecommenderRows(
        items=tuple(head["items"]),
        popularity=arrays["popularity"],
        neighbours=arrays["neighbours"],
        weights=arrays["weights"],
        subjects={
            name: (items[bounds[i] : bounds[i + 1]], weights[bounds[i] : bounds[i + 1]])
            for i, name in enumerate(head["subjects"])
        },
    )
