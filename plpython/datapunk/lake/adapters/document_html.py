"""Saved pages (HTML) as documents, where nothing tells more about them."""

import re
from collections.abc import Iterator

from datapunk.clock import zone
from datapunk.lake.documents import PLAIN, aware, document, in_takeout
from datapunk.lake.pages import page
from datapunk.lake.record import Context, Found
from datapunk.lake.stream import MemberStream, whole

NAME = "document_html"
VERSION = "1"

_PAGE = re.compile(rb"\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S)
_ENDINGS = (".html", ".htm", ".xhtml")
# Pages of exports, which have adapters of their own or repeat what a JSON beside them says.
_EXPORT = re.compile(
    rb'mdl-typography|content-cell|outer-cell|hChatLog|haudio|data-english-name|<title>Pocket Export|class="note\b'
    rb"|NETSCAPE-Bookmark-file",
    re.I,
)
_GOOGLE = re.compile(rb"google|gstatic", re.I)


def claims(member: str, head: bytes) -> float:
    """Claim pages, but none of an export; in a Takeout those with no word of Google."""
    named = member.casefold().endswith(_ENDINGS)
    if not head:
        return PLAIN if named and not in_takeout(member) else 0.0
    if not (_PAGE.match(head) or (named and b"<" in head)) or _EXPORT.search(head):
        return 0.0
    return 0.0 if in_takeout(member) and _GOOGLE.search(head) else PLAIN


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return tuple(f"*{ending}" for ending in _ENDINGS)


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield the document, placed where its head says that it was published."""
    raw = whole(stream)
    found = page(raw)
    at, zone_source = aware(found.published, zone(context.timezone))
    yield document(
        source=NAME,
        member=context.member,
        mime_type="text/html",
        text=found.text,
        raw=raw,
        title=found.title,
        at=at,
        zone_source=zone_source,
        url=found.url,
        language=found.language,
        attributes={"author": found.author},
    )
