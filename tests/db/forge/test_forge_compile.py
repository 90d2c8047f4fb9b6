"""Compiled models say what their graphs say."""

import json
from typing import Any

import numpy as np
import onnxruntime
import psycopg
import pytest

from harness import Database
from tabular_models import COMPILED, TabularModel, mixed_rows, numeric_rows, store

Connection = psycopg.Connection[Any]


@pytest.fixture
def person(database: Database) -> Any:
    with database.connect() as connection:
        yield connection


def compiled(connection: Connection, name: str = "m", **options: object) -> str:
    row = connection.execute("select api.forge_compile(%s, null, %s)", (name, json.dumps(options))).fetchone()
    assert row is not None
    return str(row[0])


def served(model: TabularModel, rows: Any) -> Any:
    session = onnxruntime.InferenceSession(model.graph, providers=["CPUExecutionProvider"])
    return session.run([model.signature["output"]], {"features": rows.astype(np.float32)})[0]


def call(connection: Connection, function: str, rows: Any) -> list[Any]:
    connection.execute("create temp table given (id int, x float8[])")
    with connection.cursor() as cursor, cursor.copy("copy given from stdin") as copy:
        for number, row in enumerate(rows.tolist()):
            copy.write_row((number, [None if np.isnan(v) else v for v in row]))
    arguments = ", ".join(f"x[{i + 1}]" for i in range(rows.shape[1]))
    found = connection.execute(f"select {function}({arguments}) from given order by id").fetchall()
    connection.execute("drop table given")
    return [row[0] for row in found]


@pytest.mark.parametrize("kind", sorted(COMPILED))
def test_it_agrees_with_the_graph(database: Database, person: Connection, kind: str) -> None:
    model = COMPILED[kind]()
    store(database, model, name="m")
    rows, _ = numeric_rows(1000, 4, seed=3)
    rows[:5] = [[1e30, -1e30, 0, 0]] * 5
    found = np.array(call(person, compiled(person), rows))
    expected = served(model, rows)
    if expected.shape[1] == 2:
        expected = expected[:, 1]
    expected = expected.reshape(found.shape)
    assert np.abs(found - expected).max() <= 1e-6 * max(1.0, np.abs(expected).max())


def test_categories_times_and_booleans_are_encoded_as_in_training(database: Database, person: Connection) -> None:
    model, given, matrix = mixed_rows()
    store(database, model, name="m")
    function = compiled(person)
    for row, encoded in zip(given, matrix, strict=True):
        found = person.execute(f"select {function}(%s::float8, %s::boolean, %s::text, %s::timestamptz)", row).fetchone()
        assert found is not None
        assert found[0] == pytest.approx(float(served(model, encoded[None, :])[0, 1]), abs=1e-6)


def test_it_is_immutable_parallel_safe_and_inlined(database: Database, person: Connection) -> None:
    store(database, COMPILED["linear_classifier"](), name="m")
    function = compiled(person)
    row = person.execute(
        "select provolatile::text, proparallel::text, proowner::regrole::text, prosecdef"
        " from pg_proc where oid = %s::regproc",
        (function,),
    ).fetchone()
    assert row == ("i", "s", "datapunk_owner", False)
    plan = person.execute(f"explain (verbose) select {function}(g, g, g, g) from generate_series(1, 3) as g").fetchall()
    assert function not in str(plan)


def scores(connection: Connection, **options: object) -> list[Any]:
    query = "select g as key, g / 10.0 as x1, 1 as x2, null::float8 as x3, -g as x4 from generate_series(-20, 20) as g"
    return connection.execute("select * from api.forge_score('m', %s, %s)", (query, json.dumps(options))).fetchall()


def numbers(rows: list[Any]) -> Any:
    """Values and probabilities; NaN where there is none."""
    return np.array([[np.nan if v is None else v for v in (row[1], row[3])] for row in rows])


@pytest.mark.parametrize("kind", sorted(COMPILED))
def test_scores_by_sql_are_those_of_the_host(database: Database, person: Connection, kind: str) -> None:
    store(database, COMPILED[kind](), name="m")
    by_host = scores(person, engine="host")
    native = scores(person, engine="sql")
    compiled(person)
    for found in (native, scores(person, engine="sql"), scores(person)):
        assert [(row[0], row[2]) for row in found] == [(row[0], row[2]) for row in by_host]
        np.testing.assert_allclose(numbers(found), numbers(by_host), rtol=1e-6, atol=1e-6)


def test_small_models_are_scored_by_sql_unasked_and_large_ones_by_the_host(
    database: Database, person: Connection
) -> None:
    store(database, COMPILED["linear_classifier"](), name="m")
    assert scores(person) == scores(person, engine="sql") != scores(person, engine="host")
    person.execute("select api.forge_drop('m')")
    store(database, COMPILED["linear_three_labels"](), name="m")
    assert scores(person) == scores(person, engine="host") != scores(person, engine="sql")


def test_what_has_no_native_form_is_not_scored_by_sql(database: Database, person: Connection) -> None:
    model = COMPILED["linear_classifier"]()
    model.artifacts.clear()
    store(database, model, name="m")
    with pytest.raises(psycopg.errors.InvalidParameterValue) as caught:
        scores(person, engine="sql")
    assert "leave engine out" in (caught.value.diag.message_hint or "")
    assert scores(person) == scores(person, engine="host")


def test_it_goes_with_its_version(database: Database, person: Connection) -> None:
    store(database, COMPILED["linear_classifier"](), name="m")
    function = compiled(person)
    assert compiled(person) == function
    person.execute("select api.forge_drop('m')")
    assert person.execute("select to_regproc(%s)", (function,)).fetchone() == (None,)


def test_names_that_look_like_sql_stay_names(database: Database, person: Connection) -> None:
    model = COMPILED["linear_classifier"]()
    nasty = 'x") returns float8 language sql as $$select 1$$; drop table forge.job; --'
    model.signature["features"][0]["name"] = nasty[:60]
    store(database, model, name="'; drop schema lake; --")
    compiled(person, "'; drop schema lake; --")
    assert person.execute(
        "select to_regclass('forge.job') is not null and to_regnamespace('lake') is not null"
    ).fetchone() == (True,)


def test_what_has_no_native_form_is_refused(database: Database, person: Connection) -> None:
    model = COMPILED["linear_classifier"]()
    model.artifacts.clear()
    store(database, model, name="m")
    with pytest.raises(psycopg.errors.InvalidParameterValue) as caught:
        compiled(person)
    assert "forge_score" in (caught.value.diag.message_hint or "")


def test_other_owners_agree_to_its_being_readable_first(database: Database) -> None:
    store(database, COMPILED["linear_classifier"](), name="m", owner="ada")
    with database.connect(owner="ada") as ada:
        with pytest.raises(psycopg.errors.InvalidParameterValue):
            compiled(ada)
        assert compiled(ada, visible=True).startswith("model_sql.m_v1_")
    with database.connect(owner="eve") as eve, pytest.raises(psycopg.Error) as caught:
        compiled(eve, visible=True)
    assert caught.value.sqlstate == "DP020"


def test_a_model_whose_function_a_view_uses_says_what_to_drop(database: Database, person: Connection) -> None:
    store(database, COMPILED["linear_regressor"](), name="m")
    function = compiled(person)
    with database.connect("postgres") as root:
        root.execute(f"create view public.told as select {function}(1, 2, 3, 4) as value")
    with pytest.raises(psycopg.errors.DependentObjectsStillExist) as caught:
        person.execute("select api.forge_drop('m')")
    diag = caught.value.diag
    assert "told" in (diag.message_detail or "")
    assert "drop view" in (diag.message_hint or "")
    assert "CASCADE" not in (diag.message_hint or "")
    assert person.execute("select count(*) from api.models where model = 'm'").fetchone() == (1,)
    with database.connect("postgres") as root:
        root.execute("drop view public.told")
    assert person.execute("select api.forge_drop('m')").fetchone() == (True,)
