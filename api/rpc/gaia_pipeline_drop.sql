create or replace function api.gaia_pipeline_drop(name text)
returns boolean
language plpython3u
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
  from datapunk.gaia import entry
  return entry.pipeline_drop(plpy, GD, name)
$$;

comment on function api.gaia_pipeline_drop(text) is
'Removes a pipeline of the owner with all its versions and examples; false when there is none. Its answers stay.
SQLSTATE 22023.';
