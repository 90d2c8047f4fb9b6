"""Trainings that come again by themselves: what a model learns from is counted, with its owner's rights."""

import logging
import time
from typing import Any

import psycopg

from datapunk.db import one
from datapunk.db.psycopg_db import PsycopgDb
from datapunk.errors import DatasetUnusable
from datapunk_forge.dataset import count_rows
from datapunk_workers.queue import Q

log = logging.getLogger(__name__)
COUNT_S = 30


def look_again(connection: psycopg.Connection[Any], model: str) -> int | None:
    """Train `model` again where that is due; returns the job, None when it is not.

    The rows of its dataset are counted where it learns from something else than items of the lake. One that cannot be
    counted within COUNT_S is trained again by time and drift alone.
    """
    db = PsycopgDb(connection)
    began, rows = time.monotonic(), None
    for counted in db.rows(Q.counted_query, model):
        try:
            rows = count_rows(connection, counted["query"], role=counted["role_name"], timeout_s=COUNT_S)
        except DatasetUnusable as exc:
            log.warning("schedule of %s: %s", model, exc.message)
    job_id = one(db.rows(Q.run_schedule, model, rows, time.monotonic() - began))["job_id"]
    return None if job_id is None else int(job_id)
