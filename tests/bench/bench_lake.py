"""What an import costs, from the file to rows that can be found: rates beside a peer's, and memory whatever the size.

`python -m tests.bench lake`, and for one large file each `lake_points` (1 GB of Records.json), `lake_page` (200 MB of
My Activity as HTML, with the peer on the same file) and `lake_mail` (1 GB of mbox), which `--scale 0.1` makes a tenth
as large. Vectors are not part of it: they follow from the queue. A worker that indexes what an import in steps leaves
to it (DATAPUNK_QUEUES=indexing) should run; without one the import indexes by itself.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from bench import lake_files

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
_GB, _MB, _MICROSECONDS = 10**9, 10**6, 10**6


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


def processors(admin: "psycopg.Connection[Any]", backend: int) -> dict[str, float]:
    """Return the processor seconds so far of a backend, of the readers that it had, and of all who index for it."""
    workers = admin.execute(
        "select pid from pg_stat_activity where datname = current_database() and usename = 'datapunk_worker'"
    ).fetchall()
    own, readers = _seconds(backend)
    return {"backend": own, "reader": readers, "indexer": sum(_seconds(pid)[0] for (pid,) in workers)}


def _seconds(pid: int) -> tuple[float, float]:
    """Return what a process took of a processor, and what its children did that ended."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0.0, 0.0
    ticks = [int(value) / os.sysconf("SC_CLK_TCK") for value in text.rsplit(")", 1)[1].split()[11:15]]
    return ticks[0] + ticks[1], ticks[2] + ticks[3]


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
    with (
        psycopg.connect(dsn, autocommit=True) as admin, psycopg.connect(dsn, autocommit=True) as connection,
        watched(connection.info.backend_pid) as memory,
    ):  # fmt: skip
        connection.execute("set role datapunk_importer")
        before = processors(admin, connection.info.backend_pid)
        started = time.perf_counter()
        if in_steps:
            connection.execute("call api.lake_import_in_steps(%s)", (str(path),))
        else:
            connection.execute("select from api.lake_import_path(%s)", (str(path),))
        seconds = time.perf_counter() - started
        after = processors(admin, connection.info.backend_pid)
        row = connection.execute(
            "select items_new, items_seen, rejects from api.imports order by started_at desc limit 1"
        ).fetchone()
        left = connection.execute("select count(*) from cortex.unindexed").fetchone()
    assert row is not None
    assert left == (0,)
    return {
        "new": row[0], "seen": row[1], "rejects": row[2], "seconds": seconds, "memory": memory,
        "cpu": {who: after[who] - before[who] for who in before},
    }  # fmt: skip


def _cpu(found: dict[str, Any], records: int) -> dict[str, float]:
    """Return the processor time of a record by who took it, in microseconds."""
    return {who: round(seconds / records * _MICROSECONDS, 1) for who, seconds in found["cpu"].items()}


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
        "cpu_us": _cpu(min(found, key=lambda one: one["seconds"]), records),
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
        "cpu_us": round(min(one["cpu_seconds"] for one in found) / max(records, 1) * _MICROSECONDS, 1),
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


def large(dsn: str, path: Path, records: int) -> dict[str, Any]:
    """Import one large file in steps, as files of any size are; return its rate and the most memory that it took."""
    path.chmod(0o644)
    found = run(dsn, path, in_steps=True)
    memory: Memory = found["memory"]
    if (found["seen"], found["rejects"]) != (records, 0):
        raise SystemExit(f"{path.name}: {records} records gave {found}")
    return {
        "megabytes": round(path.stat().st_size / _MB), "records": records, "seconds": round(found["seconds"], 1),
        "per_second": round(records / found["seconds"]), "cpu_us": _cpu(found, records),
        "backend_mb": memory.backend // 1024, "backend_own_mb": memory.own // 1024, "reader_mb": memory.reader // 1024,
    }  # fmt: skip


@contextmanager
def importable(dsn: str) -> Iterator[Path]:
    """A folder that may be imported from; in the end it is gone, and the Lake empty."""
    folder = Path(tempfile.mkdtemp(prefix="dp-bench-"))
    folder.chmod(0o755)
    try:
        with psycopg.connect(dsn, autocommit=True) as admin:
            statement = sql.SQL("alter database {} set datapunk.import_dirs = {}")
            admin.execute(statement.format(sql.Identifier(admin.info.dbname), sql.Literal(str(folder))))
        yield folder
    finally:
        shutil.rmtree(folder)
        with psycopg.connect(dsn, autocommit=True) as admin:
            empty(admin)


def large_points(dsn: str, scale: float) -> dict[str, Any]:
    """A location history of 1 GB."""
    with importable(dsn) as folder:
        path = folder / "Records.json"
        return large(dsn, path, lake_files.records_json(path, size=int(_GB * scale)))


def large_page(dsn: str, scale: float) -> dict[str, Any]:
    """My Activity as a page of 200 MB, in both layouts. The peer reads the older one, the only one that it knows."""
    found: dict[str, Any] = {}
    with importable(dsn) as folder:
        path = folder / "MyActivity.html"
        layouts: tuple[lake_files.Layout, ...] = ("2026", "older")
        for layout in layouts:
            records = lake_files.activity_html(path, layout, size=int(200 * _MB * scale))
            found[layout] = large(dsn, path, records)
        found["peer"] = peer("html", path, runs=1)
    found["ratio"] = _ratio({"datapunk": found["older"], "peer": found["peer"]})
    found["peak_backend_own_mb"] = max(found[layout]["backend_own_mb"] for layout in layouts)
    return found


def large_mail(dsn: str, scale: float) -> dict[str, Any]:
    """A mailbox of 1 GB."""
    with importable(dsn) as folder:
        path = folder / "All mail.mbox"
        return large(dsn, path, lake_files.mbox(path, int(_GB * scale)))


def main(dsn: str) -> dict[str, Any]:
    """Measure rates, beside the peer's where it reads such a file."""
    with importable(dsn) as folder:
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
        # What could be reached if reading, checking and taking words apart took no time at all.
        found["json"]["floor_ratio"] = _ratio({"datapunk": found["activity_floor"], "peer": found["json"]["peer"]})
        found["points_json"] = {"datapunk": found["locations"], "peer": peer("locations", points)}
        found["points_json"]["ratio"] = _ratio(found["points_json"])
        found["html"] = html(dsn, folder)
        many = found["html"]["older_many"]["peer"]
        found["html"]["floor_ratio_many"] = _ratio({"datapunk": found["activity_floor"], "peer": many})
    return found
