"""The router that comes with the installation: fitted once, so that nobody's first question pays for it."""

from typing import Any

import psycopg

from datapunk.db.psycopg_db import PsycopgDb
from datapunk.gaia.router import SYSTEM, Q, as_read, refit
from datapunk.inference import StoredArtifacts, connect
from datapunk.settings import Settings


def fit_installed_router(connection: psycopg.Connection[Any]) -> bool:
    """Embed the built-in examples with the active generation's model and fit the router that serves every owner.

    `connection` is a superuser's. Returns False when the router fits the examples already.
    """
    db = PsycopgDb(connection)
    model = str(db.rows(Q.context)[0]["model"])
    texts = as_read(db.rows(Q.examples, [SYSTEM]))
    embedded = {str(row["text"]) for row in db.rows(Q.example_vectors, [SYSTEM], model, texts)}
    # Examples are read anew by another release.
    if db.rows(Q.installed_router, model)[0]["fits"] and embedded >= set(texts):
        return False
    # In this process: the installation may run before the model host does.
    inference = connect(Settings(inference="in_process"), {}, StoredArtifacts(db))
    with connection.transaction():
        refit(db, inference, owner=SYSTEM, model=model)
    return True
