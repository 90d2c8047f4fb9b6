"""What protects rows, read from the catalog, so that nothing that is added later is forgotten."""

from typing import Any

import psycopg

#: Tables without owners: what the installation knows of itself, of models and of languages. None holds anybody's data.
IMPERSONAL = {
    "cortex.generation", "cortex.holder", "cortex.language", "cortex.provider", "cortex.secret", "forge.recipe",
    "ops.installation", "ops.process", "ops.schema_version", "stream.turn",
}  # fmt: skip

_SCHEMAS = "('ops', 'lake', 'stream', 'cortex', 'gaia', 'forge', 'api', 'model_sql')"

# Partitions count: each can be read by its own name.
_TABLES = f"""
select
  c.oid::regclass::text,
  exists (select from pg_attribute as a where a.attrelid = c.oid and a.attname = 'owner_id' and not a.attisdropped),
  c.relrowsecurity and c.relforcerowsecurity,
  exists (
    select from pg_policy as p
    where p.polrelid = c.oid and p.polname = 'owner_only' and p.polcmd = '*' and p.polroles = '{{0}}'
      and pg_get_expr(p.polqual, p.polrelid) = '(owner_id = ( SELECT ops.current_owner() AS current_owner))'
      and p.polwithcheck is null
  )
from pg_class as c
where c.relnamespace::regnamespace::text in {_SCHEMAS} and c.relkind in ('r', 'p')
"""


def test_a_table_without_owners_is_one_that_holds_nobodys_data(connection: psycopg.Connection[Any]) -> None:
    without = {table for table, has_owner, _, _ in connection.execute(_TABLES) if not has_owner}
    assert without == IMPERSONAL


def test_rows_with_an_owner_are_for_that_owner_in_every_table_and_partition(
    connection: psycopg.Connection[Any],
) -> None:
    loose = [
        table
        for table, has_owner, forced, owner_only in connection.execute(_TABLES)
        if has_owner and not (forced and owner_only)
    ]
    assert loose == []


def test_what_opens_rows_to_others_opens_what_comes_with_the_installation(connection: psycopg.Connection[Any]) -> None:
    rows = connection.execute(
        f"""
        select distinct policyname::text, roles::text, qual, with_check
        from pg_policies
        where schemaname in {_SCHEMAS} and permissive = 'PERMISSIVE' and policyname <> 'owner_only'
        """
    ).fetchall()
    system = "(owner_id = 'system'::text)"
    assert set(rows) == {
        ("system_readable", "{public}", system, None),
        ("system_writable", "{datapunk_owner}", system, system),
        # Whoever begins an upload throws away what others left unfinished.
        ("expired", "{datapunk_owner}", "(expires_at <= now())", None),
    }


def test_functions_of_api_have_the_rights_of_their_caller(connection: psycopg.Connection[Any]) -> None:
    rows = connection.execute("select proname from pg_proc where pronamespace = 'api'::regnamespace and prosecdef")
    assert rows.fetchall() == []
