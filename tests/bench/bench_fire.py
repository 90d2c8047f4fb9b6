"""The server killed at 20 random moments while the sample archive, in parts, is imported: what is lost or doubled.

`python tests/bench/bench_fire.py [KILLS]`; the server is one of its own. Prints a line of JSON.
"""

import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "plpython")]

from datapunk import sample  # noqa: E402
from killable import killable_cluster  # noqa: E402
from under_fire import fire, split  # noqa: E402


def main(kills: int = 20) -> dict[str, Any]:
    """Return the outcome for imports of one transaction, and for those in steps."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="dp-fire-") as scratch:
        archive = sample.write(Path(scratch, "takeout.zip"), seed=7).path
        parts = split(archive, Path(scratch), 4, seed=7)
        for name, in_steps in (("whole", False), ("in_steps", True)):
            with killable_cluster() as cluster:
                found[name] = asdict(fire(cluster, parts, kills=kills, seed=7, in_steps=in_steps))
    return found | {"lost_or_doubled": sum(one["lost"] + one["doubled"] for one in found.values())}


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)))
