"""Groups, odd rows, names and events: a version and the one that answers, as their recipe measures both."""

import json
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from datapunk_forge import anomaly_detector, clusterer, entity_recognizer, next_event
from datapunk_forge.incumbent import Incumbent
from datapunk_forge.learned_texts import LEARNED
from datapunk_forge.promotion import Comparison, compared
from datapunk_forge.trained import Column, Dataset, Trained
from unit.forge.tabular.tables import dataset, embed, number, silent, text

HOUR = 3600.0


def answering(made: Trained) -> Incumbent:
    files = dict(made.artifacts)
    return Incumbent(version_id=7, signature=made.signature, graph=files.pop("model.onnx", b""), files=files)


def against(made: Trained, incumbent: Incumbent, **options: object) -> Comparison | None:
    return compared(made, dataset(number("nothing", [])), incumbent, options, embed)


def own(made: Trained) -> float:
    return next(m.value for m in made.metrics if m.name == made.primary_metric and m.scored == "model")


# Groups


def people(*, steps: bool = True) -> Dataset:
    """Three groups of a hundred, by age and steps alike."""
    random = np.random.default_rng(0)
    group = np.arange(300) % 3
    age = np.array([20, 50, 80])[group] + random.normal(size=300)
    walked = np.array([9000, 5000, 1000])[group] + 200 * random.normal(size=300)
    return dataset(number("age", age), *([number("steps", walked)] if steps else []))


def grouped(given: Dataset, **options: object) -> Trained:
    told = {"embedder": "letters", "seed": 0, "family": "kmeans", "test_size": 0.2, **options}
    return clusterer.train(given, told, silent, embed)


def test_groups_are_judged_by_rows_that_are_held_out() -> None:
    made = grouped(people())
    found = against(made, answering(grouped(people(), k=2)))
    assert found is not None
    assert (found.metric, found.row_count, found.passed) == ("silhouette", 60, True)
    assert found.candidate == pytest.approx(own(made))
    assert found.candidate > found.incumbent + 0.1
    assert found.lower > 0
    assert made.parameters["rows_held_out"] == 60


def test_the_same_groups_are_no_gain_whatever_their_numbers() -> None:
    made = grouped(people())
    found = against(made, answering(grouped(people(), seed=3)))
    assert found is not None
    assert found.candidate == pytest.approx(found.incumbent)
    assert not found.passed


def test_groups_by_columns_that_are_gone_are_not_compared() -> None:
    assert against(grouped(people(steps=False)), answering(grouped(people()))) is None
    assert against(grouped(people()), answering(odd(points()))) is None


# Odd rows


def points() -> Dataset:
    """A cloud in which x and y rise together, with a few points far away."""
    random = np.random.default_rng(0)
    x = random.normal(size=800)
    y = x + 0.1 * random.normal(size=800)
    x[::40] += 4 * np.sign(random.normal(size=20))
    city = random.choice(["Bern", "Basel"], 800).tolist()
    return dataset(number("x", x), number("y", y), text("city", city), text("kind", ["odd", *["normal"] * 39] * 20))


def odd(given: Dataset, **options: object) -> Trained:
    told = {"embedder": "letters", "test_size": 0.25, "seed": 0, "family": "auto", "contamination": 0.06, **options}
    return anomaly_detector.train(given, told, silent, embed)


@pytest.mark.parametrize("target", ["kind", None])
def test_detectors_are_judged_by_the_same_rows(target: str | None) -> None:
    options = {} if target else {"exclude": ["kind"]}
    made = odd(points(), target=target, **options)
    # Of the same rows, seed and split: what it is held to is what it was measured with itself.
    before = odd(points(), target=target, family="ecod", **options)
    found = against(made, answering(before))
    assert found is not None
    assert found.metric == ("roc_auc" if target else "roc_auc_shuffled")
    assert found.row_count == (200 if target else 400)
    assert found.candidate == pytest.approx(own(made))
    assert found.incumbent == pytest.approx(own(before))
    assert found.lower <= found.candidate - found.incumbent <= found.upper


def hours(count: int = 600) -> Dataset:
    """A series that repeats itself by the day, with a peak now and then."""
    random = np.random.default_rng(0)
    value = 10 + 3 * np.sin(np.arange(count) * np.pi / 12) + 0.2 * random.normal(size=count)
    value[50::100] += 9
    at = Column(name="at", type="timestamptz", kind="time", values=1.7e9 + np.arange(count) * HOUR)
    return dataset(at, number("value", value), text("kind", [["normal", "odd"][n % 100 == 50] for n in range(count)]))


@pytest.mark.parametrize("target", ["kind", None])
def test_detectors_of_a_series_go_the_same_way(target: str | None) -> None:
    options = {"target": target, "exclude": [] if target else ["kind"]}
    made = odd(hours(), **options)
    found = against(made, answering(odd(hours(), threshold=3, **options)))
    assert found is not None
    # A threshold changes no score, and half the steps' length does.
    assert found.candidate == found.incumbent == pytest.approx(own(made))
    other = answering(made)
    told = {**other.signature, "rolling": {**other.signature["rolling"], "step": 30 * HOUR}}
    changed = against(made, replace(other, signature=told))
    assert changed is not None
    assert changed.incumbent != changed.candidate
    assert against(made, answering(odd(points()))) is None
    assert against(odd(points()), answering(made)) is None


# Names in texts


def sentences(count: int, seed: int = 0) -> Dataset:
    random = np.random.default_rng(seed)
    texts: list[str | None] = []
    entities: list[str | None] = []
    for _ in range(count):
        name = "".join(random.choice(list("abcdefgh"), 5)).capitalize()
        before, after, label = [("Yesterday ", " drank tea", "person"), ("We went to ", " by train", "city")][
            int(random.integers(2))
        ]
        texts.append(before + name + after)
        entities.append(json.dumps([{"start": len(before), "end": len(before) + len(name), "label": label}]))
    return dataset(text("text", texts), text("entities", entities))


def named(given: Dataset, **options: object) -> Trained:
    told = {"text": "text", "target": "entities", "test_size": 0.25, "seed": 0, "iterations": 12, **options}
    return entity_recognizer.train(given, told, silent, embed)


def test_names_are_judged_by_texts_that_neither_has_learned_from() -> None:
    made = named(sentences(160))
    # The first hundred are the same texts, split in another way.
    before = named(sentences(100), iterations=1, seed=1)
    found = against(made, answering(before))
    assert found is not None
    assert found.metric == "f1"
    assert 10 <= found.row_count < 40
    assert found.candidate > 0.9 > found.incumbent
    assert found.passed
    files = {name: content for name, content in before.artifacts.items() if name != LEARNED}
    assert against(made, replace(answering(before), files=files)) is None


def test_the_same_texts_held_out_again_are_compared() -> None:
    made = named(sentences(100))
    found = against(made, answering(made))
    assert found is not None
    assert (found.row_count, found.candidate, found.passed) == (25, pytest.approx(found.incumbent), False)


# Events


def routine(days: int, habit: tuple[str, ...]) -> Dataset:
    """The same six events each day."""
    at = [1.7e9 + day * 86400 + (7 + 2 * hour) * HOUR for day in range(days) for hour in range(6)]
    time = Column(name="occurred_at", type="timestamptz", kind="time", values=np.array(at))
    return dataset(time, text("what", list(habit) * days))


def foretold(given: Dataset) -> Trained:
    told: Mapping[str, object] = {
        "embedder": "none", "test_size": 0.25, "folds": 3, "trials": 0, "seed": 0, "family": "forest", "refit": True,
        "early_stop": True, "timeout": 600, "cpus": 1,
    }  # fmt: skip
    return next_event.train(given, told, silent, embed)


def test_events_are_judged_by_those_that_came_later() -> None:
    made = foretold(routine(100, ("wake", "run", "work", "lunch", "read", "home")))
    # Who went the other way around until day 80 knows what there is, and is wrong about what follows.
    before = foretold(routine(80, ("home", "read", "lunch", "work", "run", "wake")))
    found = against(made, answering(before))
    assert found is not None
    assert (found.metric, found.row_count) == ("accuracy", 20 * 6)
    assert found.candidate == 1.0
    assert found.incumbent < 0.5
    assert found.passed


def test_events_that_the_version_before_knew_are_not_asked() -> None:
    made = foretold(routine(100, ("wake", "run", "work", "lunch", "read", "home")))
    assert against(made, answering(made)) is None
