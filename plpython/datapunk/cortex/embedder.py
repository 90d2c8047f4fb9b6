"""Where embeddings come from: the active generation's model, kept as rows, answered by the inference client."""

from dataclasses import dataclass
from typing import Any

from datapunk.db import Db, load_queries
from datapunk.db.backend import read_settings
from datapunk.errors import NotReady
from datapunk.inference import InferenceClient, StoredArtifacts, connect

Q = load_queries("datapunk.cortex")


@dataclass(frozen=True, kw_only=True)
class Generation:
    """The generation that searches read."""

    id: int
    model: str
    dimensions: int


def active_generation(db: Db) -> Generation:
    """Return the active generation. Raises NotReady when there is none."""
    rows = db.rows(Q.active_generation)
    if not rows:
        raise NotReady("no generation of embeddings is active", hint="`datapunk install` creates the first one.")
    return Generation(id=rows[0]["id"], model=rows[0]["model"], dimensions=rows[0]["dimensions"])


def session_inference(db: Db, cache: dict[str, Any]) -> InferenceClient:
    """Return the inference client of a session, which keeps its connection to the host in `cache` (a backend's GD)."""
    return connect(read_settings(db), cache, StoredArtifacts(db))
