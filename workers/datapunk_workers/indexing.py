"""The vector index of a generation: built when its embeddings are there, while searches and writers go on.

CREATE INDEX CONCURRENTLY runs in no function and no transaction, and only for the table's owner: a worker takes the
role datapunk_indexer, which owns the partitions and nothing else.
"""

import logging
from typing import Any

import psycopg
from psycopg import sql

from datapunk.db import Row
from datapunk.db.psycopg_db import PsycopgDb
from datapunk_workers.connection import open_connection
from datapunk_workers.queue import Q

log = logging.getLogger(__name__)


def ensure_index(dsn: str, generation: int) -> bool:
    """Build the index that the generation should have at its size, and drop those that it replaces.

    Returns whether it was built. Runs over a connection of its own, outside of any transaction.
    """
    with open_connection(dsn) as connection:
        db = PsycopgDb(connection)
        if not db.rows(Q.try_lock, f"cortex.index {generation}")[0]["locked"]:
            return False
        plans = db.rows(Q.index_plan, generation)
        if not plans:
            return False
        plan = plans[0]
        connection.execute("set role datapunk_indexer")
        connection.execute("set lock_timeout = '0'")
        built = plan["m"] is not None
        if built:
            # What a build that was killed has left would be maintained and never used.
            _drop(connection, [name for name in plan["stale"] if name == plan["index_name"]])
            _create(connection, generation, plan)
        _drop(connection, [name for name in plan["stale"] if name != plan["index_name"]])
        return built


def _create(connection: psycopg.Connection[Any], generation: int, plan: Row) -> None:
    connection.execute(sql.SQL("set maintenance_work_mem = {}").format(sql.Literal(f"{plan['memory_mb']}MB")))
    partition = sql.Identifier("cortex", f"embedding_{generation}")
    statement = sql.SQL(
        "create index concurrently {} on {} using hnsw ((embedding::public.halfvec({})) public.halfvec_cosine_ops)"
        " with (m = {}, ef_construction = {})"
    ).format(
        sql.Identifier(plan["index_name"]), partition, sql.Literal(plan["dimensions"]), sql.Literal(plan["m"]),
        sql.Literal(plan["ef_construction"]),
    )  # fmt: skip
    try:
        connection.execute(statement)
    except (psycopg.errors.DiskFull, psycopg.errors.OutOfMemory) as exc:
        # Containers give little shared memory, which parallel builds need; one process does with its own.
        log.warning("index of generation %s: again without parallel workers: %s", generation, exc)
        _drop(connection, [plan["index_name"]])
        connection.execute("set max_parallel_maintenance_workers = 0")
        connection.execute(statement)


def _drop(connection: psycopg.Connection[Any], names: list[str]) -> None:
    for name in names:
        connection.execute(sql.SQL("drop index concurrently if exists {}").format(sql.Identifier("cortex", name)))
