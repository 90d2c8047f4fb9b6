"""What each role may do, tried by connecting as it."""

from typing import Any

import psycopg
import pytest

from harness import Database

SCHEMAS = ("ops", "lake", "stream", "cortex", "gaia", "forge", "api")
DENIED = psycopg.errors.InsufficientPrivilege


def as_role(database: Database, role: str) -> psycopg.Connection[Any]:
    """A session of PostgREST that has switched to `role`."""
    options = f"-c role={role}"
    return psycopg.connect(database.dsn("datapunk_authenticator"), autocommit=True, options=options)


def callable_functions(database: Database, role: str) -> set[str]:
    with database.connect("postgres") as connection:
        rows = connection.execute(
            """
            select n.nspname || '.' || p.proname
            from pg_proc as p
            join pg_namespace as n on n.oid = p.pronamespace
            where n.nspname = any(%s) and has_function_privilege(%s, p.oid, 'execute')
              and has_schema_privilege(%s, n.oid, 'usage')
            """,
            (list(SCHEMAS), role, role),
        ).fetchall()
    return {str(row[0]) for row in rows}


def test_anonymous_may_call_health_and_what_it_needs(shared_database: Database) -> None:
    assert callable_functions(shared_database, "datapunk_anonymous") == {
        "api.ops_health", "ops.check_request", "ops.current_owner", "ops.database_health", "ops.fail",
        "ops.host_health", "ops.http_status",
    }  # fmt: skip


def test_anonymous_reads_no_table_and_no_view(shared_database: Database) -> None:
    with shared_database.connect("postgres") as connection:
        rows = connection.execute(
            """
            select c.oid::regclass::text
            from pg_class as c
            where c.relnamespace::regnamespace::text = any(%s) and c.relkind in ('r', 'p', 'v')
              and has_table_privilege('datapunk_anonymous', c.oid, 'select, insert, update, delete')
            """,
            (list(SCHEMAS),),
        ).fetchall()
    assert rows == []


def test_authenticator_itself_may_do_nothing(shared_database: Database) -> None:
    with psycopg.connect(shared_database.dsn("datapunk_authenticator"), autocommit=True) as connection:
        for statement in ("select * from api.items", "select api.gaia_ask('x')", "select * from lake.item"):
            with pytest.raises(DENIED):
                connection.execute(statement)  # type: ignore[call-overload]


@pytest.mark.parametrize("role", ["datapunk_owner", "datapunk_worker", "datapunk", "postgres"])
def test_authenticator_cannot_become_other_roles(shared_database: Database, role: str) -> None:
    with (
        psycopg.connect(shared_database.dsn("datapunk_authenticator"), autocommit=True) as connection,
        pytest.raises(DENIED),
    ):
        connection.execute(f"set role {role}")  # type: ignore[call-overload]


def test_users_cannot_send_messages_or_take_them(shared_database: Database) -> None:
    with as_role(shared_database, "datapunk_user") as connection:
        for statement in (
            "select stream.send('training', '{}')",
            "select * from stream.receive('training', 1, 1)",
            "select stream.extend('training', 1, 1)",
            "select stream.done('training', 1)",
            "select stream.bury('training', 1, 'x')",
            "select stream.fan_out('lake.item.note', '{}')",
            "select pgmq.send('training', '{}')",
            "select * from pgmq.read('training', 1, 1)",
        ):
            with pytest.raises(DENIED):
                connection.execute(statement)  # type: ignore[call-overload]


def test_worker_takes_messages_but_reads_no_personal_table(shared_database: Database) -> None:
    with psycopg.connect(shared_database.dsn("datapunk_worker"), autocommit=True) as connection:
        connection.execute("select * from stream.receive('maintenance', 1, 1)")
        for statement in (
            "select * from lake.item",
            "select * from gaia.answer",
            "select stream.send('training', '{}')",
        ):
            with pytest.raises(DENIED):
                connection.execute(statement)  # type: ignore[call-overload]


def test_users_write_no_table_of_ops_stream_or_forge(shared_database: Database) -> None:
    with shared_database.connect("postgres") as connection:
        rows = connection.execute(
            """
            select c.oid::regclass::text
            from pg_class as c
            where c.relnamespace::regnamespace::text in ('ops', 'stream', 'forge') and c.relkind in ('r', 'p')
              and has_table_privilege('datapunk_user', c.oid, 'insert, update, delete, truncate')
            """
        ).fetchall()
    assert rows == []


def test_nobody_but_the_superuser_skips_row_security(shared_database: Database) -> None:
    with shared_database.connect("postgres") as connection:
        rows = connection.execute(
            "select rolname from pg_roles where rolname like 'datapunk%' and (rolsuper or rolbypassrls)"
        ).fetchall()
    assert rows == []


def test_public_may_create_nothing_in_our_schemas(shared_database: Database) -> None:
    with shared_database.connect("postgres") as connection:
        rows = connection.execute(
            "select nspname from pg_namespace"
            " where nspname = any(%s) and has_schema_privilege('datapunk_user', oid, 'create')",
            (list(SCHEMAS),),
        ).fetchall()
    assert rows == []
