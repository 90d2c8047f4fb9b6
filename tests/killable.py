"""A cluster that a test may kill."""

import contextlib
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from datapunk.admin.cluster import Cluster
from datapunk.admin.home import Home


@contextmanager
def killable_cluster() -> Iterator[Cluster]:
    """Start a cluster of one's own, durable like the main one; stop and remove it at the end."""
    state = Path(tempfile.mkdtemp(prefix="dp-faults-"))
    state.chmod(0o755)
    home = Home.locate({"DATAPUNK_STATE": str(state)}).prepare()
    own = Cluster(home)
    own.ensure()
    own.start()
    try:
        yield own
    finally:
        own.stop()
        shutil.rmtree(home.run, ignore_errors=True)
        shutil.rmtree(state, ignore_errors=True)


def kill_server(cluster: Cluster) -> None:
    """Kill the server with all its backends: one that is busy would else finish its transaction first."""
    pid = cluster.postmaster()
    assert pid is not None
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for process in [pid, *map(int, children)]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
