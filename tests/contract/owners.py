"""One owner's rows in every table, made from the catalog, so that no table is forgotten."""

from typing import Any

import psycopg
from psycopg import sql

#: In every text and document of the owner's rows; nobody else may ever read it.
SECRET = "zebrasecret"

#: Names of hers and a word of her texts, which others may guess.
WORD = "quokka"

_TABLES = """
select n.nspname, c.relname
from pg_class as c
join pg_namespace as n on n.oid = c.relnamespace
join pg_attribute as a on a.attrelid = c.oid and a.attname = 'owner_id' and not a.attisdropped
where c.relkind in ('r', 'p') and not c.relispartition
  and n.nspname in ('ops', 'lake', 'stream', 'cortex', 'gaia', 'forge')
order by 1, 2
"""

_COLUMNS = """
select a.attname, format_type(a.atttypid, null), a.attidentity <> ''
from pg_attribute as a
where a.attrelid = format('%%I.%%I', %s::text, %s::text)::regclass and a.attnum > 0 and not a.attisdropped
  and a.attgenerated = ''
"""

#: By type; keys are all 1, so that rows refer to each other.
_BY_TYPE = {
    "text": f"'{WORD} {SECRET}'",
    "jsonb": f"'{{\"{SECRET}\": \"{SECRET}\"}}'",
    "bytea": f"'{SECRET}'",
    "tsvector": f"to_tsvector('simple', '{WORD}')",
    "uuid": "'00000000-0000-0000-0000-000000000001'",
    "timestamp with time zone": "'2024-05-05T12:00:00Z'",
    "boolean": "false",
    "halfvec": "array_fill(0.05, array[384])::public.halfvec",
    "vector": "array_fill(0.05, array[384])::public.vector",
    "bigint[]": "'{1}'", "integer[]": "'{1}'", "smallint[]": "'{1}'", "real[]": "'{1}'", "text[]": f"'{{{SECRET}}}'",
    "bigint": "1", "integer": "1", "smallint": "1", "real": "1", "double precision": "1", "numeric": "1",
}  # fmt: skip

#: What constraints or meaning ask for, by column; then by table and column.
_BY_COLUMN = {
    "owner_id": "'alice'", "name": f"'{WORD}'", "model": f"'{WORD}'", "term": f"'{WORD}'", "subject": f"'{WORD}'",
    "source": f"'{WORD}'", "language": "'en'", "retired_at": "null", "lease_until": "null",
}  # fmt: skip
_BY_TABLE_COLUMN = {
    ("lake.item", "kind"): "'note'",
    ("cortex.chunk", "kind"): "'note'",
    ("cortex.chunk", "ordinal"): "0",
    # A text that is removed would be found by nobody.
    ("cortex.removal", "text_id"): "2",
    # Text 1, one word long, holds the term once.
    ("cortex.posting", "entries"): f"'{{{(1 << 24) + (1 << 8) + 1}}}'",
    ("lake.item", "sensitivity"): "'private'",
    ("lake.sensitivity_of_kind", "kind"): "'note'",
    ("lake.sensitivity_of_kind", "sensitivity"): "'private'",
    ("lake.import", "status"): "'done'",
    # What has expired is thrown away by whoever begins an upload.
    ("lake.upload", "expires_at"): "'2999-05-05T12:00:00Z'",
    ("lake.person_identifier", "type"): "'name'",
    ("lake.person_correction", "type"): "'name'",
    ("lake.person_item", "part"): "'sender'",
    ("lake.conversation", "kind"): "'chat'",
    ("lake.import_file", "status"): "'ignored'",
    ("lake.pii", "start_offset"): "0",
    ("lake.pii_scan", "state"): "'done'",
    ("forge.job", "status"): "'queued'",
    ("forge.lineage", "basis"): "'items'",
    ("forge.policy", "on_forget"): "'mark'",
    ("forge.slice", "measure"): "'value'",
    ("forge.model", "recipe"): "'recommender'",
    ("forge.version", "recipe"): "'recommender'",
    ("gaia.answer", "spans"): f"jsonb_build_array(jsonb_build_object('ordinal', 1, 'name', '{SECRET}'))",
    ("gaia.example", "source"): "'user'",
    ("gaia.budget", "period"): "'day'",
    ("gaia.policy", "unsupported"): "'mark'",
    ("gaia.subroutine", "source"): "'user'",
    ("gaia.task", "status"): "'queued'",
    ("gaia.usage", "state"): "'settled'",
    ("stream.subscription", "pattern"): "'#'",
}


def personal_tables(connection: psycopg.Connection[Any]) -> list[tuple[str, str]]:
    """Schema and name of every table whose rows have an owner."""
    return [(str(row[0]), str(row[1])) for row in connection.execute(_TABLES)]


def fill_every_table(connection: psycopg.Connection[Any]) -> None:
    """Give alice a row in every table that has owners. `connection` is a superuser's."""
    # Neither triggers nor foreign keys: each table gets its row by itself.
    connection.execute("set session_replication_role = replica")
    for schema, table in personal_tables(connection):
        name = f"{schema}.{table}"
        columns = connection.execute(_COLUMNS, (schema, table)).fetchall()
        values = []
        for column, kind, _ in columns:
            value = _BY_TABLE_COLUMN.get((name, column)) or _BY_COLUMN.get(column) or _BY_TYPE[kind]
            values.append(sql.SQL(value))
        connection.execute(
            sql.SQL("insert into {} ({}) overriding system value values ({})").format(
                sql.Identifier(schema, table),
                sql.SQL(", ").join(sql.Identifier(str(column)) for column, _, _ in columns),
                sql.SQL(", ").join(values),
            )
        )
    connection.execute("set session_replication_role = origin")


def rows_of_alice(connection: psycopg.Connection[Any]) -> dict[str, list[str]]:
    """All rows of alice, as text, table by table; `connection` is a superuser's."""
    found = {}
    for schema, table in personal_tables(connection):
        statement = sql.SQL("select t::text from {} as t where owner_id = 'alice' order by 1")
        rows = connection.execute(statement.format(sql.Identifier(schema, table))).fetchall()
        found[f"{schema}.{table}"] = [str(row[0]) for row in rows]
    return found
