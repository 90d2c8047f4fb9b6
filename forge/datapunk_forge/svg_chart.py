"""Charts as SVG text: lines, points, bars and cells over two axes.

A general plotting library takes some 60 ms of processor time for one of these and a second to load; what a training
draws has no more than this needs.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal
from xml.sax.saxutils import escape

Numbers = Sequence[float]
Scale = Literal["linear", "signed log"]
WIDTH, HEIGHT = 500, 360
# The first colours of the palette of Tableau.
_COLOURS = (
    "#4e79a7", "#f28e2b", "#59a14f", "#e15759", "#b07aa1", "#76b7b2", "#edc948", "#9c755f", "#ff9da7", "#bab0ac",
)  # fmt: skip
_FONT, _LETTER = 11, 6.2
_TICKS = 6


@dataclass(kw_only=True)
class Axis:
    """One of the two axes: its label, its range (found from what is drawn unless given), names instead of numbers."""

    label: str
    low: float | None = None
    high: float | None = None
    scale: Scale = "linear"
    names: Sequence[str] | None = None
    upright: bool = False
    margin: float = 0.04
    seen: list[float] = field(default_factory=list)

    def take(self, values: Numbers) -> None:
        """Widen the range by these values."""
        known = [v for v in map(float, values) if math.isfinite(v)]
        if known:
            self.seen += [min(known), max(known)]

    def transformed(self, value: float) -> float:
        """Return where a value lies: itself, or its logarithm, with the sign that it has."""
        if self.scale == "linear":
            return value
        return math.copysign(math.log10(1 + abs(value)), value)

    def span(self) -> tuple[float, float]:
        """Return the ends, as transformed."""
        seen = self.seen or [0.0, 1.0]
        low, high = (self.transformed(v) for v in (min(seen), max(seen)))
        if high <= low:
            low, high = low - 0.5, high + 0.5
        extra = 0.0 if self.names is not None else (high - low) * self.margin
        return (
            low - extra if self.low is None else self.transformed(self.low),
            high + extra if self.high is None else self.transformed(self.high),
        )

    def ticks(self) -> list[tuple[float, str]]:
        """Return positions, as transformed, with what is written there."""
        if self.names is not None:
            return [(float(number), name) for number, name in enumerate(self.names)]
        low, high = self.span()
        if self.scale == "signed log":
            powers = range(math.ceil(low), math.floor(high) + 1)
            values = sorted({0.0, *(math.copysign(10.0 ** abs(p), p) for p in powers if p)})
            return [(t, f"{v:g}") for v in values if low <= (t := self.transformed(v)) <= high]
        step = _step((high - low) / _TICKS)
        first = math.ceil(low / step - 1e-9)
        return [(n * step, f"{n * step:.10g}") for n in range(first, math.floor(high / step + 1e-9) + 1)]


def _step(least: float) -> float:
    """Return the least of 1, 2 or 5 times a power of ten that is not below `least`."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(m * power for m in (1.0, 2.0, 5.0, 10.0) if m * power >= least * (1 - 1e-9))


@dataclass(frozen=True, kw_only=True)
class _Mark:
    kind: Literal["line", "points", "box"]
    x: Numbers
    y: Numbers
    style: str
    sizes: Numbers = ()


class Chart:
    """Collects what is to be drawn; `to_svg` draws it. Colours are given out in order."""

    def __init__(self, x: Axis, y: Axis) -> None:
        self._x, self._y = x, y
        self._marks: list[_Mark] = []
        self._texts: list[tuple[float, float, str, str]] = []
        self._legend: list[tuple[str, str]] = []
        self._given = 0

    def colour(self, label: str | None = None) -> str:
        """Return the next colour; `label` says what it stands for."""
        colour = _COLOURS[self._given % len(_COLOURS)]
        self._given += 1
        if label is not None:
            self._legend.append((label, colour))
        return colour

    def line(self, x: Numbers, y: Numbers, colour: str, *, width: float = 1.5) -> None:
        """Draw a line through points."""
        self._add("line", x, y, f'fill="none" stroke="{colour}" stroke-width="{width:g}" stroke-linejoin="round"')

    def points(
        self, x: Numbers, y: Numbers, colour: str, *, radius: Numbers | float = 2.0, opacity: float = 1.0
    ) -> None:
        """Draw points, of one size or each of its own."""
        sizes = [float(radius)] * len(x) if isinstance(radius, (int, float)) else radius
        self._add("points", x, y, f'fill="{colour}" fill-opacity="{opacity:g}"', sizes)

    def box(self, x: tuple[float, float], y: tuple[float, float], colour: str) -> None:
        """Draw a rectangle between two values on each axis."""
        self._add("box", x, y, f'fill="{colour}"')

    def rule(self, *, x: float | None = None, y: float | None = None, colour: str = "#b0b0b0") -> None:
        """Draw a line from one end of an axis to the other, at a value of the other axis."""
        ends = (-math.inf, math.inf)
        self._add(
            "line", ends if x is None else (x, x), ends if y is None else (y, y), f'stroke="{colour}" stroke-width="1"'
        )

    def text(self, x: float, y: float, text: str, colour: str = "#202020") -> None:
        """Write something, its middle at a point."""
        self._texts.append((x, y, text, colour))

    def _add(
        self, kind: Literal["line", "points", "box"], x: Numbers, y: Numbers, style: str, sizes: Numbers = ()
    ) -> None:
        self._x.take(x)
        self._y.take(y)
        self._marks.append(_Mark(kind=kind, x=x, y=y, style=style, sizes=sizes))

    def to_svg(self) -> bytes:
        """Return the picture."""
        place = _Place.of(self._x, self._y, self._legend)
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{WIDTH}" height="{HEIGHT}" '
            f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="DejaVu Sans, Verdana, sans-serif" font-size="{_FONT}">',
            f"<title>{escape(self._y.label)} by {escape(self._x.label)}</title>",
            '<rect width="100%" height="100%" fill="white"/>',
            *(_mark(mark, place) for mark in self._marks),
            *place.frame(),
            *(_text(place.across(x), place.up(y) + _FONT / 3, text, f'fill="{colour}"')
              for x, y, text, colour in self._texts),
            *_legend(self._legend, place.left),
            "</svg>",
        ]  # fmt: skip
        return "\n".join(parts).encode()


@dataclass(frozen=True, kw_only=True)
class _Place:
    """Where values lie in the picture."""

    x: Axis
    y: Axis
    left: float
    right: float
    top: float
    bottom: float

    @classmethod
    def of(cls, x: Axis, y: Axis, legend: Sequence[tuple[str, str]]) -> "_Place":
        def widest(axis: Axis) -> float:
            return max((len(text) for _, text in axis.ticks()), default=1) * _LETTER

        below = (widest(x) if x.upright else _FONT) + 12
        return cls(
            x=x, y=y, left=28 + widest(y), right=WIDTH - 14, top=12 + 16 * len(_rows(legend, 28 + widest(y))),
            bottom=HEIGHT - 20 - below,
        )  # fmt: skip

    def across(self, value: float) -> float:
        return self._at(self.x, value, self.left, self.right)

    def up(self, value: float) -> float:
        return self._at(self.y, value, self.bottom, self.top)

    @staticmethod
    def _at(axis: Axis, value: float, start: float, end: float) -> float:
        low, high = axis.span()
        share = (axis.transformed(value) - low) / (high - low) if math.isfinite(value) else float(value > 0)
        return start + min(max(share, -0.02), 1.02) * (end - start)

    def frame(self) -> list[str]:
        """Return both axes with their ticks and labels."""
        parts = [f'<path d="M{self.left:g} {self.top:g}V{self.bottom:g}H{self.right:g}" fill="none" stroke="#404040"/>']
        low, high = self.x.span()
        for value, text in self.x.ticks():
            at = self.left + (value - low) / (high - low) * (self.right - self.left)
            parts.append(f'<path d="M{at:.2f} {self.bottom:g}v4" stroke="#404040"/>')
            if self.x.upright:
                turned = f'transform="rotate(-90 {at:.2f} {self.bottom + 8:g})"'
                parts.append(_text(at, self.bottom + 12, text, turned, anchor="end"))
            else:
                parts.append(_text(at, self.bottom + 16, text))
        low, high = self.y.span()
        for value, text in self.y.ticks():
            at = self.bottom - (value - low) / (high - low) * (self.bottom - self.top)
            parts.append(f'<path d="M{self.left:g} {at:.2f}h-4" stroke="#404040"/>')
            parts.append(_text(self.left - 7, at + _FONT / 3, text, anchor="end"))
        middle = (self.top + self.bottom) / 2
        parts.append(_text((self.left + self.right) / 2, HEIGHT - 8, self.x.label))
        parts.append(_text(14, middle, self.y.label, f'transform="rotate(-90 14 {middle:g})"'))
        return parts


def _mark(mark: _Mark, place: _Place) -> str:
    at = [
        (place.across(x), place.up(y))
        for x, y in zip(mark.x, mark.y, strict=True)
        if not (math.isnan(x) or math.isnan(y))
    ]
    if mark.kind == "line":
        return f'<polyline points="{" ".join(f"{x:.2f},{y:.2f}" for x, y in at)}" {mark.style}/>'
    if mark.kind == "points":
        return "".join(
            ["<g ", mark.style, ">",
             *(f'<circle cx="{x:.2f}" cy="{y:.2f}" r="{r:.2f}"/>' for (x, y), r in zip(at, mark.sizes, strict=False)),
             "</g>"]
        )  # fmt: skip
    (x0, y0), (x1, y1) = at
    return (
        f'<rect x="{min(x0, x1):.2f}" y="{min(y0, y1):.2f}" width="{abs(x1 - x0):.2f}" height="{abs(y1 - y0):.2f}" '
        f"{mark.style}/>"
    )


def _text(x: float, y: float, text: str, more: str = "", *, anchor: str = "middle") -> str:
    return f'<text x="{x:.2f}" y="{y:.2f}" text-anchor="{anchor}" {more}>{escape(text)}</text>'


def _rows(legend: Sequence[tuple[str, str]], left: float) -> list[list[tuple[str, str]]]:
    """Return the entries of a legend in as many rows as they need above the axes."""
    rows: list[list[tuple[str, str]]] = []
    used = math.inf
    for label, colour in legend:
        width = len(label) * _LETTER + 28
        if used + width > WIDTH - 14 - left:
            rows.append([])
            used = 0.0
        rows[-1].append((label, colour))
        used += width
    return rows


def _legend(legend: Sequence[tuple[str, str]], left: float) -> list[str]:
    parts = []
    for number, row in enumerate(_rows(legend, left)):
        x, y = left, 14.0 + 16 * number
        for label, colour in row:
            parts.append(f'<path d="M{x:.2f} {y - 4:g}h16" stroke="{colour}" stroke-width="3"/>')
            parts.append(_text(x + 20, y, label, anchor="start"))
            x += len(label) * _LETTER + 28
    return parts
