"""Fits the constants of datapunk/gaia/calibration.py: run it when the built-in examples or the model have changed.

Usage: python tests/bench/calibrate_router.py DSN; prints the temperature fitted on the part `fit` of the wordings and
what the router reaches on the part `judge`.
"""

import sys
import tomllib
from pathlib import Path

import numpy as np
import psycopg

from datapunk.db.psycopg_db import PsycopgDb
from datapunk.gaia.calibration import NONE, THRESHOLD
from datapunk.gaia.router import SYSTEM, Q, parse
from datapunk.gaia.routing import fit
from datapunk.inference import StoredArtifacts, connect
from datapunk.settings import Settings

WORDINGS = Path(__file__).parents[1] / "fixtures" / "gaia" / "wordings.toml"


def main(dsn: str) -> None:
    wordings = tomllib.loads(WORDINGS.read_text(encoding="utf-8"))
    with psycopg.connect(dsn) as connection:
        db = PsycopgDb(connection)
        model = str(db.rows(Q.context)[0]["model"])
        rows = db.rows(Q.examples_with_vector, [SYSTEM], model)
        scores = fit([str(r["subroutine"]) for r in rows], [parse(str(r["embedding"])) for r in rows])
        inference = connect(Settings(inference="in_process"), {}, StoredArtifacts(db))
        names = [score.subroutine for score in scores]
        weights = np.array([[*score.weights, score.bias] for score in scores])
        parts = {}
        for part, classes in wordings.items():
            texts = [(name, text) for name, of_class in classes.items() for text in of_class]
            raw = inference.embed([text for _, text in texts], model)
            inputs = np.array([np.append(np.frombuffer(vector, "<f4"), 1.0) for vector in raw])
            parts[part] = np.array([names.index(name) for name, _ in texts]), inputs @ weights.T
    wanted, linear = parts["fit"]
    losses = {t: loss(linear * t, wanted) for t in np.arange(5.0, 60.0, 0.5)}
    best = min(losses, key=lambda t: losses[t])
    print(f"temperature {best} (log loss {losses[best]:.3f})")
    for part, (wanted, linear) in parts.items():
        chance = probabilities(linear * best)
        top = chance.argmax(1)
        declined = (top == names.index(NONE)) | (chance.max(1) < THRESHOLD)
        right = np.where(declined, names.index(NONE), top) == wanted
        confident = ~declined & ~right
        print(
            f"{part}: right {right.mean():.3f}, confidently wrong {confident.mean():.3f},"
            f" log loss {loss(linear * best, wanted):.3f}"
        )


def probabilities(linear: np.ndarray) -> np.ndarray:
    shifted = np.exp(linear - linear.max(1, keepdims=True))
    return shifted / shifted.sum(1, keepdims=True)


def loss(linear: np.ndarray, wanted: np.ndarray) -> float:
    return float(-np.log(probabilities(linear)[np.arange(len(wanted)), wanted]).mean())


if __name__ == "__main__":
    main(sys.argv[1])
