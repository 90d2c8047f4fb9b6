"""Two versions of a table are compared on held-out rows that the one that answers has not learned from."""

from dataclasses import replace

import numpy as np
import pytest

from datapunk.forge.features import Feature
from datapunk_forge import anomaly_detector, classifier, clusterer, learned_rows
from datapunk_forge.incumbent import Incumbent
from datapunk_forge.learned_rows import LEARNED_ROWS, LearnedRows, row_digests
from datapunk_forge.promotion import Comparison, compared
from datapunk_forge.trained import Column, Dataset, Trained
from unit.forge.tabular.tables import OPTIONS, dataset, embed, number, silent, text

X = Feature(name="x", kind="number", type="float8", column=0)


def noisy(rows: int, *, start: int = 0) -> Dataset:
    """Labels that two numbers tell in three cases of four: forests learn the rest by heart."""
    random = np.random.default_rng(5)
    given = random.normal(size=(3000, 6))
    label = (given[:, 0] + given[:, 1] > 0) ^ (random.random(3000) < 0.25)
    part = slice(start, start + rows)
    columns = [number(f"x{i}", given[part, i]) for i in range(6)]
    shop = [f"shop {i % 40}" for i in range(rows)]
    return dataset(*columns, text("shop", shop), text("y", np.where(label, "yes", "no")[part].tolist()))


def train(data: Dataset, **options: object) -> Trained:
    given = {**OPTIONS, "family": "extra_trees", "exclude": ["shop"], **options}
    return classifier.train(data, given, silent, embed)


def answering(made: Trained) -> Incumbent:
    files = dict(made.artifacts)
    return Incumbent(version_id=7, signature=made.signature, graph=files.pop("model.onnx"), files=files)


def against(made: Trained, data: Dataset, incumbent: Incumbent) -> Comparison | None:
    return compared(made, data, incumbent, {}, embed)


def accuracy(made: Trained) -> float:
    return next(m.value for m in made.metrics if m.name == "accuracy" and m.scored == "model")


def test_what_the_incumbent_has_learned_does_not_count_for_it() -> None:
    before = answering(train(noisy(1500)))
    data = noisy(2000)
    made = train(data, seed=3)
    assert made.held_out is not None
    found = against(made, data, before)
    assert found is not None
    # A fifth of 1,500 rows was not learned, and of those a quarter is held out now, as of the 500 that came.
    assert found.row_count == pytest.approx(500 * (500 / 2000 + 375 / 2000), abs=60)
    fresh = noisy(800, start=2000)
    theirs = before.of_rows(fresh, embed)
    assert theirs is not None
    told = np.array(["no", "yes"])[theirs.argmax(axis=1)]
    assert found.incumbent == pytest.approx(float(np.mean(told == fresh.columns[-1].values)), abs=0.08)
    # On all rows that are held out, most of which it has learned, it would be far better than that.
    files = {name: content for name, content in before.files.items() if name != LEARNED_ROWS}
    whole = against(made, data, replace(before, files=files))
    assert whole is not None
    assert whole.row_count == 500
    assert whole.incumbent > found.incumbent + 0.08
    assert "does not say which" in whole.reason


def test_after_a_refit_only_new_rows_are_compared() -> None:
    before = answering(train(noisy(1500), refit=True))
    data = noisy(2000)
    made = train(data)
    assert made.held_out is not None
    found = against(made, data, before)
    assert found is not None
    assert found.row_count == int((made.held_out.rows >= 1500).sum())
    assert against(train(noisy(1500)), noisy(1500), before) is None


def test_a_group_that_was_learned_from_is_known_with_all_its_rows() -> None:
    data = noisy(2000)
    before, made = (train(data, group="shop", split="group", exclude=[], seed=seed) for seed in (0, 1))
    assert before.held_out is not None
    assert made.held_out is not None
    shops = np.array(data.columns[6].values)
    new = np.isin(made.held_out.rows, before.held_out.rows)
    assert 0 < new.sum() < len(new)
    found = against(made, data, answering(before))
    assert found is not None
    assert found.row_count == int(np.isin(shops[made.held_out.rows], shops[before.held_out.rows]).sum())


def test_of_equal_rows_as_many_are_known_as_were_learned() -> None:
    data = dataset(number("x", [1.0] * 10 + [2.0] * 10), text("y", ["a"] * 20))
    digests = row_digests(data, [X], data.columns[1], labelled=True)
    known = LearnedRows.of(digests[[0, 1, 2, *range(10, 20)]])
    unseen = known.unseen(data, [X], data.columns[1], np.arange(20), labelled=True)
    assert (unseen[:10].sum(), unseen[10:].sum()) == (7, 0)


def test_gaps_zeros_and_targets_are_told_apart_as_the_data_does() -> None:
    values = number("x", [0.0, -0.0, np.nan, np.nan, 1.0, 1.0])
    labels = text("y", ["a", "a", "a", "a", "a", None])
    vector = Column(name="v", type="vector", kind="vector", values=np.ones((6, 3), dtype=np.float32))
    features = [X, Feature(name="v", kind="vector", type="vector", column=1, width=3)]
    found = row_digests(dataset(values, vector, labels), features, labels, labelled=True)
    assert found[0] == found[1]
    assert found[2] == found[3]
    assert len(set(found.tolist())) == 4


def test_of_many_rows_a_class_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learned_rows, "_MOST", 1000)
    data = dataset(number("x", np.arange(10_000)), text("y", ["a"] * 10_000))
    digests = row_digests(data, [X], data.columns[1], labelled=True)
    known = LearnedRows.of(digests[:5000])
    assert known.bits == 3
    assert 500 < len(known.digests) < 750
    again = LearnedRows.from_bytes(known.to_bytes())
    unseen = again.unseen(data, [X], data.columns[1], np.arange(10_000), labelled=True)
    assert not unseen[:5000].any()
    assert 500 < unseen[5000:].sum() < 750


def test_odd_rows_and_groups_are_judged_by_rows_that_are_new() -> None:
    random = np.random.default_rng(0)
    rows = random.normal(size=(600, 2))
    data = dataset(number("x", rows[:, 0]), number("z", rows[:, 1]))
    told = {"embedder": "letters", "family": "ecod", "contamination": 0.01, "test_size": 0.2}
    before, made = (anomaly_detector.train(data, {**told, "seed": seed}, silent, embed) for seed in (0, 1))
    found = against(made, data, answering(before))
    assert found is not None
    both = np.intersect1d(*(split_of(data, seed) for seed in (0, 1)))
    assert found.row_count == 2 * len(both)
    told = {"embedder": "letters", "family": "kmeans", "k": 3, "test_size": 0.2}
    before, made = (clusterer.train(data, {**told, "seed": seed}, silent, embed) for seed in (0, 1))
    found = against(made, data, answering(before))
    assert found is not None
    assert found.row_count == len(both)


def split_of(data: Dataset, seed: int) -> object:
    from datapunk_forge.tabular.splitting import split_rows

    return split_rows(data, np.arange(data.row_count), {"test_size": 0.2}, seed).held
