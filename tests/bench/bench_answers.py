"""Answers under load: routes among 150 subroutines, fast answers at scale, eight clients at once, and a peer.

In tests/, `python -m bench.bench_answers DSN routing [SUBROUTINES]` registers intents of CLINC150 as subroutines of an
owner of its own, trains the recipe router on them through forge_train (a worker must run), and times gaia_route.
`python -m bench.bench_answers DSN answers [OWNER] [ROUNDS]` times gaia_answer on what the owner has, alone and by
eight connections; where DATAPUNK_PEERS names a Python that has peers.txt, Haystack answers the same questions over
the same data (embedding, hybrid retrieval, routing by embeddings) in the same run, alone and by eight threads: once
with a document for each item, once for each distinct text. Prints JSON.
"""

import csv
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from bench.clients import seconds_together

ROOT = Path(__file__).resolve().parents[2]
OWNER = "routing_bench"
CLIENTS = 8
# Turns of all clients at once.
TURNS = 9
# Rounds of the questions before the clock starts: a statement's first five executions are planned anew.
WARM_UP = 6
QUESTIONS = (
    "How many videos did I watch in March 2024?",
    "Which channels did I watch most last spring?",
    "When did I last search for flights?",
    "Which hotel did I book in Tokyo?",
    "How many mails did I get in 2024?",
    "Who wrote to me most often in 2024?",
    "Show my videos per month in 2024.",
    "What did I do on 12 March 2024?",
)
_HANDLER = "create or replace function public.bench_handler(p jsonb) returns jsonb language sql as $$ select p $$"


def routing(dsn: str, subroutines: int = 150) -> dict[str, Any]:
    """Register, train, time gaia_route; what was registered is removed again."""
    folder = Path(os.environ.get("DATAPUNK_SHARED", ROOT.parent / "shared"), "data/public/intent_clinc150")
    examples: dict[str, list[str]] = defaultdict(list)
    with (folder / "train_10.tsv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            examples[row["label"]].append(row["text"])
    with (folder / "test.tsv").open(encoding="utf-8") as file:
        tested = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    chosen = {f"bench_{label}": texts for label, texts in sorted(examples.items())[:subroutines]}
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(_HANDLER)
        connection.execute("select set_config('datapunk.owner', %s, false)", (OWNER,))
        started = time.perf_counter()
        for name, texts in chosen.items():
            connection.execute("select api.gaia_unregister(%s)", (name,))
            connection.execute(
                "select api.gaia_register(%s, 'public.bench_handler', %s, %s)", (name, f"Intent {name}.", texts)
            )
        registered = time.perf_counter() - started
        job = connection.execute(
            "select api.forge_train('routes', 'router', %s, %s)",
            ("select subroutine, text from examples", '{"deploy": "always"}'),
        ).fetchone()
        assert job
        trained = connection.execute("select status, seconds from api.forge_wait(%s)", (job[0],)).fetchone()
        assert trained
        asked = [row for row in tested if f"bench_{row['label']}" in chosen][:1500]
        times, right = [], []
        for row in asked:
            begun = time.perf_counter()
            found = connection.execute("select subroutine from api.gaia_route(%s) limit 1", (row["text"],)).fetchone()
            times.append(1000 * (time.perf_counter() - begun))
            right.append(found == (f"bench_{row['label']}",))
        for name in chosen:
            connection.execute("select api.gaia_unregister(%s)", (name,))
        connection.execute("select api.forge_drop('routes')")
    warm = sorted(times[20:])
    return {
        "subroutines": len(chosen), "register_s": round(registered, 1), "train": trained[0],
        "train_s": round(float(trained[1]), 1), "right": round(sum(right) / len(right), 4),
        "route_p50_ms": round(statistics.median(warm), 2), "route_p99_ms": round(warm[int(0.99 * len(warm))], 2),
    }  # fmt: skip


def answers(dsn: str, owner: str = "local", rounds: int = 50) -> dict[str, Any]:
    """Latency of one client, throughput of eight, and of Haystack over the same texts."""
    alone, failed = _client(dsn, owner, rounds)
    warm = sorted(alone)
    found: dict[str, Any] = {
        "items": _items(dsn, owner), "answer_p50_ms": round(statistics.median(warm), 2),
        "answer_p99_ms": round(warm[int(0.99 * len(warm))], 2), "clients": CLIENTS,
        "answers_per_second_alone": round(1000 * len(warm) / sum(warm), 1),
    }  # fmt: skip
    rates: list[float] = []

    def ours() -> float:
        nonlocal failed
        rate, errors = _together(dsn, owner, rounds // 4)
        rates.append(rate)
        failed += errors
        return rate

    for held in ("items", "texts"):
        found |= _peer(dsn, owner, held, ours)
    if not rates:
        ours()
    return found | {"answers_per_second_together": round(statistics.median(rates), 1), "errors": failed}


def _together(dsn: str, owner: str, rounds: int) -> tuple[float, int]:
    """Answers a second of all clients at once, and how many failed."""
    results: list[tuple[list[float], int]] = []
    seconds = seconds_together(CLIENTS, lambda ready: results.append(_client(dsn, owner, rounds, ready)))
    return sum(len(times) for times, _ in results) / seconds, sum(errors for _, errors in results)


def _client(dsn: str, owner: str, rounds: int, ready: threading.Barrier | None = None) -> tuple[list[float], int]:
    """Milliseconds of each answer, and how many failed; of those that warm the connection only failures are told."""
    times: list[float] = []
    errors = 0
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("select set_config('datapunk.owner', %s, false)", (owner,))
        for number in range(WARM_UP + rounds):
            if number == WARM_UP:
                times.clear()
                if ready:
                    ready.wait()
            for question in QUESTIONS:
                started = time.perf_counter()
                try:
                    connection.execute(
                        'select * from api.gaia_answer(%s, \'{"mode": "fast"}\')', (question,)
                    ).fetchall()
                except psycopg.Error:
                    errors += 1
                times.append(1000 * (time.perf_counter() - started))
    return times, errors


def _items(dsn: str, owner: str) -> int:
    with psycopg.connect(dsn) as connection:
        connection.execute("select set_config('datapunk.owner', %s, false)", (owner,))
        row = connection.execute("select count(*) from api.items").fetchone()
        return int(row[0]) if row else 0


def _peer(dsn: str, owner: str, held: str, ours: Callable[[], float]) -> dict[str, Any]:
    """Haystack over all that the owner has, a document for each of `held`, and how many times its rate ours is.

    Nothing where no environment with it is named.
    """
    peers = os.environ.get("DATAPUNK_PEERS")
    if not peers:
        return {f"haystack_{held}": "not installed"}
    from datapunk_forge.export.default_model import source_folder

    command = [
        peers, "-m", "bench.peer_pipeline", dsn, owner, held, str(source_folder()), str(CLIENTS), str(WARM_UP),
        json.dumps(QUESTIONS),
    ]  # fmt: skip
    with subprocess.Popen(
        command, cwd=ROOT / "tests", stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as peer:  # fmt: skip
        assert peer.stdin
        assert peer.stdout
        told = (json.loads(line) for line in peer.stdout if line.startswith("{"))
        alone = next(told)
        turns: list[tuple[float, float]] = []
        for _ in range(TURNS):
            rate = ours()
            print(file=peer.stdin, flush=True)
            # Of one client or of as many, whichever it is better at.
            turns.append((rate, max(alone["per_second"], next(told)["per_second"])))
        peer.stdin.close()
    if peer.returncode:
        raise subprocess.CalledProcessError(peer.returncode, command)
    return {
        f"haystack_{held}": {
            "documents": alone["documents"], "p50_ms": alone["p50_ms"], "per_second_alone": alone["per_second"],
            "per_second_together": statistics.median(theirs for _, theirs in turns),
        },
        f"times_haystack_{held}": round(statistics.median(rate / theirs for rate, theirs in turns), 2),
        f"times_haystack_{held}_turns": [round(rate / theirs, 2) for rate, theirs in turns],
    }  # fmt: skip


if __name__ == "__main__":
    measured = routing if sys.argv[2] == "routing" else answers
    given = [int(value) if value.isdigit() else value for value in sys.argv[3:]]
    print(json.dumps(measured(sys.argv[1], *given), indent=2))  # type: ignore[arg-type]
