"""What the columns of a table mean, as its owner says: the option `mapping` of an import."""

from collections.abc import Mapping
from typing import Any

from datapunk.errors import InvalidArgument
from datapunk.lake.record import KINDS

#: Fields of a record and what the file calls them; `kind`, `source` and `day_first` are those of all its records.
Columns = Mapping[str, str | bool]

TEXTS = ("title", "body", "url", "external_id", "language")
TIMES = ("occurred_at", "ended_at")
_OF_ALL = ("kind", "source")
FIELDS = (*_OF_ALL, *TIMES, *TEXTS, "day_first")
HINT = (
    'As in {"kind": "purchase", "source": "bank", "occurred_at": "Booked", "title": "Payee", "external_id": "No."};'
    f" allowed: {', '.join(FIELDS)}."
)


def checked(given: Any) -> dict[str, str | bool]:
    """Return a mapping that is one. Raises InvalidArgument."""
    if not isinstance(given, dict) or not given:
        raise InvalidArgument("mapping must be an object of fields and the columns that have them", hint=HINT)
    if unknown := sorted(set(given) - set(FIELDS)):
        raise InvalidArgument(f"mapping: unknown field {unknown[0]!r}", hint=HINT)
    for field, column in given.items():
        if field == "day_first":
            if not isinstance(column, bool):
                raise InvalidArgument("mapping: day_first must be true or false", hint=HINT)
        elif not isinstance(column, str) or not column.strip():
            raise InvalidArgument(f"mapping: {field} must be a text", hint=HINT)
    if "kind" in given and given["kind"] not in KINDS:
        raise InvalidArgument(f"mapping: unknown kind {given['kind']!r}", hint=f"Allowed: {', '.join(sorted(KINDS))}.")
    return {field: column if isinstance(column, bool) else column.strip() for field, column in given.items()}


def column(mapping: Columns, field: str) -> str | None:
    """Return what the file calls a field; None where the owner did not say."""
    found = mapping.get(field)
    return found if isinstance(found, str) else None


def check_header(mapping: Columns, names: Mapping[str, object], member: str) -> None:
    """Raise InvalidArgument where a table lacks a column that the mapping names."""
    for field in (*TIMES, *TEXTS):
        name = column(mapping, field)
        if name is not None and name not in names:
            raise InvalidArgument(
                f"{member} has no column {name!r}, which mapping gives for {field}",
                hint=f"Its columns: {', '.join(filter(None, names)) or 'none'}.",
            )
