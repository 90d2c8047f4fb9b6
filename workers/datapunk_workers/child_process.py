"""A training process as its worker sees it: started, listened to, ended."""

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_THREAD_LIMITS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True, kw_only=True)
class News:
    """A line of the process: progress, error, result (with its content), or ended when it ended without either."""

    type: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    content: bytes = b""


class ChildProcess:
    """One training. `news` is read by the thread that started it, which must outlive the process."""

    def __init__(self, order: Mapping[str, Any]) -> None:
        cpus = str(order["options"].get("cpus", 1))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "datapunk_workers.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **dict.fromkeys(_THREAD_LIMITS, cpus)},
        )
        self._news: queue.Queue[News] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps({**order, "worker_pid": os.getpid()}).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            # It ended before it read: the reader tells.
            return

    @property
    def pid(self) -> int:
        """Its process number."""
        return self._process.pid

    def news(self, timeout: float) -> News | None:
        """Return what it said next, None when it is silent for `timeout` seconds."""
        try:
            return self._news.get(timeout=timeout)
        except queue.Empty:
            return None

    def end(self) -> None:
        """Kill it, if it lives, and reap it."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._reader.join()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None and not stream.closed:
                stream.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            fields = json.loads(line)
            content = self._process.stdout.read(fields["size"]) if fields["type"] == "result" else b""
            if len(content) == fields.get("size", 0):
                self._news.put(News(type=fields["type"], fields=fields, content=content))
        self._news.put(News(type="ended", fields={"status": self._process.wait()}))
