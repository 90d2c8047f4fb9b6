"""A provider that limits, fails and chokes while a backlog is embedded: nothing lost, nothing doubled."""

import json
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from cortex_items import insert_items
from harness import Database, ModelHost
from providers import Endpoint, serving
from worker_process import WorkerProcess

pytestmark = pytest.mark.faults
POISON = "poison"


def moody(rng: random.Random):
    """One request in seven is limited or fails; poison is refused wherever it is."""

    def answer(body):
        if any(POISON in text for text in body.get("input", ())):
            return 422, {}, {"error": {"message": "no such text"}}
        lot = rng.random()
        if lot < 0.1:
            return 429, {"Retry-After": "0.2"}, {"error": {"message": "slow down"}}
        return (503, {}, {}) if lot < 0.15 else None

    return answer


@pytest.mark.timeout(300)
def test_a_storm_loses_and_doubles_nothing_and_searches_answer(
    database: Database, model_host: ModelHost, tmp_path
) -> None:
    over = threading.Event()

    def search() -> int:
        answered = 0
        with database.connect() as connection:
            while not over.is_set():
                answered += len(connection.execute("select * from cortex_search('note number 7', 5)").fetchall()) > 0
                time.sleep(0.05)
        return answered

    with serving(Endpoint()) as endpoint, database.connect() as person, ThreadPoolExecutor(2) as pool:
        insert_items(person, [{"title": "note number 7"}])
        worker = WorkerProcess(database=database, log=tmp_path / "worker.log").start()
        try:
            options = json.dumps({"base_url": endpoint.url, "model": "letters", "batch": 16})
            person.execute("select cortex_provider_add('away', 'openai', %s)", (options,))
            new = person.execute("select cortex_switch('away')").fetchone()[0]
            assert person.execute("call cortex_wait(%s, '60 s')", (new,)).fetchone()[1] == "active"
            searching = [pool.submit(search) for _ in range(2)]
            endpoint.misbehave = moody(random.Random(3))
            titles = [f"note number {n}" if n % 100 else f"{POISON} {n}" for n in range(1, 601)]
            insert_items(person, [{"title": title} for title in titles])
            time.sleep(1)
            worker.stop()
            worker = WorkerProcess(database=database, log=tmp_path / "second.log").start()
            _wait(person)
            status = person.execute("select texts, embedded, pending, failed from cortex_status()").fetchone()
            with database.connect("postgres") as admin:
                orphans = admin.execute(
                    "select count(*) from cortex.embedding as e"
                    " where not exists (select from cortex.text as t where t.id = e.text_id)"
                ).fetchone()
        finally:
            over.set()
            worker.stop()
        assert sum(future.result(30) for future in searching) > 10
    # Note number 7 was there before; every hundredth is poison, which waits for its next attempt or was given up.
    assert status[0] == 600
    assert status[1] == 594
    assert status[2] + status[3] == 6
    assert orphans == (0,)


def _wait(person: psycopg.Connection) -> None:
    """Wait until all but the poison are embedded."""
    deadline = time.monotonic() + 180
    while person.execute("select embedded from cortex_status()").fetchone()[0] < 594:
        assert time.monotonic() < deadline, person.execute("select * from cortex_status()").fetchone()
        time.sleep(0.2)
