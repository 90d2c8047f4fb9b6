"""Scores of whole queries, against the estimator's own."""

import json
import math
from typing import Any

import numpy as np
import psycopg
import pytest

from datapunk.forge.features import encode_row, read_features
from harness import Database
from tabular_models import linear_classifier, linear_regressor, mixed_rows, number, numeric_rows, store, with_native

WIDTH = 20
COLUMNS = ", ".join(f"x{i + 1}" for i in range(WIDTH))
Connection = psycopg.Connection[Any]


def fill(connection: Connection, rows: Any) -> None:
    connection.execute(f"create table public.rows (id int, {COLUMNS.replace(',', ' float8,')} float8)")
    values = [[i, *(None if math.isnan(v) else float(v) for v in row)] for i, row in enumerate(rows.tolist())]
    with connection.cursor() as cursor, cursor.copy("copy public.rows from stdin") as copy:
        for row in values:
            copy.write_row(row)


@pytest.fixture
def person(database: Database) -> Any:
    with database.connect() as connection:
        yield connection


def score(connection: Connection, model: str, query: str, **options: object) -> list[Any]:
    """By the model host unless `engine` says otherwise."""
    options = {"engine": "host", **options}
    return connection.execute(
        "select * from api.forge_score(%s, %s, %s)", (model, query, json.dumps(options))
    ).fetchall()


@pytest.mark.parametrize("engine", ["host", "sql"])
def test_a_classifiers_labels_and_probabilities_are_the_estimators(
    database: Database, person: Connection, engine: str
) -> None:
    model = with_native(linear_classifier(WIDTH))
    store(database, model, name="m")
    rows, _ = numeric_rows(25_000, WIDTH, seed=1)
    fill(person, rows)
    found = score(person, "m", f"select id, {COLUMNS} from public.rows order by id", engine=engine)
    expected = model.pipeline.predict_proba(rows)
    assert [r[0] for r in found] == [str(i) for i in range(len(rows))]
    assert {r[1] for r in found} == {None}
    best = expected.max(axis=1)
    assert np.abs(np.array([r[3] for r in found]) - best).max() < 1e-5
    clear = best > 0.501
    labels = np.array(["no", "yes"])[expected.argmax(axis=1)]
    assert (np.array([r[2] for r in found])[clear] == labels[clear]).all()


def test_a_regressor_gives_values(database: Database, person: Connection) -> None:
    model = linear_regressor()
    store(database, model, name="r")
    found = score(person, "r", "select 'a' as key, 1.0 as x3, 2 as x2, null::float8 as x1")
    expected = float(model.pipeline.predict(np.array([[np.nan, 2, 1]], dtype=np.float32))[0])
    assert found == [("a", pytest.approx(expected, abs=1e-5), None, None)]


def test_keys_come_back_as_they_were(database: Database, person: Connection) -> None:
    store(database, linear_regressor(), name="r")
    numbers = [0, -1, 7, 2**31 - 1, -(2**31), 2**63 - 1, -(2**63), 2**42, -(2**21), None]
    texts = ["a", "", "null", 'b"c,{}', None]
    for type_name, keys in (("bigint", numbers), ("text", texts), ("int", numbers[:5]), ("smallint", [3, -3])):
        query = f"select k, 1 as x1, 2 as x2, 3 as x3 from unnest('{literal(keys)}'::{type_name}[]) as k"
        assert [r[0] for r in score(person, "r", query)] == [None if k is None else str(k) for k in keys]


def literal(keys: list[Any]) -> str:
    return "{" + ",".join("NULL" if k is None else json.dumps(str(k)) for k in keys) + "}"


def test_the_first_rows_may_be_all_that_is_wanted(database: Database, person: Connection) -> None:
    store(database, linear_regressor(), name="r")
    rows = "select g as key, g as x1, 1 as x2, 1 as x3 from generate_series(1, 30000) as g"
    found = person.execute(
        """select key from api.forge_score('r', %s, '{"engine": "host"}') limit 3""", (rows,)
    ).fetchall()
    assert found == [("1",), ("2",), ("3",)]
    assert len(score(person, "r", rows)) == 30000


def test_without_a_host_the_backend_scores_by_itself(database: Database, person: Connection) -> None:
    store(database, linear_regressor(), name="r")
    query = "select g as key, g as x1, g as x2, 1 as x3 from generate_series(1, 5) as g"
    by_host = score(person, "r", query)
    person.execute("set datapunk.inference = 'in_process'")
    assert score(person, "r", query) == by_host


def test_every_kind_of_feature_is_packed_as_a_single_prediction_encodes_it(person: Connection) -> None:
    entries = [
        number("plain", 0), {**number("gap", 1), "width": 2, "parts": ["value", "missing"]},
        {"name": "paid", "kind": "boolean", "type": "bool", "column": 3, "width": 1},
        {"name": "City", "kind": "category", "type": "text", "column": 4, "width": 1, "values": ["Bern", "L'Aquila"]},
        {"name": "share", "kind": "category", "type": "float8", "column": 5, "width": 1,
         "values": ["0.10000000000000001", "2"]},
        {"name": "at", "kind": "time", "type": "timestamptz", "column": 6, "width": 4,
         "parts": ["days", "hour", "weekday", "month"]},
    ]  # fmt: skip
    given: list[dict[str, Any]] = [
        {"plain": 1.5, "gap": 2, "paid": True, "City": "L'Aquila", "share": 0.1, "at": "2024-02-29T23:30:00+00:00"},
        {"plain": -3, "gap": None, "paid": None, "City": None, "share": None, "at": None},
        {"plain": 0, "gap": 1, "paid": False, "City": "Rome", "share": 7, "at": "1969-12-31T01:00:00+00:00"},
        {"plain": 1e30, "gap": "NaN", "paid": False, "City": "Bern", "share": 2, "at": "2023-01-01T00:00:00.5+00:00"},
        {"plain": -1e30, "gap": "-Infinity", "paid": True, "City": "Bern", "share": 2, "at": "2023-01-01T00:00:00Z"},
    ]
    features = read_features({"features": entries})
    person.execute(
        "create table public.mixed"
        ' (key int, plain numeric, gap float8, paid bool, "City" text, share float8, at timestamptz)'
    )
    for i, row in enumerate(given):
        person.execute("insert into public.mixed values (%s, %s, %s, %s, %s, %s, %s)", (i, *row.values()))
    types = {"key": "integer", "plain": "numeric", "gap": "double precision", "paid": "boolean", "City": "text",
             "share": "double precision", "at": "timestamp with time zone"}  # fmt: skip
    row = person.execute(
        "select forge.scoring_query('select * from public.mixed', 'key', %s, %s)",
        (json.dumps(entries), json.dumps(types)),
    ).fetchone()
    assert row is not None
    packed = person.execute(row[0] + " order by q.key").fetchall()
    for place, ((content,), expected) in enumerate(zip(packed, given, strict=True)):
        wanted = np.array(encode_row(features, expected, lambda *_: []), dtype=np.float32)
        found = np.frombuffer(content, ">f4", offset=4).astype(np.float32)
        assert found[-3:].tolist() == [0, 0, place]
        found = found[:-3]
        # The largest number stands for a missing one, which a vector cannot hold.
        found[found == np.finfo(np.float32).max] = np.nan
        np.testing.assert_allclose(found, wanted, rtol=1e-6)


def test_people_over_http_may_score(database: Database, person: Connection) -> None:
    store(database, linear_regressor(), name="r")
    person.execute("set role datapunk_user")
    for engine in ("host", "auto"):
        assert len(score(person, "r", "select 'a' as key, 1 as x3, 2 as x2, 3 as x1", engine=engine)) == 1


@pytest.mark.parametrize("engine", ["host", "sql"])
def test_a_query_that_writes_is_refused(database: Database, person: Connection, engine: str) -> None:
    store(database, with_native(linear_regressor()), name="r")
    person.execute("create table public.note (x int)")
    person.execute(
        "create function public.sneak() returns int language sql volatile"
        " as 'insert into public.note values (1) returning 1'"
    )
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        score(person, "r", "select 1 as key, public.sneak() as x1, 1 as x2, 1 as x3", engine=engine)
    person.execute("insert into public.note values (2)")


@pytest.mark.parametrize(
    ("query", "state"),
    [
        ("select 1 as key, 1 as x1, 1 as x2", "DP021"),
        ("delete from forge.job", "22023"),
        ("select 1 as key, 1 as x1, 1 as x2, 1 as x3; select 2", "DP021"),
        ("nowhere", "DP021"),
        ("select oid, 1 as x1, 1 as x2, rolpassword as x3 from pg_authid", "42501"),
    ],
)
def test_unusable_queries_are_refused(database: Database, person: Connection, query: str, state: str) -> None:
    store(database, linear_regressor(), name="r")
    with pytest.raises(psycopg.Error) as caught:
        score(person, "r", query)
    assert caught.value.sqlstate == state
    assert caught.value.diag.message_hint


@pytest.mark.parametrize("engine", ["host", "sql"])
def test_an_error_among_the_rows_is_said_in_its_own_words(database: Database, person: Connection, engine: str) -> None:
    store(database, with_native(linear_regressor()), name="r")
    with pytest.raises(psycopg.errors.DivisionByZero) as caught:
        score(
            person, "r", "select g, 1 / (g - 3) as x1, 1 as x2, 1 as x3 from generate_series(1, 5) as g", engine=engine
        )
    assert caught.value.diag.message_primary == "division by zero"


def test_a_row_without_any_number_is_predicted_as_it_is_scored(database: Database, person: Connection) -> None:
    store(database, linear_regressor(), name="r")
    nothing = "null::float8"
    found = score(person, "r", f"select 1 as key, {nothing} as x1, {nothing} as x2, {nothing} as x3")
    row = person.execute("""select forge_predict('r', '{"x1": null, "x2": null}')""").fetchone()
    assert row is not None
    assert row[0]["value"] == pytest.approx(found[0][1], rel=1e-6)


@pytest.mark.parametrize("value", ['["x"]', '{"x": 1}'])
def test_a_category_is_a_single_value(database: Database, person: Connection, value: str) -> None:
    store(database, mixed_rows()[0], name="m")
    with pytest.raises(psycopg.errors.InvalidParameterValue) as caught:
        person.execute("select forge_predict('m', %s::jsonb)", (f'{{"city": {value}}}',))
    assert "city" in (caught.value.diag.message_primary or "")


def test_rows_of_another_owner_stay_unseen(database: Database, person: Connection) -> None:
    store(database, linear_regressor(), name="r", owner="bob")
    person.execute(
        "select lake_append(%s)", (json.dumps([{"kind": "note", "source": "pad", "title": "mine", "body": "alice"}]),)
    )
    with database.connect(owner="bob") as bob:
        assert score(bob, "r", "select item_id, 1 as x1, 1 as x2, 1 as x3 from items") == []
    with pytest.raises(psycopg.Error) as caught:
        score(person, "r", "select 1 as key, 1 as x1, 1 as x2, 1 as x3")
    assert caught.value.sqlstate == "DP020"
