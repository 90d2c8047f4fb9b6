create or replace function gaia.run_pipeline(p_parameters jsonb)
returns jsonb
language plpython3u
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
  from datapunk.gaia import entry
  return entry.run_pipeline(plpy, GD, p_parameters)
$$;

comment on function gaia.run_pipeline(jsonb) is
'Handler of the subroutines that are pipelines: runs the pipeline p_parameters.pipeline of the owner with
p_parameters.input, and returns {data, citations, answer}. SQLSTATE 22023, P0002.';
