"""Feature views: what was known before each row's time, worked out by hand."""

import json
from typing import Any

import psycopg
import pytest

Connection = psycopg.Connection[tuple[Any, ...]]
SPINE = """
select v.who, v.at::timestamptz as at, v.label
from (values ('ann', '2026-01-02', 1), ('ann', '2026-01-10', 0), ('bob', '2026-01-05', 1)) as v (who, at, label)
"""
EVENTS = """
select v.who, v.at::timestamptz as at, v.spent, v.shop
from (values
  ('ann', '2026-01-01', 5.0::float8, 'a'), ('ann', '2026-01-02', 7.0, 'b'), ('ann', '2026-01-09', 11.0, 'c'),
  ('bob', '2026-01-06', 99.0, 'd'), (null, '2026-01-01', 1.0, 'e')
) as v (who, at, spent, shop)
"""


def spec(*features: dict[str, object], **more: object) -> dict[str, object]:
    return {"spine": SPINE, "entity": "who", "time": "at", "features": list(features), **more}


def feature(name: str, **more: object) -> dict[str, object]:
    return {"name": name, "from": EVENTS, **more}


def define(connection: Connection, given: object, name: str = "spending") -> None:
    connection.execute("select api.forge_feature_view(%s, %s)", (name, json.dumps(given)))


def rows(connection: Connection, name: str = "spending") -> list[tuple[Any, ...]]:
    row = connection.execute("select query from api.feature_views where name = %s", (name,)).fetchone()
    assert row is not None
    return connection.execute(row[0]).fetchall()


def test_only_what_was_before_the_row_is_known(connection: Connection) -> None:
    define(connection, spec(
        feature("visits"), feature("spent", aggregate="sum", column="spent"),
        feature("week", aggregate="sum", column="spent", window="7 days"),
        feature("shop", aggregate="last", column="shop"), feature("since", aggregate="age"),
    ))  # fmt: skip
    found = [(who, label, *features) for who, _, label, *features in rows(connection)]
    assert found == [
        # The event at the very time of the row is not known yet.
        ("ann", 1, 1, 5.0, 5.0, "a", 86400),
        ("ann", 0, 3, 23.0, 11.0, "c", 86400),
        ("bob", 1, 0, None, None, None, None),
    ]


def test_windows_may_be_as_long_as_one_likes(connection: Connection) -> None:
    define(connection, spec(
        feature("month", window="30 days"), feature("year", window="365 days"), feature("odd", window="123457 minutes")
    ))  # fmt: skip
    assert [tuple(row[3:]) for row in rows(connection)] == [(1, 1, 1), (3, 3, 3), (0, 0, 0)]


def test_nothing_is_known_before_a_row_without_a_time(connection: Connection) -> None:
    spine = "select 'ann' as who, null::timestamptz as at, 1 as label"
    define(connection, {**spec(feature("visits"), feature("shop", aggregate="last", column="shop")), "spine": spine})
    assert rows(connection) == [("ann", None, 1, None, None)]


def test_a_feature_view_is_a_dataset(connection: Connection) -> None:
    define(connection, spec(feature("visits"), ttl="1 hour"))
    row = connection.execute(
        "select api.forge_train('m', 'regressor', 'spending', '{\"target\": \"label\"}')"
    ).fetchone()
    assert row is not None
    job = connection.execute("select dataset, query from forge.job where id = %s", row).fetchone()
    assert job is not None
    assert job[0] == "spending"
    assert "feature_0" in job[1]


def test_it_is_defined_anew_and_dropped(connection: Connection) -> None:
    define(connection, spec(feature("visits")))
    define(connection, spec(feature("spent", aggregate="max", column="spent")))
    assert [r[3] for r in rows(connection)] == [5.0, 11.0, None]
    assert connection.execute("select api.forge_drop_feature_view('spending')").fetchone() == (True,)
    assert connection.execute("select api.forge_drop_feature_view('spending')").fetchone() == (False,)


def test_a_view_of_the_product_keeps_its_name(connection: Connection) -> None:
    with pytest.raises(psycopg.errors.UniqueViolation) as caught, connection.transaction():
        define(connection, spec(feature("visits")), "mails")
    assert caught.value.diag.message_hint == "Choose another name for the feature view."


def test_names_are_quoted(connection: Connection) -> None:
    spine = """select 'a' as "who ""is"" it", now() as at"""
    given = {
        "spine": spine, "entity": 'who "is" it', "time": "at",
        "features": [{"name": 'n"; drop table x; --', "from": spine}],
    }  # fmt: skip
    define(connection, given)
    assert rows(connection)[0][2] == 0


@pytest.mark.parametrize(
    ("given", "sqlstate"),
    [
        (None, "22023"),
        ([], "22023"),
        (spec(), "22023"),
        (spec(feature("x", aggregate="median", column="spent")), "22023"),
        (spec(feature("x", aggregate="sum")), "22023"),
        (spec(feature("x", window="soon")), "22023"),
        (spec(feature("x"), feature("x")), "22023"),
        (spec(feature("x", colour="red")), "22023"),
        (spec(feature("x"), ttl="never"), "22023"),
        (spec(feature("label")), "DP021"),
        (spec(feature("x", aggregate="sum", column="nothing")), "DP021"),
        (spec(feature("x", aggregate="sum", column="shop")), "DP021"),
        ({**spec(feature("x")), "spine": "delete from lake.item"}, "22023"),
        ({**spec(feature("x")), "spine": "no_such_view"}, "DP021"),
        ({**spec(feature("x")), "spine": "select 1) as x; delete from forge.job; select * from (select 1"}, "DP021"),
    ],
)
def test_a_view_that_cannot_be_is_refused(connection: Connection, given: object, sqlstate: str) -> None:
    with pytest.raises(psycopg.Error) as caught, connection.transaction():
        define(connection, given)
    assert caught.value.sqlstate == sqlstate
    assert caught.value.diag.message_hint
