import math
import statistics

import pytest

from datapunk.forge.rolling import WARM_UP, Judged, Moments, Rolling

HOUR = 3600.0


def detector(**told: float) -> Rolling:
    return Rolling.of({"step": HOUR, "threshold": 7.0, "quiet": 0, "window": 1000, **told})


def judged(values: list[float], **told: float) -> list[Judged]:
    return list(detector(**told).judged((n * HOUR, v) for n, v in enumerate(values)))


def test_moments_are_those_of_the_newest_values() -> None:
    values = [math.sin(n * n) * 10 + 1e6 for n in range(95)]
    moments = Moments(10)
    for value in values:
        moments.add(value)
    assert moments.mean == pytest.approx(statistics.fmean(values[-10:]), rel=1e-12)
    assert moments.deviation == pytest.approx(statistics.pstdev(values[-10:]), rel=1e-6)


def test_a_large_value_that_has_left_leaves_nothing() -> None:
    moments = Moments(10)
    for value in [1e12, *([1.0, 2.0] * 15)]:
        moments.add(value)
    assert (moments.mean, moments.deviation) == (pytest.approx(1.5), pytest.approx(0.5))


def test_the_first_rows_have_no_score() -> None:
    assert [j.score for j in judged([float(n % 5) for n in range(WARM_UP)])] == [0.0] * WARM_UP


def test_a_value_is_as_many_deviations_away_as_worked_out_by_hand() -> None:
    # 10 and 12 in turn for less than a day: what is seen of a row is its distance from the mean of those before it.
    values = [10.0 + 2 * (n % 2) for n in range(22)]
    before, told = [], detector()
    for n, value in enumerate(values):
        before.append(value - (statistics.fmean(values[:n]) if n else value))
        told.judge(n * HOUR, value)
    found = told.weighed(22 * HOUR, 20.0)
    assert found.expected == pytest.approx(11.0)
    assert found.views[0] == pytest.approx((9.0 - statistics.fmean(before)) / statistics.pstdev(before))
    assert found.seen[1] == pytest.approx((sum(before[-9:]) + 9.0) / 10)
    # Nine steps of 2 and one of 8, where steps have been of 2 but for the very first.
    assert found.seen[2] == pytest.approx((9 * 2.0 + 8.0) / 10)
    assert found.score == pytest.approx(math.hypot(*found.views))


def test_a_season_is_expected_once_it_does_better_than_the_level() -> None:
    values = [10.0 * (n % 24 > 12) for n in range(24 * 20)]
    told = detector()
    for n, value in enumerate(values):
        told.judge(n * HOUR, value)
    noon, night = (told.weighed((24 * 20 + hour) * HOUR, 10.0) for hour in (13, 2))
    assert (noon.expected, night.expected) == (10.0, 0.0)
    assert night.score > 2 * noon.score


def test_rows_that_are_days_apart_have_weekdays() -> None:
    told = detector(step=86400.0)
    for n in range(140):
        told.judge(n * 86400.0, 50.0 if n % 7 in (5, 6) else 5.0 + n % 2)
    assert told.weighed(145 * 86400.0, 50.0).expected == pytest.approx(50.0)


def test_what_is_weighed_is_not_taken_in() -> None:
    told = detector()
    for n in range(30):
        told.judge(n * HOUR, float(n % 3))
    assert told.weighed(30 * HOUR, 99.0) == told.weighed(30 * HOUR, 99.0)


def test_after_an_anomaly_scores_count_half_and_are_none_themselves() -> None:
    values = [float(n % 3) for n in range(60)] + [6.0, 2.0, 900.0, 900.0]
    loud, hushed = judged(values), judged(values, quiet=2)
    assert loud[60].score == hushed[60].score >= 7.0
    assert [j.score for j in hushed[61:63]] == [pytest.approx(min(j.score, 7.0) / 2) for j in loud[61:63]]
    assert loud[61].score < 7.0 < loud[62].score
    assert hushed[63].score == loud[63].score


def test_contributions_add_up_to_the_score() -> None:
    for found in judged([float(n % 3) for n in range(60)] + [30.0, 31.0], quiet=5):
        assert sum(found.contributions()) == pytest.approx(found.score)


def test_a_series_that_stands_still_is_left_by_any_change() -> None:
    found = judged([5.0] * 100 + [5.1])
    assert [j.score for j in found[:100]] == [0.0] * 100
    assert found[100].score > 1e6
