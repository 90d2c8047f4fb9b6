"""A detector of series through the public functions: it judges a row by those before it."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import psycopg
import pytest

from datapunk.forge.rolling import Rolling
from datapunk_forge import anomaly_detector
from datapunk_forge.trained import Column, Dataset
from harness import Database
from tabular_models import TabularModel, store

Connection = psycopg.Connection[Any]
FIRST, HOUR, ROWS = 1.7e9, 3600.0, 300
OPTIONS: dict[str, object] = {"family": "rolling", "test_size": 0.2, "seed": 0, "embedder": "none", "quiet": 10}
VALUES = (10 + np.random.default_rng(0).normal(size=ROWS + 50)).tolist()
VALUES[ROWS + 20] = 40.0
QUERY = "select id, at, value from public.points"


def nothing(*_: object, **__: object) -> Any:
    raise AssertionError


@pytest.fixture
def person(database: Database) -> Iterator[Connection]:
    at = FIRST + HOUR * np.arange(ROWS)
    given = Dataset(
        columns=(
            Column(name="at", type="timestamptz", kind="time", values=at),
            Column(name="value", type="float8", kind="number", values=np.array(VALUES[:ROWS])),
        ),
        row_count=ROWS, fingerprint="f", read_at="2026-01-01",
    )  # fmt: skip
    trained = anomaly_detector.train(given, OPTIONS, lambda *_, **__: None, nothing)
    model = TabularModel(
        recipe="anomaly_detector", pipeline=None, graph=b"", signature=dict(trained.signature),
        artifacts=dict(trained.artifacts),
    )  # fmt: skip
    store(database, model, name="s")
    with database.connect() as connection:
        connection.execute("create table public.points (id text, at timestamptz, value float8)")
        connection.execute(
            "insert into public.points select 'p' || n, to_timestamp(%s + %s * n), v"
            " from unnest(%s::float8[]) with ordinality as u (v, o), lateral (select o - 1 as n) as p",
            (FIRST, HOUR, VALUES),
        )
        yield connection


def expected(rows: range) -> list[float]:
    told = Rolling(step=HOUR, threshold=7.0, quiet=10)
    scores = [j.score for j in told.judged((FIRST + HOUR * n, v) for n, v in enumerate(VALUES))]
    return [scores[n] for n in rows]


def scored(connection: Connection, query: str) -> dict[str, float]:
    found = connection.execute("select key, value from api.forge_score('s', %s)", (query,)).fetchall()
    return dict(found)


def predicted(connection: Connection, **given: object) -> dict[str, Any]:
    row = connection.execute("select api.forge_predict('s', %s)", (json.dumps(given),)).fetchone()
    assert row is not None
    return dict(row[0])


def test_new_rows_are_scored_after_those_that_were_learned(person: Connection) -> None:
    found = scored(person, f"{QUERY} where at >= to_timestamp({FIRST + HOUR * ROWS})")
    assert list(found) == [f"p{n}" for n in range(ROWS, ROWS + 50)]
    assert list(found.values()) == pytest.approx(expected(range(ROWS, ROWS + 50)))
    assert max(found, key=lambda key: found[key]) == f"p{ROWS + 20}"


def test_the_order_of_the_query_does_not_matter(person: Connection) -> None:
    found = scored(person, f"{QUERY} order by value")
    assert [found[f"p{n}"] for n in range(len(VALUES))] == pytest.approx(expected(range(len(VALUES))))


def test_a_row_without_a_value_has_no_score_and_changes_none(person: Connection) -> None:
    found = scored(person, f"{QUERY} union all select 'none', to_timestamp({FIRST + HOUR * 30.5}), null")
    assert found.pop("none") is None
    assert [found[f"p{n}"] for n in range(len(VALUES))] == pytest.approx(expected(range(len(VALUES))))


def test_one_row_is_predicted_as_it_is_scored(person: Connection) -> None:
    found = predicted(person, at="2023-11-27T10:13:20Z", value=VALUES[ROWS])
    (score,) = scored(person, f"select id, at, value from public.points where id = 'p{ROWS}'").values()
    assert found["score"] == pytest.approx(score)
    assert (found["is_anomaly"], found["version"]) == (False, 1)
    assert found["expected"] == pytest.approx(10, abs=0.5)


def test_rows_before_are_given_where_they_are_newer(person: Connection) -> None:
    before = person.execute(
        "select jsonb_agg(to_jsonb(p) - 'id') from public.points as p where at between to_timestamp(%s) and"
        " to_timestamp(%s)", (FIRST + HOUR * ROWS, FIRST + HOUR * (ROWS + 19)),
    ).fetchone()  # fmt: skip
    assert before is not None
    found = predicted(person, at=FIRST + HOUR * (ROWS + 20), value=40.0, before=before[0])
    assert found["score"] == pytest.approx(expected(range(ROWS + 20, ROWS + 21))[0])
    assert found["is_anomaly"]


def test_a_score_is_explained_by_what_made_it(person: Connection) -> None:
    at = FIRST + HOUR * ROWS
    rows = person.execute(
        "select feature, value, contribution from api.forge_explain('s', %s)", (json.dumps({"at": at, "value": 40.0}),)
    ).fetchall()
    assert rows[0] == ("(base)", None, 0.0)
    assert [row[0] for row in rows[1:]].count("value") == 1
    assert sum(row[2] for row in rows) == pytest.approx(predicted(person, at=at, value=40.0)["score"])
    assert rows[1][1].startswith("40, expected 9.9")


@pytest.mark.parametrize("given", [{"at": 1.0}, {"at": 1.0, "value": "much"}, {"at": 1.0, "value": 2, "before": 3}])
def test_what_is_no_row_of_a_series_is_said(person: Connection, given: dict[str, object]) -> None:
    with pytest.raises(psycopg.Error) as raised:
        predicted(person, **given)
    assert raised.value.sqlstate == "22023"
    assert "before" in str(raised.value.diag.message_hint) or "number" in str(raised.value.diag.message_hint)
