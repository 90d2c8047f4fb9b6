"""`make bench`: run every benchmark on a system of its own and write docs/benchmarks.md.

`python -m tests.bench PART ...` runs some parts only; their figures are kept, and `--page` writes the page from what
was measured last of each. `--scale 0.1` makes large files and tables a tenth as large.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), *(str(ROOT / part) for part in ("plpython", "forge", "workers"))]

from bench import (  # noqa: E402
    bench_answers,
    bench_bi,
    bench_faults,
    bench_gaia,
    bench_http,
    bench_import,
    bench_jobs,
    bench_lake,
    bench_memory,
    bench_overhead,
    bench_passages,
    bench_predict,
    bench_retrieval,
    bench_scale,
    bench_score,
    bench_search,
    bench_vectors,
)
from bench.report import page  # noqa: E402
from bench.system import System, as_json, bench_system  # noqa: E402


def apart(name: str) -> Callable[[System], dict[str, Any]]:
    """A benchmark that needs nothing of the system, in a process of its own."""

    def run(_: System) -> dict[str, Any]:
        script = Path(__file__).with_name(f"{name}.py")
        found = subprocess.run([sys.executable, script], stdout=subprocess.PIPE, text=True, check=True)
        return dict(json.loads(found.stdout.strip().splitlines()[-1]))

    return run


def importing(system: System) -> dict[str, Any]:
    return bench_import.main(system.superuser_dsn)


def backlog(system: System) -> dict[str, Any]:
    """What bench_import left behind, embedded by queue and worker."""
    with system.database.connect() as connection:
        row = connection.execute("select embedded, pending from cortex_status()").fetchone()
    assert row is not None
    seconds = system.embed_everything()
    return {"texts": row[1], "seconds": round(seconds, 1), "texts_per_second": round(int(str(row[1])) / seconds, 1)}


def searching(system: System) -> dict[str, Any]:
    return bench_search.run(system.database.dsn())


def answering(system: System) -> dict[str, Any]:
    return bench_gaia.main(system.database.dsn(), 50)


def fast_answers(system: System) -> dict[str, Any]:
    return bench_answers.answers(system.database.dsn())


def routing(system: System) -> dict[str, Any]:
    system.start_worker()
    return bench_answers.routing(system.database.dsn())


def passages(system: System) -> dict[str, Any]:
    system.start_worker()
    return bench_passages.main(system.database.dsn())


def http(system: System) -> dict[str, Any]:
    return bench_http.main(system.api, "local")


def memory(system: System) -> dict[str, Any]:
    socket = str(system.home.host_socket)
    return bench_memory.main(system.database, lambda: bench_memory.read_metrics(socket))


def faults(system: System) -> dict[str, Any]:
    # Its workers are its own, and killed.
    system.worker.stop()
    return bench_faults.main(system.database, max(int(100 * system.scale), 5))


def predicting(system: System) -> dict[str, Any]:
    return bench_predict.main(system.database, str(system.home.host_socket))


def scoring(system: System) -> dict[str, Any]:
    return bench_score.main(system.database, int(1_000_000 * system.scale))


def bi(system: System) -> dict[str, Any]:
    return bench_bi.main(system.superuser_dsn)


def jobs(system: System) -> dict[str, Any]:
    system.start_worker()
    return bench_jobs.main(system.database.dsn(), 50)


def overhead(system: System) -> dict[str, Any]:
    system.start_worker()
    return bench_overhead.main(system.superuser_dsn, int(100_000 * system.scale))


def lake(system: System) -> dict[str, Any]:
    return bench_lake.main(system.superuser_dsn, system.scale)


def retrieval(system: System) -> dict[str, Any]:
    def connect(owner: str) -> psycopg.Connection[Any]:
        return system.database.connect(owner=owner)

    return bench_retrieval.main(system.superuser_dsn, connect, system.embed_everything)


def search_scale(system: System) -> dict[str, Any]:
    return {
        f"{count:,}": bench_scale.main(system.superuser_dsn, max(1000, int(count * system.scale)))
        for count in (10_000, 100_000, 1_000_000)
    }


# In this order: what the import leaves behind is what the later parts work on; `lake` leaves nothing.
PARTS: dict[str, Callable[[System], dict[str, Any]]] = {
    "lake": lake,
    "import": importing,
    "backlog": backlog,
    "search": searching,
    "gaia": answering,
    "fast_answers": fast_answers,
    "routing": routing,
    "passages": passages,
    "http": http,
    "memory": memory,
    "jobs": jobs,
    "predict": predicting,
    "score": scoring,
    "overhead": overhead,
    "recipes": apart("bench_recipes"),
    "faults": faults,
    "bi": bi,
    "pipeline": bench_vectors.pipeline,
    "inserting": bench_vectors.inserting,
    "storm": bench_vectors.storm,
    "connections": bench_vectors.connections,
    "retrieval": retrieval,
    # Empties the Lake.
    "search_scale": search_scale,
    "fire": apart("bench_fire"),
    "embedding": apart("bench_embedding"),
    "agreement": apart("bench_agreement"),
    "quantised": apart("bench_quantised"),
    "demo": apart("bench_demo"),
}

# The parts that `--scale` makes smaller.
SCALED = ("lake", "score", "overhead", "faults", "search_scale")
_KEPT = ROOT / ".datapunk" / "benchmarks.json"


def main(given: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument(
        "--scale", type=float, default=1.0, help="size of the large files and tables of the parts that have any"
    )
    parser.add_argument(
        "--page", action="store_true", help="write docs/benchmarks.md from what was measured last of each part"
    )
    arguments = parser.parse_args(given)
    wanted = arguments.parts
    unknown = sorted(set(wanted) - set(PARTS))
    if unknown:
        raise SystemExit(f"no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    if wanted or not arguments.page:
        measure(wanted or list(PARTS), arguments.scale)
    if arguments.page or not wanted:
        parts = measured()
        (ROOT / "docs/benchmarks.md").write_text(page(parts), encoding="utf-8")
        print("written: docs/benchmarks.md")


def measure(wanted: Collection[str], scale: float) -> None:
    """Measure parts one after another; each is kept as soon as it ends."""
    with bench_system(scale) as system:
        with system.database.connect() as connection:
            row = connection.execute("select current_setting('server_version')").fetchone()
        for name, part in PARTS.items():
            if name not in wanted:
                continue
            print(f"{name} ...", file=sys.stderr, flush=True)
            figures = part(system)
            print(as_json({name: figures}), flush=True)
            kept = {
                "when": datetime.now(UTC).date().isoformat(),
                "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
                "postgresql": str(row[0]).split()[0] if row else "",
                "scale": scale if name in SCALED else 1,
                "figures": figures,
            }
            _KEPT.write_text(json.dumps({**measured(), name: kept}, indent=1), encoding="utf-8")


def measured() -> dict[str, Any]:
    """What was measured last of each part, in the order of the parts."""
    kept = json.loads(_KEPT.read_text(encoding="utf-8")) if _KEPT.exists() else {}
    return {name: kept[name] for name in PARTS if name in kept}


if __name__ == "__main__":
    main(sys.argv[1:])
