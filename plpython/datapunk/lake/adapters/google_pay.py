"""Transactions of Google Pay: a table with times and amounts as the account's language writes them, without a zone."""

import re
from collections.abc import Iterator, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from datapunk.lake.localised_time import instant
from datapunk.lake.money import money
from datapunk.lake.names import folded, last_part
from datapunk.lake.record import Context, Found, Record, Rejected
from datapunk.lake.registry import BY_NAME, SURE
from datapunk.lake.samples import rejected_row
from datapunk.lake.stream import MemberStream
from datapunk.lake.tabular import Row, header_of, rows

NAME = "google_pay"
VERSION = "1"

_FILE = re.compile(r"transactions .*\.csv")
# In the order in which Google writes them, whatever the language; with the words of English, German, French, Spanish.
_COLUMNS: Final[Sequence[tuple[str, str]]] = (
    ("time", "time|zeit|heure|date|fecha|hora"),
    ("id", "transaction id|transaktions id|id de transaction|id de la transaction|id de transacción"),
    ("description", "description|beschreibung|descripción"),
    ("product", "product|produkt|produit|producto"),
    ("method", "payment method|zahlungsmethode|mode de paiement|método de pago"),
    ("status", "status|état|estado"),
    ("amount", "amount|betrag|montant|importe|cantidad"),
)
_COLUMN = {words: column for column, alternatives in _COLUMNS for words in alternatives.split("|")}


def claims(member: str, head: bytes) -> float:
    """Claim a table of transactions by its words, in other languages by its name and seven columns."""
    by_name = "google pay" in folded(member) and _FILE.fullmatch(last_part(member)) is not None
    if not head:
        return BY_NAME if by_name else 0.0
    header = header_of(head)
    if {"time", "id", "product", "method", "amount"} <= _columns(header).keys():
        return SURE
    return BY_NAME if by_name and len(header) == len(_COLUMNS) else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("Google Pay/*/transactions_*.csv",)


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield a purchase per row; one that was declined or refunded says so in `status`."""
    zone = ZoneInfo(context.timezone)
    known: dict[str, str] | None = None
    for row in rows(stream):
        if isinstance(row, Rejected):
            yield row
            continue
        if known is None:
            known = _columns(row.cells)
            if not {"time", "amount"} <= known.keys() and len(row.cells) == len(_COLUMNS):
                known = {column: word for (column, _), word in zip(_COLUMNS, row.cells, strict=True)}
        yield _purchase(row, {column: row.cells.get(word, "").strip() for column, word in known.items()}, zone)


def _columns(header: Sequence[str] | dict[str, str]) -> dict[str, str]:
    """Return the header's own word for each column that is known by its words."""
    return {_COLUMN[folded(word)]: word for word in header if folded(word) in _COLUMN}


def _purchase(row: Row, cells: dict[str, str], zone: ZoneInfo) -> Found:
    at = instant(cells.get("time", ""), zone=zone)
    if at is None:
        return rejected_row(f"row {row.number}: no time that can be read", row.cells, row.offset)
    attributes: dict[str, object] = {}
    price = money(cells.get("amount", ""))
    if price is not None:
        attributes["amount"] = price.amount
        if price.currency:
            attributes["currency"] = price.currency
    if cells.get("amount") and (price is None or not price.currency):
        attributes["price"] = cells["amount"]
    for column, name in (("product", "merchant"), ("method", "payment_method"), ("status", "status")):
        if value := cells.get(column):
            attributes[name] = value
    title = cells.get("description") or cells.get("product") or None
    return Record(
        kind="purchase", source=NAME, occurred_at=at.at, title=title, external_id=cells.get("id") or None,
        precision=at.precision, zone_source="ambiguous" if at.ambiguous else at.zone_source, attributes=attributes,
    )  # fmt: skip
