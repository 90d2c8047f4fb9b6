"""The record of a passage that somebody marked, the same from every reading device and service."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from hashlib import sha256

from datapunk.lake.record import Record
from datapunk.lake.text import clean_url, normal


def highlight(
    *, source: str, passage: str, work: str, at: datetime | None, precision: str = "s", zone_source: str = "utc",
    author: str = "", note: str = "", url: str = "", external_id: str | None = None,
    attributes: Mapping[str, object] | None = None,
) -> Record:  # fmt: skip
    """Return the highlight of `passage` in `work`; a remark on a whole work, without a passage, is a note.

    Work and passage are its natural key: many passages of a book may be marked, or imported, in one second.
    """
    told: dict[str, object] = {"author": author} if author else {}
    if note and passage:
        told["note"] = note
    told.update({name: value for name, value in (attributes or {}).items() if value})
    return Record(
        kind="highlight" if passage else "note",
        source=source,
        occurred_at=at,
        title=work or None,
        body=passage or note,
        url=clean_url(url),
        external_id=external_id,
        key=sha256(f"{normal(work)}\x1f{normal(passage or note)}".encode("utf-8", "replace")).hexdigest(),
        precision=precision,
        zone_source=zone_source,
        attributes=told,
    )


def iso_instant(text: str, own_zone: tzinfo) -> tuple[datetime | None, str]:
    """Return an ISO time and where its zone comes from; None for an empty text. Raises ValueError for any other."""
    if not text.strip():
        return None, "utc"
    at = datetime.fromisoformat(text.strip())
    if at.tzinfo is None:
        return at.replace(tzinfo=own_zone), "floating"
    return at, "offset" if at.utcoffset() else "utc"
