"""Google Keep: a note per JSON file, its text or its list."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from posixpath import basename
from typing import Any

from datapunk.lake.json_text import whole_json
from datapunk.lake.names import folded
from datapunk.lake.record import Context, Found, Listing, Record, Rejected
from datapunk.lake.registry import BY_NAME, SURE
from datapunk.lake.samples import rejected
from datapunk.lake.stream import MemberStream
from datapunk.lake.takeout import product_path
from datapunk.lake.text import clean_url, html_text

NAME = "keep"
VERSION = "1"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_KEY = re.compile(rb'"(isTrashed|isPinned|isArchived|userEditedTimestampUsec|createdTimestampUsec)"\s*:')
_FOLDERS = frozenset(("keep", "google keep", "google notizen"))


def claims(member: str, head: bytes) -> float:
    """Claim an object with the keys that each note has."""
    if head:
        if head.lstrip()[:1] != b"{":
            return 0.0
        return SURE if len(set(_KEY.findall(head))) >= 3 else 0.0
    parts = folded(member).split("/")
    return BY_NAME if parts[-1].endswith(".json") and _FOLDERS & set(parts[:-1]) else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("Keep/*.json", "Google Notizen/*.json (and other languages)")


def listing(member: str, head: bytes) -> Listing | None:
    """Tell that a note of a Takeout is one of all that there are, a file each."""
    return Listing(NAME, whole=False) if len(product_path(member)) == 2 else None


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield the note. Its identity is when it was created, so a changed note stays the same one."""
    note = whole_json(stream)
    if isinstance(note, Rejected):
        yield note
        return
    try:
        yield _record(note, basename(context.member).rpartition(".json")[0] or basename(context.member))
    except (TypeError, ValueError, AttributeError, OverflowError) as exc:
        yield rejected(f"not a note: {exc!r}", note, "")


def _record(note: Any, name: str) -> Record:
    created, edited = _instant(note.get("createdTimestampUsec")), _instant(note.get("userEditedTimestampUsec"))
    title = str(note.get("title") or "").strip()
    text = _text(note)
    attributes = _attributes(note)
    if not (created or edited or title or text or attributes):
        raise ValueError("nothing in it")
    return Record(
        kind="note",
        source=NAME,
        occurred_at=created or edited,
        precision="us",
        title=title or text.strip().partition("\n")[0] or name,
        body=text or None,
        external_id=str(note["createdTimestampUsec"]) if created else f"{name}/{title}",
        edited_at=edited,
        attributes=attributes,
    )


def _instant(value: object) -> datetime | None:
    """Return the instant of microseconds since 1970; exports of before 2022 have none or 0 for the creation."""
    return _EPOCH + timedelta(microseconds=int(str(value))) if value else None


def _text(note: Any) -> str:
    parts = []
    if text := str(note.get("textContent") or ""):
        parts.append(text)
    elif html := str(note.get("textContentHtml") or ""):
        parts.append(html_text(html))
    parts += [f"[{'x' if item.get('isChecked') else ' '}] {item.get('text') or ''}" for item in _list(note)]
    return "\n".join(parts)


def _list(note: Any) -> list[Any]:
    return note.get("listContent") or []


def _attributes(note: Any) -> dict[str, object]:
    attributes: dict[str, object] = {}
    if labels := [str(label["name"]) for label in note.get("labels") or () if label.get("name")]:
        attributes["labels"] = labels
    if (color := note.get("color")) and color != "DEFAULT":
        attributes["color"] = str(color)
    for key, name in (("isPinned", "pinned"), ("isArchived", "archived"), ("isTrashed", "trashed")):
        if note.get(key):
            attributes[name] = True
    if files := [str(a["filePath"]) for a in note.get("attachments") or () if a.get("filePath")]:
        attributes["attachments"] = files
    links = [
        {key: value for key, value in (("url", url), ("title", str(link.get("title") or ""))) if value}
        for link in note.get("annotations") or ()
        if (url := clean_url(str(link.get("url") or "")))
    ]
    if links:
        attributes["links"] = links
    if len(people := [str(person["email"]) for person in note.get("sharees") or () if person.get("email")]) > 1:
        attributes["people"] = people
    return attributes
