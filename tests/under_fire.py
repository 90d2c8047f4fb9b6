"""An import of several archives while the server is killed at random moments: what is lost or doubled by it."""

import shutil
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

import psycopg

from cortex_items import tend
from datapunk.admin.cluster import Cluster
from datapunk.admin.install import install
from killable import kill_server
from worker_process import is_alive

Contents = Counter[tuple[object, ...]]

_CONTENTS = """
select 'item', kind, source, external_id, occurred_at, title, url, md5(body) from lake.item
union all select 'position', device, source, null, occurred_at, latitude::text, longitude::text, null from lake.position
union all select 'measurement', metric, source, null, starts_at, value::text, unit, null from lake.measurement
union all select 'chunk', c.kind, c.source, c.ordinal::text, c.occurred_at, null, null, md5(t.body)
from cortex.chunk as c join cortex.text as t on t.owner_id = c.owner_id and t.id = c.text_id
"""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What is there in the end: `records` rows of Lake and lexical index, of which so many more or fewer than without
    any kill.

    `hits` kills met a running import; `readers` processes that read files outlived it; `half` times the imports that
    were there afterwards told of other rows than those that were.
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
    """Return all that the Lake and its lexical index hold for its owner."""
    with psycopg.connect(dsn) as connection:
        return Counter(connection.execute(_CONTENTS).fetchall())


def import_all(dsn: str, archives: list[Path]) -> None:
    """Import archives one after another, each in a transaction."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        for archive in archives:
            connection.execute("select from lake_import(%s, %s)", (archive.read_bytes(), archive.name))


def import_all_in_steps(dsn: str, archives: list[Path]) -> None:
    """Import archives of the server one after another, each in many transactions, by a superuser's connection."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("set role datapunk_importer")
        for archive in archives:
            connection.execute("call api.lake_import_in_steps(%s)", (str(archive),))


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


def fire(cluster: Cluster, archives: list[Path], *, kills: int, seed: int, in_steps: bool) -> Outcome:
    """Kill the server of a cluster so often while archives are imported, resume each time, and compare."""
    dsn = cluster.dsn("datapunk", "datapunk")
    superuser_dsn = cluster.superuser_dsn("datapunk")
    folder = cluster.home.state / "imports"
    install(superuser_dsn, create=True, import_dirs=str(folder))
    folder.chmod(0o755)
    if in_steps:
        # Every batch is left to a worker that never comes, so that kills also meet the indexing at the end.
        with psycopg.connect(superuser_dsn, autocommit=True) as connection:
            tend(connection)
            connection.execute("alter database datapunk set datapunk.index_at_once = 0")
    copies = [Path(shutil.copy(archive, folder)) for archive in archives]

    def importing() -> None:
        if in_steps:
            import_all_in_steps(superuser_dsn, copies)
        else:
            import_all(dsn, copies)

    started = time.monotonic()
    importing()
    seconds = time.monotonic() - started
    truth = contents(dsn)
    _forget(dsn)
    chance = Random(seed)
    hits = left = half = 0
    for _ in range(kills):
        failure: list[BaseException] = []
        thread = threading.Thread(target=_until_death, args=(importing, failure))
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
        half += bool(found - truth) or _half(dsn, in_steps=in_steps)
        if found == truth:
            _forget(dsn)
    importing()
    half += _half(dsn, in_steps=False)
    importing()
    found = contents(dsn)
    return Outcome(
        kills=kills, hits=hits, readers=left, half=half, records=found.total(), lost=(truth - found).total(),
        doubled=(found - truth).total(),
    )  # fmt: skip


def _half(dsn: str, *, in_steps: bool) -> bool:
    """Tell whether an import is there without the rows that it tells of, or has not ended, as one in steps may."""
    with psycopg.connect(dsn) as connection:
        row = connection.execute(
            """
            select coalesce(bool_or(
              case
                when i.status <> 'done' then not %s
                else i.items_new <> (select count(*) from lake.item as t where t.import_id = i.id)
                  + (select count(*) from lake.position as t where t.import_id = i.id)
                  + (select count(*) from lake.measurement as t where t.import_id = i.id)
              end
            ), false)
            from lake.import as i
            """,
            (in_steps,),
        ).fetchone()
    return row == (True,)


def _forget(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("select * from lake_forget('{\"owner_all\": true}')")


def _until_death(importing: Callable[[], None], failure: list[BaseException]) -> None:
    try:
        importing()
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
