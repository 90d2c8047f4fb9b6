"""The sample archive in the Lake of the bench's system, for parts that ask about it."""

import tempfile
from pathlib import Path

import psycopg
from psycopg import sql

from bench.system import System
from datapunk import sample

SEED, RECORDS = 7, 20_000


def with_sample(system: System, owner: str = "local", records: int = RECORDS) -> str:
    """Import the sample for an owner who has nothing yet, and wait until it is embedded and its vectors are indexed.

    Returns the connection string.
    """
    with system.database.connect(owner=owner) as connection:
        row = connection.execute("select exists (select from api.items)").fetchone()
    if row != (True,):
        _import(system, owner, records)
    system.embed_everything(owner)
    system.index_everything()
    return system.database.dsn()


def _import(system: System, owner: str, records: int) -> None:
    with tempfile.TemporaryDirectory(prefix="dp-bench-") as scratch:
        folder = Path(scratch)
        folder.chmod(0o755)
        archive = sample.write(folder, seed=SEED, records=records).path
        archive.chmod(0o644)
        with psycopg.connect(system.superuser_dsn, autocommit=True) as admin:
            statement = sql.SQL("alter database {} set datapunk.import_dirs = {}")
            admin.execute(statement.format(sql.Identifier(admin.info.dbname), sql.Literal(str(folder))))
        with psycopg.connect(system.superuser_dsn, autocommit=True) as connection:
            connection.execute("select set_config('datapunk.owner', %s, false)", (owner,))
            connection.execute("set role datapunk_importer")
            connection.execute("select * from api.lake_import_path(%s)", (str(archive),))
