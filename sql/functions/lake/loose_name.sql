create or replace function lake.loose_name(
  p_name text
)
returns text
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
select regexp_replace(lower(normalize(p_name)), '[^[:alnum:]]+', '', 'g')
$$;

comment on function lake.loose_name(text) is
'A file''s name by its letters and figures alone: an archive and its index write the others in different ways.';
