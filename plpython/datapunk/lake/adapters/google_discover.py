"""Google Discover of a Takeout: tables of what one follows, wants to see no more of, and liked."""

from collections.abc import Iterator
from posixpath import basename

from datapunk.lake.names import folded
from datapunk.lake.record import Context, Found, Listing, Record, Rejected
from datapunk.lake.registry import BY_NAME, SURE
from datapunk.lake.samples import rejected_row
from datapunk.lake.stream import MemberStream
from datapunk.lake.tabular import columns_of, header_of, rows
from datapunk.lake.takeout import product_path
from datapunk.lake.text import clean_url

NAME = "google_discover"
VERSION = "1"

_FOLLOWED, _NAME, _SETTING = "followed_entity", "entity_name", "setting_value"


def claims(member: str, head: bytes) -> float:
    """Claim tables with Discover's columns; others in its folder by their place."""
    if not member.casefold().endswith(".csv"):
        return 0.0
    words = columns_of(header_of(head))
    if _FOLLOWED in words or {_NAME, _SETTING} <= words.keys():
        return SURE
    parts = product_path(member)
    return BY_NAME if len(parts) == 2 and folded(parts[0]) == "discover" else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("Discover/*.csv",)


def listing(member: str, head: bytes) -> Listing | None:
    """Tell that a table of a Takeout has all that there is of its type."""
    return Listing(f"discover:{_type(member, head)}", whole=True) if len(product_path(member)) == 2 else None


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield a document per row; its type and what it is about are its identity."""
    kind = _type(context.member, stream.head)
    for row in rows(stream):
        if isinstance(row, Rejected):
            yield row
            continue
        cells = {name: value.strip() for name, value in row.cells.items()}
        words = columns_of(cells)
        url = next((found for value in cells.values() if _is_address(value) and (found := clean_url(value))), None)
        if column := words.get(_FOLLOWED) or words.get(_NAME):
            about = cells[column]
        else:
            about = next((value for value in cells.values() if value and not _is_address(value)), "")
        if _is_address(about):
            # Without its secrets.
            about = ""
        if not (about or url):
            yield rejected_row(f"row {row.number}: about nothing", row.cells, row.offset)
            continue
        setting = cells.get(words.get(_SETTING, ""), "")
        yield Record(
            kind="document", source=NAME, occurred_at=None, title=about or url, url=url,
            external_id=f"{kind}:{url or about}", attributes={"type": kind} | ({"setting": setting} if setting else {}),
        )  # fmt: skip


def _type(member: str, head: bytes) -> str:
    words = columns_of(header_of(head))
    if _FOLLOWED in words:
        return "discover_follow"
    if _SETTING in words:
        return "discover_setting"
    name = folded(basename(member))
    return "discover_like" if "like" in name else f"discover_{name.removesuffix('.csv').replace(' ', '_')}"


def _is_address(value: str) -> bool:
    return value.casefold().startswith(("http://", "https://"))
