"""The memory bound at 5,000,000 rows: a training within it, and one that asks for too little and says so.

The dataset is streamed by a server-side cursor; the training process may take `memory_mb` of data and no more.
"""

import json
import time
from typing import Any

import psycopg

from harness import Database

ROWS = 5_000_000
ENOUGH_MB, TOO_LITTLE_MB = 2048, 384
_NUMBERS = 5


def main(database: Database, rows: int = ROWS) -> dict[str, Any]:
    """Return how both trainings ended and the most memory of each; a worker must run."""
    numbers = ", ".join(f"((g * {7919 + 2 * n}) % 1000003)::float8 as x{n}" for n in range(_NUMBERS))
    query = (
        f"select {numbers}, ((g * 7919) % 1000003 + 2 * ((g * 7921) % 1000003) + g % 1000)::float8 as y"
        f" from generate_series(1::bigint, {rows}) as g"
    )
    figures: dict[str, Any] = {"rows": rows, "columns": _NUMBERS + 1}
    with database.connect() as connection:
        for name, memory_mb in (("enough", ENOUGH_MB), ("too_little", TOO_LITTLE_MB)):
            figures[name] = _trained(connection, query, memory_mb)
        connection.execute("select api.forge_drop(model) from api.models where model = 'bench_bound'")
    figures["bound_kept"] = figures["enough"]["status"] == "succeeded" and all(
        figures[name]["peak_memory_mb"] <= figures[name]["memory_mb"] for name in ("enough", "too_little")
    )
    return figures


def _trained(connection: psycopg.Connection[tuple[object, ...]], query: str, memory_mb: int) -> dict[str, Any]:
    options = {"target": "y", "family": "linear", "memory_mb": memory_mb, "deploy": "never", "max_retries": 0}
    started = time.monotonic()
    row = connection.execute(
        "select api.forge_train('bench_bound', 'regressor', %s, %s)", (query, json.dumps(options))
    ).fetchone()
    ended = connection.execute("select status, error from api.forge_wait(%s)", row).fetchone()
    used = connection.execute("select cpu_s, peak_memory_mb from api.runs where job_id = %s", row).fetchone()
    assert ended is not None
    assert used is not None
    return {
        "memory_mb": memory_mb, "status": ended[0], "error": ended[1], "seconds": round(time.monotonic() - started, 1),
        "cpu_s": round(float(str(used[0])), 1), "peak_memory_mb": round(float(str(used[1]))),
    }  # fmt: skip
