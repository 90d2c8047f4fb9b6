"""Batches become rows, a statement a table."""

from datapunk.db import Db, load_queries
from datapunk.lake.frames import Frame

_Q = load_queries("datapunk.lake")
_STATEMENTS = {
    "items": _Q.item_insert, "positions": _Q.position_insert, "measurements": _Q.measurement_insert,
    "rejects": _Q.reject_insert, "files": _Q.import_file_insert,
    "sightings": _Q.sighting_insert,
}  # fmt: skip


def write(db: Db, import_id: str | None, frame: Frame) -> list[tuple[str, int, int]]:
    """Insert the rows of a frame of `frames.table`; return kind, ordinal of the file and number of the new ones.

    `import_id` is None for live records, which have no sightings. What is there already stays as it is, unless the new
    record is better or a later edit.
    """
    if import_id is None and frame.kind == "sightings":
        return []
    statement = _STATEMENTS[frame.kind]
    rows = db.rows(statement, import_id, frame.fields["separator"], frame.fields["null"], *frame.texts)
    return [(row["kind"], row["file"], row["count"]) for row in rows]
