"""How long from forge_train to running, and from there to a version: a worker of its own, one job at a time.

Run as: python tests/bench/bench_jobs.py DSN [JOBS], with the DSN of a database whose worker runs.
"""

import json
import statistics
import sys

import psycopg

QUICK = "select 'u' || g % 20 as who, 'i' || abs(hashint8(g)) % 12 as what from generate_series(1, 200) as g"


def main(dsn: str, jobs: int) -> dict[str, float]:
    """Return medians and 95th percentiles in milliseconds."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        ids = []
        for _ in range(jobs):
            row = connection.execute(
                """select api.forge_train('bench', 'recommender', %s, '{"split": "random", "regularization": 10}')""",
                (QUICK,),
            ).fetchone()
            assert row is not None
            ids.append(row[0])
            connection.execute("select * from api.forge_wait(%s)", (row[0],))
        rows = connection.execute(
            """
            select extract(epoch from started_at - created_at)::float8 * 1000,
              extract(epoch from finished_at - started_at)::float8 * 1000
            from api.jobs where job_id = any(%s) and status = 'succeeded'
            """,
            (ids,),
        ).fetchall()
        connection.execute("select api.forge_drop('bench')")
    if len(rows) != jobs:
        raise RuntimeError(f"{jobs - len(rows)} of {jobs} jobs failed")
    waits, trainings = [r[0] for r in rows], [r[1] for r in rows]
    return {
        "jobs": jobs,
        "pickup_p50_ms": statistics.median(waits),
        "pickup_p95_ms": statistics.quantiles(waits, n=20)[-1],
        "small_training_p50_ms": statistics.median(trainings),
    }


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 50)))
