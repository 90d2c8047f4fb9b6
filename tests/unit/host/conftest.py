"""A real host process on a real Unix socket, without PostgreSQL."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from harness import ROOT


@dataclass
class HostProcess:
    socket: Path
    preload: Path | None = None
    environment: dict[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> "HostProcess":
        code = "import sys; from datapunk_workers.host.server import main; main(sys.argv[1], sys.argv[2] or None)"
        paths = ":".join(str(ROOT / part) for part in ("plpython", "forge", "workers"))
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", code, str(self.socket), str(self.preload or "")],
                env={**os.environ, "PYTHONPATH": paths, **self.environment},
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + 60
        while "is ready" not in self.log.read_text():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, "the host did not start"
            time.sleep(0.02)
        return self

    @property
    def log(self) -> Path:
        return self.socket.with_suffix(".log")

    def stop(self, number: int = signal.SIGTERM) -> int:
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(20)
        self.log.write_text("")
        return code


@pytest.fixture(scope="module")
def host() -> Iterator[HostProcess]:
    with tempfile.TemporaryDirectory(prefix="dp-host-") as folder:
        started = HostProcess(Path(folder, "h.sock")).start()
        yield started
        started.stop()


@pytest.fixture
def own_host() -> Iterator[HostProcess]:
    """A host of one test, which may kill it."""
    with tempfile.TemporaryDirectory(prefix="dp-host-") as folder:
        started = HostProcess(Path(folder, "h.sock")).start()
        yield started
        started.stop()
