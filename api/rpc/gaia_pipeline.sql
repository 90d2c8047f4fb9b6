create or replace function api.gaia_pipeline(name text, spec jsonb, options jsonb default '{}')
returns integer
language plpython3u
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
  from datapunk.gaia import entry
  return entry.pipeline(plpy, GD, name, spec, options)
$$;

comment on function api.gaia_pipeline(text, jsonb, jsonb) is
'Keeps a pipeline of the owner: a plan of steps, each a subroutine or a function (jsonb) returns jsonb, that refer to
each other''s outputs. spec: {steps, input, output, answer, budget, description, examples}; with description and
examples questions are routed to it. Returns its version: the same spec again is the same version. options: dry_run
(only checks; returns null). SQLSTATE 22023 with the step in the hint, P0002 and 42501 for a function, 23505 when a
subroutine has the name.';
