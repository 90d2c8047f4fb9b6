"""Datasets as psycopg reads them: as bytes where that is quicker, and always the same."""

from typing import Any

import numpy as np
import psycopg
import pytest

from datapunk.errors import DatasetUnusable
from datapunk_forge.dataset import read_dataset
from datapunk_forge.trained import Dataset
from harness import Database

QUERY = """
select g::int2 as a, g as b, g::int8 << 40 as c, case when g % 3 = 0 then null else sqrt(g) * 1e-9 end as d,
  g / 7.0 as e, g % 2 = 0 as f, 'né ' || g as g, g::varchar(3) as h, 'x'::char(5) as i,
  timestamptz '2024-01-01 00:00+02' + g * interval '1.5 s' as j, timestamp '2024-01-01' + g * interval '1 day' as k,
  date '2024-01-01' + g as l
from generate_series(1, 50) as g
"""


def read(connection: psycopg.Connection[Any], query: str) -> Dataset:
    return read_dataset(
        connection, query, role="datapunk", timeout_s=60, memory_mb=1024, progress=lambda *_, **__: None
    )  # fmt: skip


def test_what_is_read_as_bytes_is_what_is_read_as_text(database: Database) -> None:
    with psycopg.connect(database.dsn("datapunk_worker"), autocommit=True) as connection:
        found = read(connection, QUERY)
        # A float4 has all columns read as text.
        expected = read(connection, f"select q.*, 0::float4 as m from ({QUERY}) as q")
    assert len(expected.columns) == len(found.columns) + 1
    for one, other in zip(found.columns, expected.columns, strict=False):
        assert (one.name, one.type, one.kind) == (other.name, other.type, other.kind)
        np.testing.assert_array_equal(one.values, other.values)


def test_a_query_is_read_in_its_order_whatever_it_ends_in(database: Database) -> None:
    query = "select g as a, g * 0.5::float8 as a, 'x' as b from generate_series(1, 12000) as g order by -g -- the last"
    with psycopg.connect(database.dsn("datapunk_worker"), autocommit=True) as connection:
        found = read(connection, query)
    np.testing.assert_array_equal(found.columns[0].values, np.arange(12000, 0, -1))
    np.testing.assert_array_equal(found.columns[1].values, np.arange(12000, 0, -1) / 2)


def test_types_that_bytes_would_change_are_read_as_text(database: Database) -> None:
    query = "select 0.1::float4 as a, '[1,2.5]'::public.vector as b, '{\"k\": 1}'::jsonb as c, 1 as d"
    with psycopg.connect(database.dsn("datapunk_worker"), autocommit=True) as connection:
        found = read(connection, query)
    assert found.columns[0].values[0] == 0.1
    assert found.columns[1].values.tolist() == [[1.0, 2.5]]
    assert found.columns[2].values == ['{"k": 1}']


def test_texts_that_run_on_into_the_next_column_are_told_apart(database: Database) -> None:
    with psycopg.connect(database.dsn("datapunk_worker"), autocommit=True) as connection:
        one, other = (
            read(connection, f"select v.* from (values {rows}) as v (a, b)").fingerprint
            for rows in ("('a', 'c'), ('b', 'd')", "('a', ''), ('bc', 'd')")
        )
    assert one != other


def test_missing_texts_and_vectors_are_told_apart_from_present_ones(database: Database) -> None:
    with psycopg.connect(database.dsn("datapunk_worker"), autocommit=True) as connection:
        prints = {
            read(connection, f"select {value} as a from generate_series(1, 2)").fingerprint
            for value in ("null::text", "e'\\x01'", "''", "null::float8[]", "array[1.0::float8]")
        }
    assert len(prints) == 5


def test_rows_come_in_the_same_order_whoever_else_reads_the_table(database: Database) -> None:
    with psycopg.connect(database.dsn("datapunk_worker"), autocommit=True) as connection:
        found = read(connection, "select current_setting('synchronize_seqscans') as a")
    assert found.columns[0].values == ["off"]


def test_a_time_that_python_does_not_have_is_said_with_its_column(database: Database) -> None:
    with (
        psycopg.connect(database.dsn("datapunk_worker"), autocommit=True) as connection,
        pytest.raises(DatasetUnusable, match="'late' cannot be read") as caught,
    ):
        read(connection, "select 1 as b, date '20000-01-01' as late")
    assert "9999" in (caught.value.hint or "")


@pytest.mark.parametrize("type_name", ["timestamptz", "timestamp", "date", "float8", "numeric"])
def test_what_is_infinite_is_as_good_as_missing(database: Database, type_name: str) -> None:
    query = f"select v::{type_name} as a from unnest(array['infinity', '-infinity', null]) as v"
    with psycopg.connect(database.dsn("datapunk_worker"), autocommit=True) as connection:
        found = read(connection, query)
    assert np.isnan(found.columns[0].values).all()
