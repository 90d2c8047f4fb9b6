"""Batches become rows, a statement a table."""

from collections import Counter

from datapunk.db import Db, load_queries, one
from datapunk.lake.frames import Frame

_Q = load_queries("datapunk.lake")
_STATEMENTS = {
    "positions": _Q.position_insert, "measurements": _Q.measurement_insert, "rejects": _Q.reject_insert,
    "files": _Q.import_file_insert, "sightings": _Q.sighting_insert,
    "zones": _Q.zone_candidate_insert,
}  # fmt: skip
# Where a frame of items has its content hashes, which begin with \x.
_HASHES = 12


def write(db: Db, import_id: str | None, frame: Frame) -> list[tuple[str, int, int]]:
    """Insert the rows of a frame of `frames.table`; return kind, ordinal of the file and number of the new ones.

    `import_id` is None for live records, which have no sightings. What is there already stays as it is, unless the new
    record is better or a later edit.
    """
    if frame.kind == "items":
        return _items(db, import_id, frame)
    if import_id is None and frame.kind == "sightings":
        return []
    fields = frame.fields
    rows = db.rows(_STATEMENTS[frame.kind], import_id, fields["separator"], fields["null"], *frame.texts)
    return [(row["kind"], row["file"], row["count"]) for row in rows]


def _items(db: Db, import_id: str | None, frame: Frame) -> list[tuple[str, int, int]]:
    # PostgreSQL need not know of the files: it tells which of the items were new.
    separator = frame.fields["separator"]
    files, kinds = (text.split(separator) for text in frame.texts[:2])
    places = list(zip(files, kinds, strict=True))
    args = (import_id, separator, frame.fields["null"], list(frame.texts[1:]), len(places))
    written = one(db.rows(_Q.item_insert, *args))
    if written["added"] < len(places):
        new = set(written["digests"] or ())
        hashes = frame.texts[_HASHES].split(separator)
        places = [place for place, digest in zip(places, hashes, strict=True) if digest[2:] in new]
    return [(kind, int(file), count) for (file, kind), count in Counter(places).items()]
