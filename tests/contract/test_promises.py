"""The installed functions and views against what was promised to clients."""

from typing import Any

import psycopg

from contract.promises import COLUMNS, FUNCTIONS, VIEWS

_FUNCTIONS = """
select
  p.proname,
  coalesce(
    (select array_agg(p.proargnames[n] || ' ' || format_type(a.type, null) order by n)
     from unnest(p.proargtypes::oid[]) with ordinality as a (type, n)),
    '{}'
  ) as arguments,
  p.pronargdefaults,
  coalesce(
    (select array_agg(p.proargnames[n] || ' ' || format_type(p.proallargtypes[n], null) order by n)
     from generate_subscripts(p.proargmodes, 1) as n where p.proargmodes[n] in ('o', 'b', 't')),
    (select array_agg(a.attname || ' ' || format_type(a.atttypid, null) order by a.attnum)
     from pg_type as t
     join pg_attribute as a on a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
     where t.oid = p.prorettype and t.typtype = 'c'),
    array[format_type(p.prorettype, null)]
  ) as results
from pg_proc as p
where p.pronamespace = 'api'::regnamespace and p.proname = any(%s)
"""


def listed(promise: str) -> list[str]:
    return [part.strip() for part in promise.split(",")] if promise else []


def installed(connection: psycopg.Connection[Any]) -> dict[str, tuple[list[str], int, list[str]]]:
    rows = connection.execute(_FUNCTIONS, (list(FUNCTIONS),)).fetchall()
    return {name: (arguments, optional, results) for name, arguments, optional, results in rows}


def test_functions_take_the_arguments_that_were_promised(connection: psycopg.Connection[Any]) -> None:
    promised = {name: listed(arguments) for name, (arguments, _) in FUNCTIONS.items()}
    found = {name: arguments[: len(promised[name])] for name, (arguments, _, _) in installed(connection).items()}
    assert found == {name: [a.removesuffix("?") for a in arguments] for name, arguments in promised.items()}


def test_functions_need_no_argument_that_may_be_left_out(connection: psycopg.Connection[Any]) -> None:
    needed = {name: len(arguments) - optional for name, (arguments, optional, _) in installed(connection).items()}
    promised = {name: sum(not a.endswith("?") for a in listed(given)) for name, (given, _) in FUNCTIONS.items()}
    assert {name: count for name, count in needed.items() if count > promised[name]} == {}


def test_functions_return_the_columns_that_were_promised(connection: psycopg.Connection[Any]) -> None:
    promised = {name: listed(results) for name, (_, results) in FUNCTIONS.items()}
    found = {name: results[: len(promised[name])] for name, (_, _, results) in installed(connection).items()}
    assert found == promised


def test_the_views_that_were_promised_are_there(connection: psycopg.Connection[Any]) -> None:
    found: dict[str, list[str]] = {}
    for view, column in connection.execute(
        "select table_name, column_name from information_schema.columns"
        " where table_schema = 'api' order by table_name, ordinal_position"
    ):
        found.setdefault(view, []).append(column)
    assert set(VIEWS) - set(found) == set()
    assert {view: tuple(found[view][: len(names)]) for view, names in COLUMNS.items()} == COLUMNS
