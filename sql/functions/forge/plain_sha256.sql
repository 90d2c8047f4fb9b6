create or replace function forge.plain_sha256(p_content bytea)
returns text
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
  select encode(
    case when substr(p_content, 1, 6) = '\x004450414531' then substr(p_content, 7, 32) else sha256(p_content) end, 'hex'
  )
$$;

comment on function forge.plain_sha256(bytea) is
'SHA-256 in hex of the plain content of an artefact; a sealed one names it.';
