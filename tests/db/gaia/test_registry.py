"""Subroutines of an owner."""

from typing import Any

import psycopg
import pytest

EXAMPLES = [
    "What mood is the aquarium in?", "How are my fish today?", "Is the water of the fish tank all right?",
    "Check the aquarium", "Are the fish hungry?",
]  # fmt: skip


@pytest.fixture
def registering(connection: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    """A connection with a function that may become a subroutine."""
    connection.execute("create schema mine")
    connection.execute(
        "create function mine.fish(p jsonb) returns jsonb language sql as"
        " $$ select jsonb_build_object('answer', 'They are fine.', 'data',"
        " jsonb_build_object('asked', p ->> 'question')) $$"
    )
    connection.execute("create function mine.other(p text) returns jsonb language sql as $$ select '{}'::jsonb $$")
    return connection


def register(connection: psycopg.Connection[Any], name: str = "fish", handler: str = "mine.fish") -> None:
    connection.execute("select api.gaia_register(%s, %s, 'Looks after fish.', %s)", (name, handler, EXAMPLES))


def test_a_subroutine_is_routable_at_once(registering: psycopg.Connection[Any]) -> None:
    register(registering)
    row = registering.execute("select route, answer, data from api.gaia_answer('How do my fish feel?')").fetchone()
    assert row == ("fish", "They are fine.", {"asked": "How do my fish feel?"})


def test_the_built_in_ones_are_routed_to_as_before(registering: psycopg.Connection[Any]) -> None:
    register(registering)
    row = registering.execute(
        "select subroutine from api.gaia_route('How many videos did I watch last week?')"
    ).fetchone()
    assert row == ("count",)


def test_a_removed_subroutine_is_gone_with_its_examples(registering: psycopg.Connection[Any]) -> None:
    register(registering)
    assert registering.execute("select api.gaia_unregister('fish')").fetchone() == (True,)
    assert registering.execute("select api.gaia_unregister('fish')").fetchone() == (False,)
    routes = registering.execute("select subroutine from api.gaia_route('How do my fish feel?')").fetchall()
    assert ("fish",) not in routes
    assert registering.execute("select count(*) from api.examples where source = 'user'").fetchone() == (0,)


def test_another_owner_does_not_see_it(registering: psycopg.Connection[Any]) -> None:
    register(registering)
    registering.execute("select set_config('datapunk.owner', 'somebody', true)")
    assert registering.execute("select count(*) from api.subroutines where source = 'user'").fetchone() == (0,)
    routes = registering.execute("select subroutine from api.gaia_route('How do my fish feel?')").fetchall()
    assert ("fish",) not in routes


def test_built_in_rows_cannot_be_written(connection: psycopg.Connection[Any]) -> None:
    connection.execute("update gaia.subroutine set handler = 'mine.fish'")
    assert connection.execute("select count(*) from api.subroutines where handler = 'mine.fish'").fetchone() == (0,)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("insert into gaia.example (owner_id, subroutine, text) values ('system', 'count', 'x')")


@pytest.mark.parametrize(
    ("name", "handler", "sqlstate"),
    [
        ("fish", "fish", "22023"),
        ("fish", "mine.nothing", "P0002"),
        ("fish", "mine.other", "22023"),
        ("fish", "mine.fish(jsonb); drop table x", "22023"),
        ("none", "mine.fish", "22023"),
        ("Fish!", "mine.fish", "22023"),
        ("count", "mine.fish", "23505"),
    ],
)
def test_what_cannot_be_registered_is_refused(
    registering: psycopg.Connection[Any], name: str, handler: str, sqlstate: str
) -> None:
    with pytest.raises(psycopg.Error) as failed:
        register(registering, name, handler)
    assert failed.value.sqlstate == sqlstate
    assert failed.value.diag.message_hint


def test_a_function_that_the_caller_may_not_call_is_refused(registering: psycopg.Connection[Any]) -> None:
    registering.execute("revoke execute on function mine.fish(jsonb) from public")
    registering.execute("revoke execute on function mine.fish(jsonb) from datapunk")
    with pytest.raises(psycopg.Error) as failed:
        register(registering)
    assert failed.value.sqlstate == "42501"
