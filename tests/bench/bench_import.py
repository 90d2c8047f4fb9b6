"""Import of the sample archive through lake_import_path, with all triggers on: rows, lexical index, queue.

Prints JSON. `python tests/bench/bench_import.py DSN [RUNS]`; DSN is a superuser's connection string to a database
with Datapunk installed that the benchmark may empty. Each run starts with an empty Lake and a new connection.
"""

import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from datapunk import sample

TABLES = ("lake.item", "lake.measurement", "cortex.text", "cortex.chunk", "cortex.posting", "cortex.pending")


def backend_seconds(pid: int) -> float | None:
    """Return the processor time of a backend on this machine, of user and system together."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = text.rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_kilobytes(pid: int) -> int | None:
    """Return the most memory that a backend has held."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), None)


def one_run(dsn: str, archive: Path) -> dict[str, Any]:
    """Import into an empty Lake, then again; return figures."""
    with psycopg.connect(dsn, autocommit=True) as admin:
        admin.execute("select * from api.lake_forget('{\"owner_all\": true}')")
        # Dead rows with the same keys as the new ones would be in the way of nobody but a benchmark.
        admin.execute(f"vacuum (analyze) {', '.join(TABLES)}")
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("set role datapunk_importer")
        pid = connection.info.backend_pid
        before = backend_seconds(pid)
        started = time.perf_counter()
        row = connection.execute("select items_new from api.lake_import_path(%s)", (str(archive),)).fetchone()
        seconds = time.perf_counter() - started
        after = backend_seconds(pid)
        again = time.perf_counter()
        second = connection.execute("select items_new from api.lake_import_path(%s)", (str(archive),)).fetchone()
        assert row is not None
        assert second == (0,)
        return {
            "items": row[0],
            "seconds": seconds,
            "cpu_seconds": after - before if before is not None and after is not None else None,
            "again_seconds": time.perf_counter() - again,
            "peak_kilobytes": peak_kilobytes(pid),
        }


def main(dsn: str, runs: int = 5) -> dict[str, Any]:
    """Write the sample, allow its folder, measure; medians."""
    folder = Path(tempfile.mkdtemp(prefix="dp-bench-"))
    folder.chmod(0o755)
    try:
        archive = sample.write(folder, seed=7).path
        archive.chmod(0o644)
        with psycopg.connect(dsn, autocommit=True) as admin:
            statement = sql.SQL("alter database {} set datapunk.import_dirs = {}")
            admin.execute(statement.format(sql.Identifier(admin.info.dbname), sql.Literal(str(folder))))
        found = [one_run(dsn, archive) for _ in range(runs)]
    finally:
        shutil.rmtree(folder)
    seconds = statistics.median(r["seconds"] for r in found)
    cpu = [r["cpu_seconds"] for r in found if r["cpu_seconds"] is not None]
    return {
        "items": found[0]["items"],
        "seconds": round(seconds, 3),
        "items_per_second": round(found[0]["items"] / seconds),
        "items_per_cpu_second": round(found[0]["items"] / statistics.median(cpu)) if cpu else None,
        "again_seconds": round(statistics.median(r["again_seconds"] for r in found), 3),
        "peak_megabytes": max((r["peak_kilobytes"] or 0) // 1024 for r in found),
        "runs": runs,
    }


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5), indent=2))
