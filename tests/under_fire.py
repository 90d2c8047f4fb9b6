"""An import of several archives while the server is killed at random moments: what is lost or doubled by it."""

import threading
import time
import zipfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random

import psycopg

from datapunk.admin.cluster import Cluster
from datapunk.admin.install import install
from killable import kill_server
from worker_process import is_alive

Contents = Counter[tuple[object, ...]]

_CONTENTS = """
select 'item', kind, source, external_id, occurred_at, title, url, md5(body) from lake.item
union all select 'position', device, source, null, occurred_at, latitude::text, longitude::text, null from lake.position
union all select 'measurement', metric, source, null, starts_at, value::text, unit, null from lake.measurement
"""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What is there in the end: `records` rows, of which so many more or fewer than without any kill.

    `hits` kills met a running import, `readers` of which left the process that reads files behind, and `half` an import
    that is neither there nor not.
    """

    kills: int
    hits: int
    readers: int
    half: int
    records: int
    lost: int
    doubled: int


def split(archive: Path, folder: Path, count: int, seed: int) -> list[Path]:
    """Put the members of an archive into several, at random."""
    chance = Random(seed)
    paths = [folder / f"takeout-20260105T091500Z-{number:03}.zip" for number in range(1, count + 1)]
    targets = [zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) for path in paths]
    with zipfile.ZipFile(archive) as source:
        for number, info in enumerate(chance.sample(source.infolist(), len(source.infolist()))):
            targets[number % count].writestr(info.filename, source.read(info))
    for target in targets:
        target.close()
    return paths


def contents(dsn: str) -> Contents:
    """Return all that the Lake holds for its owner."""
    with psycopg.connect(dsn) as connection:
        return Counter(connection.execute(_CONTENTS).fetchall())


def import_all(dsn: str, archives: list[Path]) -> int:
    """Import archives one after another, each in a transaction; return how many records were new."""
    new = 0
    with psycopg.connect(dsn, autocommit=True) as connection:
        for archive in archives:
            row = connection.execute(
                "select items_new from lake_import(%s, %s)", (archive.read_bytes(), archive.name)
            ).fetchone()
            assert row is not None
            new += int(str(row[0]))
    return new


def readers(postmaster: int) -> list[int]:
    """Return the processes that read files for the backends of a server."""
    found = []
    for backend in _children(postmaster):
        found += [pid for pid in _children(backend) if b"datapunk.lake.reader" in _command(pid)]
    return found


def wait_until_gone(pids: list[int], seconds: float = 20) -> list[int]:
    """Return the processes that are still there after a while."""
    deadline = time.monotonic() + seconds
    while (left := [pid for pid in pids if is_alive(pid)]) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


def fire(cluster: Cluster, archives: list[Path], *, kills: int, seed: int) -> Outcome:
    """Kill the server of a cluster so often while archives are imported, resume each time, and compare."""
    install(cluster.superuser_dsn("datapunk"), create=True)
    dsn = cluster.dsn("datapunk", "datapunk")
    started = time.monotonic()
    import_all(dsn, archives)
    seconds = time.monotonic() - started
    truth = contents(dsn)
    _forget(dsn)
    chance = Random(seed)
    hits = left = half = 0
    for _ in range(kills):
        failure: list[BaseException] = []
        thread = threading.Thread(target=_import_until_death, args=(dsn, archives, failure))
        thread.start()
        time.sleep(chance.uniform(0, seconds))
        postmaster = cluster.postmaster()
        assert postmaster is not None
        reading = readers(postmaster)
        kill_server(cluster)
        thread.join()
        hits += bool(failure)
        left += len(wait_until_gone(reading))
        cluster.start()
        found = contents(dsn)
        half += bool(found - truth) or _half(dsn)
        if found == truth:
            _forget(dsn)
    import_all(dsn, archives)
    again = import_all(dsn, archives)
    found = contents(dsn)
    return Outcome(
        kills=kills, hits=hits, readers=left, half=half, records=found.total(), lost=(truth - found).total(),
        doubled=(found - truth).total() + again,
    )  # fmt: skip


def _half(dsn: str) -> bool:
    """Tell whether an import is there that has not ended, or one without the rows that it tells of."""
    with psycopg.connect(dsn) as connection:
        row = connection.execute(
            """
            select exists (select from imports where status <> 'done') or exists (
              select from lake.import as i
              where i.items_new <> (select count(*) from lake.item as t where t.import_id = i.id)
                + (select count(*) from lake.position as t where t.import_id = i.id)
                + (select count(*) from lake.measurement as t where t.import_id = i.id)
            )
            """
        ).fetchone()
    return row == (True,)


def _forget(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("select * from lake_forget('{\"owner_all\": true}')")


def _import_until_death(dsn: str, archives: list[Path], failure: list[BaseException]) -> None:
    try:
        import_all(dsn, archives)
    except psycopg.OperationalError as error:
        failure.append(error)


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
