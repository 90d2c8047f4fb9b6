"""The idempotent load: functions, triggers, views, seeds, policies and grants, in one transaction.

Objects are created with `create or replace`; an object whose result or columns changed is dropped (never cascaded)
and made anew. The load then checks itself and aborts as a whole when a check fails.
"""

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import errors, sql

from datapunk import __version__
from datapunk.admin.load_checks import failed_checks
from datapunk.errors import DatapunkError

# In this order: what later ones refer to comes first.
_STAGES = (
    "sql/types",
    "sql/functions",
    "api/rpc",
    "sql/functions/triggers",
    "api/views",
    "sql/seed",
    "sql/functions/security",
)
_ATTEMPTS = 4
# Tables refer to these in their defaults, so they come before the migrations.
PRELOADED = ("sql/functions/ops/current_owner.sql", "sql/functions/ops/now.sql")


class LoadFailed(DatapunkError):
    """The SQL files break a rule of the house; nothing was loaded."""


@dataclass(frozen=True, kw_only=True)
class LoadReport:
    """How many files were loaded, and the hash over them."""

    files: int
    sha256: str


def sql_files(root: Path) -> list[Path]:
    """Return all files of the load in order: by stage, then by path."""
    found: list[Path] = []
    for stage in _STAGES:
        nested = [s for s in _STAGES if s != stage and s.startswith(stage + "/")]
        for path in sorted((root / stage).rglob("*.sql")):
            relative = path.relative_to(root).as_posix()
            if not any(relative.startswith(n + "/") for n in nested):
                found.append(path)
    return found


def object_name(path: Path) -> str | None:
    """Return the qualified name of the function or view that a file defines; None for files that define neither."""
    folder = path.parent.name
    if folder in ("views", "rpc"):
        return f"api.{path.stem}"
    if folder in ("triggers", "security", "seed", "types") or path.parent.parent.name == "types":
        return None
    return f"{folder}.{path.stem}"


def run_file(connection: psycopg.Connection[Any], path: Path) -> None:
    """Run one SQL file. An object that cannot be replaced in place is dropped and created."""
    text = path.read_text(encoding="utf-8")
    try:
        with connection.transaction():
            connection.execute(text)
    except (errors.InvalidFunctionDefinition, errors.InvalidTableDefinition) as exc:
        statement = _drop_statement(connection, path)
        if statement is None:
            raise
        try:
            with connection.transaction():
                connection.execute(statement)
                connection.execute(text)
        except errors.DependentObjectsStillExist as blocked:
            raise LoadFailed(
                f"{path.name} changes the shape of an object that others depend on: {exc}",
                hint="Drop or change the dependent objects named in the detail, then install again.",
                detail=blocked.diag.message_detail,
            ) from blocked


def _drop_statement(connection: psycopg.Connection[Any], path: Path) -> sql.Composed | None:
    """Return the DROP for the one function or view that a file of that name defines."""
    name = object_name(path)
    if name is None:
        return None
    schema = name.partition(".")[0]
    row = connection.execute(
        """
        select case when p.prokind = 'p' then 'procedure' else 'function' end, p.oid::regprocedure::text
        from pg_proc as p where p.pronamespace = to_regnamespace(%(schema)s) and p.proname = %(name)s
        union all
        select 'view', c.oid::regclass::text
        from pg_class as c
        where c.relnamespace = to_regnamespace(%(schema)s) and c.relname = %(name)s and c.relkind = 'v'
        """,
        {"schema": schema, "name": path.stem},
    ).fetchall()
    if len(row) != 1:
        return None
    kind, signature = row[0]
    # Both come from the catalog, quoted by regprocedure and regclass.
    return sql.SQL("drop {} {}").format(sql.SQL(kind), sql.SQL(signature))


def load(connection: psycopg.Connection[Any], root: Path) -> LoadReport:
    """Load all SQL files below `root` in one transaction of `connection` (a superuser's, not in a transaction).

    Sessions at work, autovacuum among them, may take the locks in another order: a load that has to end a deadlock
    begins again. Raises LoadFailed, with every broken rule in its detail, and leaves the database as it was.
    """
    for _ in range(_ATTEMPTS - 1):
        with suppress(errors.DeadlockDetected):
            return _load(connection, root)
    return _load(connection, root)


def _load(connection: psycopg.Connection[Any], root: Path) -> LoadReport:
    files = sql_files(root)
    digest = hashlib.sha256()
    with connection.transaction():
        connection.execute("set local check_function_bodies = off")
        connection.execute("set local client_min_messages = warning")
        # Files name everything with its schema, whatever the database looks names up in.
        connection.execute("set local search_path = pg_catalog, pg_temp")
        for path in files:
            text = path.read_bytes()
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + text)
            if path.relative_to(root).parts[:2] == ("sql", "seed"):
                connection.execute("set local role datapunk_owner")
                run_file(connection, path)
                connection.execute("set local role none")
            else:
                run_file(connection, path)
        _give_to_owner(connection)
        problems = failed_checks(connection, [n for n in map(object_name, files) if n])
        if problems:
            raise LoadFailed(
                f"the load breaks {len(problems)} rules", detail="\n".join(problems), hint="Mend the files named."
            )
        connection.execute(
            """
            insert into ops.installation (code_version, code_sha256) values (%s, %s)
            on conflict (singleton) do update
              set code_version = excluded.code_version, code_sha256 = excluded.code_sha256, loaded_at = now()
            """,
            (__version__, digest.hexdigest()),
        )
    return LoadReport(files=len(files), sha256=digest.hexdigest())


def _give_to_owner(connection: psycopg.Connection[Any]) -> None:
    """Hand every routine, view and type over to datapunk_owner: what a superuser creates runs as superuser."""
    connection.execute(
        """
        do $$
        declare
          v_command text;
        begin
          for v_command in
            select format('alter %s %s owner to datapunk_owner',
                          case p.prokind when 'p' then 'procedure' when 'a' then 'aggregate' else 'function' end,
                          p.oid::regprocedure)
            from pg_proc as p
            where p.pronamespace::regnamespace::text in ('ops','lake','stream','cortex','gaia','forge','api')
              and p.proowner <> 'datapunk_owner'::regrole
            union all
            select format('alter view %s owner to datapunk_owner', c.oid::regclass)
            from pg_class as c
            where c.relnamespace::regnamespace::text in ('ops','lake','stream','cortex','gaia','forge','api')
              and c.relkind = 'v' and c.relowner <> 'datapunk_owner'::regrole
          loop
            execute v_command;
          end loop;
        end
        $$
        """
    )
