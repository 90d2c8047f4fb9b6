create or replace function api.forge_outcome(model text, outcome text, options jsonb default '{}')
returns integer
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_options jsonb := forge.checked_options(
    options, '{"key": "string", "prediction_id": "integer", "new_label": "boolean"}'
  );
begin
  if (v_options ? 'key') = (v_options ? 'prediction_id') then
    raise exception 'what the outcome is of is not clear'
      using errcode = '22023', hint = 'Give {"key": "..."} as forge_predict got it, or {"prediction_id": 1}.';
  end if;
  if coalesce(outcome, '') = '' then
    raise exception 'outcome is empty' using errcode = '22023', hint = 'Give the label, or the value as text.';
  end if;
  perform forge.served_version(model);
  perform forge.check_outcome(model, outcome, coalesce((v_options ->> 'new_label')::boolean, false));
  return forge.write_outcome(model, outcome, v_options ->> 'key', (v_options ->> 'prediction_id')::bigint);
end
$$;

comment on function api.forge_outcome(text, text, jsonb) is
'Tells what came of kept predictions of a model: of those with a key that have no outcome yet, that is all since the
last one, or of the one with a prediction_id, whose outcome it replaces; returns how many it was noted for.
A label that no version of the model knows is refused, unless the option new_label says that it is one: it is then an error
of the model.
A version whose live error passes the bound of its deployment is rolled back at once. SQLSTATE 22023, DP020.';
