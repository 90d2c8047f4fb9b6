"""Bookmarks and reading lists of browsers: the HTML that Netscape began and all of them export."""

import re
from collections.abc import Iterator

from datapunk.lake.epochs import Moment, moment
from datapunk.lake.link_lists import Link, links
from datapunk.lake.names import folded, last_part, named
from datapunk.lake.record import Context, Found, Listing, Record, Rejected
from datapunk.lake.registry import BY_NAME, SURE
from datapunk.lake.stream import MemberStream
from datapunk.lake.takeout import product_path

NAME = "bookmarks"
VERSION = "1"

_BOOKMARKS = named(
    "Bookmarks.html", "Lesezeichen.html", "Bladwijzers.html", "Marcadores.html", "Favoris.html", "Preferiti.html",
    "Yer İşaretleri.html", "الإشارات المرجعية.html", "书签.html",
)  # fmt: skip
_READING_LISTS = named(
    "ReadingList.html", "Reading List.html", "Leseliste.html", "Leeslijst.html", "Lista de lectura.html",
    "Liste de lecture.html", "Elenco di lettura.html", "Okuma listesi.html", "قائمة القراءة.html", "阅读清单.html",
)  # fmt: skip
_DOCTYPE = re.compile(rb"\s*<!DOCTYPE\s+NETSCAPE-Bookmark-file", re.IGNORECASE)


def claims(member: str, head: bytes) -> float:
    """Claim what says that it is a bookmark file."""
    if head:
        return SURE if _DOCTYPE.match(head) else 0.0
    return BY_NAME if last_part(member) in _BOOKMARKS | _READING_LISTS else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("Chrome/Bookmarks.html", "Chrome/ReadingList.html", "bookmarks.html")


def listing(member: str, head: bytes) -> Listing | None:
    """Tell that Chrome's bookmarks, or its reading list, of a Takeout are all that there are."""
    match product_path(member):
        case ["Chrome", name]:
            reading_list = folded(name) in _READING_LISTS
            return Listing("reading_list" if reading_list else NAME, whole=True)
    return None


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield a document per link, placed where it was saved."""
    reading_list = last_part(context.member) in _READING_LISTS
    for link in links(stream):
        try:
            yield _record(link, reading_list=reading_list)
        except ValueError as exc:
            yield Rejected(reason=f"a bookmark with a wrong time: {exc}", sample=repr(link).encode("utf-8", "replace"))


def _record(link: Link, *, reading_list: bool) -> Record:
    added, changed = _saved(link, "add_date"), _saved(link, "last_modified")
    attributes: dict[str, object] = {"type": "reading_list" if reading_list else "bookmark"}
    if link.folders:
        attributes["folder"] = "/".join(link.folders)
    if changed:
        attributes["changed"] = changed.at.isoformat()
    if tags := [tag.strip() for tag in link.attributes.get("tags", "").split(",") if tag.strip()]:
        attributes["labels"] = tags
    return Record(
        kind="document",
        source=NAME,
        occurred_at=added.at if added else None,
        precision=added.precision if added else "s",
        title=link.title or link.attributes["href"],
        body=link.note or None,
        url=link.attributes["href"],
        attributes=attributes,
    )


def _saved(link: Link, name: str) -> Moment | None:
    """Return a time of a link: seconds in bookmarks, microseconds in reading lists, 0 for none."""
    value = int(link.attributes.get(name) or 0)
    return moment(value) if value else None
