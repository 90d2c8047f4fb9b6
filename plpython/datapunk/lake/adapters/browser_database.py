"""Histories of browsers: their SQLite databases, and the dumps that browserexport merges of them."""

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from datapunk.lake.epochs import UNIX, WINDOWS, count
from datapunk.lake.json_text import json_lines
from datapunk.lake.names import last_part
from datapunk.lake.record import Context, DamagedData, Found, Record, Rejected
from datapunk.lake.registry import BY_NAME, SURE
from datapunk.lake.samples import rejected
from datapunk.lake.stream import HEAD_BYTES, MemberStream, json_items, top_is_array
from datapunk.lake.text import clean_url

if TYPE_CHECKING:
    import sqlite3

NAME = "browser"
VERSION = "1"

_SQLITE = b"SQLite format 3\x00"
_TABLES = re.compile(rb"moz_historyvisits|history_visits|keyword_search_terms|CompletionMetaInfo|history_guid")
_FILES = frozenset(("history", "places.sqlite", "history.db", "history.sqlite"))
# All databases of Chromium say this; its tables' names may lie behind the first 64 KiB.
_CHROMIUM = b"last_compatible_version"
_OTHERS_OF_CHROMIUM = re.compile(
    r"cookies|favicons|web data|login data|top sites|shortcuts|affiliation|predictor|media|quota|account|extension",
)
_DUMP = re.compile(rb'\s*+\[?+\s*+\{(?=[^{}]*"url"\s*:)(?=[^{}]*"dt"\s*:)[^{}]*"metadata"\s*:')
_SAFARI = UNIX + timedelta(seconds=978_307_200)


def claims(member: str, head: bytes) -> float:
    """Claim a database with the tables of a browser's history, and a list of visits as browserexport writes it."""
    if not head:
        return BY_NAME if last_part(member) in _FILES else 0.0
    if head.startswith(_SQLITE):
        if _TABLES.search(head):
            return SURE
        name = last_part(member)
        kin = _CHROMIUM in head and not _OTHERS_OF_CHROMIUM.match(name)
        return BY_NAME if kin or name in _FILES else 0.0
    return SURE if _DUMP.match(head) else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("History (Chrome and its kin)", "places.sqlite (Firefox)", "History.db (Safari)", "browserexport *.json*")


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield a visit per row; those that Chrome's own export has too are the same items."""
    if stream.head.startswith(_SQLITE):
        yield from _database(stream)
    else:
        yield from _dump(stream)


def _database(stream: MemberStream) -> Iterator[Found]:
    """Yield the visits of a database, which lies in a file as long as it is read: SQLite reads nothing else."""
    import sqlite3
    from tempfile import NamedTemporaryFile

    with NamedTemporaryFile(suffix=".sqlite") as file:
        damage: DamagedData | None = None
        try:
            while chunk := stream.read(HEAD_BYTES):
                file.write(chunk)
        except DamagedData as exc:
            damage = exc
        file.flush()
        # Immutable: a journal or a WAL that the browser left unfinished is elsewhere.
        with closing(sqlite3.connect(f"file:{file.name}?mode=ro&immutable=1", uri=True)) as database:
            database.row_factory = sqlite3.Row
            database.text_factory = lambda raw: raw.decode("utf-8", "replace")
            try:
                # A file from elsewhere may define functions to call; one that was cut is read as far as it goes.
                database.execute("pragma trusted_schema = off")
                database.execute("pragma writable_schema = on")
                yield from _visits(database)
            except sqlite3.Error as exc:
                yield Rejected(reason=f"damaged database: {exc}")
        if damage is not None:
            raise damage


def _visits(database: "sqlite3.Connection") -> Iterator[Found]:
    query = _query(database)
    if query is None:
        yield Rejected(reason="a database of no browser that is known")
        return
    for number, row in enumerate(database.execute(query), 1):
        # Of two columns with one name the first is meant.
        cells = dict(reversed(list(zip(row.keys(), row, strict=True))))
        try:
            yield _record(cells)
        except (KeyError, TypeError, ValueError, OverflowError) as exc:
            yield Rejected(reason=f"visit {number}: {exc!r}", sample=repr(cells).encode("utf-8", "replace"))


def _query(database: "sqlite3.Connection") -> str | None:
    """Return the query of the first browser that fits this database: its tables and columns are there.

    Rows come in the order of the file, so that what precedes a damaged page is kept.
    """
    import sqlite3
    from dataclasses import replace

    from browserexport.browsers.all import DEFAULT_BROWSERS

    # They are classes, which browserexport's annotations take for their instances.
    browsers: list[Any] = DEFAULT_BROWSERS
    for browser in browsers:
        query: str = replace(browser.schema, order_by=None).query
        try:
            database.execute(f"explain {query}").close()
        except sqlite3.OperationalError:
            continue
        return query
    return None


def _record(cells: dict[str, Any]) -> Record:
    attributes: dict[str, object] = {}
    # In microseconds, 0 where the browser did not count.
    if duration := cells.get("visit_duration"):
        attributes["duration_seconds"] = int(duration) // 1_000_000
    if description := cells.get("description"):
        attributes["description"] = str(description).strip()
    return _visit(_instant(cells), cells["url"], cells.get("title"), attributes)


def _instant(cells: dict[str, Any]) -> datetime:
    """Return when a row happened, exactly: browserexport itself goes through floats and loses microseconds."""
    if "visit_duration" in cells:
        return WINDOWS + timedelta(microseconds=int(cells["visit_time"]))
    if "visit_time" in cells:
        return _SAFARI + timedelta(seconds=cells["visit_time"])
    if "atime" in cells:
        return UNIX + timedelta(seconds=cells["atime"])
    return UNIX + timedelta(microseconds=int(cells["visit_date"] if "visit_date" in cells else cells["date"]))


def _visit(at: datetime, url: object, title: object, attributes: dict[str, object]) -> Record:
    if not isinstance(url, str) or not url:
        raise ValueError("no address")
    return Record(
        kind="visit", source=NAME, occurred_at=at, precision="us", title=str(title or ""), url=url,
        attributes=attributes,
    )  # fmt: skip


def _dump(stream: MemberStream) -> Iterator[Found]:
    if top_is_array(stream.head):
        entries = json_items(stream, "item")
    else:
        entries = (line if isinstance(line, Rejected) else line.value for line in json_lines(stream))
    for entry in entries:
        if isinstance(entry, Rejected):
            yield entry
            continue
        try:
            yield _dumped(entry)
        except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as exc:
            yield rejected(f"a visit needs url and dt: {exc!r}", entry)


def _dumped(entry: Any) -> Record:
    about = entry.get("metadata") or {}
    attributes: dict[str, object] = {}
    if duration := about.get("duration"):
        attributes["duration_seconds"] = count(duration)
    if description := about.get("description"):
        attributes["description"] = str(description).strip()
    if picture := clean_url(str(about.get("preview_image") or "")):
        attributes["picture"] = picture
    at = UNIX + timedelta(microseconds=count(Decimal(entry["dt"]) * 1_000_000))
    return _visit(at, entry["url"], about.get("title"), attributes)
