"""Search: latency of cortex_search over what an owner has, per mode and filter.

Prints JSON. `python tests/bench/bench_search.py DSN [OWNER]`; the DSN is that of the role datapunk.
"""

import json
import random
import statistics
import sys
import time
from typing import Any

import psycopg

QUERIES = 100
WARM_UP = 20
OPTIONS: dict[str, dict[str, Any]] = {
    "hybrid": {},
    "lexical": {"mode": "lexical"},
    "semantic": {"mode": "semantic"},
    "hybrid_exact": {"exact": True},
}


def queries(connection: psycopg.Connection[Any], count: int) -> list[str]:
    """Return runs of two to six words out of the owner's own texts, the same at each run."""
    rng = random.Random(20240501)
    bodies = [row[0] for row in connection.execute("select body from cortex.text order by id limit 5000")]
    spans = []
    while len(spans) < count:
        words = rng.choice(bodies).split()
        start = rng.randrange(max(1, len(words) - 5))
        spans.append(" ".join(words[start : start + rng.randint(2, 6)]))
    return spans


def filters(connection: psycopg.Connection[Any]) -> dict[str, dict[str, Any]]:
    """Return a wide and a narrow filter: the owner's commonest kind, and one day in the middle."""
    rows = connection.execute("select kind from lake.item group by kind order by count(*) desc").fetchall()
    day = connection.execute(
        "select percentile_disc(0.5) within group (order by occurred_at)::date from lake.item"
    ).fetchone()
    if not rows or not day or day[0] is None:
        return {}
    return {
        "hybrid_commonest_kind": {"kinds": [rows[0][0]]},
        "hybrid_rarest_kind": {"kinds": [rows[-1][0]]},
        "hybrid_one_day": {"since": f"{day[0]}T00:00:00Z", "until": f"{day[0]}T23:59:59Z"},
    }


def milliseconds(connection: psycopg.Connection[Any], texts: list[str], options: dict[str, Any]) -> dict[str, float]:
    """Search for each text; return the median and the 95th percentile."""
    times = []
    for text in texts:
        started = time.perf_counter()
        connection.execute("select * from cortex_search(%s, 10, %s)", (text, json.dumps(options))).fetchall()
        times.append((time.perf_counter() - started) * 1000)
    kept = sorted(times[WARM_UP:])
    return {"p50": round(statistics.median(kept), 1), "p95": round(kept[int(len(kept) * 0.95)], 1)}


def run(dsn: str, owner: str = "local") -> dict[str, Any]:
    """Measure in one connection and return the figures by name."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("select set_config('datapunk.owner', %s, false)", (owner,))
        count = connection.execute("select count(*) from lake.item").fetchone()
        status = connection.execute("select texts, embedded, pending from cortex_status()").fetchone()
        if not count or not count[0] or not status:
            raise SystemExit("no items: import the sample archive first (`datapunk demo`)")
        figures: dict[str, Any] = {"items": count[0], "texts": status[0], "embedded": status[1], "pending": status[2]}
        texts = queries(connection, QUERIES + WARM_UP)
        for name, options in (OPTIONS | filters(connection)).items():
            figures[f"{name}_ms"] = milliseconds(connection, texts, options)
    return figures


if __name__ == "__main__":
    print(json.dumps(run(*sys.argv[1:]), indent=2))
