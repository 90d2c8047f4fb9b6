"""The record of a document, whatever the format of its file was."""

import re
from collections.abc import Mapping
from datetime import datetime, tzinfo
from hashlib import sha256
from posixpath import basename

from datapunk.lake.names import folded
from datapunk.lake.record import Record, Rejected
from datapunk.lake.samples import rejected_bytes
from datapunk.lake.text import clean_url

BODY_CHARACTERS = 2_000_000
TITLE_CHARACTERS = 300
# Any adapter that knows what a text is about is surer than that it is a text.
PLAIN = 0.18

_GOOGLE_FOLDERS = frozenset(
    (
        "archive browser.html", "keep", "voice", "chrome", "mail", "my activity", "meine aktivitäten", "mi actividad",
        "mijn activiteit", "mon activité", "etkinliğim", "نشاطي", "我的活动", "location history", "standortverlauf",
    )
)  # fmt: skip
_LANGUAGE = re.compile(r"[a-z]{2,3}(?=$|[-_])")


def in_takeout(member: str) -> bool:
    """Tell whether a member's path is one of Google's exports."""
    parts = folded(member).split("/")
    return any(part in _GOOGLE_FOLDERS or part.startswith(("takeout", "google ", "youtube ")) for part in parts)


def stem(member: str) -> str:
    """Return a member's file name without its ending."""
    name = basename(member)
    return name.rpartition(".")[0] or name


def document(
    *, source: str, member: str, mime_type: str, text: str, raw: bytes, title: str = "", at: datetime | None = None,
    zone_source: str = "utc", url: str = "", language: str = "", attributes: Mapping[str, object] | None = None,
) -> Record | Rejected:  # fmt: skip
    """Return the document of a file's `text`; a Rejected where there is none, as silence would hide a file not read.

    Its text is its natural key, so that a copy under another name is the same document; where it has pages without a
    text layer only, told in `attributes`, its bytes are.
    """
    told = {name: value for name, value in (attributes or {}).items() if value}
    body = text if text.strip() else ""
    if not body and "pages_without_text" not in told:
        return rejected_bytes("no text in it", raw, 0)
    digest = sha256(" ".join(body.split()).encode("utf-8", "replace") if body else raw).hexdigest()
    if len(body) > BODY_CHARACTERS:
        body = body[:BODY_CHARACTERS]
        told["truncated"] = True
    spoken = _LANGUAGE.match(language.strip().casefold())
    return Record(
        kind="document",
        source=source,
        occurred_at=at,
        zone_source=zone_source,
        title=" ".join(title.split())[:TITLE_CHARACTERS] or stem(member),
        body=body or None,
        url=clean_url(url) if url else None,
        key=digest,
        language=spoken[0] if spoken else None,
        attributes={"mime_type": mime_type, **told},
    )


def aware(at: datetime | None, own_zone: tzinfo) -> tuple[datetime | None, str]:
    """Return a document's time with a zone, its own or else the person's, and where it comes from."""
    if at is None:
        return None, "utc"
    if at.tzinfo is None:
        return at.replace(tzinfo=own_zone), "floating"
    return at, "offset" if at.utcoffset() else "utc"
