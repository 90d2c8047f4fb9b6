"""The recipe `router` on public intents: accuracy in scope, and how much out of scope is declined.

`python tests/bench/bench_router.py DSN FOLDER [--full]`; FOLDER holds the sets intent_clinc150 and intent_banking77,
each with train_5.tsv, train_10.tsv, train.tsv and test.tsv of text and label. Each is trained on 5 and 10 examples an
intent and, with --full, on all of them; the peer is logistic regression on the embeddings alone. Prints JSON.
"""

import csv
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from datapunk.db.psycopg_db import PsycopgDb
from datapunk.inference import StoredArtifacts, connect
from datapunk.settings import Settings
from datapunk_forge.router import Head
from datapunk_forge.text_classifier import Examples

MODEL = "all-MiniLM-L6-v2"
_BATCH = 64
_STRENGTH = 20.0
Vectors = NDArray[np.float64]


def main(dsn: str, folder: Path, *, full: bool) -> dict[str, Any]:
    """Train on each part of each set, and score on its test part."""
    with psycopg.connect(dsn) as connection:
        inference = connect(Settings(inference="in_process"), {}, StoredArtifacts(PsycopgDb(connection)))

        def embed(texts: Sequence[str]) -> Vectors:
            order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
            vectors = np.zeros((len(texts), 384))
            for start in range(0, len(order), _BATCH):
                rows = order[start : start + _BATCH]
                for row, raw in zip(rows, inference.embed([texts[i] for i in rows], MODEL), strict=True):
                    vectors[row] = np.frombuffer(raw, "<f4")
            return vectors

        found: dict[str, Any] = {}
        for name in ("intent_clinc150", "intent_banking77"):
            texts, labels = _read(folder / name / "test.tsv")
            tested = embed(texts)
            outside = _read(folder / name / "oos_test.tsv")[0] if (folder / name / "oos_test.tsv").exists() else []
            apart = embed(outside) if outside else None
            for part in ("train_5", "train_10", *(("train",) if full else ())):
                found[f"{name} {part}"] = _scored(
                    folder / name / f"{part}.tsv", embed, texts, labels, tested, outside, apart
                )
    return found


def _read(path: Path) -> tuple[list[str], list[str]]:
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [row["text"] for row in rows], [row["label"] for row in rows]


def _scored(
    path: Path, embed: Any, texts: list[str], labels: list[str], tested: Vectors, outside: list[str],
    apart: Vectors | None,
) -> dict[str, float]:  # fmt: skip
    learned, names = _read(path)
    known = tuple(sorted(set(names)))
    label = np.array([known.index(name) for name in names])
    wanted = np.array([known.index(name) for name in labels])
    vectors = embed(learned)
    named = embed([name.replace("_", " ").lower() for name in known]).astype(np.float32)
    started = time.process_time()
    head = Head.fitted(
        Examples(texts=learned, labels=known, label=label, skipped=0),
        vectors,
        named,
        np.arange(len(learned)),
        _STRENGTH,
    )
    seconds = time.process_time() - started
    logits = head.logits(tested, texts)
    peer = LogisticRegression(C=30.0, max_iter=200, tol=1e-3).fit(vectors, label)
    row = {
        "accuracy": _percent(logits.argmax(1) == wanted),
        "peer_accuracy": _percent(peer.predict(tested) == wanted),
        "fit_cpu_s": round(seconds, 1),
    }
    if apart is not None:
        floor = np.quantile(logits.max(1), 0.03)
        row["out_of_scope_recall"] = _percent(head.logits(apart, outside).max(1) < floor)
        threshold = np.quantile(peer.predict_proba(tested).max(1), 0.03)
        row["peer_out_of_scope_recall"] = _percent(peer.predict_proba(apart).max(1) < threshold)
    return row


def _percent(values: Any) -> float:
    return round(100 * float(np.mean(values)), 2)


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], Path(sys.argv[2]), full="--full" in sys.argv), indent=2))
