"""The worker's side of the process that looks through texts for personal data."""

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any

from datapunk.errors import NotReady
from datapunk.pii import Span

_START_S = 120.0
_PATIENCE_S = 60.0
# A text of so many characters gets a second more.
_CHARACTERS_A_SECOND = 2_000
_REGEX_S = "10"


class TextRefused(Exception):
    """Texts that the process could not look through: it said so, came no further, or ended."""


class PiiProcess:
    """Finds personal data in a process of its own, which is started when there is something to do."""

    def __init__(self, *, patience_s: float = _PATIENCE_S, module: str = "datapunk_workers.pii_child") -> None:
        self._patience_s, self._module = patience_s, module
        self._process: subprocess.Popen[bytes] | None = None
        self._how: tuple[str, float] | None = None
        self._left = b""
        self.model = ""

    def find(self, texts: Sequence[str], model: str, least_score: float) -> list[list[Span]]:
        """Return the spans of each text. Raises TextRefused, and NotReady where it cannot work at all."""
        self._ensure(model, least_score)
        seconds = self._patience_s + sum(map(len, texts)) / _CHARACTERS_A_SECOND
        answer = self._ask({"texts": list(texts)}, seconds)
        if "error" in answer:
            raise TextRefused(str(answer["error"]))
        return [[Span(*span) for span in spans] for spans in answer["found"]]

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    pipe.close()
            self._process = None

    def _ensure(self, model: str, least_score: float) -> None:
        """Start a process where there is none, it has ended, or it was started for something else."""
        if self._process is not None and self._process.poll() is None and self._how == (model, least_score):
            return
        self.close()
        self._left = b""
        self._how = (model, least_score)
        self._process = subprocess.Popen(
            [sys.executable, "-m", self._module, model, str(least_score)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "REGEX_TIMEOUT_SECONDS": _REGEX_S},
        )  # fmt: skip
        started = self._answer(time.monotonic() + _START_S)
        if "not_ready" in started:
            self.close()
            raise NotReady(str(started["not_ready"]), hint=started["hint"])
        self.model = str(started["model"])

    def _ask(self, question: dict[str, Any], seconds: float) -> dict[str, Any]:
        assert self._process is not None
        assert self._process.stdin is not None
        deadline = time.monotonic() + seconds
        try:
            self._process.stdin.write(json.dumps(question).encode() + b"\n")
        except BrokenPipeError as exc:
            self.close()
            raise TextRefused("the process that looks for personal data has ended") from exc
        return self._answer(deadline)

    def _answer(self, deadline: float) -> dict[str, Any]:
        assert self._process is not None
        assert self._process.stdout is not None
        out = self._process.stdout.fileno()
        parts = [self._left]
        while b"\n" not in parts[-1]:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([out], [], [], left)[0]:
                self.close()
                raise TextRefused("looking for personal data took too long")
            if not (more := os.read(out, 1 << 16)):
                code = self._process.wait()
                self.close()
                raise TextRefused(f"the process that looks for personal data ended ({code})")
            parts.append(more)
        line, _, self._left = b"".join(parts).partition(b"\n")
        answer: dict[str, Any] = json.loads(line)
        return answer
