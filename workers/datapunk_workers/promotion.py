"""The version that answers now, for a training to compare its own with."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import psycopg

from datapunk.db.psycopg_db import PsycopgDb
from datapunk.inference.sealing import opened
from datapunk_forge.promotion import Incumbent, compared
from datapunk_forge.trained import Dataset, Embed, Trained
from datapunk_workers.connection import act_as, open_connection
from datapunk_workers.queue import Q


def judged(trained: Trained, dataset: Dataset, order: Mapping[str, Any], embed: Embed) -> Trained:
    """Return what was learned with its comparison to the deployed version, where there is one that can be compared."""
    if trained.held_out is None:
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
    files = {str(row["name"]): opened(bytes(row["content"])) for row in rows}
    return Incumbent(
        version_id=int(rows[0]["id"]), signature=json.loads(rows[0]["signature"]), graph=files.pop("model.onnx", b""),
        files=files,
    )  # fmt: skip
