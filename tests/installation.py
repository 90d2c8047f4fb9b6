"""An installation of a test's own, used through the command line."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from datapunk.admin.home import Home


class Installation:
    """A state folder of its own, used through the command line."""

    def __init__(self, state: Path, model: Path, dsn: str | None = None) -> None:
        self.environment = {**os.environ, "DATAPUNK_STATE": str(state), "DATAPUNK_MODEL_CACHE": str(model)}
        self.environment.pop("DATAPUNK_DSN", None)
        if dsn:
            self.environment["DATAPUNK_DSN"] = dsn
        self.environment["PYTHONPATH"] = ":".join(sys.path)

    @property
    def home(self) -> Home:
        return Home.locate(self.environment)

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "datapunk.admin.cli", *arguments]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)

    def up(self) -> None:
        result = self.run("up")
        assert result.returncode == 0, result.stdout + result.stderr

    def status(self) -> dict[str, dict[str, Any]]:
        return {part["name"]: part for part in json.loads(self.run("status", "--json").stdout)}

    def wait_until_all_answer(self, timeout: float = 60.0) -> dict[str, dict[str, Any]]:
        deadline = time.monotonic() + timeout
        status = self.status()
        while not all(part["answers"] for part in status.values()):
            assert time.monotonic() < deadline, f"not everything came back: {status}"
            time.sleep(0.2)
            status = self.status()
        return status
