"""gaia_answer in SQL on a database that holds the sample archive: warm medians, and a new connection's first answer.

Prints JSON. `python tests/bench/bench_gaia.py DSN [ROUNDS]`; the model host should be up and the items embedded.
"""

import json
import statistics
import sys
import time
from typing import Any

import psycopg

QUESTIONS = {
    "count": "How many videos did I watch in March 2024?",
    "top": "Which channels did I watch most last spring?",
    "when": "When did I last search for flights?",
    "search": "Which hotel did I book in Tokyo?",
    "recommend": "Recommend me a video for tonight.",
}


def answer_ms(connection: psycopg.Connection[Any], question: str) -> float:
    started = time.perf_counter()
    connection.execute("select * from api.gaia_answer(%s)", (question,)).fetchall()
    return (time.perf_counter() - started) * 1000


def main(dsn: str, rounds: int) -> dict[str, Any]:
    """Measure; every round asks each question once, so that no statement is favoured by the one before."""
    first = []
    for _ in range(5):
        with psycopg.connect(dsn, autocommit=True) as connection:
            first.append(answer_ms(connection, QUESTIONS["count"]))
    times: dict[str, list[float]] = {name: [] for name in QUESTIONS}
    with psycopg.connect(dsn, autocommit=True) as connection:
        row = connection.execute("select count(*) from api.items").fetchone()
        for number in range(rounds + 3):
            for name, question in QUESTIONS.items():
                elapsed = answer_ms(connection, question)
                if number >= 3:
                    times[name].append(elapsed)
    every = sorted(value for values in times.values() for value in values)
    return {
        "items": row[0] if row else 0,
        "gaia_answer_p50_ms": round(statistics.median(every), 2),
        "gaia_answer_p99_ms": round(every[int(len(every) * 0.99)], 2),
        "by_route_p50_ms": {name: round(statistics.median(values), 2) for name, values in times.items()},
        "first_answer_p50_ms": round(statistics.median(first), 2),
    }


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 50), indent=2))
