"""Google Shopping of a Takeout: tables of reviews of products and of shops, and of addresses of deliveries."""

from collections.abc import Iterator
from datetime import UTC

from datapunk.lake.localised_time import instant
from datapunk.lake.record import Context, Found, Listing, Record, Rejected
from datapunk.lake.registry import SURE
from datapunk.lake.samples import rejected_row
from datapunk.lake.stream import MemberStream
from datapunk.lake.tabular import columns_of, header_of, rows
from datapunk.lake.takeout import product_path

NAME = "google_shopping"
VERSION = "1"

_REVIEW = frozenset(("creation_time", "comment", "rating"))
_ADDRESS = frozenset(("recipient_name", "postal_code_number"))
_PLACE = ("postal_code_number", "locality_name", "administrative_area_name", "country_name_code")


def claims(member: str, head: bytes) -> float:
    """Claim tables with the columns of a review or of an address."""
    words = columns_of(header_of(head)).keys() if b"rating" in head or b"recipient" in head else frozenset()
    return SURE if words >= _REVIEW or words >= _ADDRESS else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("Google Shopping/*.csv",)


def listing(member: str, head: bytes) -> Listing | None:
    """Tell that the addresses of a Takeout are all that there are."""
    addresses = columns_of(header_of(head)).keys() >= _ADDRESS and len(product_path(member)) == 2
    return Listing("shopping:addresses", whole=True) if addresses else None


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield a document per row: a review, known by its time and title, or an address."""
    for row in rows(stream):
        if isinstance(row, Rejected):
            yield row
            continue
        cells = {word: row.cells[name].strip() for word, name in columns_of(row.cells).items()}
        try:
            yield _address(cells) if cells.keys() >= _ADDRESS else _review(cells)
        except (KeyError, ValueError) as exc:
            yield rejected_row(f"row {row.number}: {exc!r}", row.cells, row.offset)


def _review(cells: dict[str, str]) -> Record:
    time, comment, rating = cells.pop("creation_time"), cells.pop("comment"), cells.pop("rating")
    read = instant(time)
    if read is None:
        raise ValueError(f"no time: {time!r}")
    # Only what one wrote of a product has a title.
    kind = "product_review" if "title" in cells else "merchant_review"
    title = cells.pop("title", "") or next((cells[word] for word in cells if "name" in word and cells[word]), "")
    title = title or comment.partition("\n")[0]
    if not (title or rating):
        raise ValueError("neither words nor a rating")
    attributes: dict[str, object] = {"type": kind, **{word: value for word, value in cells.items() if word and value}}
    if rating:
        attributes["rating"] = int(rating) if rating.isascii() and rating.isdecimal() else rating
    return Record(
        kind="document", source=NAME, occurred_at=read.at, title=title or f"{rating} of 5", body=comment or None,
        external_id=f"{kind}:{read.at.astimezone(UTC).isoformat()}:{title}", precision=read.precision,
        zone_source=read.zone_source, attributes=attributes,
    )  # fmt: skip


def _address(cells: dict[str, str]) -> Record:
    name = cells["recipient_name"]
    place = ", ".join(cells[word] for word in _PLACE if cells.get(word))
    if not (name or place):
        raise ValueError("an address of nobody and nowhere")
    attributes: dict[str, object] = {word: value for word, value in cells.items() if word and value}
    return Record(
        kind="document", source=NAME, occurred_at=None, title=name or place, body=place or None,
        external_id=f"address:{name}:{place}", attributes={"type": "address"} | attributes,
    )  # fmt: skip
