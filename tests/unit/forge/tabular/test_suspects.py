"""Columns that tell the whole target, rows that repeat, numbers that only name rows: and what is honest."""

import logging
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from datapunk.errors import DatasetUnusable
from datapunk_forge import classifier, regressor
from datapunk_forge.trained import Column, Trained
from unit.forge.tabular.tables import OPTIONS, dataset, embed, number, silent, text

ROWS = 1000
RANDOM = np.random.default_rng(4)
X = RANDOM.normal(size=(ROWS, 3))
YES = X[:, 0] + RANDOM.normal(size=ROWS) > 0.8
AMOUNT = np.exp(2 + 0.5 * X[:, 0] + 0.5 * RANDOM.normal(size=ROWS))
HONEST = (number("x1", X[:, 0]), number("x2", X[:, 1]))


def classified(*more: Column, target: Any = None, **options: object) -> Trained:
    told = text("y", np.where(YES, "yes", "no").tolist()) if target is None else target
    given = {**OPTIONS, "family": "forest", **options}
    return classifier.train(dataset(*HONEST, *more, told), given, silent, embed)


def regressed(*more: Column, **options: object) -> Trained:
    given = {**OPTIONS, "metric": "r2", **options}
    return regressor.train(dataset(*HONEST, *more, number("y", AMOUNT)), given, silent, embed)


def checks(made: Trained) -> list[tuple[str, str, str]]:
    found: Any = made.parameters["checks"]
    return [(c["column"], c["problem"], c["action"]) for c in found]


def names(made: Trained) -> list[str]:
    features: Any = made.signature["features"]
    return [f["name"] for f in features]


LABEL_LEAKS: Mapping[str, Column] = {
    "filled where the target is true": Column(
        name="at", type="timestamptz", kind="time", values=np.where(YES, 1.7e9 + 1e6 * X[:, 1], np.nan)
    ),
    "empty unless the target is true": text("why", [f"r{n % 7}" if y else None for n, y in enumerate(YES)]),
    "a value for one label each": text("step", [f"s{2 * (n % 5) + y}" for n, y in enumerate(YES)]),
    "above a bound": number("refund", np.where(YES, 5 + X[:, 1] ** 2, X[:, 2])),
    "but for one row in a thousand": number("flag", YES ^ (np.arange(ROWS) == 17), "bool"),
}  # fmt: skip


@pytest.mark.parametrize("leak", LABEL_LEAKS.values(), ids=list(LABEL_LEAKS))
def test_a_column_that_tells_the_label_is_named(leak: Column, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        made = classified(leak)
    assert checks(made) == [(leak.name, "suspected leakage", "kept")]
    assert leak.name in names(made)
    assert f"{leak.name} tells nearly the whole target" in caplog.text
    dropped = classified(leak, leakage="drop")
    assert checks(dropped) == [(leak.name, "suspected leakage", "dropped")]
    assert names(dropped) == ["x1", "x2"]
    accuracy = [next(m.value for m in v.metrics if m.name == "accuracy") for v in (made, dropped)]
    assert accuracy[0] > 0.97 > accuracy[1]


@pytest.mark.parametrize(
    ("name", "values"),
    [("log", np.log(AMOUNT - AMOUNT.min() + 1)), ("noisy", AMOUNT + 1e-3 * X[:, 2]), ("less", -np.sqrt(AMOUNT))],
)
def test_a_column_in_the_order_of_the_target_is_named(name: str, values: Any) -> None:
    assert checks(regressed(number(name, values))) == [(name, "suspected leakage", "kept")]
    assert names(regressed(number(name, values), leakage="drop")) == ["x1", "x2"]


def test_an_element_of_an_array_that_is_the_target_ends_the_training() -> None:
    both = Column(name="both", type="vector", kind="vector", values=np.stack([X[:, 2], YES], axis=1).astype(np.float32))
    with pytest.raises(DatasetUnusable, match=r"'both' holds the target: its element 2"):
        classified(both)
    assert checks(classified(both, leakage="drop")) == [("both", "leakage", "dropped")]
    near = np.stack([X[:, 2], AMOUNT + 1e-3 * X[:, 1]], axis=1).astype(np.float32)
    assert checks(regressed(Column(name="near", type="vector", kind="vector", values=near))) == [
        ("near", "suspected leakage", "kept")
    ]


def test_strong_predictors_are_honest() -> None:
    nearly = number("nearly", np.where(RANDOM.random(ROWS) < 0.03, ~YES, YES), "bool")
    at = Column(name="at", type="timestamptz", kind="time", values=1.7e9 + 1e6 * np.sqrt(AMOUNT))
    assert checks(classified(nearly)) == []
    assert checks(regressed(number("close", AMOUNT * (1 + 0.03 * X[:, 2])), at)) == []
    rare = text("y", ["yes" if n % 100 == 0 else "no" for n in range(ROWS)])
    assert checks(classified(target=rare)) == []


def test_rows_that_repeat_on_both_sides_are_reported() -> None:
    given = [number(c.name, np.repeat(c.values[:200], 5)) for c in HONEST]
    told = text("y", np.repeat(np.where(YES, "yes", "no")[:200], 5).tolist())
    made = classifier.train(dataset(*given, told), {**OPTIONS, "leakage": "error"}, silent, embed)
    assert checks(made) == [("(rows)", "repeated rows", "kept")]
    found: Any = made.parameters["checks"]
    assert "99% of those held out" in found[0]["reason"] or "100% of those held out" in found[0]["reason"]
    assert "group" in found[0]["reason"]
    shop = text("person", np.repeat([f"p{n}" for n in range(200)], 5).tolist())
    options = {**OPTIONS, "group": "person", "split": "group"}
    assert checks(classifier.train(dataset(*given, shop, told), options, silent, embed)) == []


def test_rows_of_few_values_repeat_by_chance() -> None:
    hour, city = np.arange(ROWS) % 24, RANDOM.integers(0, 2, ROWS)
    late = np.where((hour > 12) == (city == 1), "late", "early").tolist()
    given = dataset(number("hour", hour, "int4"), text("city", [f"c{c}" for c in city]), text("y", late))
    assert checks(classifier.train(given, {**OPTIONS, "family": "forest"}, silent, embed)) == []


def test_unique_whole_numbers_that_mean_nothing_name_rows() -> None:
    account = number("account_no", RANDOM.permutation(10**9 // 7)[:ROWS] * 7, "int8")
    ticket = number("ticket", RANDOM.permutation(20 * ROWS)[:ROWS], "int4")
    made = classified(account, ticket)
    assert checks(made) == [("account_no", "identifier", "dropped"), ("ticket", "identifier", "dropped")]


def test_unique_whole_numbers_that_mean_something_are_kept() -> None:
    cents = number("cents", np.unique(RANDOM.integers(0, 10**9, 2 * ROWS))[RANDOM.permutation(ROWS)], "int8")
    ranks = np.argsort(np.argsort(AMOUNT + 2 * RANDOM.normal(size=ROWS)))
    ordered = number("ordered", 20 * ranks + RANDOM.integers(0, 20, ROWS), "int8")
    room = number("room_number", RANDOM.integers(0, 300, ROWS), "int4")
    exact = number("exact", RANDOM.permutation(20 * ROWS)[:ROWS] + 0.5)
    assert names(regressed(cents, ordered, room, exact)) == ["x1", "x2", "cents", "ordered", "room_number", "exact"]
