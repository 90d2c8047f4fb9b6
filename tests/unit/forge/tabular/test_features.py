import math
from datetime import UTC, datetime

import numpy as np
import pytest

from datapunk.errors import InvalidArgument
from datapunk.forge.features import Feature, FeatureKind, encode_row, read_features, time_parts
from datapunk_forge.tabular.columns import choose_columns
from datapunk_forge.tabular.encoding import encode, fit_features
from datapunk_forge.trained import Column, Dataset
from unit.forge.tabular.tables import ROWS, dataset, embed, features

COLUMNS, _ = features()
DATA = dataset(*COLUMNS)
FITTED = fit_features(choose_columns(DATA, None, {}).columns, np.arange(ROWS), "letters", 6)


def one_by_one(texts: list[str], model: str) -> list[list[float]]:
    return [list(map(float, row)) for row in embed(texts, model)]


def test_a_row_is_encoded_as_the_columns_are() -> None:
    matrix = encode(DATA, FITTED, embed)
    for row in range(0, ROWS, 7):
        given = {c.name: c.values[row] for c in COLUMNS}
        given = {
            k: None if isinstance(v, float) and math.isnan(v) else v.tolist() if isinstance(v, np.ndarray) else v
            for k, v in given.items()
        }
        one = np.array(encode_row(FITTED, given, one_by_one), dtype=np.float32)  # type: ignore[arg-type]
        np.testing.assert_allclose(one, matrix[row], rtol=1e-6)


def test_the_signature_brings_back_the_features() -> None:
    assert read_features({"features": [f.to_json() for f in FITTED]}) == FITTED


def test_unknown_and_missing_values_have_codes_of_their_own() -> None:
    city = Feature(name="city", kind="category", type="text", column=0, values=("Bern", "Basel"))
    size = Feature(name="size", kind="number", type="float8", column=1)

    def code(value: object) -> float:
        return encode_row((city, size), {"city": value, "size": 1}, one_by_one)[0]  # type: ignore[arg-type]

    assert [code(v) for v in ("Basel", "Chur", None)] == [1.0, -1.0, -2.0]


@pytest.mark.parametrize(
    "at",
    [datetime(2024, 2, 29, 23, 30, tzinfo=UTC), datetime(1969, 12, 31, tzinfo=UTC), datetime(2100, 3, 1, tzinfo=UTC)],
)
def test_a_time_is_told_apart_by_hour_weekday_and_month(at: datetime) -> None:
    days, hour, weekday, month = time_parts(at.timestamp())
    assert days == pytest.approx(at.timestamp() / 86400)
    assert (hour, weekday, month) == (at.hour + at.minute / 60, at.weekday(), at.month)


@pytest.mark.parametrize(
    "given",
    [None, [], {}, {"sise": 1}, {"size": []}, {"size": "large"}, {"at": "yesterday", "size": 1}, {"taste": [1, 2]},
     {"taste": "x"}],
)  # fmt: skip
def test_features_that_do_not_fit_are_refused_with_their_names(given: object) -> None:
    with pytest.raises(InvalidArgument) as caught:
        encode_row(FITTED, given, one_by_one)  # type: ignore[arg-type]
    assert caught.value.hint


@pytest.mark.parametrize("number", [10**400, -(10**400), math.inf, "1e400"])
def test_a_number_that_no_float_holds_is_as_good_as_missing(number: object) -> None:
    size = Feature(name="size", kind="number", type="float8", column=0)
    (code,) = encode_row((size,), {"size": number}, one_by_one)  # type: ignore[arg-type]
    assert not math.isfinite(code)


@pytest.mark.parametrize("at", [10**400, 1e300, -math.inf, "infinity", "-Infinity"])
def test_a_time_without_end_is_as_good_as_missing(at: object) -> None:
    feature = Feature(name="at", kind="time", type="timestamptz", column=0, width=2, parts=("days", "hour"))
    assert np.isnan(encode_row((feature,), {"at": at}, one_by_one)).all()


def test_training_and_serving_tell_what_is_missing_alike() -> None:
    values = np.array([1.0, 1e39, np.inf, np.nan, 1e-60, 3.3e38] * 4)
    column = Column(name="size", type="float8", kind="number", values=values)
    (feature,) = fit_features([(column, "number")], np.arange(24), "none", 0)
    matrix = encode(Dataset(columns=(column,), row_count=24, fingerprint="", read_at=""), (feature,), one_by_one)
    served = [encode_row((feature,), {"size": v}, one_by_one) for v in values.tolist()]
    np.testing.assert_array_equal(matrix, np.array(served, dtype=np.float32))


@pytest.mark.parametrize(
    ("kind", "value"),
    [("vector", [10**400, 1]), ("boolean", 12), ("category", ["x"]), ("category", {"x": 1}), ("number", {})],
)
def test_a_value_out_of_bounds_is_refused(kind: FeatureKind, value: object) -> None:
    feature = Feature(name="x", kind=kind, type="x", column=0, width=2, parts=("days", "hour"))
    with pytest.raises(InvalidArgument, match="x"):
        encode_row((feature,), {"x": value}, one_by_one)  # type: ignore[arg-type]
