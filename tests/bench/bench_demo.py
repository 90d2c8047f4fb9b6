"""From a fresh clone to the end of the demo, and the second run: `python tests/bench/bench_demo.py` (minutes).

The clone lies in a temporary folder with a cluster of its own and is removed at the end. Packages of the system that
are installed already stay installed, so on a bare machine their download comes on top.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main() -> dict[str, float]:
    """Return seconds of `make demo` in a fresh clone, and of running it again."""
    with tempfile.TemporaryDirectory(prefix="dp-demo-", dir="/var/tmp") as scratch:
        folder = Path(scratch)
        folder.chmod(0o755)
        clone = folder / "datapunk"
        subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("DATAPUNK_")}
        environment.pop("PYTHONPATH", None)
        figures = {}
        try:
            for name in ("fresh_seconds", "second_run_seconds"):
                started = time.monotonic()
                run = subprocess.run(
                    ["make", "demo"], cwd=clone, env=environment, capture_output=True, text=True, check=False
                )
                if run.returncode != 0:
                    raise SystemExit(f"make demo failed:\n{run.stdout[-3000:]}\n{run.stderr[-3000:]}")
                figures[name] = round(time.monotonic() - started, 1)
                print(f"{name}: {figures[name]}", file=sys.stderr, flush=True)
        finally:
            subprocess.run(
                ["make", "purge"],
                cwd=clone,
                env=environment,
                input="yes\n",
                text=True,
                check=False,
                capture_output=True,
            )
        return figures


if __name__ == "__main__":
    print(json.dumps(main()))
