"""A training through Forge against the same scikit-learn pipeline in memory: 100,000 rows x 20 columns.

Forge asks, reads, trains, evaluates, exports, compares and writes; the peer splits, fits and predicts. Processor time
is compared (of the training process since it has its order, and of the peer since its libraries are loaded, one thread
each), and time on the clock beside it. A first training warms up: after it a process waits for the next order.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import psycopg

ROWS, COLUMNS = 100_000, 20
# Seconds in which the next training process has loaded its libraries.
_LOADING_S = 10.0
# A process of its own, so that nothing that this one has loaded or started is in its figures.
PEER = """
import json, sys, time
import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.metrics import accuracy_score, log_loss
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
with np.load(sys.argv[1]) as arrays:
    x, y = arrays["x"], arrays["y"]
cpu, wall = time.process_time(), time.monotonic()
learn_x, held_x, learn_y, held_y = train_test_split(x, y, test_size=0.2, random_state=0, stratify=y)
model = (
    RandomForestClassifier(100, min_samples_leaf=3, max_features=0.4, random_state=0)
    if sys.argv[2] == "forest"
    else HistGradientBoostingClassifier(
        max_iter=200, l2_regularization=0.1, early_stopping=True, validation_fraction=0.1, random_state=0
    )
)
model = make_pipeline(ColumnTransformer([("number", "passthrough", list(range(x.shape[1])))]), model)
model.fit(learn_x, learn_y)
probabilities = model.predict_proba(held_x)
accuracy_score(held_y, probabilities.argmax(axis=1)), log_loss(held_y, probabilities)
print(json.dumps({"cpu_s": time.process_time() - cpu, "wall_s": time.monotonic() - wall}))
"""


def main(dsn: str, rows: int = ROWS, families: Sequence[str] = ("boosting", "forest")) -> dict[str, Any]:
    """Return seconds and ratios of each family; a worker must run for the database of `dsn`."""
    names = [f"x{i}" for i in range(COLUMNS)]
    found: dict[str, Any] = {"rows": rows, "columns": COLUMNS}
    with psycopg.connect(dsn, autocommit=True) as root:
        root.execute("drop table if exists public.bench_rows")
        root.execute(_table(names, rows))
        root.execute("grant select on public.bench_rows to public")
        given = root.execute("select * from public.bench_rows").fetchall()
    with tempfile.TemporaryDirectory() as folder:
        file = f"{folder}/rows.npz"
        np.savez(
            file, x=np.array([r[:-1] for r in given], dtype=np.float32),
            y=np.array([r[-1] == "yes" for r in given], dtype=np.int64),
        )  # fmt: skip
        _train(dsn, "linear")
        time.sleep(_LOADING_S)
        for family in families:
            peer = json.loads(
                subprocess.run(
                    [sys.executable, "-W", "ignore", "-c", PEER, file, family], check=True, stdout=subprocess.PIPE,
                    env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
                ).stdout
            )  # fmt: skip
            forge = _train(dsn, family)
            found[family] = {
                "peer_cpu_s": round(peer["cpu_s"], 1), "forge_cpu_s": round(forge["cpu_s"], 1),
                "peer_s": round(peer["wall_s"], 1), "forge_s": round(forge["wall_s"], 1),
                "cpu_ratio": round(forge["cpu_s"] / peer["cpu_s"], 2),
                "ratio": round(forge["wall_s"] / peer["wall_s"], 2), "peak_memory_mb": round(forge["peak"]),
            }  # fmt: skip
    with psycopg.connect(dsn, autocommit=True) as root:
        root.execute("drop table public.bench_rows")
    return found


def _table(names: list[str], rows: int) -> str:
    inner = ", ".join(f"random() as {n}" for n in names)
    return (
        f"create table public.bench_rows as select {', '.join(names)}, "
        f"case when x0 + x1 * x2 + x3 + 0.4 * random() > 1.45 then 'yes' else 'no' end as label "
        f"from (select {inner} from generate_series(1, {rows})) as s"
    )


def _train(dsn: str, family: str) -> dict[str, float]:
    options = json.dumps({"family": family, "deploy": "never"})
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("set role datapunk")
        started = time.monotonic()
        row = connection.execute(
            "select api.forge_train('overhead', 'classifier', 'select * from public.bench_rows', %s)", (options,)
        ).fetchone()
        assert row is not None
        ended = connection.execute("select status, error from api.forge_wait(%s)", row).fetchone()
        wall = time.monotonic() - started
        if ended is None or ended[0] != "succeeded":
            raise RuntimeError(f"the training ended: {ended}")
        used = connection.execute("select cpu_s, peak_memory_mb from api.runs where job_id = %s", row).fetchone()
        assert used is not None
        connection.execute("select api.forge_drop('overhead')")
    return {"cpu_s": float(used[0]), "peak": float(used[1]), "wall_s": wall}


if __name__ == "__main__":
    chosen = tuple(sys.argv[3:]) or ("boosting", "forest")
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else ROWS, chosen)))
