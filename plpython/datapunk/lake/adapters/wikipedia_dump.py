"""Dumps of Wikipedia and other MediaWikis (XML, often packed by bzip2): a document per page."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from xml.etree.ElementTree import ParseError

from datapunk.lake.documents import BODY_CHARACTERS
from datapunk.lake.names import last_part
from datapunk.lake.record import Context, Found, Record, Rejected
from datapunk.lake.registry import BY_NAME, SURE
from datapunk.lake.stream import MemberStream
from datapunk.lake.wikitext import plain

if TYPE_CHECKING:
    from mwxml import Page

NAME = "wikipedia"
VERSION = "1"

_ROOT = re.compile(rb"\s*(?:<\?xml[^>]*\?>\s*)?<mediawiki[\s>]")
_NAME = re.compile(r"wik.*pages.*\.xml$")


def claims(member: str, head: bytes) -> float:
    """Claim XML whose first element is a dump's."""
    if not head:
        return BY_NAME if _NAME.search(last_part(member)) else 0.0
    return SURE if _ROOT.match(head) else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("*-pages-articles*.xml.bz2", "*-pages-*.xml")


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield each page in its latest revision; redirects have no text of their own and are left out."""
    from mwxml import Page
    from mwxml.element_iterator import ElementIterator
    from mwxml.errors import MalformedXML

    site: dict[str, str] = {}
    try:
        root = ElementIterator.from_file(stream)
        for element in root:
            try:
                if element.tag == "siteinfo":
                    site = {part.tag: part.text or "" for part in element if part.tag in ("base", "dbname", "sitename")}
                elif element.tag == "page" and (record := _record(Page.from_element(element), site)) is not None:
                    yield record
            except (MalformedXML, ValueError, TypeError, AttributeError, KeyError) as exc:
                yield Rejected(reason=f"not a page: {exc!r}", byte_offset=stream.position)
            element.clear()
            # The parser keeps every page below the root otherwise, if empty.
            root.element.clear()
    except ParseError as exc:
        yield Rejected(reason=f"broken XML: {exc}", byte_offset=stream.position, sample=stream.chunk[-1024:])


def _record(page: "Page", site: dict[str, str]) -> Record | None:
    latest = max(page, key=lambda revision: revision.timestamp, default=None)
    if latest is None:
        raise ValueError("no revision")
    if page.redirect is not None:
        return None
    body = plain(_text(latest))
    attributes: dict[str, object] = {"type": "wiki_page", "mime_type": "text/x-wiki"}
    if name := site.get("sitename"):
        attributes["site"] = name
    if page.namespace:
        attributes["namespace"] = page.namespace
    if len(body) > BODY_CHARACTERS:
        body = body[:BODY_CHARACTERS]
        attributes["truncated"] = True
    return Record(
        kind="document",
        source=NAME,
        occurred_at=datetime.fromtimestamp(latest.timestamp.unix(), UTC),
        title=page.title,
        body=body or None,
        url=_address(page.title, site.get("base", "")),
        external_id=f"{site.get('dbname') or site.get('base', '')}:{page.id}",
        attributes=attributes,
    )


def _text(revision: Any) -> str:
    content = revision.slots.contents.get("main") if revision.slots else None
    return (content.text if content else None) or ""


def _address(title: str, base: str) -> str | None:
    """Return a page's address, made after that of the wiki's main page."""
    folder = base.rpartition("/")[0]
    return f"{folder}/{quote(title.replace(' ', '_'), safe='/:(),')}" if folder else None
