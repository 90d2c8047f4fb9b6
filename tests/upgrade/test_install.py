"""Installing: once, twice, ten at a time, and by way of an upgrade."""

import secrets
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from datapunk.admin.install import install, install_tables
from datapunk.admin.load import LoadFailed, load
from datapunk.admin.resources import resource_root
from harness import Database, Server


@pytest.fixture
def empty(server: Server) -> Iterator[str]:
    """The name of a database that does not exist yet."""
    name = f"datapunk_install_{secrets.token_hex(6)}"
    yield name
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as connection:
        connection.execute(f"drop database if exists {name} with (force)")


def catalogue(dsn: str) -> dict[str, list[tuple[object, ...]]]:
    """Everything of the schemas that an installation could leave different."""
    schemas = "('ops', 'lake', 'stream', 'cortex', 'gaia', 'forge', 'api')"
    queries = {
        "functions": f"""
            select p.oid::regprocedure::text, pg_get_functiondef(p.oid), p.proowner::regrole::text, p.proacl::text,
                   obj_description(p.oid, 'pg_proc')
            from pg_proc as p where p.pronamespace::regnamespace::text in {schemas} order by 1""",
        "relations": f"""
            select c.oid::regclass::text, c.relkind, c.relowner::regrole::text, c.relacl::text, c.reloptions::text,
                   c.relrowsecurity, c.relforcerowsecurity, obj_description(c.oid, 'pg_class'),
                   case when c.relkind = 'v' then pg_get_viewdef(c.oid) end
            from pg_class as c where c.relnamespace::regnamespace::text in {schemas} order by 1""",
        "columns": f"""
            select a.attrelid::regclass::text, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
                   pg_get_expr(d.adbin, d.adrelid), col_description(a.attrelid, a.attnum)
            from pg_attribute as a
            join pg_class as c on c.oid = a.attrelid and c.relnamespace::regnamespace::text in {schemas}
            left join pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum
            where a.attnum > 0 and c.relkind in ('r', 'p', 'v') order by 1, 2""",
        "constraints": f"""
            select conrelid::regclass::text, conname, pg_get_constraintdef(oid)
            from pg_constraint where connamespace::regnamespace::text in {schemas} order by 1, 2""",
        "policies": f"select * from pg_policies where schemaname in {schemas} order by 1, 2, 3",
        "triggers": f"""
            select t.tgrelid::regclass::text, t.tgname, pg_get_triggerdef(t.oid)
            from pg_trigger as t join pg_class as c on c.oid = t.tgrelid
            where c.relnamespace::regnamespace::text in {schemas} and not t.tgisinternal order by 1, 2""",
    }
    with psycopg.connect(dsn) as connection:
        return {name: connection.execute(query).fetchall() for name, query in queries.items()}


def test_loading_twice_equals_loading_once(server: Server, empty: str) -> None:
    dsn = server.dsn(empty)
    install(dsn, create=True)
    once = catalogue(dsn)
    report = install(dsn, create=True)
    assert not report.created
    assert catalogue(dsn) == once


def test_fresh_equals_upgraded(server: Server, empty: str) -> None:
    """A database that starts at the first revision and migrates step by step ends as a fresh one does."""
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    from datapunk.admin import install as module

    upgraded = f"{empty}_up"
    config = Config()
    config.set_main_option("script_location", str(resource_root() / "sql/migrations"))
    revisions = [r.revision for r in reversed(list(ScriptDirectory.from_config(config).walk_revisions()))]
    try:
        for revision in revisions[:-1]:
            module.install_tables(server.dsn(upgraded), create=True, revision=revision)
        install(server.dsn(upgraded), create=True)
        install(server.dsn(empty), create=True)
        fresh, later = catalogue(server.dsn(empty)), catalogue(server.dsn(upgraded))
        for part, rows in fresh.items():
            assert later[part] == rows, part
    finally:
        with psycopg.connect(server.dsn("postgres"), autocommit=True) as connection:
            connection.execute(f"drop database if exists {upgraded} with (force)")


def test_items_of_before_get_the_sensitivity_of_their_kind(server: Server, empty: str) -> None:
    dsn = server.dsn(empty)
    install_tables(dsn, create=True, revision="0006_lake_at_speed")
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            "insert into lake.item (owner_id, kind, source, content_hash)"
            " select 'ann', k, 'test', convert_to(k, 'UTF8')"
            " from unnest(array['visit', 'mail', 'note', 'photo', 'security_event', 'contact']) as k"
        )
        install(dsn)
        connection.execute("select set_config('datapunk.owner', 'ann', false)")
        odd = connection.execute(
            "select i.kind from lake.item as i left join lake.sensitivities() as s on s.kind = i.kind"
            " where i.sensitivity is distinct from s.sensitivity"
        ).fetchall()
        told = connection.execute("select count(distinct sensitivity) from lake.item").fetchone()
    assert (odd, told) == ([], (3,))


def test_ten_installers_at_once_leave_one_good_install(server: Server, empty: str) -> None:
    dsn = server.dsn(empty)
    with ThreadPoolExecutor(10) as pool:
        reports = list(pool.map(lambda _: install(dsn, create=True), range(10)))
    assert sum(report.created for report in reports) == 1
    assert len({report.load.sha256 for report in reports}) == 1
    together = catalogue(dsn)
    install(dsn)
    assert catalogue(dsn) == together


@pytest.mark.parametrize(
    ("path", "text", "problem"),
    [
        (
            "sql/functions/ops/no_comment.sql",
            "create function ops.no_comment() returns int language sql set search_path = pg_catalog, pg_temp"
            " as 'select 1';",
            "no COMMENT: ops.no_comment()",
        ),
        (
            "sql/functions/ops/loose.sql",
            "create function ops.loose() returns int language sql as 'select 1';"
            " comment on function ops.loose() is 'x';",
            "no pinned search_path: ops.loose()",
        ),
        (
            "sql/functions/ops/long.sql",
            "create function ops.long() returns int language plpython3u set search_path = pg_catalog, pg_temp as $$\n"
            "a = 1\nb = 2\nc = 3\nreturn a\n$$; comment on function ops.long() is 'x';",
            "PL/Python body of more than three lines: ops.long()",
        ),
        (
            "sql/functions/ops/wrong_name.sql",
            "create function ops.right_name() returns int language sql set search_path = pg_catalog, pg_temp"
            " as 'select 1'; comment on function ops.right_name() is 'x';",
            "orphan: ops.right_name",
        ),
        (
            "sql/functions/security/zz_public.sql",
            "grant execute on function ops.now() to public;",
            "EXECUTE for PUBLIC: ops.now()",
        ),
        (
            "sql/seed/zz_table.sql",
            "create table api.stray (x int); comment on table api.stray is 'x';",
            "a table in api",
        ),
        (
            "api/views/bare.sql",
            "create view api.bare as select 1 as x; comment on view api.bare is 'x';",
            "view without security_invoker: api.bare",
        ),
        (
            "sql/functions/ops/broken.sql",
            "create function ops.broken() returns int language sql set search_path = pg_catalog, pg_temp"
            " as 'select nowhere.x'; comment on function ops.broken() is 'x';",
            "invalid body: ops.broken()",
        ),
    ],
)
def test_the_load_refuses_what_breaks_a_rule(
    server: Server, template: str, tmp_path: Path, path: str, text: str, problem: str
) -> None:
    import shutil

    root = tmp_path / "root"
    for folder in ("sql", "api"):
        shutil.copytree(resource_root() / folder, root / folder)
    (root / path).write_text(text)
    dsn = server.dsn(template)
    before = catalogue(dsn)
    with psycopg.connect(dsn, autocommit=True) as connection, pytest.raises(LoadFailed) as caught:
        load(connection, root)
    assert problem in (caught.value.detail or "")
    assert catalogue(dsn) == before


def test_a_load_that_ends_a_deadlock_begins_again(database: Database) -> None:
    with database.connect("postgres") as loading, database.connect("postgres") as other:
        # Whose timer ends first after the circle has closed is the one that gives in.
        loading.execute("set deadlock_timeout = '2s'")
        first, last = owned_tables(other)
        with ThreadPoolExecutor(1) as pool, other.transaction():
            other.execute("set local deadlock_timeout = '1min'")
            other.execute(sql.SQL("lock table {} in access share mode").format(last))
            loaded = pool.submit(load, loading, resource_root())
            wait_until_waiting(database, loading.info.backend_pid)
            other.execute(sql.SQL("lock table {} in access share mode").format(first))
            raise psycopg.Rollback
        assert loaded.result(60).files > 0


def owned_tables(connection: psycopg.Connection[tuple[object, ...]]) -> tuple[sql.Identifier, sql.Identifier]:
    """The first and the last table whose policies a load resets."""
    rows = connection.execute(
        """
        select n.nspname, c.relname
        from pg_class as c
        join pg_namespace as n on n.oid = c.relnamespace
        join pg_attribute as a on a.attrelid = c.oid and a.attname = 'owner_id' and not a.attisdropped
        where n.nspname in ('ops', 'lake', 'stream', 'cortex', 'gaia', 'forge') and c.relkind in ('r', 'p')
        order by n.nspname, c.relname
        """
    ).fetchall()
    first, last = rows[0], rows[-1]
    return sql.Identifier(str(first[0]), str(first[1])), sql.Identifier(str(last[0]), str(last[1]))


def wait_until_waiting(database: Database, pid: int) -> None:
    with database.connect("postgres") as connection:
        deadline = time.monotonic() + 30
        while not connection.execute("select from pg_locks where pid = %s and not granted", (pid,)).fetchall():
            assert time.monotonic() < deadline, "nothing waited"
            time.sleep(0.05)
