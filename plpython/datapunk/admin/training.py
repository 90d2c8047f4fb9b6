"""Following a training from the command line, and what came out of it."""

import json
import time
from collections.abc import Callable
from typing import Any

from datapunk.admin.session import Connection
from datapunk.errors import NotFound

_ENDED = frozenset({"succeeded", "failed", "cancelled"})


def ask_for_training(connection: Connection, model: str, recipe: str, dataset: str, options: dict[str, Any]) -> int:
    """Call forge_train; returns the job's id."""
    row = connection.execute(
        "select api.forge_train(%s, %s, %s, %s) as job_id", (model, recipe, dataset, json.dumps(options))
    ).fetchone()
    return int(row["job_id"]) if row else 0


def follow(connection: Connection, job_id: int, report: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Report the row of view jobs until the job has ended; returns the last one."""
    while True:
        row = connection.execute("select * from api.jobs where job_id = %s", (job_id,)).fetchone()
        if row is None:
            raise NotFound(f"no job {job_id}", hint="The view jobs lists your jobs.")
        report(row)
        if row["status"] in _ENDED:
            return row
        time.sleep(0.15)


def figures(connection: Connection, model: str, version: int) -> list[dict[str, Any]]:
    """Metrics of a version: one row a metric, with the baselines and the gain over them beside the model."""
    rows = connection.execute(
        "select metric, scored, value from api.metrics where model = %s and version = %s order by metric, scored",
        (model, version),
    ).fetchall()
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        name = row["metric"].removesuffix(" gain")
        scored = row["scored"] if name == row["metric"] else "gain"
        found.setdefault(name, {"metric": name})[scored] = row["value"]
    return list(found.values())
