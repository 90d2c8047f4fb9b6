"""Chrome's browsing history of a Takeout: BrowserHistory.json until 2023, then History.json, named by language."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from datapunk.lake.epochs import count
from datapunk.lake.names import last_part, named
from datapunk.lake.record import Context, Found, Record, Rejected
from datapunk.lake.registry import BY_NAME, SURE
from datapunk.lake.samples import rejected
from datapunk.lake.stream import MemberStream, json_items

NAME = "chrome"
VERSION = "1"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAMES = named(
    "BrowserHistory.json", "History.json", "Verlauf.json", "Historial.json", "Geschiedenis.json", "Historique.json",
    "Cronologia.json", "Histórico.json", "Tarih.json", "السجلّ.json", "历史记录.json",
)  # fmt: skip


def claims(member: str, head: bytes) -> float:
    """Claim what has the key that Chrome's history has in every language."""
    if head:
        return SURE if b'"Browser History"' in head and head.lstrip()[:1] == b"{" else 0.0
    return BY_NAME if last_part(member) in _NAMES and "youtube" not in member.casefold() else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("Chrome/BrowserHistory.json", "Chrome/History.json", "Chrome/Verlauf.json (and other languages)")


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield one visit per entry; times are microseconds since 1970."""
    for entry in json_items(stream, "Browser History.item"):
        if isinstance(entry, Rejected):
            yield entry
            continue
        try:
            at = _EPOCH + timedelta(microseconds=count(entry["time_usec"]))
            url = str(entry["url"])
        except (KeyError, TypeError, ValueError, OverflowError) as exc:
            yield rejected(f"a visit needs url and time_usec: {exc!r}", entry, "Browser History.item")
            continue
        attributes: dict[str, object] = {}
        if transition := entry.get("page_transition"):
            attributes["transition"] = str(transition).lower()
        yield Record(
            kind="visit",
            source=NAME,
            occurred_at=at,
            precision="us",
            title=str(entry.get("title") or ""),
            url=url,
            attributes=attributes,
        )
