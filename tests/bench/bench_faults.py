"""Trainings whose workers are killed at random moments: one version for each, none double, none lost.

At the end a worker is paused past its lease while it trains; what it brings afterwards must be refused.
"""

import random
import signal
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg

from harness import Database
from worker_process import WorkerProcess, wait_for_job

QUICK = "select 'u' || g % 20 as who, 'i' || abs(hashint8(g)) % 12 as what from generate_series(1, 200) as g"
SLOW = "select 'u' || g % 700 as who, 'i' || abs(hashint8(g * 7919)) % 1500 as what from generate_series(1, 40000) as g"
OPTIONS = '{"split": "random", "regularization": 10, "max_retries": 10}'
_LEASE_S = 2
# A worker lives through so many attempts at most.
_LIVES = 3.0
_LIMIT_S = 3600.0


def _train(connection: psycopg.Connection[Any], model: str, query: str) -> int:
    row = connection.execute("select api.forge_train(%s, 'recommender', %s, %s)", (model, query, OPTIONS)).fetchone()
    assert row is not None
    return int(row[0])


def _one(connection: psycopg.Connection[Any], statement: str, *given: object) -> Any:
    row = connection.execute(statement, given).fetchone()  # type: ignore[call-overload]
    assert row is not None
    return row[0]


def main(database: Database, trainings: int) -> dict[str, Any]:
    """Return how many versions there are for how many trainings, over how many kills."""
    chance = random.Random(0)
    kills = hits = 0
    # Seconds that an attempt takes here and now; learned from those that end.
    life = 4.0
    deadline = time.monotonic() + _LIMIT_S
    left = "select count(*) from api.jobs where model like 'bench_fault%%' and status in ('queued', 'running')"
    running = "select least(count(*), 1) from api.jobs where model = 'bench_fault' and status = 'running'"
    spent = (
        "select percentile_cont(0.5) within group (order by extract(epoch from finished_at - started_at))"
        " from api.runs where model = 'bench_fault' and outcome = 'succeeded'"
    )
    with tempfile.TemporaryDirectory(prefix="dp-faults-") as folder, database.connect() as connection:
        jobs = [_train(connection, "bench_fault", QUICK) for _ in range(trainings)]
        while _one(connection, left):
            if time.monotonic() > deadline:
                raise RuntimeError(f"{_one(connection, left)} trainings never ended")
            worker = WorkerProcess(database=database, log=Path(folder, f"{kills}.log"), lease_s=_LEASE_S).start()
            while _one(connection, left) and not _one(connection, running):
                time.sleep(0.05)
            # From the first moment of an attempt to some attempts later, so that kills meet every stage of one.
            time.sleep(chance.uniform(0.0, _LIVES * life))
            hits += _one(connection, running)
            worker.kill()
            kills += 1
            life = float(_one(connection, spent) or life)
        paused, accepted = _paused(database, connection, Path(folder))
        versions = "select count(*) from api.model_versions where model = 'bench_fault'"
        doubled = (
            "select count(*) from (select job_id from api.model_versions where model = 'bench_fault'"
            " group by job_id having count(*) > 1) as d"
        )
        lost = "select count(*) from api.jobs where job_id = any(%s) and (status <> 'succeeded' or version is null)"
        figures = {
            "trainings": trainings,
            "kills": kills,
            "kills_while_a_training_ran": hits,
            "seconds_of_an_attempt": round(life, 1),
            "attempts_lost": _one(connection, "select count(*) from api.runs where outcome = 'lost'"),
            "versions": _one(connection, versions),
            "double": _one(connection, doubled),
            "lost": _one(connection, lost, jobs),
            "paused_past_their_lease": paused,
            "late_results_accepted": accepted,
        }
        connection.execute("select api.forge_drop('bench_fault'), api.forge_drop('bench_fault_paused')")
    return figures


def _paused(database: Database, connection: psycopg.Connection[Any], folder: Path) -> tuple[int, int]:
    """Return how many workers were paused, and how many versions there are beyond one."""
    first = WorkerProcess(database=database, log=folder / "first.log", lease_s=_LEASE_S).start()
    job_id = _train(connection, "bench_fault_paused", SLOW)
    wait_for_job(connection, job_id, "progress > 0.05", seconds=120)
    children = first.children()
    first.send(signal.SIGSTOP)
    second = WorkerProcess(database=database, log=folder / "second.log", lease_s=_LEASE_S).start()
    try:
        wait_for_job(connection, job_id, "status = 'succeeded'", seconds=300)
        first.send(signal.SIGCONT)
        time.sleep(5 + len(children))
    finally:
        first.kill()
        second.kill()
    versions = _one(connection, "select count(*) from api.model_versions where model = 'bench_fault_paused'")
    return 1, int(versions) - 1
