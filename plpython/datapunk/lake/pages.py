"""Pages of HTML: their encoding, what their head says of them, and their text."""

import codecs
import re
from dataclasses import dataclass
from datetime import datetime

from datapunk.lake.stream import HEAD_BYTES
from datapunk.lake.tabular import encoding_of
from datapunk.lake.text import html_text

_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_XML_ENCODING = re.compile(rb"^\s*<\?xml[^>]*encoding\s*=\s*[\"']([\w.:-]+)")
_BOMS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_PUBLISHED = (
    "article:published_time",
    "date",
    "dc.date",
    "dcterms.date",
    "dcterms.created",
    "datepublished",
    "pubdate",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """A page: its text, and what its head tells, each empty where it does not; `published` may lack a zone."""

    text: str
    title: str = ""
    url: str = ""
    author: str = ""
    language: str = ""
    published: datetime | None = None


def page(raw: bytes, declared: str = "") -> Page:
    """Return the page of an HTML file. `declared` is the encoding that came with it; its own word counts less."""
    html = decoded(raw, declared)
    end = html.find("</head>")
    head = html[: end if 0 <= end < HEAD_BYTES else HEAD_BYTES]
    found = _head(head)
    return Page(
        text=html_text(html) if html.strip() else "",
        title=found.get("title") or found.get("og:title") or found.get("h1", ""),
        url=found.get("canonical") or found.get("og:url", ""),
        author=found.get("author", ""),
        language=found.get("lang", ""),
        published=next((at for name in _PUBLISHED if (at := _instant(found.get(name, "")))), None),
    )


def decoded(raw: bytes, declared: str) -> str:
    """Return the text of a page's bytes: in its declared encoding, else in that which it names, else as it seems."""
    names = [declared] if declared else []
    if not raw.startswith(_BOMS):
        head = raw[:4096]
        names += [match[1].decode("ascii") for match in (_XML_ENCODING.search(head), _CHARSET.search(head)) if match]
        for name in names:
            try:
                return raw.decode(name, "replace")
            except (LookupError, UnicodeError):
                # An encoding that does not exist, or is none of texts.
                continue
    return raw.decode(encoding_of(raw[:HEAD_BYTES]), "replace").lstrip("\ufeff")


def _head(html: str) -> dict[str, str]:
    """Return what the beginning of a page says of it, by names in lower case; the first word counts."""
    from lxml import etree
    from lxml import html as parser

    found: dict[str, str] = {}
    # libxml2 takes NUL for the end, and an XML declaration in a text for a mistake.
    plain = re.sub(r"^\s*<\?xml[^>]*\?>", "", html.replace("\x00", "\ufffd"))
    try:
        root = parser.document_fromstring(plain, parser=parser.HTMLParser(no_network=True, huge_tree=False))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return found
    for element in root.iter("html", "title", "meta", "link", "h1"):
        if element.tag == "html":
            found["lang"] = str(element.get("lang") or "")
        elif element.tag == "meta":
            name = str(element.get("property") or element.get("name") or element.get("itemprop") or "").casefold()
            found.setdefault(name, str(element.get("content") or "").strip())
        elif element.tag == "link":
            if str(element.get("rel") or "").casefold() == "canonical":
                found.setdefault("canonical", str(element.get("href") or ""))
        else:
            found.setdefault(element.tag, " ".join(str(element.text_content()).split()))
    return found


def _instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        return None
