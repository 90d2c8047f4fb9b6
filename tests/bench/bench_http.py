"""gaia_answer over HTTP: the questions of bench_gaia through PostgREST on one kept-alive connection."""

import http.client
import json
import statistics
import time

from bench.bench_gaia import QUESTIONS
from http_api import Api


def main(api: Api, owner: str, rounds: int = 50) -> dict[str, float]:
    """Return median and 99th percentile in milliseconds, warm."""
    connection = http.client.HTTPConnection("127.0.0.1", api.port, timeout=60)
    headers = {"Authorization": f"Bearer {api.token(owner)}", "Content-Type": "application/json"}
    times = []
    for number in range(rounds + 3):
        for question in QUESTIONS.values():
            started = time.perf_counter()
            connection.request("POST", "/rpc/gaia_answer", json.dumps({"question": question}), headers)
            response = connection.getresponse()
            body = response.read()
            if response.status != 200:
                raise SystemExit(f"HTTP {response.status}: {body.decode()[:500]}")
            if number >= 3:
                times.append((time.perf_counter() - started) * 1000)
    connection.close()
    return {"p50_ms": round(statistics.median(times), 2), "p99_ms": round(sorted(times)[int(len(times) * 0.99)], 2)}
