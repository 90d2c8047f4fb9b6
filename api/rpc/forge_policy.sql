create or replace function api.forge_policy(options jsonb default '{}')
returns jsonb
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_name text;
  v_allowed constant text[] := array['kinds', 'max_jobs_a_day', 'max_models', 'on_forget', 'since', 'sources'];
begin
  if jsonb_typeof(coalesce(options, 'null')) <> 'object' then
    raise exception 'options must be a JSON object'
      using errcode = '22023', hint = 'Options: ' || array_to_string(v_allowed, ', ') || '.';
  end if;
  for v_name in select jsonb_object_keys(options) loop
    if v_name <> all(v_allowed) then
      raise exception 'unknown option "%"', v_name
        using errcode = '22023', hint = 'Options: ' || array_to_string(v_allowed, ', ') || '.';
    end if;
  end loop;
  return forge.set_policy(options);
end
$$;

comment on function api.forge_policy(jsonb) is
'What may be learned from your data; changes what the options name (null lifts a bound) and returns all of it. kinds,
sources and since bound the items, positions and measurements that any dataset sees; max_models and max_jobs_a_day are
quotas; on_forget says what each lake_forget does to the versions that learned from what it deletes: mark, retrain (on
what is left; where nothing is, retire) or retire (they answer no more). SQLSTATE 22023.';
