"""Google News of a Takeout: what one follows and saved, a line each; names of the files stay English."""

from collections.abc import Iterator
from posixpath import basename

from datapunk.lake.names import last_part, named
from datapunk.lake.record import Context, Found, Listing, Record
from datapunk.lake.registry import BY_NAME, SURE
from datapunk.lake.samples import rejected_bytes
from datapunk.lake.stream import MemberStream
from datapunk.lake.tabular import encoding_of
from datapunk.lake.takeout import product_path
from datapunk.lake.text import clean_url

NAME = "google_news"
VERSION = "1"

_FOLLOWED = named("followed_sources.txt", "followed_topics.txt", "followed_locations.txt")
_OTHERS = named("articles.txt", "magazines.txt", "sources.txt", "topics.txt")
_TYPES = {
    "followed_sources": "news_source", "sources": "news_source", "followed_topics": "news_topic",
    "topics": "news_topic", "followed_locations": "news_location", "articles": "news_article", "magazines": "magazine",
}  # fmt: skip
_LINE_BYTES = 8_192


def claims(member: str, head: bytes) -> float:
    """Claim the files by their names: lines of text say nothing about themselves."""
    if b"\x00" in head:
        return 0.0
    name, parts = last_part(member), product_path(member)
    if name in _FOLLOWED:
        return SURE if len(parts) == 2 else BY_NAME
    return BY_NAME if name in _OTHERS and len(parts) == 2 and parts[0] != "Drive" else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return (
        "News/followed_{sources,topics,locations}.txt", "News/{articles,magazines,sources,topics}.txt (the folder in"
        " other languages)",
    )  # fmt: skip


def listing(member: str, head: bytes) -> Listing | None:
    """Tell that a file of a Takeout has all that there is of its type."""
    return Listing(f"news:{_type(member)}", whole=True) if len(product_path(member)) == 2 else None


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield a document per line; the type and the line are its identity."""
    kind = _type(context.member)
    encoding = encoding_of(stream.head)
    for offset, line in stream.lines():
        text = line.decode(encoding, "replace").strip()
        if not text:
            continue
        if len(line) > _LINE_BYTES:
            yield rejected_bytes("a line too long to be the name of anything", line, offset)
            continue
        url = clean_url(text) if text.casefold().startswith(("http://", "https://")) else None
        yield Record(
            kind="document", source=NAME, occurred_at=None, title=text, url=url, external_id=f"{kind}:{url or text}",
            attributes={"type": kind},
        )  # fmt: skip


def _type(member: str) -> str:
    return _TYPES.get(basename(member).rpartition(".")[0].casefold(), "news")
