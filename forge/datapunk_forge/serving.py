"""What serving takes from a training beyond the graph: its native form, partial dependence, pictures, and what it
predicts, for drift."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datapunk.forge.features import read_features
from datapunk_forge.export.native import NativeParts, NotNative
from datapunk_forge.export.native_reader import native_form
from datapunk_forge.export.session import open_session
from datapunk_forge.trained import Floats, Trained

NATIVE, BACKGROUND, PLOTS = "native.json", "background.f4", "plots.json"
_CURVES = 3


def prepared(trained: Trained) -> Trained:
    """Return what was learned with the artefacts that serving makes of it."""
    trained = _with_predictions(trained)
    signature = trained.signature
    if signature.get("kind") != "tabular" or BACKGROUND not in trained.artifacts:
        if PLOTS not in trained.artifacts:
            return trained
        return replace(
            trained, artifacts={**trained.artifacts, **_drawn(json.loads(trained.artifacts[PLOTS]), signature)}
        )
    width = int(str(signature["width"]))
    rows = np.frombuffer(trained.artifacts[BACKGROUND], "<f4").reshape(-1, width).astype(np.float32)
    graph = trained.artifacts["model.onnx"]
    made = {}
    try:
        made[NATIVE] = _native(trained, graph, str(signature["output"]), rows)
        form = "native"
    except NotNative as exc:
        # It is served by its graph alone; forge_compile says so.
        form = str(exc)
    if PLOTS in trained.artifacts:
        plots = json.loads(trained.artifacts[PLOTS])
        plots["dependence"] = partial_dependence(graph, signature, rows, plots.get("importance", {}))
        made[PLOTS] = json.dumps(plots).encode()
        made |= _drawn(plots, signature)
    return replace(
        trained, artifacts={**trained.artifacts, **made}, parameters={**trained.parameters, "sql_form": form}
    )


def _with_predictions(trained: Trained) -> Trained:
    """Return it with how its predictions for held-out rows are spread, which drift of later ones is held to."""
    said, labels = _said(trained), trained.signature.get("labels")
    if said is None or not len(said):
        return trained
    profile: dict[str, Any] = {"missing": 0.0}
    if isinstance(labels, list):
        counts = Counter(said)
        profile |= {"shares": {label: counts[label] / len(said) for label in labels}, "other": 0.0}
    else:
        profile |= _spread(np.asarray(said, dtype=np.float64))
    return replace(trained, signature={**trained.signature, "prediction": profile})


def _said(trained: Trained) -> Sequence[str] | Floats | None:
    """Return what it answers for rows held out: labels or values; None where that is not known."""
    if trained.said is not None or trained.held_out is None:
        return trained.said
    predicted, labels = trained.held_out.predicted, trained.signature.get("labels")
    if not isinstance(labels, list):
        return predicted[:, 0]
    return [labels[n] for n in predicted.argmax(axis=1)] if len(labels) == predicted.shape[1] else None


def _spread(values: Floats) -> dict[str, list[float]]:
    """Return deciles of predictions, and the share of each bin up to one.

    Each lies between two predictions: the same row alone, or by the version trained on all rows, comes out a little
    otherwise, and must not change its bin for that.
    """
    values = np.sort(values[np.isfinite(values)])
    if not len(values):
        return {"edges": [], "shares": []}
    found = np.unique(np.quantile(values, np.linspace(0.1, 0.9, 9)))
    number = np.searchsorted(values, found, side="right")
    below, above = values[number - 1], values[np.minimum(number, len(values) - 1)]
    edges = np.unique(below + np.maximum((above - below) / 2, np.maximum(1e-6 * np.abs(below), 1e-9)))
    counts = np.diff(np.searchsorted(values, edges, side="right"), prepend=0, append=len(values))
    return {"edges": edges.tolist(), "shares": (counts / len(values)).tolist()}


def _drawn(plots: Mapping[str, Any], signature: Mapping[str, Any]) -> dict[str, bytes]:
    from datapunk_forge.pictures import pictures

    return {f"plot_{kind}.svg": svg for kind, svg in pictures(plots, signature).items()}


def _native(trained: Trained, graph: bytes, output: str, rows: NDArray[np.float32]) -> bytes:
    """Return the native form of the graph, or of each of its parts. Raises NotNative."""
    if trained.parts is None:
        return native_form(graph, output, rows).to_json()
    parts = trained.parts
    return NativeParts(
        column=parts.column, codes=parts.codes, parts=tuple(native_form(g, output, rows) for g in parts.graphs),
        other=native_form(parts.other, output, rows),
    ).to_json()  # fmt: skip


def partial_dependence(
    graph: bytes, signature: Mapping[str, Any], rows: NDArray[np.float32], importance: Mapping[str, float]
) -> dict[str, list[list[float]]]:
    """Return mean outputs over the background when a number is set to each decile of its training values.

    For the most important numbers; of labels the last one's probability (Friedman 2001).
    """
    session = open_session(graph)
    name, output = session.get_inputs()[0].name, str(signature["output"])
    numbers = [f for f in read_features(signature) if f.kind == "number" and f.profile.get("edges")]
    curves = {}
    for feature in sorted(numbers, key=lambda f: -importance.get(f.name, 0.0))[:_CURVES]:
        points = []
        for edge in sorted(set(feature.profile["edges"])):
            changed = rows.copy()
            changed[:, feature.column] = edge
            changed[:, feature.column + 1 : feature.column + feature.width] = 0.0
            points.append([float(edge), float(session.run([output], {name: changed})[0][:, -1].mean())])
        if len(points) > 1:
            curves[feature.name] = points
    return curves
