"""Imports leave nothing behind that is not in the lexical index, whether a worker helps or not."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from cortex_items import tend
from harness import Database
from lake_archives import ENTRY, zipped

RECORDS = 60


@pytest.fixture
def archive(database: Database) -> Iterator[Path]:
    """An archive of two files, in a folder that may be imported; every statement would be left to a worker."""
    with tempfile.TemporaryDirectory(prefix="dp-tail-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        path = folder / "few.zip"
        path.write_bytes(
            zipped({
                f"{number}/MyActivity.json": [
                    ENTRY | {"title": f"Searched for marzipan {number} {entry}"} for entry in range(RECORDS // 2)
                ]
                for number in range(2)
            })
        )  # fmt: skip
        path.chmod(0o644)
        with database.connect("postgres") as superuser:
            tend(superuser)
            for setting, value in (("datapunk.import_dirs", name), ("datapunk.index_at_once", "0")):
                superuser.execute(
                    sql.SQL("alter database {} set {} = {}").format(
                        sql.Identifier(database.name), sql.SQL(setting), sql.Literal(value)
                    )
                )
        yield path


def importer(database: Database) -> psycopg.Connection[Any]:
    connection: psycopg.Connection[Any] = psycopg.connect(database.dsn("postgres"), autocommit=True)
    connection.execute("set role datapunk_importer")
    return connection


def indexed(database: Database) -> tuple[int, int]:
    """How many texts are indexed and how many batches wait."""
    with database.connect() as person:
        row = person.execute(
            "select (select count(*) from cortex.text), (select count(*) from cortex.unindexed)"
        ).fetchone()
    assert row is not None
    return int(str(row[0])), int(str(row[1]))


def test_an_import_in_steps_indexes_what_no_worker_has(database: Database, archive: Path) -> None:
    with importer(database) as connection:
        connection.execute("call api.lake_import_in_steps(%s)", (str(archive),))
    assert indexed(database) == (RECORDS, 0)


def test_an_import_in_one_transaction_indexes_as_it_writes(database: Database, archive: Path) -> None:
    with importer(database) as connection, connection.transaction():
        connection.execute("select from api.lake_import_path(%s)", (str(archive),))
        assert connection.execute("select count(*) from cortex.unindexed").fetchone() == (0,)
    assert indexed(database) == (RECORDS, 0)


def test_what_follows_an_import_in_its_transaction_may_be_left_to_a_worker(database: Database, archive: Path) -> None:
    with importer(database) as connection, connection.transaction():
        connection.execute("select from api.lake_import_path(%s)", (str(archive),))
        connection.execute('select from api.lake_append(\'[{"kind": "note", "title": "nougat"}]\')')
    assert indexed(database) == (RECORDS, 1)


def test_a_repeated_import_of_what_waits_adds_nothing(database: Database, archive: Path) -> None:
    with importer(database) as connection:
        for _ in range(2):
            connection.execute("call api.lake_import_in_steps(%s)", (str(archive),))
    assert indexed(database) == (RECORDS, 0)
    with database.connect() as person:
        assert person.execute("select sum(texts) from cortex.corpus_delta").fetchone() == (RECORDS,)


def test_names_are_left_to_the_worker_and_known_to_the_next_question(database: Database, archive: Path) -> None:
    with importer(database) as connection:
        connection.execute("call api.lake_import_in_steps(%s)", (str(archive),))
    with database.connect("postgres") as superuser:
        tasks = superuser.execute("select message ->> 'task' from pgmq.q_indexing order by msg_id").fetchall()
    assert tasks[-1] == ("names",)
