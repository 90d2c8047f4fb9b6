"""A training process as its worker sees it: started, listened to, ended."""

import collections
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_LOG_LINES, _LOG_CHARACTERS = 50, 4000
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
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **dict.fromkeys(_THREAD_LIMITS, cpus)},
        )
        self._news: queue.Queue[News] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._log: collections.deque[str] = collections.deque(maxlen=_LOG_LINES)
        self._log_told = 0
        self._log_lines = 0
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
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
        self._listener.join()
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream is not None and not stream.closed:
                stream.close()

    def log_tail(self) -> str | None:
        """Return the last lines that it wrote, None when there is nothing new since the last call."""
        if self._log_told == self._log_lines:
            return None
        self._log_told = self._log_lines
        return "".join(list(self._log))[-_LOG_CHARACTERS:]

    def _listen(self) -> None:
        """Keep what it logs, and pass it on to the worker's own log."""
        assert self._process.stderr is not None
        for line in self._process.stderr:
            text = line.decode(errors="replace").replace("\0", "")
            sys.stderr.write(text)
            self._log.append(text)
            self._log_lines += 1

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            fields = json.loads(line)
            content = self._process.stdout.read(fields["size"]) if fields["type"] == "result" else b""
            if len(content) == fields.get("size", 0):
                self._news.put(News(type=fields["type"], fields=fields, content=content))
        self._news.put(News(type="ended", fields={"status": self._process.wait()}))
