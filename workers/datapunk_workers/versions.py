"""Writing what a training learned: one transaction, guarded by the job's fencing token."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg

from datapunk import __version__
from datapunk.db import one
from datapunk.db.psycopg_db import PsycopgDb
from datapunk.inference.sealing import sealed
from datapunk_forge.codec import decode
from datapunk_forge.trained import ForecastRows, RecommenderRows
from datapunk_workers.queue import Q

_ITEMS_PER_CALL = 1000
_SUBJECTS_PER_CALL = 5000
_MEDIA_TYPES = {"onnx": "application/onnx", "json": "application/json"}


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A job that this worker holds, by its token."""

    job_id: int
    token: int


def write_version(
    connection: psycopg.Connection[Any], claim: Claim, content: bytes, dataset: Mapping[str, Any],
    seed: object, usage: Mapping[str, float],
) -> int:  # fmt: skip
    """Write the result of a training as a version and end its job; returns the version's number.

    Raises ObjectNotInPrerequisiteState when another attempt has taken the job over: then nothing is written.
    """
    learned = decode(content)
    db = PsycopgDb(connection)
    result = {
        "dataset": dataset,
        "metrics": [vars(m) for m in learned.metrics],
        "slices": [vars(s) for s in learned.slices],
        "primary_metric": learned.primary_metric,
        "parameters": dict(learned.parameters),
        "signature": dict(learned.signature),
        "libraries": dict(learned.libraries),
        "seed": seed,
        "code_version": __version__,
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    with connection.transaction():
        version_id = one(db.rows(Q.write_version, claim.job_id, claim.token, json.dumps(result)))["version_id"]
        for name, data in learned.artifacts.items():
            media_type = _MEDIA_TYPES.get(name.rpartition(".")[2], "application/octet-stream")
            kept = sealed(name, data)
            db.execute(Q.write_artifact, claim.job_id, claim.token, version_id, name, media_type, kept)
        if learned.recommender is not None:
            _write_recommender(db, claim, version_id, learned.recommender)
        if learned.forecasts is not None:
            _write_forecasts(db, claim, version_id, learned.forecasts)
        version = one(db.rows(Q.finish_job, claim.job_id, claim.token, version_id, json.dumps(usage)))["version"]
    return int(version)


def _write_recommender(db: PsycopgDb, claim: Claim, version_id: int, rows: RecommenderRows) -> None:
    """Items are numbered from 1 in the database, from 0 in the arrays."""
    key = (claim.job_id, claim.token, version_id)
    for start in range(0, len(rows.items), _ITEMS_PER_CALL):
        part = slice(start, start + _ITEMS_PER_CALL)
        db.execute(Q.write_items, *key, start + 1, list(rows.items[part]), rows.popularity[part].tolist())
        db.execute(
            Q.write_neighbours,
            *key,
            list(range(start + 1, min(start + _ITEMS_PER_CALL, len(rows.items)) + 1)),
            [_array((numbers + 1).tolist()) for numbers in rows.neighbours[part]],
            [_array(weights.tolist()) for weights in rows.weights[part]],
        )
    names = list(rows.subjects)
    for start in range(0, len(names), _SUBJECTS_PER_CALL):
        chosen = names[start : start + _SUBJECTS_PER_CALL]
        db.execute(
            Q.write_interactions,
            *key,
            chosen,
            [_array((rows.subjects[name][0] + 1).tolist()) for name in chosen],
            [_array(rows.subjects[name][1].tolist()) for name in chosen],
        )


def _write_forecasts(db: PsycopgDb, claim: Claim, version_id: int, rows: ForecastRows) -> None:
    for name, at, values, lower, upper in zip(rows.series, rows.at, rows.value, rows.lower, rows.upper, strict=True):
        db.execute(
            Q.write_forecasts, claim.job_id, claim.token, version_id, name, at.tolist(), values.tolist(),
            [_array(ends.tolist()) for ends in lower], [_array(ends.tolist()) for ends in upper],
        )  # fmt: skip


def _array(numbers: list[float] | list[int]) -> str:
    """An SQL array in its text form; seven digits hold a float32."""
    return "{" + ",".join(f"{n:.7g}" if isinstance(n, float) else str(n) for n in numbers) + "}"
