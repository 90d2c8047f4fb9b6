from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from numpy.typing import NDArray

from datapunk.errors import DatasetUnusable
from datapunk_forge import forecaster
from datapunk_forge.codec import decode, encode
from datapunk_forge.forecaster import Window, apart
from datapunk_forge.incumbent import Incumbent
from datapunk_forge.series.models import Forecast, averaged, combined, families_for, forecast, naive
from datapunk_forge.trained import Column, Dataset, Trained

OPTIONS: Mapping[str, object] = {
    "seed": 0, "folds": 3, "family": "theta", "history": 1000, "frequency": "auto", "aggregate": "mean",
}  # fmt: skip
DAY = 86400.0
START = datetime(2024, 1, 1, tzinfo=UTC).timestamp()


def dataset(times: Sequence[float], values: Sequence[float], names: Sequence[str] | None = None) -> Dataset:
    columns = [
        Column(name="at", type="timestamptz", kind="time", values=np.array(times)),
        Column(name="value", type="float8", kind="number", values=np.array(values, dtype=float)),
    ]
    if names is not None:
        columns.append(Column(name="series", type="text", kind="text", values=list(names)))
    return Dataset(columns=tuple(columns), row_count=len(times), fingerprint="f", read_at="2026-01-01T00:00:00+00:00")


def train(given: Dataset, **options: object) -> Trained:
    def silent(share: float, stage: str, **figures: float) -> None:
        assert 0 <= share <= 1

    def embed(texts: Sequence[str], model: str) -> NDArray[np.float32]:
        raise AssertionError("a forecaster embeds nothing")

    return forecaster.train(given, {**OPTIONS, **options}, silent, embed)


def weekly(days: int, level: float = 20.0, noise: float = 1.0, seed: int = 0) -> NDArray[np.float64]:
    day = np.arange(days)
    return level + 5 * (day % 7 == 6) + 0.05 * day + noise * np.random.default_rng(seed).normal(size=days)


def many(count: int, days: int = 120) -> Dataset:
    times = [START + day * DAY for _ in range(count) for day in range(days)]
    values = np.concatenate([weekly(days, 10 + 5 * n, seed=n) for n in range(count)])
    return dataset(times, values.tolist(), [f"shop {n:02}" for n in range(count) for _ in range(days)])


def test_a_week_and_a_trend_are_continued() -> None:
    days = 140
    made = train(
        dataset([START + d * DAY for d in range(days)], weekly(days, noise=0.1).tolist()), horizon=14, family="ets"
    )
    rows = made.forecasts
    assert rows is not None
    np.testing.assert_allclose(rows.value[0], weekly(days + 14, noise=0.0)[days:], atol=1.0)
    assert rows.at[0].tolist() == [START + (days + n) * DAY for n in range(14)]
    assert made.signature["frequency"] == "day"
    assert made.parameters["season"] == 7


def test_it_is_better_than_the_last_week_again() -> None:
    found = {(m.name, m.scored): m for m in train(many(8), horizon=14).metrics}
    assert found["mase", "model"].value < found["mase", "seasonal_naive"].value
    gain = found["mase gain", "seasonal_naive - model"]
    assert gain.lower is not None
    assert gain.lower > 0


def test_intervals_cover_what_they_say() -> None:
    found = {m.name: m.value for m in train(many(30), horizon=14).metrics if m.name.startswith("coverage")}
    assert found["coverage_80"] == pytest.approx(0.8, abs=0.05)
    assert found["coverage_95"] == pytest.approx(0.95, abs=0.03)


def test_a_window_is_scored_with_the_model_that_the_others_choose() -> None:
    right, wrong = (Forecast(mean=np.full(2, value), spread=np.ones(2)) for value in (1.0, 9.0))
    windows = [
        Window(forecasts={"theta": theta, "seasonal_naive": naive}, truth=np.ones(2), scale=1.0)
        for theta, naive in ((right, wrong), (wrong, right))
    ]
    names = [name for _, name in apart(windows, ("theta", "seasonal_naive"))]
    assert names == ["seasonal_naive", "theta"]


def test_one_model_that_goes_astray_takes_the_combination_nowhere() -> None:
    parts = [Forecast(mean=np.array([mean, 3.0]), spread=np.array([spread, 1.0])) for mean, spread in
             ((1.0, 2.0), (2.0, 4.0), (900.0, 500.0))]  # fmt: skip
    found = combined(parts)
    assert (found.mean.tolist(), found.spread.tolist()) == ([2.0, 3.0], [4.0, 1.0])


@pytest.mark.parametrize(("error", "chosen"), [(0.85, "theta"), (0.95, "combination")])
def test_one_model_is_taken_alone_where_it_is_clearly_better(error: float, chosen: str) -> None:
    off = {"theta": error, "ets": 2.0, "seasonal_naive": 3.0, "combination": 1.0}
    forecasts = {name: Forecast(mean=np.array([value]), spread=np.ones(1)) for name, value in off.items()}
    windows = [Window(forecasts=forecasts, truth=np.zeros(1), scale=1.0) for _ in range(3)]
    assert {name for _, name in apart(windows, ("theta", "ets", "seasonal_naive"))} == {chosen}


def test_models_are_compared_with_their_median_among_them() -> None:
    made = train(many(1), horizon=7, family="auto")
    assert set(made.parameters["chosen"]) <= {"ets", "theta", "arima", "seasonal_naive", "combination"}  # type: ignore[call-overload]


def test_long_seasons_are_averaged() -> None:
    hours = np.arange(24 * 8)
    values = np.sin(hours * np.pi / 12) + np.repeat([9.0, 9, 9, 9, 1, 2, 3, 4], 24)
    made = forecast("seasonal_average", values, 24, 30)
    np.testing.assert_allclose(made.mean, np.sin(np.arange(30) * np.pi / 12) + 2.5)
    # Off by 8, 5, 2 and 0.75 in the four days that have four before them.
    days = np.array([1 - 9, 2 - 7, 3 - 5.25, 4 - 3.75])
    np.testing.assert_allclose(made.spread, np.sqrt((days**2).mean() * np.where(np.arange(30) < 24, 1, 2)))
    assert "seasonal_average" in families_for("auto", 24, 1000)
    assert "arima" not in families_for("auto", 24, 1000)
    assert "seasonal_average" not in families_for("auto", 12, 1000)


def test_hours_are_taken_apart_by_day_and_week() -> None:
    assert "mstl" in families_for("auto", 24, 1000)
    assert "mstl" not in families_for("auto", 48, 1000)
    hour = np.arange(24 * 7 * 4 + 24)
    # Work from 9 to 17, and none at the weekend, which comes next.
    values = 100.0 + 50 * ((hour % 24 >= 9) & (hour % 24 < 17) & (hour // 24 % 7 < 5))
    values += np.random.default_rng(0).normal(size=len(values))
    known, truth = values[: 24 * 7 * 3 + 24 * 5], values[24 * 7 * 3 + 24 * 5 :][:48]
    errors = {f: float(np.abs(forecast(f, known, 24, 48).mean - truth).mean()) for f in ("mstl", "theta")}
    assert errors["mstl"] < 5 < errors["theta"]


def test_hours_of_less_than_two_weeks_are_averaged() -> None:
    values = np.arange(24.0 * 13) % 24
    assert forecast("mstl", values, 24, 24).mean == pytest.approx(averaged(values, 24, 24).mean)


def test_a_season_that_was_seen_once_is_repeated() -> None:
    values = np.arange(24.0)
    assert averaged(values, 24, 2).mean == pytest.approx(naive(values, 24, 2).mean)


def test_months_are_told_and_kept() -> None:
    months = np.arange("2019-01", "2025-01", dtype="datetime64[M]").astype("datetime64[s]").astype(float)
    values = 50 + 10 * np.sin(np.arange(len(months)) * np.pi / 6)
    rows = train(dataset(months.tolist(), values.tolist()), horizon=3).forecasts
    assert rows is not None
    assert [datetime.fromtimestamp(at, UTC).isoformat()[:10] for at in rows.at[0]] == [
        "2025-01-01", "2025-02-01", "2025-03-01",
    ]  # fmt: skip


def test_events_are_counted_and_gaps_are_zero() -> None:
    random = np.random.default_rng(0)
    times = sorted(START + d * DAY + random.random() * DAY for d in range(100) for _ in range(3) if d % 10)
    made = train(dataset(times, [1.0] * len(times)), frequency="day", aggregate="count", horizon=7)
    assert int(str(made.parameters["steps_filled"])) >= 9
    rows = made.forecasts
    assert rows is not None
    assert (rows.lower >= 0).all()


def test_what_is_expected_survives_the_way_to_the_worker() -> None:
    made = train(many(2), horizon=5, family="theta")
    rows, back = made.forecasts, decode(encode(made)).forecasts
    assert rows is not None
    assert back is not None
    assert back.series == rows.series == ("shop 00", "shop 01")
    np.testing.assert_array_equal(back.upper, rows.upper)


def test_wider_levels_hold_narrower_ones() -> None:
    rows = train(many(2), horizon=5, family="ets").forecasts
    assert rows is not None
    assert (np.diff(rows.upper, axis=2) >= 0).all()
    assert (np.diff(rows.lower, axis=2) <= 0).all()


def test_the_same_data_and_seed_give_the_same_figures() -> None:
    assert train(many(3), horizon=5).metrics == train(many(3), horizon=5).metrics


@pytest.mark.parametrize(
    ("given", "options", "reason"),
    [
        (dataset([START, START + DAY], [1, 2]), {}, "longest series has 2 steps"),
        (dataset([START] * 30, list(range(30))), {}, "two different times"),
        (dataset([np.nan] * 30, list(range(30))), {}, "no row"),
        (many(1), {"target": "nix"}, "no column 'nix'"),
        (dataset([START + n * 400 * DAY for n in range(30)], list(range(30))), {"frequency": "minute"}, "spans"),
    ],
)
def test_what_cannot_be_forecast_is_refused(given: Dataset, options: dict[str, object], reason: str) -> None:
    with pytest.raises(DatasetUnusable, match=reason):
        train(given, **options)


def test_what_is_always_the_same_is_forecast_with_no_more_skill_than_it_takes() -> None:
    found = {(m.name, m.scored): m for m in train(dataset([START + n * DAY for n in range(90)], [5.0] * 90)).metrics}
    skill = found["skill", "model"]
    assert (skill.value, skill.lower, skill.upper) == pytest.approx((0.0, 0.0, 0.0), abs=1e-5)


def test_the_figures_of_one_series_have_intervals_over_its_steps() -> None:
    found = {(m.name, m.scored): m for m in train(many(1), horizon=14).metrics}
    for name in ("skill", "mase", "smape", "coverage_80", "coverage_95"):
        metric = found[name, "model"]
        assert (metric.lower or 0) < (metric.upper or 0)


def test_two_versions_of_what_is_always_the_same_are_alike() -> None:
    trained = train(dataset([START + n * DAY for n in range(90)], [5.0] * 90))
    assert trained.against is not None
    assert trained.forecasts is not None
    at = trained.forecasts.at - len(trained.forecasts.at[0]) * DAY
    incumbent = Incumbent(version_id=1, signature={}, graph=b"", files={}, rows=replace(trained.forecasts, at=at))
    found = trained.against(incumbent, lambda texts, model: np.zeros((0, 0), dtype=np.float32))
    assert found is not None
    assert found.ours == pytest.approx(np.zeros(len(found.ours)), abs=1e-5)
