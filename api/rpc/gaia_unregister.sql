create or replace function api.gaia_unregister(name text)
returns boolean
language plpython3u
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
  from datapunk.gaia import entry
  return entry.unregister(plpy, GD, name)
$$;

comment on function api.gaia_unregister(text) is
'Removes a subroutine of the owner with its examples; false when the owner has none of that name.
Built-in subroutines stay. SQLSTATE 22023 for a bad name.';
