"""A training process as its worker sees it: started, listened to, ended."""

import collections
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_LOG_LINES, _LOG_CHARACTERS = 50, 4000
# Seconds that a process waits for its order: it ends itself a little later than it is taken for the last time.
SPARE_S = 600.0
_THREAD_LIMITS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True, kw_only=True)
class News:
    """A line of the process: progress, error, result (with its content), or ended when it ended without either."""

    type: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    content: bytes = b""


class ChildProcess:
    """One training. `news` is read by the thread that started it, which must outlive the process.

    Without an order it loads the libraries of most trainings and waits for `give`.
    """

    def __init__(self, order: Mapping[str, Any] | None = None, *, cpus: int = 1) -> None:
        self.cpus = cpus if order is None else int(order["options"].get("cpus", 1))
        self.started = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "datapunk_workers.child", str(os.getpid()), *([] if order else ["ahead"])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={
                **os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **dict.fromkeys(_THREAD_LIMITS, str(self.cpus)),
            },
        )  # fmt: skip
        self._news: queue.Queue[News] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._log: collections.deque[str] = collections.deque(maxlen=_LOG_LINES)
        self._log_told = 0
        self._log_lines = 0
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        if order is not None:
            self.give(order)

    def give(self, order: Mapping[str, Any]) -> None:
        """Tell it what to train; once only."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            # It ended before it read: the reader tells.
            return

    def is_waiting(self) -> bool:
        """Whether it lives and has said nothing yet."""
        return self._process.poll() is None and self._news.empty()

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


class Spare:
    """A training process that was started ahead of its order, so that nobody waits for its libraries to load.

    It is there after a training, for a while: one that trained is likely to train again, and who does not needs no
    memory for it. All calls come from one thread.
    """

    def __init__(self, kept_s: float = SPARE_S) -> None:
        self._kept_s = kept_s
        self._process: ChildProcess | None = None

    def prepare(self) -> None:
        """Start one unless there is one."""
        if self._process is None:
            self._process = ChildProcess()

    def take(self, order: Mapping[str, Any]) -> ChildProcess:
        """Return a process that works on the order: the one that waits, or a new one."""
        waiting, self._process = self._process, None
        if waiting is None:
            return ChildProcess(order)
        fits = waiting.cpus == int(order["options"].get("cpus", 1))
        if not fits or not waiting.is_waiting() or time.monotonic() - waiting.started > self._kept_s:
            waiting.end()
            return ChildProcess(order)
        waiting.give(order)
        return waiting

    def end(self) -> None:
        """End the one that waits."""
        if self._process is not None:
            self._process.end()
            self._process = None
