"""Items for tests of Cortex."""

import hashlib
from collections.abc import Sequence
from typing import Any

import psycopg


def insert_items(connection: psycopg.Connection[Any], items: Sequence[dict[str, Any]]) -> list[int]:
    """Insert items with one statement; each needs a title. Returns their ids in order."""
    rows = connection.execute(
        """
        insert into lake.item (kind, source, occurred_at, title, body, attributes, language, content_hash)
        select kind, source, occurred_at, title, body, attributes, language, content_hash
        from unnest(%s::text[], %s::text[], %s::timestamptz[], %s::text[], %s::text[], %s::jsonb[], %s::text[],
          %s::bytea[]) with ordinality
          as i (kind, source, occurred_at, title, body, attributes, language, content_hash, place)
        order by place
        returning id
        """,
        (
            [item.get("kind", "note") for item in items],
            [item.get("source", "test") for item in items],
            [item.get("occurred_at", "2024-05-01T12:00:00Z") for item in items],
            [item.get("title") for item in items],
            [item.get("body") for item in items],
            [item.get("attributes", "{}") for item in items],
            [item.get("language") for item in items],
            [hashlib.sha256(repr((n, sorted(item.items()))).encode()).digest() for n, item in enumerate(items)],
        ),
    ).fetchall()
    return [row[0] for row in rows]


#: What the model of tests/tiny_models.py tells apart.
COLOURS = ["red", "green", "blue", "red green", "red blue", "green blue", "red red green", "blue blue red"]


def colours(connection: psycopg.Connection[Any]) -> list[int]:
    """Insert items for that model; returns their ids."""
    return insert_items(connection, [{"title": text} for text in COLOURS])


def switch(connection: psycopg.Connection[Any], model: str = "colours", options: str = "{}") -> int:
    """Ask for a generation of a model; returns its number."""
    row = connection.execute("select cortex_switch(%s, %s)", (model, options)).fetchone()
    assert row is not None
    return int(row[0])


def tend(superuser: psycopg.Connection[Any]) -> None:
    """Have a worker reported that never comes: what is left to workers waits until the test indexes it."""
    superuser.execute(
        "insert into ops.process (name, kind, code_version, started_at, seen_at, detail)"
        " values ('w', 'worker', '0.1.0', now(), 'infinity', '{\"queues\": {\"indexing\": {}}}')"
    )
