"""Lists of links as browsers and reading services write them in HTML, in document order."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from datapunk.lake.stream import MemberStream
from datapunk.lake.tabular import encoding_of, text_lines

# Folders further in than this, which a broken page may have by the thousand, are not told of a link.
_DEEPEST = 32


@dataclass(kw_only=True, slots=True)
class Link:
    """A link: the attributes of its element in lower case, the folders around it, the heading above, a note below."""

    attributes: dict[str, str]
    folders: tuple[str, ...]
    heading: str
    title: str = ""
    note: str = ""


def links(stream: MemberStream) -> Iterator[Link]:
    """Yield each link with an address. Folders are H3 elements before a DL, as in a Netscape bookmark file."""
    from lxml import etree

    reader = _Reader()
    parser = etree.HTMLParser(target=reader, no_network=True, huge_tree=False)
    # An empty file, or one that ends within a tag, is an error after all links before it were given.
    with suppress(etree.XMLSyntaxError):
        for line in text_lines(stream, encoding_of(stream.head)):
            # libxml2 takes NUL for the end of the text.
            parser.feed(line.replace("\x00", "\ufffd"))
            yield from reader.taken()
        parser.close()
    reader.close()
    yield from reader.taken()


@dataclass(slots=True)
class _Reader:
    """What lxml calls with the parts of the page."""

    _found: list[Link] = field(default_factory=list)
    _link: Link | None = None
    _folders: list[str] = field(default_factory=list)
    _folder: str = ""
    _heading: str = ""
    _text: list[str] = field(default_factory=list)
    _within: str = ""

    def taken(self) -> list[Link]:
        """Return the links that are complete, once."""
        found, self._found = self._found, []
        return found

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in ("p", "br", "html", "head", "body"):
            return
        self._end_text()
        if tag == "dd":
            self._within = tag
            return
        self._end_link()
        if tag == "a" and attributes.get("href"):
            self._link = Link(
                attributes={name.lower(): value for name, value in attributes.items()},
                folders=tuple(filter(None, self._folders[:_DEEPEST])),
                heading=self._heading,
            )
        elif tag == "dl":
            self._folders.append(self._folder)
            self._folder = ""
        if tag in ("a", "h1", "h3"):
            self._within = tag

    def end(self, tag: str) -> None:
        if tag in ("a", "h1", "h3", "dd"):
            self._end_text()
        elif tag == "dl":
            self._end_text()
            if self._folders:
                self._folders.pop()

    def data(self, text: str) -> None:
        if self._within:
            self._text.append(text)

    def close(self) -> None:
        self._end_text()
        self._end_link()

    def _end_text(self) -> None:
        text, within = "".join(self._text).strip(), self._within
        self._text.clear()
        self._within = ""
        if within == "h3":
            self._folder = text
        elif within == "h1":
            self._heading = text
        elif self._link is not None and within == "a":
            self._link.title = text
        elif self._link is not None and within == "dd":
            self._link.note = text

    def _end_link(self) -> None:
        if self._link is not None:
            self._found.append(self._link)
            self._link = None
