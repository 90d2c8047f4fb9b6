"""A version of texts or of rows and the one that answers, on what neither has learned from."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from datapunk_forge import forecaster, recommender, text_classifier
from datapunk_forge.incumbent import Incumbent
from datapunk_forge.learned_texts import LEARNED, digest, packed, unpacked
from datapunk_forge.promotion import Comparison, compared
from datapunk_forge.trained import Column, Dataset, ForecastRows, RecommenderRows, SideBySide, Trained

DAY = 86400.0


def silent(share: float, stage: str, **figures: float) -> None:
    assert 0 <= share <= 1


def embed(texts: Sequence[str], model: str) -> NDArray[np.float32]:
    """Letters counted."""
    vectors = np.array([[t.count(c) for c in "abcdefgh"] for t in texts], dtype=np.float32) + 0.01
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def columns(**given: tuple[str, Any]) -> Dataset:
    found = tuple(Column(name=name, type=kind, kind=kind, values=values) for name, (kind, values) in given.items())
    return Dataset(columns=found, row_count=len(found[0].values), fingerprint="f", read_at="2026-01-01T00:00:00+00:00")


def answering(made: Trained) -> Incumbent:
    files = dict(made.artifacts)
    return Incumbent(
        version_id=7, signature=made.signature, graph=files.pop("model.onnx", b""), files=files,
        rows=made.recommender or made.forecasts,
    )  # fmt: skip


def against(made: Trained, incumbent: Incumbent) -> Comparison | None:
    # Versions that are rows need no more of the dataset.
    return compared(made, columns(nothing=("text", [])), incumbent, {}, embed)


# Texts


def letters(count: int) -> Dataset:
    random = np.random.default_rng(0)
    words = [("".join(random.choice(list("abcd" if n % 2 else "efgh"), 12)) + f" {n}") for n in range(count)]
    return columns(text=("text", words), label=("text", ["low" if n % 2 else "high" for n in range(count)]))


def classified(data: Dataset) -> Trained:
    options = {"text": "text", "target": "label", "embedder": "tiny", "split": "random", "test_size": 0.3, "seed": 0}
    return text_classifier.train(data, options, silent, embed)


def test_digests_come_back() -> None:
    known = {digest(text) for text in ("a", "b", "ä")}
    assert unpacked(packed(known)) == known


def test_texts_are_judged_by_those_that_the_incumbent_does_not_know() -> None:
    data = letters(300)
    made, incumbent = classified(data), answering(classified(letters(200)))
    assert made.held_out is not None
    found = compared(made, data, incumbent, {"text": "text"}, embed)
    assert found is not None
    # The first 200 are the same texts.
    assert found.row_count == int((made.held_out.rows >= 200).sum())
    assert found.incumbent == found.candidate == 1.0


def test_a_graph_that_answers_wrongly_is_seen() -> None:
    data = letters(300)
    before = classified(letters(200))
    swapped = {**before.signature, "labels": list(reversed(before.signature["labels"]))}  # type: ignore[call-overload]
    found = compared(classified(data), data, replace(answering(before), signature=swapped), {"text": "text"}, embed)
    assert found is not None
    assert (found.candidate, found.incumbent, found.passed) == (1.0, 0.0, True)


def test_the_same_texts_again_are_not_compared() -> None:
    data = letters(200)
    made = classified(data)
    assert compared(made, data, answering(made), {"text": "text"}, embed) is None
    files = {name: content for name, content in answering(made).files.items() if name != LEARNED}
    assert compared(made, data, replace(answering(made), files=files), {"text": "text"}, embed) is None


# Recommenders


def pairs(people: int, seed: int = 7, extra: int = 0) -> Dataset:
    """People of two tastes who have seven of ten items each, and so many more of those that they lack."""
    random = np.random.default_rng(seed)
    who, what = [], []
    for person in range(people):
        order = random.permutation(10)
        for item in order[: 7 + extra]:
            who.append(f"p{person}")
            what.append(f"{'tea' if person % 2 else 'jazz'} {item}")
    return columns(who=("text", who), what=("text", what))


def recommended(data: Dataset, **options: object) -> Trained:
    given = {"split": "random", "test_size": 0.2, "seed": 0, "max_items": 4000, "neighbours": 200, "session": "auto"}
    return recommender.train(data, {**given, **options}, silent, embed)


def rows_of(weights: NDArray[np.float32], items: Sequence[str], **subjects: Sequence[int]) -> RecommenderRows:
    """Rows with all weights, items by items."""
    count = len(items)
    return RecommenderRows(
        items=tuple(items), popularity=np.zeros(count),
        neighbours=np.tile(np.arange(count, dtype=np.int32), (count, 1)), weights=weights.astype(np.float32),
        subjects={name: (np.array(had, np.int32), np.ones(len(had), np.float32)) for name, had in subjects.items()},
    )  # fmt: skip


def scored(made: Trained, rows: RecommenderRows | ForecastRows, **signature: object) -> SideBySide | None:
    assert made.against is not None
    return made.against(Incumbent(version_id=7, signature=signature, rows=rows), embed)


def taste(items: Sequence[str]) -> NDArray[np.float32]:
    """What has the same first letter goes together."""
    return np.array([[a[0] == b[0] and a != b for b in items] for a in items], dtype=np.float32)


def test_what_goes_together_is_better_than_what_does_not_whatever_its_numbering() -> None:
    made = recommended(pairs(60))
    assert made.recommender is not None
    items = [*reversed(made.recommender.items), "something that is gone"]
    good = scored(made, rows_of(taste(items), items))
    bad = scored(made, rows_of(1 - taste(items), items))
    other = scored(made, rows_of(taste(made.recommender.items), made.recommender.items))
    assert good is not None
    assert bad is not None
    assert other is not None
    assert good.unit == "subjects"
    np.testing.assert_array_equal(good.theirs, other.theirs)
    np.testing.assert_array_equal(good.ours, bad.ours)
    assert good.theirs.mean() > 0.5 > bad.theirs.mean() == 0


def test_what_an_incumbent_knows_of_a_subject_is_not_asked() -> None:
    made, before = recommended(pairs(60)), recommended(pairs(60, extra=-1))
    assert before.recommender is not None
    # Everything but the seventh item of each is known: as many subjects as have that one held out are left.
    found = scored(made, before.recommender)
    whole = scored(made, replace(before.recommender, subjects={}))
    assert found is not None
    assert whole is not None
    assert 0 < len(found.ours) < len(whole.ours)
    assert made.recommender is not None
    assert scored(made, made.recommender) is None


def test_a_comparison_tells_its_subjects() -> None:
    made = recommended(pairs(60))
    assert made.recommender is not None
    items = made.recommender.items
    found = against(made, Incumbent(version_id=7, signature={}, rows=rows_of(1 - taste(items), items)))
    assert found is not None
    assert found.passed
    assert found.metric == "ndcg@10"
    assert f"on the same {found.row_count} subjects" in found.reason


def visits(days: int) -> Dataset:
    """One person who takes up two of five things each day."""
    random = np.random.default_rng(0)
    what = [f"{'ab'[day % 2]}{n}" for day in range(days) for n in random.permutation(5)[:3]]
    at = np.array([day * DAY + n * 60 for day in range(days) for n in range(3)])
    return columns(who=("text", ["me"] * len(what)), what=("text", what), at=("time", at))


def test_one_person_s_sessions_are_judged_by_what_came_later() -> None:
    made, before = recommended(visits(120), split="time", test_size=0.5), recommended(visits(100), split="time")
    assert before.recommender is not None
    assert before.signature["until"] == 99 * DAY + 120
    found = scored(made, before.recommender, **before.signature)
    assert found is not None
    assert len(found.ours) == 20
    assert scored(made, before.recommender) is None


# Forecasts


def daily(days: int, series: int = 1) -> Dataset:
    day = np.arange(days)
    values = [10 * n + 5 * (day % 7 == 6) + np.random.default_rng(n).normal(size=days) for n in range(series)]
    return columns(
        at=("time", np.tile(day * DAY, series)), value=("number", np.concatenate(values)),
        series=("text", [f"s{n}" for n in range(series) for _ in range(days)]),
    )  # fmt: skip


def expected(data: Dataset, **options: object) -> Trained:
    given: Mapping[str, object] = {
        "seed": 0, "folds": 3, "family": "theta", "history": 1000, "frequency": "auto", "aggregate": "mean",
    }  # fmt: skip
    return forecaster.train(data, {**given, "horizon": 14, **options}, silent, embed)


def forecasts(names: Sequence[str], at: Any, value: Any) -> ForecastRows:
    value = np.asarray(value, dtype=float)
    return ForecastRows(
        series=tuple(names), at=np.asarray(at, dtype=float), value=value, lower=value[..., None], upper=value[..., None]
    )


def test_who_foresaw_what_came_is_right_and_who_said_last_week_has_no_skill() -> None:
    data = daily(140)
    made = expected(data)
    values = data.columns[1].values
    at = [np.arange(126, 140) * DAY]
    perfect = scored(made, forecasts(["s0"], at, [values[126:140]]))
    naive = scored(made, forecasts(["s0"], at, [np.tile(values[119:126], 2)]))
    assert perfect is not None
    assert naive is not None
    assert perfect.unit == "steps"
    np.testing.assert_allclose(perfect.theirs, 1.0)
    assert naive.theirs.mean() == pytest.approx(0.0)
    # Its own figure is the one that is told of it.
    told = next(m.value for m in made.metrics if m.name == "skill")
    assert naive.ours.mean() == pytest.approx(told)


def test_only_times_that_both_tell_are_measured() -> None:
    made = expected(daily(140))
    half = scored(made, forecasts(["s0"], [np.arange(133, 147) * DAY], [np.zeros(14)]))
    assert half is not None
    assert len(half.ours) == 7
    assert scored(made, forecasts(["s0"], [np.arange(140, 154) * DAY], [np.zeros(14)])) is None
    assert scored(made, forecasts(["other"], [np.arange(126, 140) * DAY], [np.zeros(14)])) is None


def test_of_several_series_each_counts_once() -> None:
    data = daily(140, series=4)
    made, before = expected(data), expected(daily(130, series=4))
    found = against(made, answering(before))
    assert found is not None
    assert (found.row_count, found.metric) == (4, "skill")
    assert "on the same 4 series" in found.reason
