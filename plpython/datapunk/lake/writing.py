"""Batches become rows, a statement a table."""

from collections import Counter
from contextlib import suppress

from datapunk.db import Db, Row, load_queries
from datapunk.lake.frames import Frame

_Q = load_queries("datapunk.lake")
_STATEMENTS = {
    "items": _Q.item_insert, "positions": _Q.position_insert, "measurements": _Q.measurement_insert,
    "rejects": _Q.reject_insert, "files": _Q.import_file_insert,
    "sightings": _Q.sighting_insert,
}  # fmt: skip
_UNIQUE_VIOLATION = "23505"


class _Known(Exception):
    """Some of the items of a batch are there already."""


class Writer:
    """Inserts the rows of frames of `frames.table` for one import; `import_id` is None for live records.

    As long as all items are new, as in a first import, a batch is added without looking each of its items up before;
    where that turns out wrong, the batch is written again with care, as are those behind it until all of one were new.
    """

    def __init__(self, db: Db, import_id: str | None) -> None:
        self._db = db
        self._import_id = import_id
        self._all_new = import_id is not None

    def write(self, frame: Frame) -> list[tuple[str, int, int]]:
        """Insert the rows of a frame; return kind, ordinal of the file and number of the new ones.

        Live records have no sightings. What is there already stays as it is, unless the new record is better or a later
        edit.
        """
        if self._import_id is None and frame.kind == "sightings":
            return []
        if frame.kind != "items" or self._import_id is None:
            return [(row["kind"], row["file"], row["count"]) for row in self._rows(frame)]
        if self._all_new:
            with suppress(_Known):
                return self._append(frame)
        found = [(row["kind"], row["file"], row["count"]) for row in self._rows(frame)]
        self._all_new = sum(count for _, _, count in found) == _counts(frame).total()
        return found

    def _rows(self, frame: Frame) -> list[Row]:
        fields = frame.fields
        statement = _STATEMENTS[frame.kind]
        return self._db.rows(statement, self._import_id, fields["separator"], fields["null"], *frame.texts)

    def _append(self, frame: Frame) -> list[tuple[str, int, int]]:
        """Insert items that are all new. Raises _Known when they are not, with nothing written."""
        fields = frame.fields
        try:
            with self._db.savepoint():
                self._db.execute(
                    _Q.item_append, self._import_id, fields["separator"], fields["null"], *frame.texts[1:]
                )
        except Exception as exc:
            if getattr(exc, "sqlstate", None) != _UNIQUE_VIOLATION:
                raise
            raise _Known from exc
        return [(kind, file, count) for (file, kind), count in _counts(frame).items()]


def _counts(frame: Frame) -> Counter[tuple[int, str]]:
    """Return how many items of each file and kind a frame holds: its first two columns."""
    files, kinds = (text.split(frame.fields["separator"]) for text in frame.texts[:2])
    return Counter(zip(map(int, files), kinds, strict=True))


def write(db: Db, import_id: str | None, frame: Frame) -> list[tuple[str, int, int]]:
    """Insert the rows of one frame, as `Writer.write` does."""
    return Writer(db, import_id).write(frame)
