"""A worker of a test's own, in a process that the test may kill."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from harness import ROOT, Database


@dataclass(kw_only=True)
class WorkerProcess:
    """Starts in a new session; its training processes are its children."""

    database: Database
    log: Path
    lease_s: int = 2
    queues: str = ""
    process: "subprocess.Popen[bytes] | None" = field(default=None)

    def start(self) -> "WorkerProcess":
        command = (
            "import logging, sys; logging.basicConfig(level=20); "
            "from datapunk_workers.worker import main; main(sys.argv[1])"
        )
        environment = {
            **os.environ,
            "PYTHONPATH": ":".join(str(ROOT / part) for part in ("plpython", "forge", "workers")),
            "DATAPUNK_LEASE_S": str(self.lease_s),
            "DATAPUNK_QUEUES": self.queues,
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", command, self.database.dsn("datapunk_worker")],
                env=environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self.wait_until_ready()
        return self

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + 30
        while b"is ready" not in self.log.read_bytes():
            assert self.process is not None
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the worker did not start: {self.log.read_text()[-2000:]}")
            time.sleep(0.05)

    def children(self) -> list[int]:
        assert self.process is not None
        listing = subprocess.run(
            ["ps", "--ppid", str(self.process.pid), "-o", "pid="], capture_output=True, text=True, check=False
        )
        return [int(pid) for pid in listing.stdout.split()]

    def send(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def kill(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)


def is_alive(pid: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_for_job(
    connection: "psycopg.Connection[tuple[object, ...]]", job_id: int, condition: str, seconds: float = 30
) -> None:
    """Wait until the job's row satisfies an SQL condition of the test."""
    deadline = time.monotonic() + seconds
    while True:
        row = connection.execute(
            f"select {condition}, to_jsonb(j) from api.jobs as j where job_id = %s", (job_id,)
        ).fetchone()
        assert row is not None
        if row[0]:
            return
        assert time.monotonic() < deadline, f"job {job_id} never reached {condition}: {row[1]}"
        time.sleep(0.02)
