"""The version that answers now, for a training to compare its own with."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import psycopg

from datapunk.db.psycopg_db import PsycopgDb
from datapunk.inference.sealing import opened
from datapunk_forge.incumbent import Incumbent
from datapunk_forge.promotion import compared
from datapunk_forge.trained import Dataset, Embed, ForecastRows, RecommenderRows, Trained
from datapunk_workers.connection import act_as, open_connection
from datapunk_workers.queue import Q


def judged(trained: Trained, dataset: Dataset, order: Mapping[str, Any], embed: Embed) -> Trained:
    """Return what was learned with its comparison to the deployed version, where there is one that can be compared."""
    if trained.held_out is None and trained.against is None:
        return trained
    with open_connection(order["dsn"]) as connection:
        act_as(connection, order["owner_id"])
        incumbent = find_incumbent(connection, order["model"])
    if incumbent is None:
        return trained
    comparison = compared(trained, dataset, incumbent, order["options"], embed)
    if comparison is None:
        return trained
    return replace(trained, parameters={**trained.parameters, "comparison": comparison.to_json()})


def find_incumbent(connection: psycopg.Connection[Any], model: str) -> Incumbent | None:
    """Return the version that answers for the present owner's model."""
    rows = PsycopgDb(connection).rows(Q.incumbent, model)
    if not rows:
        return None
    version, signature = int(rows[0]["id"]), json.loads(rows[0]["signature"])
    files = {str(row["name"]): opened(bytes(row["content"])) for row in rows if row["name"]}
    read = _ROWS.get(str(signature.get("output")))
    return Incumbent(
        version_id=version, signature=signature, graph=files.pop("model.onnx", b""), files=files,
        rows=read(PsycopgDb(connection), version) if read else None,
    )  # fmt: skip


def _recommender(db: PsycopgDb, version: int) -> RecommenderRows:
    """Read a recommender's rows, whose items are numbered from 1 in the database."""
    items = db.rows(Q.incumbent_items, version)
    width = max((len(row["neighbours"]) for row in items), default=0)
    neighbours = np.zeros((len(items), width), dtype=np.int32)
    weights = np.zeros((len(items), width), dtype=np.float32)
    for number, row in enumerate(items):
        count = len(row["neighbours"])
        neighbours[number, :count], weights[number, :count] = row["neighbours"], row["weights"]
    return RecommenderRows(
        items=tuple(str(row["item"]) for row in items), popularity=np.array([row["weight"] for row in items]),
        neighbours=neighbours - 1, weights=weights,
        subjects={
            str(row["subject"]): (np.array(row["items"], np.int32) - 1, np.array(row["weights"], np.float32))
            for row in db.rows(Q.incumbent_interactions, version)
        },
    )  # fmt: skip


def _forecasts(db: PsycopgDb, version: int) -> ForecastRows:
    """Read a forecaster's rows, without the ends of its intervals."""
    rows = db.rows(Q.incumbent_forecasts, version)
    at, value = (np.array([row[name] for row in rows], dtype=np.float64) for name in ("at", "value"))
    return ForecastRows(
        series=tuple(str(row["series"]) for row in rows), at=at, value=value, lower=value[..., None],
        upper=value[..., None],
    )  # fmt: skip


# By what a version puts out.
_ROWS: dict[str, Callable[[PsycopgDb, int], RecommenderRows | ForecastRows]] = {
    "ranking": _recommender, "forecast": _forecasts,
}  # fmt: skip
