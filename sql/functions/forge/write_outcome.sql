create or replace function forge.write_outcome(p_model text, p_outcome text, p_key text, p_prediction_id bigint)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_owner constant text := ops.current_owner();
  v_versions bigint[];
  v_version bigint;
  v_count integer;
  v_at constant timestamptz := clock_timestamp();
begin
  with told as (
    update forge.prediction as p
    set outcome = p_outcome, outcome_at = v_at
    from forge.version as v
    join forge.model as m on m.owner_id = v.owner_id and m.id = v.model_id
    where p.owner_id = v_owner and v.owner_id = v_owner and v.id = p.version_id and m.name = p_model
      and ((p.key = p_key and p.outcome is null) or p.id = p_prediction_id)
    returning p.version_id
  )
  select array_agg(distinct t.version_id), count(*) into v_versions, v_count from told as t;
  foreach v_version in array coalesce(v_versions, '{}') loop
    perform forge.check_guard(v_version);
  end loop;
  return v_count;
end
$$;

comment on function forge.write_outcome(text, text, text, bigint) is
'Notes an outcome beside the predictions of a model with that key that have none yet, or beside the one with that
number, and looks at the guards of their versions; returns how many there were.';
