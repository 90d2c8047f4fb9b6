"""Charts place what is drawn on their axes, and say what the colours are."""

import math
import re
from xml.etree import ElementTree as ET

import pytest

from datapunk_forge.svg_chart import Axis, Chart

SVG = "{http://www.w3.org/2000/svg}"


def texts(chart: Chart) -> list[str]:
    return [t.text or "" for t in ET.fromstring(chart.to_svg()).iter(f"{SVG}text")]


def line_of(chart: Chart) -> list[tuple[float, float]]:
    points = ET.fromstring(chart.to_svg()).findall(f"{SVG}polyline")[0].attrib["points"]
    return [(float(x), float(y)) for x, y in (pair.split(",") for pair in points.split())]


def test_ticks_are_round_numbers_within_the_range() -> None:
    axis = Axis(label="x")
    axis.take([0.003, 0.0171])
    assert [text for _, text in axis.ticks()] == ["0.005", "0.01", "0.015"]


def test_a_logarithmic_axis_has_powers_of_ten_and_zero() -> None:
    axis = Axis(label="rows", low=0, scale="signed log")
    axis.take([0, 950])
    assert [text for _, text in axis.ticks()] == ["0", "10", "100", "1000"]


def test_a_larger_value_lies_further_right_and_higher() -> None:
    chart = Chart(Axis(label="x"), Axis(label="y"))
    chart.line((0, 1, 2), (5, 6, 8), chart.colour())
    (x0, y0), (x1, y1), (x2, y2) = line_of(chart)
    assert x1 - x0 == pytest.approx(x2 - x1, abs=0.02)
    assert (y0 - y1) * 2 == pytest.approx(y1 - y2, abs=0.04)


def test_one_value_throughout_has_an_axis_too() -> None:
    chart = Chart(Axis(label="x"), Axis(label="y"))
    chart.line((1, 2), (3, 3), chart.colour())
    assert all(math.isfinite(y) for _, y in line_of(chart))


def test_what_is_no_number_is_left_out() -> None:
    chart = Chart(Axis(label="x"), Axis(label="y"))
    chart.line((0, 1, 2), (1, math.nan, 2), chart.colour())
    assert len(line_of(chart)) == 2


def test_names_stand_in_for_numbers_and_are_escaped() -> None:
    chart = Chart(Axis(label="x", names=["a <&>", "b"]), Axis(label="y"))
    chart.line((0, 1), (1, 2), chart.colour())
    assert {"a <&>", "b"} < set(texts(chart))


def test_each_label_has_a_colour_of_its_own_in_the_legend() -> None:
    chart = Chart(Axis(label="x"), Axis(label="y"))
    colours = {name: chart.colour(name) for name in ("train", "validation")}
    chart.line((0, 1), (1, 2), colours["train"])
    assert len(set(colours.values())) == 2
    assert {"train", "validation"} < set(texts(chart))


def test_a_long_legend_takes_several_rows_within_the_picture() -> None:
    chart = Chart(Axis(label="x"), Axis(label="y"))
    for number in range(8):
        chart.line((0, 1), (0, number), chart.colour(f"cluster number {number}"))
    labels = re.findall(r'<text x="([\d.]+)" y="([\d.]+)" text-anchor="start" >cluster', chart.to_svg().decode())
    assert len({y for _, y in labels}) > 1
    assert all(float(x) < 450 for x, _ in labels)
