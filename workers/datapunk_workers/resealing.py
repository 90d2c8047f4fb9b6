"""Sealing the artefacts of an owner with the key that this worker is set to."""

from datapunk.db import one
from datapunk.db.psycopg_db import PsycopgDb
from datapunk.inference.sealing import key_of, opened, sealed
from datapunk_workers.queue import Q


def reseal(db: PsycopgDb) -> int:
    """Seal the present owner's artefacts anew where they are not as this worker would write them; returns how many.

    One at a time, each in a statement of its own: what was done before a failure stays. Raises NotReady.
    """
    changed = 0
    for row in db.rows(Q.artifact_keys):
        content = bytes(one(db.rows(Q.artifact, row["version_id"], row["name"]))["content"])
        plain = opened(content)
        wanted = sealed(row["name"], plain)
        if key_of(wanted) != row["key"]:
            db.execute(Q.reseal_artifact, row["version_id"], row["name"], wanted)
            changed += 1
    return changed
