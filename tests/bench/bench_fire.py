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
    """Return the outcome."""
    with tempfile.TemporaryDirectory(prefix="dp-fire-") as scratch, killable_cluster() as cluster:
        archive = sample.write(Path(scratch, "takeout.zip"), seed=7).path
        outcome = fire(cluster, split(archive, Path(scratch), 4, seed=7), kills=kills, seed=7)
    return asdict(outcome) | {"lost_or_doubled": outcome.lost + outcome.doubled}


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)))
