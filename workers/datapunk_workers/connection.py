"""A worker's connections: who it is, whom it acts as, and which tables it understands."""

from pathlib import Path
from typing import Any

import psycopg

from datapunk.admin.resources import resource_root
from datapunk.db import one
from datapunk.db.psycopg_db import PsycopgDb
from datapunk.errors import NotReady
from datapunk.inference import ModelManifest, StoredArtifacts
from datapunk_workers.queue import Q


def open_connection(dsn: str) -> psycopg.Connection[Any]:
    """Connect in autocommit mode; a peer that is gone is noticed within half a minute."""
    return psycopg.connect(
        dsn, autocommit=True, application_name="datapunk worker", connect_timeout=10,
        keepalives_idle=10, keepalives_interval=5, keepalives_count=3,
    )  # fmt: skip


def act_as(connection: psycopg.Connection[Any], owner: str) -> None:
    """Act as `owner` from now on."""
    PsycopgDb(connection).execute(Q.act_as, owner)


def act_as_db(db: PsycopgDb, owner: str) -> None:
    """Act as `owner` from now on, over a connection's `Db`."""
    db.execute(Q.act_as, owner)


def known_revisions(root: Path | None = None) -> set[str]:
    """Return the migrations that this code has."""
    folder = (root or resource_root()) / "sql" / "migrations" / "versions"
    return {path.stem for path in folder.glob("[0-9]*.py")}


def check_schema(connection: psycopg.Connection[Any]) -> None:
    """Raise NotReady when the database's tables are newer than this code, or Datapunk is not installed in it."""
    try:
        revision = one(PsycopgDb(connection).rows(Q.schema_revision))["revision"]
    except (psycopg.errors.InvalidSchemaName, psycopg.errors.UndefinedFunction) as exc:
        raise NotReady("Datapunk is not installed in this database", hint="Run `datapunk install`.") from exc
    if revision not in known_revisions():
        raise NotReady(
            f"the database's tables ({revision}) are newer than this worker",
            hint="Update the worker to the version that installed them.",
        )


class WorkerArtifacts:
    """Models that the present owner may read, over a worker's own connection.

    Single statements, which may come from another thread than those that the connection is also used for.
    """

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._stored = StoredArtifacts(PsycopgDb(connection))

    def manifest(self, model: str) -> ModelManifest:
        """Return a model's manifest. Raises NoSuchModel."""
        return self._stored.manifest(model)

    def read(self, sha: str) -> bytes:
        """Return an artefact's content. Raises NoSuchModel."""
        return self._stored.read(sha)
