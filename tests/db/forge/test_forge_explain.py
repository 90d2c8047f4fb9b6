"""Explanations add up to what the model gives."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import psycopg
import pytest

from harness import Database
from tabular_models import COMPILED, numeric_rows, store

Connection = psycopg.Connection[Any]
ROW = {"x1": 0.5, "x2": -1.0, "x3": None, "x4": 2.0}


@pytest.fixture
def person(database: Database) -> Any:
    with database.connect() as connection:
        yield connection


def with_background(kind: str) -> Any:
    model = COMPILED[kind]()
    rows = numeric_rows(50, 4, seed=7)[0]
    return replace(model, artifacts={**model.artifacts, "background.f4": rows.astype("<f4").tobytes()})


def explained(connection: Connection, features: object = ROW, **options: object) -> list[Any]:
    return connection.execute(
        "select * from api.forge_explain('m', %s, %s)", (json.dumps(features), json.dumps(options))
    ).fetchall()


@pytest.mark.parametrize("kind", ["linear_regressor", "trees_regressor", "linear_classifier", "trees"])
def test_contributions_add_up_to_the_raw_output(database: Database, person: Connection, kind: str) -> None:
    model = with_background(kind)
    store(database, model, name="m")
    found = explained(person)
    row = np.array([[0.5, -1.0, np.nan, 2.0]], dtype=np.float32)
    if model.recipe == "regressor":
        expected = float(model.pipeline.predict(row)[0])
    else:
        p = model.pipeline.predict_proba(row)[0]
        expected = float(np.log(p.max() / p.min()))
    assert sum(r[2] for r in found) == pytest.approx(expected, abs=1e-4)
    assert found[0][:2] == ("(base)", None)
    assert {r[0]: r[1] for r in found[1:]} == {"x1": "0.5", "x2": "-1.0", "x3": None, "x4": "2.0"}
    sizes = [abs(r[2]) for r in found[1:]]
    assert sizes == sorted(sizes, reverse=True)


def test_the_other_label_is_the_opposite(database: Database, person: Connection) -> None:
    store(database, with_background("trees"), name="m")
    yes, no = ({r[0]: r[2] for r in explained(person, label=label)} for label in ("yes", "no"))
    assert yes == pytest.approx({name: -value for name, value in no.items()})


def test_without_a_native_form_they_are_sampled(database: Database, person: Connection) -> None:
    model = with_background("trees")
    model.artifacts.pop("native.json")
    store(database, model, name="m")
    found = explained(person, label="yes", samples=10)
    p = model.pipeline.predict_proba(np.array([[0.5, -1.0, np.nan, 2.0]], dtype=np.float32))[0, 1]
    assert sum(r[2] for r in found) == pytest.approx(float(p), abs=1e-5)
    assert found == explained(person, label="yes", samples=10)


@pytest.mark.parametrize(
    ("features", "options"), [({"x9": 1}, {}), ({"x1": "much"}, {}), (ROW, {"label": "maybe"}), (ROW, {"samples": 0})]
)
def test_what_does_not_fit_is_refused(
    database: Database, person: Connection, features: object, options: dict[str, object]
) -> None:
    store(database, with_background("trees"), name="m")
    with pytest.raises(psycopg.errors.InvalidParameterValue) as caught:
        explained(person, features, **options)
    assert caught.value.diag.message_hint


def test_a_version_is_read_once_in_a_session(database: Database, person: Connection) -> None:
    store(database, with_background("trees"), name="m")
    before = explained(person)
    with database.connect("postgres", owner="local") as root:
        root.execute("delete from forge.artifact where name in ('native.json', 'background.f4')")
    assert explained(person) == before
