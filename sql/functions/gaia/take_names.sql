create or replace function gaia.take_names()
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
  select gaia.collect_names();
$$;

comment on function gaia.take_names() is
'gaia.collect_names for workers. SECURITY DEFINER because these have no rights on tables.';
