"""Drift of what deployed models are asked: what is like the training rows has none, whatever its kind."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import psycopg
import pytest

from datapunk_forge.tabular.encoding import fit_features
from datapunk_forge.trained import Column
from harness import Database
from tabular_models import COMPILED, store

Connection = psycopg.Connection[Any]
RANDOM = np.random.default_rng(0)
PSI = "select psi from forge.drift((select max(id) from forge.version)) where feature = 'x'"
DAYS = [date(2026, 1, 1) + timedelta(days=day % 7) for day in range(210)]


@pytest.fixture
def person(database: Database) -> Any:
    with database.connect() as connection:
        yield connection


def feature(values: Sequence[Any], type_name: str, kind: Any) -> dict[str, Any]:
    """The entry of a signature that a training on these values makes."""
    is_text = kind in ("category", "text") and type_name == "text"
    column = Column(
        name="x", type=type_name, kind="time" if kind == "time" else "text" if is_text else "number",
        values=list(values) if is_text else np.array(values, dtype=np.float64),
    )  # fmt: skip
    return fit_features([(column, kind)], np.arange(len(values)), "", 0)[0].to_json()


def learned(database: Database, entry: dict[str, Any]) -> None:
    model = COMPILED["linear_regressor"]()
    store(database, replace(model, signature={**model.signature, "features": [entry]}), name="m")


def asked(database: Database, values: Sequence[Any]) -> None:
    """Keep a prediction for each value of the feature x."""
    with database.connect("postgres", owner="local") as root:
        root.execute(
            "insert into forge.prediction (version_id, features, output)"
            " select (select max(id) from forge.version), jsonb_build_object('x', v.value), '{\"value\": 1}'"
            " from jsonb_array_elements(%s) as v",
            (json.dumps(list(values)),),
        )


WHOLE = [n % 10 for n in range(200)]
RATINGS = [1, 1, 1, 2, 2, 3, 4, 5, 5, 5] * 20
NORMAL = RANDOM.normal(size=1000).tolist()
TENTHS = [round(n, 1) for n in NORMAL]


@pytest.mark.parametrize(
    ("values", "type_name", "kind", "given"),
    [
        (WHOLE, "int4", "number", WHOLE),
        (RATINGS, "int2", "number", RATINGS),
        ([0] * 180 + list(range(20)), "int8", "number", [0] * 180 + list(range(20))),
        ([0, 1, 1] * 70, "int4", "number", [0, 1, 1] * 70),
        ([0, 1, 1] * 70, "int4", "number", [False, True, True] * 70),
        ([7] * 200, "int4", "number", [7] * 200),
        (NORMAL, "float8", "number", NORMAL),
        (TENTHS, "numeric", "number", TENTHS),
        (TENTHS, "float4", "number", [float(np.float32(n)) for n in TENTHS]),
        ([(d - date(1970, 1, 1)).days * 86400 for d in DAYS], "date", "time", [d.isoformat() for d in DAYS]),
        ([True, False, False] * 70, "bool", "boolean", [True, False, False] * 70),
        ([True, False, False] * 70, "bool", "boolean", [1.0, "No", "FALSE"] * 70),
        ([3, 0.1, 0.1] * 70, "float8", "category", [3.0, 0.1, 0.1] * 70),
        (["a", "", ""] * 70, "text", "category", ["a", "", ""] * 70),
    ],
    ids=[
        "whole", "few", "mostly one", "zero and one", "booleans as numbers", "constant", "continuous", "tenths", "real",
        "days", "booleans", "booleans as words", "numbers as categories", "empty texts",
    ],
)  # fmt: skip
def test_what_is_asked_like_the_training_rows_has_no_drift(
    database: Database, person: Connection, values: Sequence[Any], type_name: str, kind: str, given: Sequence[Any]
) -> None:
    learned(database, feature(values, type_name, kind))
    asked(database, given)
    person.execute("set timezone = 'America/New_York'")
    assert person.execute(PSI).fetchone() == (pytest.approx(0.0, abs=1e-9),)


def test_a_value_at_an_edge_is_in_the_bin_below(database: Database, person: Connection) -> None:
    entry = feature([1] * 100, "int4", "number")
    entry["profile"] = {"missing": 0.0, "edges": [1, 2], "shares": [0.5, 0.25, 0.25]}
    learned(database, entry)
    asked(database, [1] * 100 + [2] * 50 + [3] * 50)
    assert person.execute(PSI).fetchone() == (pytest.approx(0.0),)
    asked(database, [3] * 200)
    # (1/4 - 1/2) ln(1/2) + (1/8 - 1/4) ln(1/2) + (5/8 - 1/4) ln(5/2).
    assert person.execute(PSI).fetchone() == (pytest.approx(0.375 * np.log(2) + 0.375 * np.log(2.5)),)


def test_profiles_with_an_edge_twice_count_as_they_did_in_training(database: Database, person: Connection) -> None:
    entry = feature([1] * 100, "int4", "number")
    entry["profile"] = {"missing": 0.0, "edges": [1, 1, 2], "shares": [0.5, 0.0, 0.25, 0.25]}
    learned(database, entry)
    asked(database, [1] * 100 + [2] * 50 + [3] * 50)
    assert person.execute(PSI).fetchone() == (pytest.approx(0.0),)


def test_a_shift_of_whole_numbers_is_seen(database: Database, person: Connection) -> None:
    learned(database, feature(WHOLE, "int4", "number"))
    asked(database, [value + 3 for value in WHOLE])
    row = person.execute(PSI).fetchone()
    assert row is not None
    assert row[0] > 0.25


def test_a_text_of_blanks_is_missing_as_in_training(database: Database, person: Connection) -> None:
    texts = ["what is written here", " "] * 100
    learned(database, feature(texts, "text", "text"))
    asked(database, texts)
    row = person.execute("select psi, missing, missing_in_training from api.drift where feature = 'x'").fetchone()
    assert row == (None, 0.5, 0.5)


def test_whole_numbers_that_have_not_drifted_alert_nobody(database: Database, person: Connection) -> None:
    learned(database, feature(RATINGS, "int4", "number"))
    person.execute("select api.forge_deploy('m', 1, '{\"max_psi\": 0.25}')")
    asked(database, RATINGS)
    number = "(select id from forge.version where owner_id = 'local')"
    assert person.execute(f"select forge.check_guard({number})").fetchone() == (False,)
    assert person.execute("select count(*) from api.alerts").fetchone() == (0,)
    assert person.execute("select forge.has_drifted('m', 0.25, 'epoch')").fetchone() == (False,)


def test_every_version_meets_its_guard_however_predictions_are_interleaved(
    database: Database, person: Connection
) -> None:
    for _ in range(2):
        learned(database, feature(RATINGS, "int4", "number"))
    person.execute("select api.forge_deploy('m', 1)")
    person.execute("select api.forge_deploy('m', 2, '{\"shadow\": true}')")
    found = person.execute("select id from forge.version where owner_id = 'local' order by id").fetchall()
    log = "select forge.log_prediction(%s, '{\"x\": 90}', '{\"value\": 1}', null, false)"
    alerts = "select version, kind, feature from api.alerts where feature = 'x' order by version"
    for _ in range(100):
        for version in found:
            person.execute(log, version)
    assert person.execute(alerts).fetchall() == [(1, "psi", "x"), (2, "psi", "x")]
    assert person.execute("select count(*) from api.predictions").fetchone() == (200,)


DRIFT = "select feature, predictions, psi, missing from api.drift where model = 'm' order by feature"
FIGURES = "select name, labels ->> 'feature', value from api.metrics_now where name ~ '_(psi|missing)$' order by 1, 2"


def test_a_few_predictions_say_nothing(database: Database, person: Connection) -> None:
    learned(database, feature(RATINGS, "int4", "number"))
    person.execute("select api.forge_deploy('m', 1, '{\"max_psi\": 0.1}')")
    asked(database, [None] * 50 + [90] * 99)
    version = "(select id from forge.version where owner_id = 'local')"
    assert person.execute(DRIFT).fetchall() == [("x", 149, None, pytest.approx(50 / 149))]
    assert person.execute(f"select forge.check_guard({version})").fetchone() == (False,)
    assert person.execute("select kind from api.alerts").fetchall() == [("missing",)]
    assert person.execute(FIGURES).fetchall() == [("datapunk_model_missing", "x", pytest.approx(50 / 149))]
    asked(database, [90])
    row = person.execute("select psi from api.drift").fetchone()
    assert row is not None
    assert row[0] > 1
    assert person.execute(f"select forge.check_guard({version})").fetchone() == (False,)
    assert person.execute("select kind from api.alerts order by 1").fetchall() == [("missing",), ("psi",)]
    assert [name for name, *_ in person.execute(FIGURES)] == ["datapunk_model_missing", "datapunk_model_psi"]


def test_missing_shares_are_told_from_a_hundred_predictions_on(database: Database, person: Connection) -> None:
    learned(database, feature(RATINGS, "int4", "number"))
    asked(database, [None] * 99)
    assert person.execute(FIGURES).fetchall() == []
    asked(database, [None])
    assert person.execute(FIGURES).fetchall() == [("datapunk_model_missing", "x", 1.0)]


def test_a_feature_of_many_values_needs_ten_predictions_for_each(database: Database, person: Connection) -> None:
    names = [f"c{n % 15}" for n in range(300)]
    learned(database, feature(names, "text", "category"))
    # Fifteen values, and a bin for others.
    asked(database, names[:159])
    assert person.execute("select predictions, psi from api.drift").fetchone() == (159, None)
    asked(database, names[:1])
    assert person.execute("select predictions, psi < 0.05 from api.drift").fetchone() == (160, True)


@pytest.mark.parametrize(
    ("profile", "outputs"),
    [
        ({"missing": 0.0, "edges": [1.5], "shares": [0.5, 0.5]}, [{"score": 1, "is_anomaly": False}, {"score": 2}]),
        ({"missing": 0.0, "shares": {"cluster 1": 0.5, "cluster 2": 0.5}, "other": 0.0},
         [{"label": "cluster 1", "distances": {}}, {"label": "cluster 2", "distances": {}}]),
    ],
    ids=["score", "cluster"],
)  # fmt: skip
def test_scores_and_clusters_drift(
    database: Database, person: Connection, profile: dict[str, Any], outputs: list[dict[str, Any]]
) -> None:
    model = COMPILED["linear_regressor"]()
    store(database, replace(model, signature={**model.signature, "prediction": profile}), name="m")
    log = "select forge.log_prediction((select id from forge.version where owner_id = 'local'), '{}', %s, null, false)"
    for number in range(100):
        person.execute(log, (json.dumps(outputs[number % 2]),))
    assert person.execute(DRIFT).fetchall() == [("(prediction)", 100, pytest.approx(0.0), 0.0)]
    for _ in range(100):
        person.execute(log, (json.dumps(outputs[0]),))
    # A quarter instead of a half, and three quarters.
    assert person.execute(DRIFT).fetchall() == [("(prediction)", 200, pytest.approx(0.2747, abs=1e-4), 0.0)]
