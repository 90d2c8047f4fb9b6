"""Records that tell of people, and what was made of them."""

import json
from collections.abc import Iterable
from typing import Any

import psycopg

Record = dict[str, Any]
Connection = psycopg.Connection[Any]


def card(key: str, name: str, emails: Iterable[str] = (), phones: Iterable[str] = (), **more: Any) -> Record:
    """A card of an address book."""
    attributes = {"emails": list(emails), "phones": list(phones), **more}
    return {"kind": "contact", "source": "contacts", "external_id": key, "title": name, "attributes": attributes}


def mail(key: str, address: str, name: str, to: Iterable[tuple[str, str]] = (), **more: Any) -> Record:
    """A mail from an address with a display name, to pairs of the same."""
    attributes = {
        "sender": name, "sender_address": address, "recipients": [a for a, _ in to],
        "recipient_names": [n for _, n in to], **more,
    }  # fmt: skip
    return {
        "kind": "mail", "source": "gmail", "external_id": key, "title": f"Subject {key}",
        "occurred_at": "2025-03-01T10:00:00Z", "attributes": attributes,
    }  # fmt: skip


def message(key: str, source: str = "whatsapp", at: str = "2025-03-02T10:00:00Z", **attributes: Any) -> Record:
    """A message of a chat."""
    return {
        "kind": "message", "source": source, "external_id": key, "body": "hi", "occurred_at": at,
        "attributes": attributes,
    }  # fmt: skip


def visit(key: str, at: str, ended: str | None = None, title: str | None = None, **attributes: Any) -> Record:
    """A stay somewhere."""
    return {
        "kind": "place_visit", "source": "timeline", "external_id": key, "occurred_at": at, "ended_at": ended,
        "title": title, "attributes": attributes,
    }  # fmt: skip


def add(connection: Connection, *records: Record) -> None:
    """Append records, without resolving."""
    row = connection.execute("select rejects from lake_append(%s::jsonb)", (json.dumps(records),)).fetchone()
    assert row == (0,)


def resolve(connection: Connection, *records: Record) -> int:
    """Append records and resolve; returns how many items were looked at."""
    if records:
        add(connection, *records)
    row = connection.execute("select items from lake_resolve()").fetchone()
    assert row is not None
    return int(row[0])


def persons(connection: Connection) -> dict[str, frozenset[str]]:
    """The identifiers of each person, by a name that no two of the test share."""
    rows = connection.execute("select name, identifiers from persons").fetchall()
    found = {name: frozenset(identifiers) for name, identifiers in rows}
    assert len(found) == len(rows), "two persons of one name"
    return found


def partition(connection: Connection) -> set[tuple[str, frozenset[str]]]:
    """Names and identifiers of all persons."""
    return {(n, frozenset(i)) for n, i in connection.execute("select name, identifiers from persons").fetchall()}


def person_of(connection: Connection, identifier: str) -> int:
    """Whose it is."""
    row = connection.execute("select person_id from person_identifiers where identifier = %s", (identifier,)).fetchone()
    assert row is not None
    return int(row[0])


def forget(connection: Connection, **wanted: Any) -> None:
    """Forget what matches."""
    connection.execute("select * from lake_forget(%s::jsonb)", (json.dumps(wanted),))


def derived_rows(connection: Connection) -> int:
    """How many rows are derived from items of the owner."""
    tables = (
        "person", "person_identifier", "person_alias", "person_item", "place", "place_item", "conversation",
        "conversation_item",
    )  # fmt: skip
    counts = [connection.execute(f"select count(*) from lake.{table}").fetchone() for table in tables]
    return sum(row[0] for row in counts if row)
