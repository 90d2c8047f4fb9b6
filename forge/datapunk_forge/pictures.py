"""Pictures of a version as SVG, drawn once at training from the figures in plots.json."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from datapunk_forge.svg_chart import Axis, Chart

_MOST_BARS = 20
_MOST_LABELS = 30
_MOST_LEGEND = 12
_PALE = np.array([247, 251, 255])
_DEEP = np.array([8, 69, 148])
Draw = Callable[[Any, Mapping[str, Any]], Chart]


def pictures(plots: Mapping[str, Any], signature: Mapping[str, Any]) -> dict[str, bytes]:
    """Return an SVG for each kind that there are figures of; the same figures give the same bytes."""
    return {kind: draw(plots[kind], signature).to_svg() for kind, draw in _KINDS.items() if plots.get(kind)}


def _loss(curves: Mapping[str, Sequence[float]], _: Mapping[str, Any]) -> Chart:
    chart = Chart(Axis(label="iteration"), Axis(label="loss"))
    for name, values in curves.items():
        chart.line(range(1, len(values) + 1), values, chart.colour(name))
    return chart


def _diagonal(x: str, y: str) -> Chart:
    chart = Chart(Axis(label=x, low=0, high=1.02), Axis(label=y, low=0, high=1.02))
    chart.line((0, 1), (0, 1), "#b0b0b0", width=1)
    return chart


def _calibration(bins: Sequence[Sequence[float]], _: Mapping[str, Any]) -> Chart:
    predicted, right, rows = zip(*bins, strict=True)
    chart = _diagonal("probability of the predicted label", "share that is right")
    radius = [2 + 6 * (count / max(rows)) ** 0.5 for count in rows]
    colour = chart.colour()
    chart.points(predicted, right, colour, radius=radius, opacity=0.6)
    chart.line(predicted, right, colour, width=1)
    return chart


def _confusion(counts: Sequence[Sequence[int]], signature: Mapping[str, Any]) -> Chart:
    size = len(counts)
    labels = [str(label)[:20] for label in signature.get("labels", range(size))]
    named = labels if len(labels) <= _MOST_LABELS else []
    chart = Chart(
        Axis(label="predicted", low=-0.5, high=size - 0.5, names=named, upright=True),
        Axis(label="true", low=size - 0.5, high=-0.5, names=named),
    )
    for row, line in enumerate(counts):
        for column, count in enumerate(line):
            share = count / max(sum(line), 1)
            colour = "#" + "".join(f"{int(c):02x}" for c in _PALE + share * (_DEEP - _PALE))
            chart.box((column - 0.5, column + 0.5), (row - 0.5, row + 0.5), colour)
            if size <= 10:
                chart.text(column, row, str(count), "white" if share > 0.5 else "black")
    return chart


def _residuals(figures: Mapping[str, Sequence[float]], _: Mapping[str, Any]) -> Chart:
    predicted, truth = np.array(figures["predicted"]), np.array(figures["truth"])
    chart = Chart(Axis(label="predicted"), Axis(label="true minus predicted"))
    chart.rule(y=0)
    chart.points(predicted.tolist(), (truth - predicted).tolist(), chart.colour(), opacity=0.5)
    return chart


def _importance(drops: Mapping[str, float], _: Mapping[str, Any]) -> Chart:
    most = sorted(drops.items(), key=lambda item: item[1])[-_MOST_BARS:]
    names = Axis(label="feature", low=-0.6, high=len(most) - 0.4, names=[name[:30] for name, _ in most])
    chart = Chart(Axis(label="fall of the metric when the feature is shuffled"), names)
    colour = chart.colour()
    for place, (_name, drop) in enumerate(most):
        chart.box((0, drop), (place - 0.4, place + 0.4), colour)
    return chart


def _dependence(curves: Mapping[str, Sequence[Sequence[float]]], signature: Mapping[str, Any]) -> Chart:
    labels = signature.get("labels")
    chart = Chart(
        Axis(label="feature, from low to high"),
        Axis(label=f"mean probability of {labels[-1]}" if labels else "mean value"),
    )
    for name, points in curves.items():
        at, mean = zip(*points, strict=True)
        _dotted(chart, np.linspace(0, 1, len(at)).tolist(), mean, f"{name[:20]}: {at[0]:g} to {at[-1]:g}")
    return chart


def _dotted(chart: Chart, x: Sequence[float], y: Sequence[float], label: str | None) -> None:
    colour = chart.colour(label)
    chart.line(x, y, colour)
    chart.points(x, y, colour)


def _scores(histogram: Mapping[str, Sequence[float]], signature: Mapping[str, Any]) -> Chart:
    chart = Chart(Axis(label="score"), Axis(label="rows", low=0, scale="signed log"))
    edges, colour = histogram["edges"], chart.colour()
    for count, low, high in zip(histogram["counts"], edges, edges[1:], strict=False):
        chart.box((low, high), (0, count), colour)
    chart.rule(x=signature["threshold"], colour=chart.colour("an anomaly from here"))
    return chart


def _projection(points: Sequence[Sequence[float]], signature: Mapping[str, Any]) -> Chart:
    chart = Chart(Axis(label="first principal component"), Axis(label="second principal component"))
    across, up, cluster = (np.array(column) for column in zip(*points, strict=True))
    labels = signature["labels"]
    for number, label in enumerate(labels):
        rows = cluster == number
        named = str(label)[:20] if len(labels) <= _MOST_LEGEND else None
        chart.points(across[rows].tolist(), up[rows].tolist(), chart.colour(named), opacity=0.6)
    return chart


def _coverage(points: Sequence[Sequence[float]], _: Mapping[str, Any]) -> Chart:
    level, measured = zip(*points, strict=True)
    chart = _diagonal("level of the interval", "held-out values inside")
    _dotted(chart, level, measured, None)
    return chart


def _horizon(errors: Mapping[str, Sequence[float]], _: Mapping[str, Any]) -> Chart:
    chart = Chart(Axis(label="steps ahead"), Axis(label="mean absolute error, of the naive one's"))
    for name, values in errors.items():
        _dotted(chart, range(1, len(values) + 1), values, name.replace("_", " "))
    return chart


def _search(tried: Mapping[str, float], _: Mapping[str, Any]) -> Chart:
    chart = Chart(
        Axis(label="what was tried", low=-0.5, high=len(tried) - 0.5, names=list(tried), upright=len(tried) > 8),
        Axis(label="on rows held out for the choice"),
    )
    _dotted(chart, range(len(tried)), list(tried.values()), None)
    return chart


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
