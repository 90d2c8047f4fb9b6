"""Pictures of a version as SVG, drawn once at training from the figures in plots.json."""

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

_MOST_BARS = 20
_MOST_LABELS = 30
_MOST_LEGEND = 12
_STYLE: Any = {"svg.hashsalt": "datapunk", "svg.fonttype": "none", "font.size": 9, "axes.spines.top": False,
          "axes.spines.right": False}  # fmt: skip
Draw = Callable[[Any, Any, Mapping[str, Any]], None]


def pictures(plots: Mapping[str, Any], signature: Mapping[str, Any]) -> dict[str, bytes]:
    """Return an SVG for each kind that there are figures of; the same figures give the same bytes."""
    return {kind: _svg(draw, plots[kind], signature) for kind, draw in _KINDS.items() if plots.get(kind)}


def _svg(draw: Draw, figures: Any, signature: Mapping[str, Any]) -> bytes:
    buffer = io.BytesIO()
    with rc_context(_STYLE):
        figure = Figure(figsize=(5, 3.6), layout="constrained")
        FigureCanvasSVG(figure)
        draw(figure.subplots(), figures, signature)
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": "Datapunk"})
    return buffer.getvalue()


def _loss(axes: Any, curves: Mapping[str, Sequence[float]], _: Mapping[str, Any]) -> None:
    for name, values in curves.items():
        axes.plot(range(1, len(values) + 1), values, label=name)
    axes.set(xlabel="iteration", ylabel="loss")
    axes.legend(frameon=False)


def _calibration(axes: Any, bins: Sequence[Sequence[float]], _: Mapping[str, Any]) -> None:
    predicted, right, rows = (np.array(column) for column in zip(*bins, strict=True))
    axes.plot([0, 1], [0, 1], color="0.7", linewidth=1)
    axes.scatter(predicted, right, s=10 + 190 * rows / rows.max(), alpha=0.6)
    axes.plot(predicted, right, linewidth=1)
    axes.set(xlabel="probability of the predicted label", ylabel="share that is right", xlim=(0, 1.02), ylim=(0, 1.02))


def _confusion(axes: Any, counts: Sequence[Sequence[int]], signature: Mapping[str, Any]) -> None:
    table = np.array(counts)
    labels = [str(label)[:20] for label in signature.get("labels", range(len(table)))]
    axes.imshow(table / np.maximum(table.sum(axis=1, keepdims=True), 1), cmap="Blues", vmin=0, vmax=1)
    if len(labels) <= _MOST_LABELS:
        axes.set_xticks(range(len(labels)), labels, rotation=90)
        axes.set_yticks(range(len(labels)), labels)
    if len(labels) <= 10:
        share = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
        for (row, column), count in np.ndenumerate(table):
            axes.text(
                column,
                row,
                f"{count}",
                ha="center",
                va="center",
                color="white" if share[row, column] > 0.5 else "black",
            )
    axes.set(xlabel="predicted", ylabel="true")


def _residuals(axes: Any, figures: Mapping[str, Sequence[float]], _: Mapping[str, Any]) -> None:
    predicted, truth = np.array(figures["predicted"]), np.array(figures["truth"])
    axes.axhline(0, color="0.7", linewidth=1)
    axes.scatter(predicted, truth - predicted, s=6, alpha=0.5)
    axes.set(xlabel="predicted", ylabel="true minus predicted")


def _importance(axes: Any, drops: Mapping[str, float], _: Mapping[str, Any]) -> None:
    most = sorted(drops.items(), key=lambda item: item[1])[-_MOST_BARS:]
    axes.barh([name[:30] for name, _ in most], [drop for _, drop in most])
    axes.set(xlabel="fall of the metric when the feature is shuffled")


def _dependence(axes: Any, curves: Mapping[str, Sequence[Sequence[float]]], signature: Mapping[str, Any]) -> None:
    for name, points in curves.items():
        at, mean = zip(*points, strict=True)
        axes.plot(
            np.linspace(0, 1, len(at)), mean, marker="o", markersize=3, label=f"{name[:20]}: {at[0]:g} to {at[-1]:g}"
        )
    labels = signature.get("labels")
    axes.set(xlabel="feature, from low to high", ylabel=f"mean probability of {labels[-1]}" if labels else "mean value")
    axes.legend(frameon=False)


def _scores(axes: Any, histogram: Mapping[str, Sequence[float]], signature: Mapping[str, Any]) -> None:
    edges = np.array(histogram["edges"])
    axes.bar(edges[:-1], histogram["counts"], width=np.diff(edges), align="edge")
    axes.axvline(signature["threshold"], color="tab:red", linewidth=1, label="an anomaly from here")
    axes.set(xlabel="score", ylabel="rows", yscale="symlog")
    axes.legend(frameon=False)


def _projection(axes: Any, points: Sequence[Sequence[float]], signature: Mapping[str, Any]) -> None:
    across, up, cluster = (np.array(column) for column in zip(*points, strict=True))
    for number, label in enumerate(signature["labels"]):
        rows = cluster == number
        axes.scatter(across[rows], up[rows], s=6, alpha=0.6, label=str(label)[:20])
    axes.set(xlabel="first principal component", ylabel="second principal component")
    if len(signature["labels"]) <= _MOST_LEGEND:
        axes.legend(frameon=False, markerscale=2)


def _coverage(axes: Any, points: Sequence[Sequence[float]], _: Mapping[str, Any]) -> None:
    level, measured = (np.array(column) for column in zip(*points, strict=True))
    axes.plot([0, 1], [0, 1], color="0.7", linewidth=1)
    axes.plot(level, measured, marker="o", linewidth=1)
    axes.set(xlabel="level of the interval", ylabel="held-out values inside", xlim=(0, 1.02), ylim=(0, 1.02))


def _horizon(axes: Any, errors: Mapping[str, Sequence[float]], _: Mapping[str, Any]) -> None:
    for name, values in errors.items():
        axes.plot(range(1, len(values) + 1), values, marker="o", markersize=3, label=name.replace("_", " "))
    axes.set(xlabel="steps ahead", ylabel="mean absolute error, of the naive one's")
    axes.legend(frameon=False)


def _search(axes: Any, tried: Mapping[str, float], _: Mapping[str, Any]) -> None:
    axes.plot(list(tried), list(tried.values()), marker="o", linewidth=1)
    axes.tick_params(axis="x", rotation=90 if len(tried) > 8 else 0)
    axes.set(xlabel="what was tried", ylabel="on rows held out for the choice")


_KINDS: dict[str, Draw] = {
    "loss": _loss,
    "calibration": _calibration,
    "confusion": _confusion,
    "residuals": _residuals,
    "importance": _importance,
    "dependence": _dependence,
    "scores": _scores,
    "projection": _projection,
    "coverage": _coverage,
    "horizon": _horizon,
    "search": _search,
}
