"""Shapley values against their definition, added up over all subsets of features."""

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from datapunk.forge.forest import Forest
from datapunk.forge.shap import Linear, sampled_shap
from tabular_models import COMPILED, numeric_rows

WIDTH = 4


def by_definition(value: Callable[[frozenset[int]], float]) -> list[float]:
    """Shapley values of WIDTH players."""
    found = []
    for player in range(WIDTH):
        others = [p for p in range(WIDTH) if p != player]
        total = 0.0
        for size in range(WIDTH):
            weight = math.factorial(size) * math.factorial(WIDTH - size - 1) / math.factorial(WIDTH)
            for subset in itertools.combinations(others, size):
                total += weight * (value(frozenset((*subset, player))) - value(frozenset(subset)))
        found.append(total)
    return found


def tree_value(
    tree: Mapping[str, Any], row: Sequence[float], known: frozenset[int], output: int, node: int = 0
) -> float:
    """The tree's value when only some features are known: the others follow the training rows."""
    left, right = tree["left"][node], tree["right"][node]
    if left < 0:
        return float(tree["value"][node][output])
    sides = [tree_value(tree, row, known, output, child) for child in (left, right)]
    feature = tree["input"][node]
    if feature in known:
        x = row[feature]
        return sides[0] if (tree["missing_left"][node] if math.isnan(x) else x <= tree["threshold"][node]) else sides[1]
    cover = tree["cover"]
    return (sides[0] * cover[left] + sides[1] * cover[right]) / float(cover[node])


def native_of(kind: str) -> dict[str, Any]:
    import json

    found: dict[str, Any] = json.loads(COMPILED[kind]().artifacts["native.json"])
    return found


@pytest.mark.parametrize("kind", ["trees", "trees_regressor", "forest_classifier", "trees_three_labels"])
def test_trees_are_exact(kind: str) -> None:
    native = native_of(kind)
    forest = Forest(native)
    output = forest.outputs - 1
    for row in numeric_rows(5, WIDTH, seed=4)[0].tolist():
        (found,) = forest.explain(row, [output])

        def value(known: frozenset[int], row: Sequence[float] = row) -> float:
            return math.fsum(tree_value(tree, row, known, output) for tree in native["trees"])

        assert found.contributions == pytest.approx(by_definition(value), abs=1e-9)
        assert found.base == pytest.approx(value(frozenset()) + native["intercepts"][output])


@pytest.mark.parametrize(
    ("x", "slope", "threshold"),
    [
        (0.100000002, 1.0, 0.10000000149011612),  # What float32 makes of 0.1, and of 0.100000002 too.
        (16777217.0, 1.0, 16777216.0),
        (7.0, 0.1, 0.699999988079071),  # 7 * 0.1 is 0.7000000000000001, and float32 has 0.7 as this.
    ],
)
def test_a_number_on_a_threshold_goes_where_the_graph_sends_it(x: float, slope: float, threshold: float) -> None:
    # Three of four rows went left, to 0, and one right, to 4: without the number it is 1.
    tree = {
        "input": [0, 0, 0], "threshold": [threshold, 0.0, 0.0], "left": [1, -1, -1], "right": [2, -1, -1],
        "missing_left": [False] * 3, "cover": [4.0, 3.0, 1.0], "value": [[0.0], [0.0], [4.0]],
    }  # fmt: skip
    native = plain([tree], 1)
    native["inputs"][0]["slope"] = slope
    (found,) = Forest(native).explain([x], [0])
    assert (found.base, found.contributions) == (1.5, pytest.approx([-1.0], abs=1e-12))


def chain(length: int, value: float, covers: Sequence[float]) -> dict[str, Any]:
    """A tree that asks one feature after the other, and gives the value where all are at most 0."""
    inner = range(length)
    leaves = length + 1
    return {
        "input": [*inner, *[0] * leaves],
        "threshold": [0.0] * (length + leaves), "missing_left": [False] * (length + leaves),
        "left": [*(n + 1 for n in inner), *[-1] * leaves],
        "right": [*(length + 1 + n for n in inner), *[-1] * leaves],
        "cover": [*covers, *(a - b for a, b in itertools.pairwise(covers))],
        "value": [*[[0.0]] * length, [value], *[[0.0]] * length],
    }  # fmt: skip


def plain(trees: Sequence[Mapping[str, Any]], width: int) -> dict[str, Any]:
    entry = {"slope": 1.0, "offset": 0.0, "table": None, "default": 0.0, "missing": None}
    return {"inputs": [{**entry, "column": c} for c in range(width)], "intercepts": [0.5], "trees": trees}


@pytest.mark.parametrize("length", [1, 2, 7, 40])
def test_features_that_are_alike_share_what_they_do(length: int) -> None:
    # Half of the rows go on at each, so that all features are alike: each has an equal part of the difference.
    tree = chain(length, 8.0, [2.0**-n for n in range(length + 1)])
    mean = 8.0 / 2**length
    forest = Forest(plain([tree], length))
    (found,) = forest.explain([-1.0] * length, [0])
    assert found.base == pytest.approx(0.5 + mean, abs=1e-12)
    assert found.contributions == pytest.approx([(8.0 - mean) / length] * length, abs=1e-12)
    (found,) = forest.explain([1.0] * length, [0])
    assert found.contributions == pytest.approx([-mean / length] * length, abs=1e-12)


def test_a_way_that_no_row_went_counts_once_it_is_taken() -> None:
    # All rows go right at the first feature, to 0, so that it is 0 as long as that is not known.
    forest = Forest(plain([chain(2, 8.0, [4.0, 0.0, 0.0])], 2))
    (found,) = forest.explain([-1.0, -1.0], [0])
    # Once it is, the second one makes 8 of it, and no row tells the mean of 8 and 0: (4 + 8) / 2 and (0 + 4) / 2.
    assert (found.base, found.contributions) == (0.5, pytest.approx([6.0, 2.0]))
    (found,) = forest.explain([1.0, -1.0], [0])
    assert found.contributions == [0.0, 0.0]


def test_trees_by_the_block_are_those_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    native = native_of("trees_three_labels")
    (row,) = numeric_rows(1, WIDTH, seed=4)[0].tolist()
    whole = Forest(native).explain(row, [0, 1, 2])
    monkeypatch.setattr("datapunk.forge.forest._BLOCK_NODES", 50)
    for found, expected in zip(Forest(native).explain(row, [0, 1, 2]), whole, strict=True):
        assert found.base == pytest.approx(expected.base, abs=1e-12)
        assert found.contributions == pytest.approx(expected.contributions, abs=1e-12)


def test_linear_models_are_exact() -> None:
    native = native_of("linear_regressor")
    background = numeric_rows(30, WIDTH, seed=5)[0].tolist()
    row = [0.5, math.nan, -2.0, 1.0]
    (found,) = Linear(native, background).explain(row, [0])

    def value(known: frozenset[int]) -> float:
        mixed = [
            [r if c in known else o for c, (r, o) in enumerate(zip(row, other, strict=True))] for other in background
        ]
        rows = np.array(mixed, dtype=np.float32)
        model = COMPILED["linear_regressor"]()
        return float(model.pipeline.predict(rows).mean())

    assert found.contributions == pytest.approx(by_definition(value), abs=1e-4)
    assert found.base == pytest.approx(value(frozenset()), abs=1e-4)


def test_samples_come_near_and_add_up() -> None:
    weights = [3.0, -1.0, 0.5, 0.0]

    def one(mask: Sequence[bool]) -> float:
        return sum(w for w, known in zip(weights, mask, strict=True) if known) + 2.0 * (mask[0] and mask[1])

    found = sampled_shap(WIDTH, lambda masks: [one(m) for m in masks], 20, seed=1)
    assert found.contributions == pytest.approx([4.0, 0.0, 0.5, 0.0], abs=0.3)
    assert found.base + sum(found.contributions) == pytest.approx(one([True] * WIDTH))
    assert found == sampled_shap(WIDTH, lambda masks: [one(m) for m in masks], 20, seed=1)
