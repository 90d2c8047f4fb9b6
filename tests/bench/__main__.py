"""`make bench`: run every benchmark on a system of its own and write docs/benchmarks.md.

`python -m tests.bench PART ...` runs some parts only; figures are kept in docs/benchmarks.json, and `--page` writes the
page from what was measured last of each. `--scale 0.1` makes large files and tables a tenth as large.
"""

import argparse
import fcntl
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), *(str(ROOT / part) for part in ("plpython", "forge", "workers"))]

from bench import (  # noqa: E402
    bench_answers,
    bench_append,
    bench_bi,
    bench_bound,
    bench_deliberate,
    bench_faults,
    bench_fuzz,
    bench_gaia,
    bench_gaia_bank,
    bench_gaia_dialogues,
    bench_http,
    bench_import,
    bench_injection,
    bench_jobs,
    bench_lake,
    bench_memory,
    bench_overhead,
    bench_passages,
    bench_predict,
    bench_recipes,
    bench_retrieval,
    bench_router,
    bench_scale,
    bench_score,
    bench_search,
    bench_vectors,
    bench_written_plans,
)
from bench.gaia_languages import LANGUAGES  # noqa: E402
from bench.report import page  # noqa: E402
from bench.sample_lake import with_sample  # noqa: E402
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
    return bench_gaia.main(with_sample(system), 50)


def gaia_bank(system: System) -> dict[str, Any]:
    """The question bank's held-out wordings in each language."""
    dsn = with_sample(system)
    return {code: bench_gaia_bank.main(dsn, language=code) for code in ("en", *LANGUAGES)}


def gaia_dialogues(system: System) -> dict[str, Any]:
    return bench_gaia_dialogues.main(with_sample(system))


def deliberate(system: System) -> dict[str, Any]:
    return bench_deliberate.main(with_sample(system))


def written_plans(system: System) -> dict[str, Any]:
    return bench_written_plans.main(system, with_sample(system))


def fast_answers(system: System) -> dict[str, Any]:
    """Over 100,000 items, beside Haystack where there is an environment with it."""
    owner = "many_items"
    dsn = with_sample(system, owner, int(100_000 * system.scale))
    # As autovacuum does some time after an import.
    with psycopg.connect(system.superuser_dsn, autocommit=True) as superuser:
        superuser.execute("vacuum analyze")
    return bench_answers.answers(dsn, owner)


def routing(system: System) -> dict[str, Any]:
    system.start_worker()
    return bench_answers.routing(system.database.dsn())


def passages(system: System) -> dict[str, Any]:
    system.start_worker()
    return bench_passages.main(system.database.dsn())


def http(system: System) -> dict[str, Any]:
    return bench_http.main(system.api, "local")


def append(system: System) -> dict[str, Any]:
    with system.indexer():
        return bench_append.main(system.api, "connector")


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


def bound(system: System) -> dict[str, Any]:
    system.start_worker()
    return bench_bound.main(system.database, int(bench_bound.ROWS * system.scale))


def overhead(system: System) -> dict[str, Any]:
    system.start_worker()
    return bench_overhead.main(system.superuser_dsn, int(100_000 * system.scale))


def lake(system: System) -> dict[str, Any]:
    with system.indexer():
        return bench_lake.main(system.superuser_dsn)


def lake_of(file: Callable[[str, float], dict[str, Any]]) -> Callable[[System], dict[str, Any]]:
    """One large file, beside a worker that indexes."""

    def run(system: System) -> dict[str, Any]:
        with system.indexer():
            return file(system.superuser_dsn, system.scale)

    return run


def fuzz(scale: float, sets: Sequence[str]) -> None:
    """Adapter by adapter, those of `sets` if any; the lines of the others stay as they were measured."""
    for lines in bench_fuzz.main(figures_of("fuzz").get("by_adapter", {}), sets, bench_fuzz.SECONDS * scale):
        _keep("fuzz", scale, {**bench_fuzz.summary(lines), "by_adapter": lines})
    print(as_json({"fuzz": figures_of("fuzz")}), flush=True)


def recipes(system: System) -> dict[str, Any]:
    """Some sets at a time, also side by side: the lines of the others stay as they were measured."""
    system.start_worker()
    figures: dict[str, Any] = {}
    for name, lines in bench_recipes.main(system.database, system.sets, system.scale):
        before = figures_of("recipes")
        known = {other: before[other] for other in bench_recipes.SETS if other in before} | {name: lines}
        print(as_json({name: lines}), flush=True)
        figures = {"summary": bench_recipes.summary(known), **known}
        _keep("recipes", system.scale, figures, version_of(system))
    return figures


def router(system: System) -> dict[str, Any]:
    """Some parts of some sets at a time: the others stay as they were measured."""
    system.start_worker()
    known = dict(measured().get("router", {}).get("figures", {}))
    for name, found in bench_router.main(system.database.dsn(), system.superuser_dsn, system.sets):
        known[name] = {**known.get(name, {}), **found}
        print(as_json({name: found}), flush=True)
        _keep("router", system, known)
    return known


def retrieval(system: System) -> dict[str, Any]:
    def connect(owner: str) -> psycopg.Connection[Any]:
        return system.database.connect(owner=owner)

    return bench_retrieval.main(system.superuser_dsn, connect, system.embed_everything)


def search_of(count: int) -> Callable[[System], dict[str, Any]]:
    """Search over so many texts, beside Haystack where they are few, and beside 10,000 where these were measured."""

    def run(system: System) -> dict[str, Any]:
        few = 10_000
        figures = bench_scale.main(system.superuser_dsn, count, with_peers=count == few)
        if count > few and (least := measured().get("search_10k")):
            figures["times_10k"] = round(figures["hybrid_ms"]["p50"] / least["figures"]["hybrid_ms"]["p50"], 2)
        return figures

    return run


# In this order: what the import leaves behind is what the later parts work on; those of the Lake leave nothing.
PARTS: dict[str, Callable[[System], dict[str, Any]]] = {
    "lake": lake,
    "lake_points": lake_of(bench_lake.large_points),
    "lake_page": lake_of(bench_lake.large_page),
    "lake_mail": lake_of(bench_lake.large_mail),
    "import": importing,
    "backlog": backlog,
    "search": searching,
    "gaia": answering,
    "gaia_bank": gaia_bank,
    "gaia_dialogues": gaia_dialogues,
    "deliberate": deliberate,
    "written_plans": written_plans,
    "fast_answers": fast_answers,
    "routing": routing,
    "passages": passages,
    "http": http,
    "append": append,
    "injection": bench_injection.main,
    "memory": memory,
    "jobs": jobs,
    "predict": predicting,
    "score": scoring,
    "overhead": overhead,
    "bound": bound,
    "recipes": recipes,
    "faults": faults,
    "bi": bi,
    "pipeline": bench_vectors.pipeline,
    "inserting": bench_vectors.inserting,
    "storm": bench_vectors.storm,
    "connections": bench_vectors.connections,
    "retrieval": retrieval,
    "router": router,
    # These empty the Lake; the last takes an hour, most of it for the vector index.
    "search_10k": search_of(10_000),
    "search_100k": search_of(100_000),
    "search_1m": search_of(1_000_000),
    "fire": apart("bench_fire"),
    "embedding": apart("bench_embedding"),
    "agreement": apart("bench_agreement"),
    "quantised": apart("bench_quantised"),
    "demo": apart("bench_demo"),
    "pii": apart("bench_pii"),
    "grounding": apart("bench_grounding"),
}

# These need no database, and keep their figures themselves.
APART: dict[str, Callable[[float, Sequence[str]], None]] = {"fuzz": fuzz}

# The parts that `--scale` makes smaller.
SCALED = ("lake_points", "lake_page", "lake_mail", "fuzz", "score", "overhead", "bound", "faults", "fast_answers")
_KEPT = ROOT / "docs" / "benchmarks.json"


def main(given: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join((*PARTS, *APART)))
    parser.add_argument(
        "--scale", type=float, default=1.0, help="size of the large files and tables of the parts that have any"
    )
    parser.add_argument(
        "--page", action="store_true", help="write docs/benchmarks.md from what was measured last of each part"
    )
    parser.add_argument(
        "--sets", nargs="*", default=[], help="of recipes and router the public data sets, of fuzz the adapters"
    )
    arguments = parser.parse_args(given)
    wanted = arguments.parts
    unknown = sorted(set(wanted) - set(PARTS) - set(APART))
    if unknown:
        raise SystemExit(f"no part {', '.join(unknown)}; there are {', '.join((*PARTS, *APART))}")
    wanted = wanted or ([] if arguments.page else [*PARTS, *APART])
    if set(wanted) & set(PARTS):
        measure(wanted, arguments.scale, arguments.sets)
    for name, part in APART.items():
        if name in wanted:
            part(arguments.scale, arguments.sets)
    if arguments.page or not arguments.parts:
        parts = measured()
        (ROOT / "docs/benchmarks.md").write_text(page(parts), encoding="utf-8")
        print("written: docs/benchmarks.md")


def measure(wanted: Collection[str], scale: float, sets: Sequence[str] = ()) -> None:
    """Measure parts one after another; each is kept as soon as it ends."""
    with bench_system(scale, tuple(sets)) as system:
        for name, part in PARTS.items():
            if name not in wanted:
                continue
            print(f"{name} ...", file=sys.stderr, flush=True)
            figures = part(system)
            print(as_json({name: figures}), flush=True)
            _keep(name, system.scale, figures, version_of(system))


def version_of(system: System) -> str:
    with system.database.connect() as connection:
        row = connection.execute("select current_setting('server_version')").fetchone()
    return str(row[0]).split()[0] if row else ""


def _keep(name: str, scale: float, figures: Mapping[str, Any], postgresql: str = "") -> None:
    kept = {
        "when": datetime.now(UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        "postgresql": postgresql,
        "scale": scale if name in SCALED else 1,
        "figures": figures,
    }
    # Parts may be measured side by side.
    with (ROOT / ".datapunk" / "benchmarks.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _KEPT.write_text(json.dumps({**measured(), name: kept}, indent=1) + "\n", encoding="utf-8")


def figures_of(name: str) -> dict[str, Any]:
    """Return the figures of a part as they were measured last; none where it was not."""
    return dict(measured().get(name, {}).get("figures", {}))


def measured() -> dict[str, Any]:
    """What was measured last of each part, in the order of the parts."""
    kept = json.loads(_KEPT.read_text(encoding="utf-8")) if _KEPT.exists() else {}
    return {name: kept[name] for name in (*PARTS, *APART) if name in kept}


if __name__ == "__main__":
    main(sys.argv[1:])
