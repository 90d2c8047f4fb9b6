"""How far a training is: scores of families as they are known, losses while a model is fitted."""

import time
from types import SimpleNamespace

import numpy as np
import pytest

from datapunk_forge import classifier, regressor
from datapunk_forge.tabular.watching import loss_figures, watched
from unit.forge.tabular.tables import OPTIONS, dataset, embed, features, number, text

Told = list[tuple[str, dict[str, float]]]


def heard(rows: int, **options: object) -> tuple[Told, dict[str, object]]:
    columns, value = features(rows)
    told: Told = []

    def progress(share: float, stage: str, **figures: float) -> None:
        told.append((stage, figures))

    target = text("y", np.where(value > 1, "high", "low").tolist())
    made = classifier.train(dataset(*columns, target), {**OPTIONS, **options}, progress, embed)
    return told, dict(made.parameters)


def test_each_family_has_its_score_as_soon_as_it_is_compared() -> None:
    told, parameters = heard(600, family="auto")
    comparing = [figures for stage, figures in told if stage.startswith("comparing")]
    tried = parameters["tried"]
    assert isinstance(tried, list)
    assert comparing[0] == {}
    assert comparing[3] == {"linear": tried[0]["score"], "score": tried[0]["score"]}
    scores = {t["family"]: pytest.approx(t["score"]) for t in tried}
    assert comparing[-1] == scores | {"score": pytest.approx(max(t["score"] for t in tried))}
    training = next(figures for stage, figures in told if stage.startswith("training"))
    assert training == {"score": pytest.approx(max(t["score"] for t in tried))}


def test_boosting_tells_its_losses_and_how_many_iterations_it_used() -> None:
    told, parameters = heard(2000, family="boosting", early_stop=True)
    figures = [figures for stage, figures in told if stage == "training: boosting" and figures][-1]
    assert set(figures) == {"loss", "validation_loss", "iterations"}
    assert 0 < figures["loss"] < figures["validation_loss"] < 1
    assert parameters["iterations_used"] == figures["iterations"]
    assert 5 < figures["iterations"] < 200
    assert parameters["family_parameters"]["iterations"] == 200  # type: ignore[index]


def test_a_loss_is_told_while_it_falls() -> None:
    model = SimpleNamespace(train_score_=[], validation_score_=[])
    told: list[float] = []
    with watched(model, lambda figures: told.append(figures["validation_loss"]), every_s=0.005):
        for score in (-3.0, -2.0, -1.0):
            model.train_score_.append(score)
            model.validation_score_.append(score)
            until = time.monotonic() + 10
            while told[-1:] != [-score] and time.monotonic() < until:
                time.sleep(0.002)
    assert told == [3.0, 2.0, 1.0]
    assert loss_figures(object()) == {}


def test_held_out_rows_of_one_value_have_no_r2() -> None:
    given = dataset(number("x", np.arange(100)), number("day", np.arange(100)), number("y", [*range(80), *[7.0] * 20]))
    told = {**OPTIONS, "metric": "r2", "split": "time", "time": "day", "test_size": 0.2, "leakage": "keep"}

    def silent(share: float, stage: str, **figures: float) -> None:
        pass

    with pytest.raises(regressor.DatasetUnusable, match="one value of 'y'") as caught:
        regressor.train(given, told, silent, embed)
    assert "mae" in (caught.value.hint or "")
    made = regressor.train(given, {**told, "metric": "mae"}, silent, embed)
    assert {m.name for m in made.metrics} == {"mae", "neg_mae", "mae gain", "rmse", "squared error gain"}
