"""Forecasts as rows, written by a worker's functions and read by forge_forecast."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import numpy as np
import psycopg
import pytest

from datapunk.db import one
from datapunk.db.psycopg_db import PsycopgDb
from datapunk_forge.codec import encode
from datapunk_forge.trained import ForecastRows, Metric, Trained
from datapunk_workers.queue import Q
from datapunk_workers.versions import Claim, write_version
from harness import Database

Connection = psycopg.Connection[tuple[Any, ...]]
DATASET = {"fingerprint": "f", "columns": [], "row_count": 4, "read_at": "2026-01-01Z"}
STEPS = np.array([[1767225600.0, 1767312000.0], [1767225600.0, 1767312000.0]])


@pytest.fixture
def person(database: Database) -> Iterator[Connection]:
    made = Trained(
        metrics=(Metric(name="skill", value=0.5),), primary_metric="skill", parameters={},
        signature={"output": "forecast", "frequency": "day", "horizon": 2, "levels": [0.8, 0.95]},
        forecasts=ForecastRows(
            series=("a", "b"), at=STEPS, value=np.array([[1.0, 2.0], [3.0, 4.0]]),
            lower=np.array([[[0.5, 0.0], [1.5, 1.0]], [[2.5, 2.0], [3.5, 3.0]]]),
            upper=np.array([[[1.5, 2.0], [2.5, 3.0]], [[3.5, 4.0], [4.5, 5.0]]]),
        ),
    )  # fmt: skip
    with database.connect(owner="ada") as connection, database.connect("datapunk_worker", owner="ada") as worker:
        row = connection.execute(
            "select api.forge_train('sales', 'forecaster', 'select now() as at, 1 as value')"
        ).fetchone()
        assert row is not None
        claimed = one(PsycopgDb(worker).rows(Q.claim_job, row[0], "tester", 60))
        write_version(worker, Claim(job_id=row[0], token=claimed["token"]), encode(made), DATASET, 0, {"cpu_s": 1.0})
        yield connection


def ask(person: Connection, *args: object, **options: object) -> list[tuple[Any, ...]]:
    horizon = args[0] if args else None
    return person.execute(
        "select * from api.forge_forecast('sales', %s, %s)", (horizon, json.dumps(options))
    ).fetchall()


def test_all_steps_of_all_series_come_in_order(person: Connection) -> None:
    assert [(r[0], r[2], r[3], r[4]) for r in ask(person)] == [
        ("a", 1.0, 0.0, 2.0), ("a", 2.0, 1.0, 3.0), ("b", 3.0, 2.0, 4.0), ("b", 4.0, 3.0, 5.0),
    ]  # fmt: skip
    assert ask(person)[1][1] == datetime(2026, 1, 2, tzinfo=UTC)


def test_horizon_series_and_level_are_chosen(person: Connection) -> None:
    rows = ask(person, 1, series="b", level=0.8)
    assert [(r[0], r[2:]) for r in rows] == [("b", (3.0, 2.5, 3.5))]


def test_a_series_that_it_does_not_know_gets_the_mean_of_the_others_where_asked(person: Connection) -> None:
    rows = ask(person, 1, series="c", fallback=True)
    # Of 1 and 3, each within 1: variance 2 between them, 1.96 standard deviations for the level.
    half = (1 + 1.959964**2 * 2) ** 0.5
    assert [(r[0], r[2:]) for r in rows] == [("c", pytest.approx((2.0, 2 - half, 2 + half)))]
    assert [r[2] for r in ask(person, series="a", fallback=True)] == [1.0, 2.0]


@pytest.mark.parametrize(
    ("horizon", "options", "sqlstate"),
    [
        (3, {}, "22023"), (0, {}, "22023"), (1, {"level": 0.7}, "22023"), (1, {"colour": "red"}, "22023"),
        (1, {"series": "nix"}, "P0002"), (1, {"version": 7}, "DP020"),
    ],
)  # fmt: skip
def test_what_it_does_not_know_is_an_error_with_a_hint(
    person: Connection, horizon: int, options: dict[str, object], sqlstate: str
) -> None:
    with pytest.raises(psycopg.Error) as caught, person.transaction():
        ask(person, horizon, **options)
    assert caught.value.sqlstate == sqlstate
    assert caught.value.diag.message_hint


def test_another_owner_sees_none_of_it(person: Connection, database: Database) -> None:
    with database.connect(owner="bob") as other:
        with pytest.raises(psycopg.Error) as caught, other.transaction():
            other.execute("select * from api.forge_forecast('sales')")
        assert caught.value.sqlstate == "DP020"
        assert other.execute("select count(*) from forge.forecast").fetchone() == (0,)


def test_gaia_tells_the_steps_that_there_are(person: Connection) -> None:
    row = person.execute(
        "select answer, data from api.gaia_answer('forecast my sales', '{\"subroutine\": \"forecast\"}')"
    ).fetchone()
    assert row is not None
    assert [(r["series"], r["value"]) for r in row[1]["rows"]] == [("a", 1), ("a", 2), ("b", 3), ("b", 4)]
    assert "a, 1 January 2026: 1 (between" in row[0]
