"""What an import costs, from the file to rows that can be found: rates beside a peer's, and memory whatever the size.

Prints JSON. `python tests/bench/bench_lake.py DSN [--scale 0.1]`; DSN is a superuser's connection string to a database
with Datapunk installed that the benchmark may empty. With scale 1 the large files are 1 GB of Records.json, 200 MB of
My Activity as HTML and 1 GB of mbox. Vectors are not part of it: they follow from the queue. A worker that indexes what
an import in steps leaves to it (DATAPUNK_QUEUES=indexing) should run; without one the import indexes by itself.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parents[2]
if __name__ == "__main__":
    sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "plpython")]

from bench import lake_files  # noqa: E402

TABLES = (
    "lake.item", "lake.position", "lake.measurement", "lake.reject", "lake.import_file", "cortex.text", "cortex.chunk",
    "cortex.posting", "cortex.pending",
)  # fmt: skip
RUNS = 3
_ACTIVITIES = 100_000
_POINTS = 300_000
_PEER_CARDS = 10_000
# A page of some years: the tree that the peer builds of it takes longer per card than that of a small one.
_PEER_CARDS_MANY = 100_000
_PEER_RUNS = 3
# Where the rows of a record are.
_STORED = ("lake.item", "cortex.text", "cortex.chunk", "cortex.posting", "cortex.pending")
_GB, _MB = 10**9, 10**6


@dataclass
class Memory:
    """The most that a backend and its reader held, in kilobytes; `own` leaves out what all backends share."""

    backend: int = 0
    own: int = 0
    reader: int = 0
    pids: set[int] = field(default_factory=set)


def status(pid: int) -> dict[str, int]:
    """Return the sizes of a process in kilobytes; none where it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return {}
    return {line.split(":")[0]: int(line.split()[1]) for line in lines if line.endswith(" kB")}


def reader_of(backend: int) -> int | None:
    """Return the process that reads files for a backend."""
    try:
        children = Path(f"/proc/{backend}/task/{backend}/children").read_text().split()
        return next(
            (int(pid) for pid in children if b"datapunk.lake.reader" in Path(f"/proc/{pid}/cmdline").read_bytes()), None
        )
    except OSError:
        return None


@contextmanager
def watched(backend: int) -> Iterator[Memory]:
    """Sample the memory of a backend and of its reader."""
    found = Memory()
    over = threading.Event()

    def sample() -> None:
        while not over.wait(0.02):
            sizes = status(backend)
            found.backend = max(found.backend, sizes.get("VmHWM", 0))
            found.own = max(found.own, sizes.get("RssAnon", 0))
            if (pid := reader_of(backend)) is not None:
                found.reader = max(found.reader, status(pid).get("VmHWM", 0))

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        thread.join()


def empty(admin: "psycopg.Connection[Any]") -> None:
    """Forget everything."""
    # Without this the plans of the deletion are those for the empty tables that the latest vacuum saw.
    admin.execute(f"analyze {', '.join(TABLES)}")
    admin.execute("select * from api.lake_forget('{\"owner_all\": true}')")
    # What a worker does behind a deletion.
    admin.execute("select cortex.compact()")
    # Dead rows with the same keys as the new ones would be in the way of nobody but a benchmark.
    admin.execute(f"vacuum (analyze) {', '.join(TABLES)}")


def run(dsn: str, path: Path, *, in_steps: bool = False) -> dict[str, Any]:
    """Import into an empty Lake by a new connection, in one transaction or in one for each batch; return figures."""
    with psycopg.connect(dsn, autocommit=True) as admin:
        empty(admin)
    with psycopg.connect(dsn, autocommit=True) as connection, watched(connection.info.backend_pid) as memory:
        connection.execute("set role datapunk_importer")
        started = time.perf_counter()
        if in_steps:
            connection.execute("call api.lake_import_in_steps(%s)", (str(path),))
        else:
            connection.execute("select from api.lake_import_path(%s)", (str(path),))
        seconds = time.perf_counter() - started
        row = connection.execute(
            "select items_new, items_seen, rejects from api.imports order by started_at desc limit 1"
        ).fetchone()
        left = connection.execute("select count(*) from cortex.unindexed").fetchone()
    assert row is not None
    assert left == (0,)
    return {"new": row[0], "seen": row[1], "rejects": row[2], "seconds": seconds, "memory": memory}


def rate(dsn: str, path: Path, records: int, *, in_steps: bool = True) -> dict[str, Any]:
    """Return the median over several runs; all records must have become rows, and be in the lexical index."""
    found = [run(dsn, path, in_steps=in_steps) for _ in range(RUNS)]
    for one in found:
        if (one["new"], one["rejects"]) != (records, 0):
            raise SystemExit(f"{path.name}: {records} records gave {one}")
    seconds = statistics.median(one["seconds"] for one in found)
    return {
        "records": records, "megabytes": round(path.stat().st_size / _MB, 1), "seconds": round(seconds, 2),
        "per_second": round(records / seconds), "runs": RUNS,
    }  # fmt: skip


def zipped(path: Path, name: str) -> Path:
    """Put a file into a zip, as a Takeout has it."""
    archive = path.with_suffix(".zip")
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        target.write(path, f"Takeout/{name}")
    return archive


def floor(dsn: str, records: int) -> dict[str, Any]:
    """Return how fast one connection writes the rows of the latest import with their indexes and does nothing else."""
    with psycopg.connect(dsn, autocommit=True) as admin:
        admin.execute("create schema bench_floor")
        for table in _STORED:
            admin.execute(f"create table bench_floor.{table.split('.')[1]} (like {table} including all)")
        started = time.perf_counter()
        for table in _STORED:
            admin.execute(
                f"insert into bench_floor.{table.split('.')[1]} overriding system value select * from {table}"
            )
        seconds = time.perf_counter() - started
        admin.execute("drop schema bench_floor cascade")
    return {"records": records, "seconds": round(seconds, 2), "per_second": round(records / seconds)}


def peer(form: str, path: Path, runs: int = _PEER_RUNS) -> dict[str, Any]:
    """Return what google_takeout_parser makes of a file: the median of several runs, each in a process of its own."""
    script = Path(__file__).with_name("peer_takeout.py")
    found = []
    for _ in range(runs):
        result = subprocess.run([sys.executable, script, form, path], stdout=subprocess.PIPE, text=True, check=True)
        found.append(json.loads(result.stdout))
    seconds = statistics.median(one["seconds"] for one in found)
    records = found[0]["records"]
    return {
        "records": records, "seconds": round(seconds, 2), "per_second": round(records / seconds),
        "memory_mb": max(one["memory_mb"] for one in found), "runs": runs,
    }  # fmt: skip


def html(dsn: str, folder: Path) -> dict[str, Any]:
    """Compare the reading of HTML in both layouts. The peer knows only the older one."""
    found: dict[str, Any] = {}
    layouts: tuple[lake_files.Layout, ...] = ("2026", "older")
    for layout in layouts:
        path = folder / f"{layout}/MyActivity.html"
        path.parent.mkdir()
        records = lake_files.activity_html(path, layout, records=_PEER_CARDS)
        found[layout] = {"datapunk": rate(dsn, path, records), "peer": peer("html", path)}
    path = folder / "many/MyActivity.html"
    path.parent.mkdir()
    records = lake_files.activity_html(path, "older", records=_PEER_CARDS_MANY)
    found["older_many"] = {"datapunk": rate(dsn, path, records), "peer": peer("html", path, runs=1)}
    found["ratio_older"] = _ratio(found["older"])
    found["ratio_older_many"] = _ratio(found["older_many"])
    found["ratio_2026_to_peer_older"] = round(
        found["2026"]["datapunk"]["per_second"] / found["older"]["peer"]["per_second"], 1
    )
    return found


def _ratio(pair: dict[str, Any]) -> float:
    return round(pair["datapunk"]["per_second"] / pair["peer"]["per_second"], 2)


def large(dsn: str, path: Path, write: Callable[[Path, int], int], size: int) -> dict[str, Any]:
    """Import one large file in steps, as files of any size are; return the most memory that it took."""
    records = write(path, size)
    path.chmod(0o644)
    found = run(dsn, path, in_steps=True)
    memory: Memory = found["memory"]
    megabytes = path.stat().st_size / _MB
    path.unlink()
    if (found["seen"], found["rejects"]) != (records, 0):
        raise SystemExit(f"{path.name}: {records} records gave {found}")
    return {
        "megabytes": round(megabytes), "records": records, "seconds": round(found["seconds"], 1),
        "per_second": round(records / found["seconds"]), "backend_mb": memory.backend // 1024,
        "backend_own_mb": memory.own // 1024, "reader_mb": memory.reader // 1024,
    }  # fmt: skip


def main(dsn: str, scale: float = 1.0) -> dict[str, Any]:
    """Write the files, allow their folder, measure."""
    folder = Path(tempfile.mkdtemp(prefix="dp-bench-"))
    folder.chmod(0o755)
    try:
        with psycopg.connect(dsn, autocommit=True) as admin:
            statement = sql.SQL("alter database {} set datapunk.import_dirs = {}")
            admin.execute(statement.format(sql.Identifier(admin.info.dbname), sql.Literal(str(folder))))
        activity, points = folder / "MyActivity.json", folder / "Records.json"
        lake_files.activity_json(activity, _ACTIVITIES)
        lake_files.records_json(points, records=_POINTS)
        found: dict[str, Any] = {
            "activity": rate(dsn, zipped(activity, "My Activity/Search/MyActivity.json"), _ACTIVITIES)
        }
        found["activity_one_transaction"] = rate(dsn, activity.with_suffix(".zip"), _ACTIVITIES, in_steps=False)
        found["activity_floor"] = floor(dsn, _ACTIVITIES)
        found["locations"] = rate(dsn, zipped(points, "Location History/Records.json"), _POINTS)
        found["json"] = {"datapunk": found["activity"], "peer": peer("json", activity)}
        found["json"]["ratio"] = _ratio(found["json"])
        found["html"] = html(dsn, folder)
        found["large"] = {
            "records_json": large(dsn, points, lambda p, n: lake_files.records_json(p, size=n), int(_GB * scale)),
            "activity_html": large(
                dsn, folder / "MyActivity.html", lambda p, n: lake_files.activity_html(p, "2026", size=n),
                int(200 * _MB * scale),
            ),
            "mbox": large(dsn, folder / "All mail.mbox", lake_files.mbox, int(_GB * scale)),
        }  # fmt: skip
    finally:
        shutil.rmtree(folder)
        with psycopg.connect(dsn, autocommit=True) as admin:
            empty(admin)
    memories = list(found["large"].values())
    for name in ("backend_mb", "backend_own_mb", "reader_mb"):
        found[f"peak_{name}"] = max(one[name] for one in memories)
    return found | {"scale": scale}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("dsn")
    parser.add_argument("--scale", type=float, default=1.0)
    arguments = parser.parse_args()
    print(json.dumps(main(arguments.dsn, arguments.scale), indent=2))
