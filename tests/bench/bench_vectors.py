"""The embedding pipeline: its throughput beside the host's own, what the triggers cost an insert, and a storm.

Parts of `python -m tests.bench`; each works on texts of its own in the benchmark's database.
"""

import json
import os
import random
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg

from bench.bench_memory import private_kilobytes
from bench.system import System
from cortex_items import insert_items
from datapunk.db.psycopg_db import PsycopgDb
from datapunk.inference import StoredArtifacts, connect
from datapunk.inference.unix_http import UnixHttpConnection
from datapunk.settings import Settings
from providers import Endpoint, serving

_WORDS = (
    "grinder", "espresso", "kettle", "harbour", "ticket", "invoice", "meeting", "garden", "bicycle", "concert",
    "recipe",
    "letter", "doctor", "school", "window", "river", "mountain", "engine", "camera", "library", "market", "station",
)  # fmt: skip
_OWNER = "vectors"


def texts(count: int, seed: int) -> list[str]:
    """Distinct texts of 5 to 60 words."""
    rng = random.Random(seed)
    return [f"{seed}-{n} " + " ".join(rng.choices(_WORDS, k=rng.randint(5, 60))) for n in range(count)]


def wait_for(
    connection: psycopg.Connection[Any], condition: Callable[[tuple[Any, ...]], bool], seconds: float
) -> float:
    """Wait until cortex_status (texts, embedded, pending, failed) fits; returns the seconds that it took."""
    started = time.monotonic()
    while not condition(connection.execute("select texts, embedded, pending, failed from cortex_status()").fetchone()):
        if time.monotonic() - started > seconds:
            raise SystemExit("the backlog is not worked off")
        time.sleep(0.1)
    return time.monotonic() - started


def pipeline(system: System, rounds: int = 3, count: int = 1500) -> dict[str, Any]:
    """Texts a second through queue and worker, and those of the host asked for as much by one client, in turn."""
    system.start_worker()
    ratios, raw_rates, queue_rates = [], [], []
    spent = dict.fromkeys(("raw_host", "host", "worker", "postgres"), 0.0)
    with system.database.connect(owner=_OWNER) as connection:
        settings = Settings(inference="resident", host_socket=str(system.home.host_socket))
        client = connect(settings, {}, StoredArtifacts(PsycopgDb(connection)))
        for turn in range(rounds):
            batch = texts(count, 2 * turn)
            # Sorted as the worker sorts them, so that both pad as little.
            batch.sort(key=len)
            before = cpu_seconds(system)
            started = time.monotonic()
            for start in range(0, count, 128):
                client.embed(batch[start : start + 128], "all-MiniLM-L6-v2")
            raw = count / (time.monotonic() - started)
            between = cpu_seconds(system)
            embedded = connection.execute("select embedded from cortex_status()").fetchone()
            assert embedded
            insert_items(connection, [{"title": text} for text in texts(count, 2 * turn + 1)])
            wanted = embedded[0] + count
            queue = count / wait_for(connection, lambda row, wanted=wanted: row[1] >= wanted, 600)
            after = cpu_seconds(system)
            spent["raw_host"] += between["host"] - before["host"]
            for name in after:
                spent[name] += after[name] - between[name]
            raw_rates.append(raw)
            queue_rates.append(queue)
            ratios.append(queue / raw)
    return {
        "texts": count * rounds,
        "host_texts_per_second": [round(rate, 1) for rate in raw_rates],
        "queue_texts_per_second": [round(rate, 1) for rate in queue_rates],
        "queue_share_of_host": round(sorted(ratios)[len(ratios) // 2], 3),
        # Where other programs use the machine, the processor's time tells more than the clock.
        "cpu_ms_a_text": {name: round(1000 * value / (count * rounds), 2) for name, value in spent.items()},
        "cpu_share_of_host": round(spent["host"] / (spent["host"] + spent["worker"] + spent["postgres"]), 3),
    }


def cpu_seconds(system: System) -> dict[str, float]:
    """Processor time so far of the model host, the worker, and the worker's backends."""
    assert system.worker.process
    answer = UnixHttpConnection(str(system.home.host_socket)).request("GET", "/healthz", b"", timeout=10)
    with psycopg.connect(system.superuser_dsn) as connection:
        backends = connection.execute(
            "select pid from pg_stat_activity where usename = 'datapunk_worker' and datname = current_database()"
        ).fetchall()
    return {
        "host": _cpu(int(json.loads(answer.body)["pid"])),
        "worker": _cpu(system.worker.process.pid),
        "postgres": sum(_cpu(int(pid)) for (pid,) in backends),
    }


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def inserting(system: System, rounds: int = 3, count: int = 10_000) -> dict[str, Any]:
    """Processor seconds of an insert of short items without triggers, with all, and with all and indexed in the same
    transaction, in turn; medians and ratios.

    With a worker a statement of so many items leaves the lexical index to it; searches look through them until then.
    """
    system.start_worker()
    ways = {"without": ("disable", 0), "with": ("enable", 2_000), "indexed_at_once": ("enable", count)}
    found: dict[str, list[float]] = {name: [] for name in ways}
    with (
        psycopg.connect(system.superuser_dsn, autocommit=True) as admin,
        system.database.connect(owner=_OWNER) as connection,
    ):
        for turn in range(rounds):
            for name, (triggers, at_once) in ways.items():
                items = [{"title": f"{name} {turn} {n} {text[:30]}"} for n, text in enumerate(texts(count, 100 + turn))]
                admin.execute(f"alter table lake.item {triggers} trigger user")  # type: ignore[arg-type]
                connection.execute(f"set datapunk.index_at_once = {at_once}")  # type: ignore[arg-type]
                # The backend's own time: where other programs use the machine, it tells more than the clock.
                started = _cpu(connection.info.backend_pid)
                insert_items(connection, items)
                found[name].append(_cpu(connection.info.backend_pid) - started)
        admin.execute("alter table lake.item enable trigger user")
    middle = {name: sorted(times)[rounds // 2] for name, times in found.items()}
    return {
        "items": count,
        "seconds_with_triggers": round(middle["with"], 2),
        "seconds_without": round(middle["without"], 2),
        "seconds_indexed_at_once": round(middle["indexed_at_once"], 2),
        "ratio": round(middle["with"] / middle["without"], 2),
        "ratio_indexed_at_once": round(middle["indexed_at_once"] / middle["without"], 2),
    }


def storm(system: System, seconds: float = 300.0) -> dict[str, Any]:
    """A provider that limits one request in five, breaks one in ten and refuses 1 % of the texts, for five minutes,
    and is away for 4 of every 20 s; the model host is killed every 20 s; items come in all the time, two people search.
    """
    system.start_worker()
    rng = random.Random(11)
    owner, ends = "storm", time.monotonic() + seconds
    began = time.monotonic()

    def misbehave(body: dict[str, Any]) -> Any:
        if any("poison" in text for text in body.get("input", ())):
            return 422, {}, {"error": {"message": "no such text"}}
        if time.monotonic() > ends:
            return None
        lot = rng.random()
        if (time.monotonic() - began) % 20 < 4:
            return 502, {}, {}
        if lot < 0.2:
            return 429, {"Retry-After": "1"}, {}
        return (500, {}, {}) if lot < 0.3 else None

    def search() -> tuple[int, int]:
        answered = failed = 0
        with system.database.connect(owner=owner) as connection:
            while time.monotonic() < ends:
                try:
                    answered += bool(connection.execute("select * from cortex_search('kettle', 5)").fetchall())
                except psycopg.Error:
                    failed += 1
                time.sleep(0.1)
        return answered, failed

    with serving(Endpoint()) as endpoint, system.database.connect(owner=owner) as connection:
        insert_items(connection, [{"title": "kettle"}])
        options = json.dumps({"base_url": endpoint.url, "model": "letters", "batch": 32})
        connection.execute("select cortex_provider_add('storm', 'openai', %s)", (options,))
        new = connection.execute("select cortex_switch('storm')").fetchone()
        state = connection.execute("call cortex_wait(%s, '10 minutes')", new).fetchone()
        if not state or state[1] != "active":
            raise SystemExit(f"the switch ended {state}")
        endpoint.misbehave = misbehave
        inserted = poison = kills = 0
        with ThreadPoolExecutor(2) as pool:
            searching = [pool.submit(search) for _ in range(2)]
            while time.monotonic() < ends:
                batch = [
                    f"poison {inserted + n}" if (inserted + n) % 100 == 7 else f"kettle {inserted + n}"
                    for n in range(100)
                ]
                insert_items(connection, [{"title": title} for title in batch])
                inserted, poison = inserted + 100, poison + 1
                if time.monotonic() - began > 20 * (kills + 1):
                    kills += kill_host(system)
                time.sleep(2)
            counts = [future.result() for future in searching]
        wait_for(connection, lambda row: row[1] >= 1 + inserted - poison, 900)
        row = connection.execute("select texts, embedded, pending, failed from cortex_status()").fetchone()
        assert row
        connection.execute("select cortex_rollback()")
    texts_, embedded, pending, failed = row
    return {
        "seconds": seconds,
        "texts": texts_,
        "poison": poison,
        "embedded": embedded,
        "waiting_or_given_up": pending + failed,
        "lost": texts_ - embedded - pending - failed,
        "doubled_or_poison_embedded": embedded - (texts_ - poison),
        "host_kills": kills,
        "requests": len(endpoint.bodies),
        "searches_answered": sum(answered for answered, _ in counts),
        "searches_failed": sum(failed for _, failed in counts),
    }


def kill_host(system: System) -> int:
    """Kill the model host, which its supervisor starts again; returns how many were killed."""
    try:
        answer = UnixHttpConnection(str(system.home.host_socket)).request("GET", "/healthz", b"", timeout=2)
    except OSError:
        return 0
    os.kill(int(json.loads(answer.body)["pid"]), signal.SIGKILL)
    return 1


def connections(system: System, count: int = 200) -> dict[str, Any]:
    """How much each of many connections grows by searching, and how many models the host holds for all of them."""
    growths = []
    with ExitStack() as stack:
        opened = [stack.enter_context(system.database.connect()) for _ in range(min(count, _room(system)))]
        before = []
        for connection in opened:
            connection.execute("select 1").fetchone()
            before.append(private_kilobytes(connection.info.backend_pid))
        for turn in range(3):
            for number, connection in enumerate(opened):
                connection.execute(
                    "select * from cortex_search(%s, 10)", (f"{_WORDS[(turn + number) % len(_WORDS)]} {turn}",)
                )
        for connection, start in zip(opened, before, strict=True):
            growths.append((private_kilobytes(connection.info.backend_pid) - start) / 1024)
    return {
        "connections": len(growths),
        "most_growth_mb": round(max(growths), 1),
        "mean_growth_mb": round(sum(growths) / len(growths), 1),
    }


def _room(system: System) -> int:
    with system.database.connect() as connection:
        row = connection.execute(
            "select current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int"
            " - (select count(*) from pg_stat_activity where backend_type = 'client backend')"
        ).fetchone()
    assert row
    return int(row[0]) - 5
