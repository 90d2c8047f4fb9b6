"""Compiled models say what their graphs say."""

import json
from typing import Any

import numpy as np
import onnxruntime
import psycopg
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier

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


#: What comes after the numbers, and what they go through before.
MIXED: dict[str, tuple[Any, Any]] = {
    "linear": (None, None),
    "trees": (HistGradientBoostingClassifier(max_iter=30, min_samples_leaf=5, random_state=0), "passthrough"),
    "trees of scaled numbers": (RandomForestClassifier(10, random_state=0), None),
}


@pytest.mark.parametrize("kind", sorted(MIXED))
def test_categories_times_and_booleans_are_encoded_as_in_training(
    database: Database, person: Connection, kind: str
) -> None:
    model, given, matrix = mixed_rows(*MIXED[kind])
    store(database, model, name="m")
    person.execute("create table public.given (key serial, size float8, paid boolean, city text, at timestamptz)")
    for row in given:
        person.execute("insert into public.given (size, paid, city, at) values (%s, %s, %s, %s)", row)
    by_host = mixed_scores(person, "host")
    native = mixed_scores(person, "sql")
    function = compiled(person)
    for scored in (by_host, native, mixed_scores(person, "sql")):
        np.testing.assert_allclose(scored, by_host, atol=1e-6)
    found = person.execute(f"select {function}(size, paid, city, at) from public.given order by key").fetchall()
    np.testing.assert_allclose([row[0] for row in found], served(model, matrix)[:, 1], atol=1e-6)


def mixed_scores(connection: Connection, engine: str) -> list[float]:
    """The probability of the second label."""
    rows = connection.execute(
        "select label, probability from api.forge_score('m', 'select * from public.given order by key', %s)",
        (json.dumps({"engine": engine}),),
    ).fetchall()
    return [probability if label == "yes" else 1 - probability for label, probability in rows]


def test_trees_make_each_number_once(database: Database, person: Connection) -> None:
    model, _, _ = mixed_rows(*MIXED["trees"])
    store(database, model, name="m")
    row = person.execute("select prosrc from pg_proc where oid = %s::regproc", (compiled(person),)).fetchone()
    assert row is not None
    # Days, hour, weekday and month; hours are made of the epoch and the days.
    assert str(row[0]).count("epoch") <= 5
    assert str(row[0]).count("array_position") == 1


def test_numbers_between_two_float4_take_the_branch_that_the_graph_takes(
    database: Database, person: Connection
) -> None:
    model = COMPILED["trees_regressor"]()
    store(database, model, name="m")
    function = compiled(person)
    trees = json.loads(model.artifacts["native.json"])["trees"]
    splits = {t for tree in trees for t, i, left in zip(tree["threshold"], tree["input"], tree["left"], strict=True)
              if i == 0 and left >= 0}  # fmt: skip
    near = []
    for split in np.array(sorted(splits), dtype=np.float32):
        middle = (float(split) + float(np.nextafter(split, np.float32(np.inf)))) / 2
        near += [middle, np.nextafter(middle, -np.inf), np.nextafter(middle, np.inf), float(split)]
    rows = np.zeros((len(near), 4))
    rows[:, 0] = near
    assert len(near) > 40
    np.testing.assert_allclose(call(person, function, rows), served(model, rows)[:, 0], rtol=1e-6, atol=1e-6)


def test_trees_are_immutable_parallel_safe_and_say_what_they_cost(database: Database, person: Connection) -> None:
    store(database, COMPILED["trees"](), name="m")
    row = person.execute(
        "select provolatile::text, proparallel::text, proowner::regrole::text, prosecdef, procost > 60, proconfig"
        " from pg_proc where oid = %s::regproc",
        (compiled(person),),
    ).fetchone()
    assert row == ("i", "s", "datapunk_owner", False, True, None)


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


#: What float32 does not hold, and what no number is.
EXTREMES = ("1e-60", "-1e-60", "5e-324", "1e39", "-1e39", "1e300", "-1.7e308", "Infinity", "-Infinity", "NaN")


@pytest.mark.parametrize("kind", sorted(COMPILED))
def test_what_float32_does_not_hold_is_one_thing_to_all_ways(database: Database, person: Connection, kind: str) -> None:
    store(database, COMPILED[kind](), name="m")
    given = ", ".join(f"({n}, '{x}'::float8)" for n, x in enumerate(EXTREMES))
    query = f"select k, 0.5 as x2, x as x1, 0.25 as x3, null::float8 as x4 from (values {given}) as t (k, x) order by k"
    by_host, native = (all_scores(person, query, engine) for engine in ("host", "sql"))
    compiled(person)
    np.testing.assert_allclose(numbers(native), numbers(by_host), rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(numbers(all_scores(person, query, "sql")), numbers(by_host), rtol=1e-6, atol=1e-6)
    for extreme, score in zip(EXTREMES, by_host, strict=True):
        features = {"x1": extreme, "x2": 0.5, "x3": 0.25, "x4": None}
        row = person.execute("select api.forge_predict('m', %s)", (json.dumps(features),)).fetchone()
        assert row is not None
        found = row[0]["value"] if score[1] is not None else row[0]["probabilities"][score[2]]
        assert found == pytest.approx(score[1] if score[1] is not None else score[3], rel=1e-5, abs=1e-6)
        # The rule itself: too small is 0, too large is missing.
        features["x1"] = 0 if abs(float(extreme)) < 1 else None
        same = person.execute("select api.forge_predict('m', %s)", (json.dumps(features),)).fetchone()
        assert same == row


def test_infinite_times_and_numerics_beyond_float8_are_missing_to_all_ways(
    database: Database, person: Connection
) -> None:
    model, _, _ = mixed_rows()
    store(database, model, name="m")
    rows = "(1, 1e400, 'infinity'::{0}), (2, -1e400, '-infinity'), (3, null, null), (4, 1e-400, '2024-01-01')"
    for type_name in ("timestamptz", "timestamp", "date"):
        query = f"select k, size, true as paid, 'Bern' as city, at from (values {rows}) as t (k, size, at) order by k"
        query = query.format(type_name)
        by_host, native = (all_scores(person, query, engine) for engine in ("host", "sql"))
        np.testing.assert_allclose(numbers(native), numbers(by_host), atol=1e-6)
        np.testing.assert_array_equal(numbers(by_host)[0], numbers(by_host)[2])
    features = {"size": 1e300, "paid": True, "city": "Bern", "at": "-infinity"}
    found = person.execute("select api.forge_predict('m', %s)", (json.dumps(features),)).fetchone()
    assert found is not None
    assert found[0]["probabilities"][by_host[0][2]] == pytest.approx(by_host[0][3], abs=1e-5)
    bare = (
        "select k, 1 as size, true as paid, 'Bern' as city, at from (values (1, 1e30::float8), (2, -1e12)) as t (k, at)"
    )
    assert len(all_scores(person, bare, "host")) == 2


def all_scores(connection: Connection, query: str, engine: str) -> list[Any]:
    return connection.execute(
        "select * from api.forge_score('m', %s, %s)", (query, json.dumps({"engine": engine}))
    ).fetchall()


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


def test_the_reason_why_there_is_no_native_form_is_said(database: Database, person: Connection) -> None:
    model = COMPILED["linear_classifier"]()
    model.artifacts.clear()
    model.parameters["sql_form"] = "trees of more than 200,000 nodes"
    store(database, model, name="m")
    for ask in (lambda: compiled(person), lambda: scores(person, engine="sql")):
        with pytest.raises(psycopg.errors.InvalidParameterValue) as caught:
            ask()
        assert "trees of more than 200,000 nodes" in (caught.value.diag.message_hint or "")


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
