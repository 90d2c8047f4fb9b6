import psycopg
import pytest
from psycopg import errors

from harness import Database
from stream_messages import FUNCTIONS, Connection, publish, subscribe


@pytest.mark.parametrize(
    ("pattern", "handler", "sqlstate"),
    [
        ("home.#", "note", "22023"),
        ("home.#", "mine.nothing", "P0002"),
        ("home.#", "mine.other", "22023"),
        ("home.#", "mine.note(jsonb); drop table x", "22023"),
        ("home.#", None, "22023"),
        ("", "mine.note", "22023"),
        ("home.", "mine.note", "22023"),
        ("home.a*", "mine.note", "22023"),
        ("home.##", "mine.note", "22023"),
        ("a|b", "mine.note", "22023"),
        ("x" * 256, "mine.note", "22023"),
        (None, "mine.note", "22023"),
    ],
)
def test_what_cannot_be_subscribed_is_refused(
    connection: Connection, pattern: str | None, handler: str | None, sqlstate: str
) -> None:
    connection.execute(FUNCTIONS)
    with pytest.raises(psycopg.Error) as failed:
        connection.execute("select api.stream_subscribe(%s, %s)", (pattern, handler))
    assert failed.value.sqlstate == sqlstate
    assert failed.value.diag.message_hint


def test_a_handler_that_the_caller_may_not_call_is_refused(connection: Connection) -> None:
    connection.execute(FUNCTIONS)
    connection.execute("revoke execute on function mine.note(jsonb) from public")
    connection.execute("set local role datapunk_user")
    with pytest.raises(errors.InsufficientPrivilege):
        subscribe(connection)


def test_a_superusers_rights_are_not_lent(shared_database: Database) -> None:
    with shared_database.connect("postgres") as root, pytest.raises(errors.InsufficientPrivilege) as failed:
        subscribe(root, handler="gaia.count")
    assert failed.value.diag.message_hint


def test_the_same_subscription_twice_is_a_duplicate(connection: Connection) -> None:
    connection.execute(FUNCTIONS)
    subscribe(connection)
    with pytest.raises(errors.UniqueViolation):
        subscribe(connection)


def test_a_subscription_keeps_the_role_that_was_set(connection: Connection) -> None:
    connection.execute(FUNCTIONS)
    connection.execute("set local role datapunk_user")
    subscribe(connection)
    rows = connection.execute("select pattern, handler, role from api.subscriptions").fetchall()
    assert rows == [("home.#", "mine.note", "datapunk_user")]


def test_a_subscription_that_ends_takes_what_waits_with_it(connection: Connection) -> None:
    connection.execute(FUNCTIONS)
    subscription_id = subscribe(connection)
    publish(connection)
    end = "select api.stream_unsubscribe(%s)"
    assert connection.execute(end, (subscription_id,)).fetchone() == (True,)
    assert connection.execute(end, (subscription_id,)).fetchone() == (False,)
    assert connection.execute("select count(*) from stream.delivery").fetchone() == (0,)


def test_others_cannot_end_it(person: Connection, database: Database) -> None:
    subscription_id = subscribe(person)
    with database.connect(owner="bob") as other:
        assert other.execute("select api.stream_unsubscribe(%s)", (subscription_id,)).fetchone() == (False,)
    assert person.execute("select count(*) from api.subscriptions").fetchone() == (1,)
