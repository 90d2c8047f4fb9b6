"""Peers that need a Python of their own: Haystack, by peer_haystack.py and the Python that DATAPUNK_PEERS names."""

import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np


def haystack_hybrid(
    dsn: str, ids: Sequence[str], texts: Sequence[str], queries: Sequence[str], documents: np.ndarray,
    asked: np.ndarray,
) -> dict[str, Any] | None:  # fmt: skip
    """Return what Haystack's hybrid retrieval ranks (`ranked`: ids a query) and its `ms` a query without embedding.

    `documents` and `asked` are the vectors of texts and queries. None where Haystack is not installed.
    """
    python = os.environ.get("DATAPUNK_PEERS")
    if not python:
        return None
    with tempfile.TemporaryDirectory(prefix="dp-bench-") as scratch:
        folder = Path(scratch)
        content = {"ids": list(ids), "texts": list(texts), "queries": list(queries)}
        (folder / "collection.json").write_text(json.dumps(content), encoding="utf-8")
        np.savez(folder / "vectors.npz", documents=documents, queries=asked)
        script = Path(__file__).with_name("peer_haystack.py")
        run = subprocess.run([python, script, dsn, scratch], stdout=subprocess.PIPE, text=True, check=True)
    return dict(json.loads(run.stdout.strip().splitlines()[-1]))
