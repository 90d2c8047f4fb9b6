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
    dsn: str, ids: Sequence[str], texts: Sequence[str], queries: Sequence[str], documents: np.ndarray
) -> dict[str, Any] | None:
    """Return what Haystack's hybrid pipeline ranks (`ranked`: ids a query), its `ms` and `embedding_ms` a query.

    `documents` are the vectors of the texts; the queries are embedded by Haystack, with the default model. None where
    it is not installed.
    """
    from datapunk_forge.export.default_model import source_folder

    python = os.environ.get("DATAPUNK_PEERS")
    if not python:
        return None
    with tempfile.TemporaryDirectory(prefix="dp-bench-") as scratch:
        folder = Path(scratch)
        content = {"ids": list(ids), "texts": list(texts), "queries": list(queries), "model": str(source_folder())}
        (folder / "collection.json").write_text(json.dumps(content), encoding="utf-8")
        np.savez(folder / "vectors.npz", documents=documents)
        script = Path(__file__).with_name("peer_haystack.py")
        run = subprocess.run([python, script, dsn, scratch], stdout=subprocess.PIPE, text=True, check=True)
    return dict(json.loads(run.stdout.strip().splitlines()[-1]))
