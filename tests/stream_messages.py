"""Functions to subscribe, and messages, for tests of Stream."""

from typing import Any

import psycopg

Connection = psycopg.Connection[Any]

FUNCTIONS = """
create schema mine;
create table mine.seen (event jsonb, owner text, role text);
create function mine.note(e jsonb) returns jsonb language plpgsql as $$
begin
  insert into mine.seen values (e, ops.current_owner(), current_user);
  return null;
end $$;
create function mine.refuse(e jsonb) returns jsonb language plpgsql as $$
begin
  insert into mine.seen values (e, ops.current_owner(), current_user);
  raise exception 'not today' using errcode = 'P0001';
end $$;
create function mine.other(e text) returns jsonb language sql as $$ select '{}'::jsonb $$;
grant usage on schema mine to datapunk_user;
grant insert on mine.seen to datapunk_user;
"""


def subscribe(connection: Connection, pattern: str = "home.#", handler: str = "mine.note") -> int:
    """Subscribe; return the subscription's id."""
    row = connection.execute("select api.stream_subscribe(%s, %s)", (pattern, handler)).fetchone()
    assert row is not None
    return int(row[0])


def publish(connection: Connection, topic: str = "home.door", payload: str = "{}") -> int:
    """Publish; return the message's id."""
    row = connection.execute("select api.stream_publish(%s, %s)", (topic, payload)).fetchone()
    assert row is not None
    return int(row[0])


def seen(connection: Connection) -> list[dict[str, Any]]:
    """The events that mine.note wrote down, in order of their messages."""
    rows = connection.execute("select event from mine.seen order by (event ->> 'message_id')::bigint")
    return [row[0] for row in rows]
