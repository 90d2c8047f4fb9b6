create or replace function forge.key_of(p_content bytea)
returns text
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
  select case
    when substr(p_content, 1, 6) = '\x004450414531'
      then convert_from(substr(p_content, 40, get_byte(substr(p_content, 39, 1), 0)), 'SQL_ASCII')
  end
$$;

comment on function forge.key_of(bytea) is
'Name of the key that an artefact is sealed with; null for a plain one.';
