"""Rows of feature views that are kept for the trainings that follow."""

from typing import Any

import psycopg

from datapunk.db.psycopg_db import PsycopgDb
from datapunk_forge.codec import decode_dataset, encode_dataset
from datapunk_forge.trained import Dataset
from datapunk_workers.queue import Q

# Numbers in a row of the database are bounded by 1 GB; what is larger is read again.
_MAX_BYTES = 200 * 1024 * 1024


def kept_dataset(connection: psycopg.Connection[Any], job_id: int, token: int) -> tuple[bool, Dataset | None]:
    """Return whether the job trains on a feature view whose rows are kept, and the rows where they are fresh."""
    rows = PsycopgDb(connection).rows(Q.cached_features, job_id, token)
    if not rows:
        return False, None
    content = rows[0]["content"]
    return True, decode_dataset(bytes(content)) if content is not None else None


def keep_dataset(connection: psycopg.Connection[Any], job_id: int, token: int, dataset: Dataset) -> None:
    """Keep what was read of the job's feature view."""
    content = encode_dataset(dataset)
    if len(content) <= _MAX_BYTES:
        PsycopgDb(connection).rows(Q.cache_features, job_id, token, dataset.read_at, content)
