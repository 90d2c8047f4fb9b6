"""Web archives (WARC, and WET with their texts): a document per page that was fetched."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from datapunk.lake.documents import BODY_CHARACTERS, TITLE_CHARACTERS
from datapunk.lake.pages import decoded, page
from datapunk.lake.record import Context, Found, Record, Rejected
from datapunk.lake.registry import BY_NAME, SURE
from datapunk.lake.stream import HEAD_BYTES, MemberStream

NAME = "web_archive"
VERSION = "1"

_START = re.compile(rb"WARC/\d\.\d+\r?\n")
_NEXT = re.compile(rb"(?:^|\n)(?=WARC/\d\.\d+\r?\n)")
_KINDS = frozenset(("response", "resource", "conversion"))
_HTML = frozenset(("text/html", "application/xhtml+xml"))
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_PAYLOAD_BYTES = 16 << 20
_TAIL = 64


def claims(member: str, head: bytes) -> float:
    """Claim what begins with a record of an archive."""
    if head:
        return SURE if _START.match(head) else 0.0
    return BY_NAME if member.casefold().endswith((".warc", ".warc.gz", ".wet", ".wet.gz")) else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("*.warc", "*.warc.gz", "*.warc.wet.gz")


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield the pages and plain texts that were fetched with success; pictures and the like are no documents."""
    source = _Source(stream)
    while True:
        yield from _records(source)
        # A broken record ends warcio's reading; what it had read ahead is searched for the next.
        if not source.skip():
            break


class _Source:
    """The archive for warcio, which reads ahead: `given` is what it got last, so that it can be had back."""

    def __init__(self, stream: MemberStream) -> None:
        self._stream = stream
        self._back = b""
        self.given = b""
        self.unread = 0
        self.position = 0

    def tell(self) -> int:
        return self.position

    def read(self, size: int = HEAD_BYTES) -> bytes:
        if self._back:
            self.given, self._back = self._back[:size], self._back[size:]
        else:
            self.given = self._stream.read(size)
        self.position += len(self.given)
        return self.given

    def skip(self) -> bool:
        """Go on with the next record that begins in what was not yet read; False where there is none."""
        rest = self.given[len(self.given) - self.unread :] + self._back
        self.position -= self.unread
        self.unread = 0
        while not (found := _NEXT.search(rest)):
            tail = rest[-_TAIL:]
            self.position += len(rest) - len(tail)
            more = self._stream.read(HEAD_BYTES)
            if not more:
                return False
            rest = tail + more
        self._back = rest[found.end() :]
        self.position += found.end()
        return True


def _records(source: _Source) -> Iterator[Found]:
    """Yield what warcio reads up to the end or the first broken record."""
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed
    from warcio.statusandheaders import StatusAndHeadersParserException

    records = ArchiveIterator(source)
    reader = records.reader
    try:
        for entry in records:
            found = _found(entry, records.offset)
            if found is not None:
                yield found
    except (
        ArchiveLoadFailed,
        StatusAndHeadersParserException,
        ValueError,
        TypeError,
        AttributeError,
        ArithmeticError,
    ) as exc:
        yield Rejected(reason=f"broken record: {exc}", byte_offset=records.offset)
    source.unread = reader.rem_length()


def _found(entry: Any, begin: int) -> Found | None:
    """Return the document of a record, None for one that is none."""
    if entry.rec_type not in _KINDS:
        return None
    headers, http = entry.rec_headers, entry.http_headers
    if http is not None and not (http.get_statuscode() or "").startswith("2"):
        return None
    content_type = ((http or headers).get_header("Content-Type") or "").casefold()
    mime_type = content_type.partition(";")[0].strip()
    if mime_type not in _HTML and mime_type != "text/plain":
        return None
    raw = entry.content_stream().read(_PAYLOAD_BYTES)
    if len(raw) < _PAYLOAD_BYTES and getattr(entry.raw_stream, "limit", 0) > 0:
        return Rejected(reason="a record that ends too early", byte_offset=begin, sample=raw[:1024])
    charset = _CHARSET.search(content_type)
    declared = charset[1] if charset else "utf-8" if entry.rec_type == "conversion" else ""
    try:
        at = datetime.fromisoformat(headers.get_header("WARC-Date") or "")
    except ValueError as exc:
        return Rejected(reason=f"a record without its time: {exc}", byte_offset=begin)
    return _record(entry, raw, mime_type, declared, at if at.tzinfo else at.replace(tzinfo=UTC))


def _record(entry: Any, raw: bytes, mime_type: str, declared: str, at: datetime) -> Record | None:
    url = entry.rec_headers.get_header("WARC-Target-URI") or ""
    attributes: dict[str, object] = {"type": "web_page", "mime_type": mime_type}
    if mime_type in _HTML:
        found = page(raw, declared)
        title, text, language = found.title, found.text, found.language[:2].casefold()
        if found.author:
            attributes["author"] = found.author
    else:
        text = decoded(raw, declared)
        title, language = text.strip().partition("\n")[0].strip(), ""
    if len(text) > BODY_CHARACTERS:
        text = text[:BODY_CHARACTERS]
        attributes["truncated"] = True
    if not (text.strip() or title):
        return None
    # A text that was made of a fetched page is that page.
    identifier = entry.rec_headers.get_header("WARC-Refers-To") if entry.rec_type == "conversion" else None
    return Record(
        kind="document",
        source=NAME,
        occurred_at=at,
        title=title[:TITLE_CHARACTERS] or url,
        body=text.strip() or None,
        url=url or None,
        external_id=(identifier or entry.rec_headers.get_header("WARC-Record-ID") or "").strip("<>") or None,
        language=language or None,
        attributes=attributes,
    )
