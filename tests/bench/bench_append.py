"""lake_append over HTTP: page views of a browser's plug-in in batches, on one kept-alive connection, then all again."""

import http.client
import json
import time
from collections.abc import Iterator
from itertools import islice
from typing import Any

from bench.lake_files import entries
from http_api import Api

RECORDS, BATCH = 20_000, 500


def main(api: Api, owner: str) -> dict[str, Any]:
    """Return records a second; every record must be new the first time and none the second."""
    connection = http.client.HTTPConnection("127.0.0.1", api.port, timeout=60)
    headers = {"Authorization": f"Bearer {api.token(owner)}", "Content-Type": "application/json"}
    views = _views(RECORDS)
    bodies = [json.dumps({"records": list(islice(views, BATCH))}) for _ in range(RECORDS // BATCH)]
    found: dict[str, Any] = {"records": RECORDS, "batch": BATCH}
    for name, expected in (("first", RECORDS), ("again", 0)):
        started = time.perf_counter()
        new = sum(_send(connection, headers, body) for body in bodies)
        found[f"{name}_per_second"] = round(RECORDS / (time.perf_counter() - started))
        if new != expected:
            raise SystemExit(f"{name}: {new} of {RECORDS} records were new, not {expected}")
    connection.close()
    return found


def _views(count: int) -> Iterator[dict[str, str]]:
    for number, entry in zip(range(count), entries(seed=11), strict=False):
        at, url = entry["time"], entry["titleUrl"]
        yield {
            "kind": "visit", "source": "bench_plugin", "external_id": f"{number} {at}", "occurred_at": at,
            "title": entry["title"], "url": url,
        }  # fmt: skip


def _send(connection: http.client.HTTPConnection, headers: dict[str, str], body: str) -> int:
    connection.request("POST", "/rpc/lake_append", body, headers)
    response = connection.getresponse()
    answer = response.read()
    if response.status != 200:
        raise SystemExit(f"HTTP {response.status}: {answer.decode()[:500]}")
    (row,) = json.loads(answer)
    return int(row["items_new"])
