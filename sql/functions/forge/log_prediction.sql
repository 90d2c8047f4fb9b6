create or replace function forge.log_prediction(
  p_version_id bigint, p_features jsonb, p_output jsonb, p_key text, p_shadow boolean
)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_id bigint;
begin
  insert into forge.prediction (version_id, features, output, key, shadow)
  values (p_version_id, p_features, p_output, p_key, p_shadow)
  returning id into v_id;
  if v_id % 100 = 0 then
    perform forge.check_guard(p_version_id);
  end if;
  return v_id;
end
$$;

comment on function forge.log_prediction(bigint, jsonb, jsonb, text, boolean) is
'Keeps a prediction for later comparison with what came of it; returns its key. Every hundredth looks at the guard.';
