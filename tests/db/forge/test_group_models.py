"""A model for each group answers, is explained and compiled as one version."""

import json
from functools import cache
from typing import Any

import numpy as np
import psycopg
import pytest

from datapunk_forge import classifier, regressor
from datapunk_forge.serving import prepared
from harness import Database
from tabular_models import TabularModel, store
from unit.forge.tabular.tables import OPTIONS, dataset, embed, number, silent, text

Connection = psycopg.Connection[Any]
RANDOM = np.random.default_rng(5)
X = RANDOM.normal(size=240)
SHOP = np.array(["up", "down"])[RANDOM.integers(0, 2, 240)]
Y = np.where(SHOP == "up", 2.0, -2.0) * X


@cache
def model(recipe: str, family: str) -> TabularModel:
    target = number("y", Y) if recipe == "regressor" else text("y", np.where(Y > 0, "more", "less").tolist())
    options = {
        **OPTIONS, "metric": "r2" if recipe == "regressor" else "accuracy", "family": family, "group": "shop",
        "group_models": True, "group_rows": 50,
    }  # fmt: skip
    train = regressor.train if recipe == "regressor" else classifier.train
    trained = prepared(train(dataset(number("x", X), text("shop", SHOP.tolist()), target), options, silent, embed))
    artifacts = dict(trained.artifacts)
    return TabularModel(
        recipe=recipe, pipeline=None, graph=artifacts.pop("model.onnx"), signature=dict(trained.signature),
        artifacts=artifacts,
    )  # fmt: skip


@pytest.fixture
def person(database: Database) -> Any:
    with database.connect() as connection:
        connection.execute("set datapunk.inference = 'in_process'")
        connection.execute(
            "create table public.given as select n as id, (n % 7 - 3)::float8 as x,"
            " (array['up', 'down', 'new', null])[n % 4 + 1] as shop from generate_series(0, 199) as n"
        )
        yield connection


def predicted(connection: Connection, **features: object) -> Any:
    row = connection.execute("select api.forge_predict('m', %s)", (json.dumps(features),)).fetchone()
    assert row is not None
    return row[0]


def test_the_groups_value_chooses_the_model(database: Database, person: Connection) -> None:
    store(database, model("regressor", "linear"), name="m")
    assert predicted(person, x=1.0, shop="up")["value"] == pytest.approx(2.0, abs=0.1)
    assert predicted(person, x=1.0, shop="down")["value"] == pytest.approx(-2.0, abs=0.1)
    assert abs(predicted(person, x=1.0, shop="new")["value"]) < 1


@pytest.mark.parametrize(
    ("recipe", "family"), [("regressor", "linear"), ("regressor", "boosting"), ("classifier", "linear")]
)
def test_scores_by_sql_are_those_by_the_graph(database: Database, person: Connection, recipe: str, family: str) -> None:
    store(database, model(recipe, family), name="m")
    query = "select * from api.forge_score('m', 'select id, x, shop from public.given', %s) order by key::int"
    by_graph = person.execute(query, (json.dumps({"engine": "host"}),)).fetchall()
    person.execute("select api.forge_compile('m')")
    by_sql = person.execute(query, (json.dumps({"engine": "sql"}),)).fetchall()
    assert len(by_sql) == 200
    for ours, theirs in zip(by_sql, by_graph, strict=True):
        assert ours[2] == theirs[2]
        value, probability = ours[1], ours[3]
        assert (value if recipe == "regressor" else probability) == pytest.approx(
            theirs[1] if recipe == "regressor" else theirs[3], rel=1e-6, abs=1e-6
        )


@pytest.mark.parametrize("shop", ["up", "down", "new"])
@pytest.mark.parametrize("family", ["linear", "boosting"])
def test_contributions_add_up_to_the_groups_own_answer(
    database: Database, person: Connection, family: str, shop: str
) -> None:
    store(database, model("regressor", family), name="m")
    given = {"x": 1.5, "shop": shop}
    rows = person.execute("select contribution from api.forge_explain('m', %s)", (json.dumps(given),)).fetchall()
    assert sum(r[0] for r in rows) == pytest.approx(predicted(person, **given)["value"], abs=1e-4)
