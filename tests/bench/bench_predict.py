"""forge_predict, warm: how long one takes from a client on the same machine, and what many connections cost."""

import json
import random
import statistics
import time
from contextlib import ExitStack
from typing import Any

from bench.bench_memory import private_kilobytes, read_metrics
from harness import Database
from tabular_models import linear_classifier, store

WIDTH = 20
CALLS = 300
CONNECTIONS = 200


def features(chance: random.Random) -> str:
    return json.dumps({f"x{i + 1}": round(chance.uniform(-1, 1), 6) for i in range(WIDTH)})


def main(database: Database, socket_path: str) -> dict[str, Any]:
    """Return medians of new and of repeated rows, and growth and models over many connections."""
    store(database, linear_classifier(WIDTH), name="bench_predict")
    chance = random.Random(0)
    with database.connect() as connection:
        statement = "select api.forge_predict('bench_predict', %s)"
        connection.execute(statement, (features(chance),))
        taken: dict[str, list[float]] = {"fresh": [], "known": []}
        known = features(chance)
        for _ in range(CALLS):
            for name, asked in (("fresh", features(chance)), ("known", known)):
                started = time.perf_counter()
                connection.execute(statement, (asked,))
                taken[name].append((time.perf_counter() - started) * 1000)
    growth = []
    with ExitStack() as stack:
        opened = [stack.enter_context(database.connect()) for _ in range(CONNECTIONS)]
        for one in opened:
            one.execute("select count(*) from api.models").fetchone()
            before = private_kilobytes(one.info.backend_pid)
            for _ in range(3):
                one.execute(statement, (features(chance),))
            growth.append(private_kilobytes(one.info.backend_pid) - before)
        text = read_metrics(socket_path)
    with database.connect() as connection:
        connection.execute("select forge_drop('bench_predict')")
    models = next(line for line in text.splitlines() if line.startswith("datapunk_host_models "))
    return {
        "calls": CALLS,
        "p50_ms": round(statistics.median(taken["fresh"]), 3),
        "p95_ms": round(statistics.quantiles(taken["fresh"], n=20)[-1], 3),
        "known_p50_ms": round(statistics.median(taken["known"]), 3),
        "connections": CONNECTIONS,
        "backend_growth_mb": round(max(growth) / 1024, 1),
        "models_held": float(models.split()[-1]),
    }
