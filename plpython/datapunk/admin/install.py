"""Install and upgrade: bootstrap (superuser), migrations (tables), load (code), and the default model's rows.

Every step may run again; a second run changes nothing. Installers take turns, so ten at once leave one good install.
"""

import compileall
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import conninfo, sql

from datapunk.admin.load import PRELOADED, LoadReport, load, run_file
from datapunk.admin.resources import resource_root

_LOCK_KEY = 0x64617461  # "data"


@dataclass(frozen=True, kw_only=True)
class InstallReport:
    """What an installation did."""

    database: str
    created: bool
    migrated_from: str | None
    revision: str
    load: LoadReport


def install(
    dsn: str, *, create: bool = False, host_socket: str | None = None, import_dirs: str | None = None
) -> InstallReport:
    """Install or upgrade Datapunk in the database of `dsn` (a superuser's connection string).

    With `create` the database is made when it is missing. `host_socket` is where the backend finds the model host.
    `import_dirs` are the folders that lake_import_path may read, unless the database names its own already.
    """
    database = str(conninfo.conninfo_to_dict(dsn).get("dbname") or "datapunk")
    with _one_at_a_time(dsn):
        created, before, revision = _install_tables(dsn, create=create, revision="head")
        with psycopg.connect(dsn, autocommit=True) as connection:
            report = load(connection, resource_root())
            _configure(connection, database, host_socket or os.environ.get("DATAPUNK_HOST_SOCKET"), import_dirs)
    _compile()
    return InstallReport(database=database, created=created, migrated_from=before, revision=revision, load=report)


def _compile() -> None:
    """Compile the package: a backend's account may not write beside the sources, and would at every new connection."""
    compileall.compile_dir(Path(__file__).parents[1], quiet=2)


def install_tables(dsn: str, *, create: bool = False, revision: str = "head") -> None:
    """Bootstrap and migrate to `revision` without loading code: one step of an upgrade, for those who rehearse it."""
    with _one_at_a_time(dsn):
        _install_tables(dsn, create=create, revision=revision)


def _install_tables(dsn: str, *, create: bool, revision: str) -> tuple[bool, str | None, str]:
    root = resource_root()
    database = str(conninfo.conninfo_to_dict(dsn).get("dbname") or "datapunk")
    created = create and _create_database(dsn, database, root)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("set client_min_messages = warning")
        _bootstrap(connection, root)
        before, after = _migrate(connection, root, revision)
    return created, before, after


@contextmanager
def _one_at_a_time(dsn: str) -> Iterator[None]:
    """Hold a lock in the maintenance database: roles are shared by all databases of a cluster."""
    with psycopg.connect(conninfo.make_conninfo(dsn, dbname="postgres"), autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(%s)", (_LOCK_KEY,))
        yield


def _create_database(dsn: str, database: str, root: Path) -> bool:
    with psycopg.connect(conninfo.make_conninfo(dsn, dbname="postgres"), autocommit=True) as connection:
        if connection.execute("select 1 from pg_database where datname = %s", (database,)).fetchone():
            return False
        run_file(connection, root / "sql/bootstrap/01_roles.sql")
        connection.execute(
            sql.SQL("create database {} owner datapunk template template0 encoding 'UTF8'").format(
                sql.Identifier(database)
            )
        )
        return True


def _bootstrap(connection: psycopg.Connection[Any], root: Path) -> None:
    for path in sorted((root / "sql/bootstrap").glob("*.sql")):
        run_file(connection, path)
    database = sql.Identifier(connection.info.dbname)
    connection.execute(sql.SQL("grant create on database {} to datapunk_owner").format(database))
    if connection.execute("select to_regnamespace('pgmq')").fetchone() == (None,):
        from pgmq.install import get_embedded_install_sql

        with connection.transaction():
            connection.execute("set local role datapunk_owner")
            connection.execute(get_embedded_install_sql())
    for name in PRELOADED:
        run_file(connection, root / name)


def _migrate(connection: psycopg.Connection[Any], root: Path, revision: str) -> tuple[str | None, str]:
    """Run the migrations as datapunk_owner; return the revision before and after."""
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine
    from sqlalchemy.pool import StaticPool

    with psycopg.connect(connection.info.dsn, password=connection.info.password or None) as migrating:
        migrating.execute("set role datapunk_owner")
        migrating.execute("set client_min_messages = warning")
        migrating.commit()
        engine = create_engine("postgresql+psycopg://", creator=lambda: migrating, poolclass=StaticPool)
        with engine.connect() as alembic_connection:
            config = Config()
            config.set_main_option("script_location", str(root / "sql/migrations"))
            config.attributes["connection"] = alembic_connection
            before = _revision(connection)
            command.upgrade(config, revision)
            alembic_connection.commit()
    after = _revision(connection)
    if after is None:
        raise RuntimeError("the migrations left no revision behind")
    return before, after


def _revision(connection: psycopg.Connection[Any]) -> str | None:
    if connection.execute("select to_regclass('ops.schema_version')").fetchone() == (None,):
        return None
    row = connection.execute("select version_num from ops.schema_version").fetchone()
    return str(row[0]) if row else None


def _configure(
    connection: psycopg.Connection[Any], database: str, host_socket: str | None, import_dirs: str | None
) -> None:
    """Set the database's own settings: where names are looked up, where the host listens, what imports may read."""
    wanted = {"search_path": '"$user", public, api'}
    if host_socket:
        wanted["datapunk.host_socket"] = host_socket
    rows = connection.execute(
        "select unnest(setconfig) from pg_db_role_setting"
        " where setrole = 0 and setdatabase = (select oid from pg_database where datname = %s)",
        (database,),
    ).fetchall()
    present = dict(row[0].split("=", 1) for row in rows)
    if import_dirs and "datapunk.import_dirs" not in present:
        wanted["datapunk.import_dirs"] = import_dirs
    for name, value in wanted.items():
        if present.get(name) != value:
            setting = sql.SQL(value) if name == "search_path" else sql.Literal(value)
            connection.execute(
                sql.SQL("alter database {} set {} = {}").format(
                    sql.Identifier(database), sql.Identifier(*name.split(".")), setting
                )
            )
