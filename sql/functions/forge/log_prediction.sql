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
  v_ordinal constant bigint := 1 + coalesce(
    (
      select p.ordinal
      from forge.prediction as p
      where p.owner_id = ops.current_owner() and p.version_id = p_version_id
      order by p.id desc
      limit 1
    ),
    0
  );
begin
  insert into forge.prediction (version_id, features, output, key, shadow, ordinal)
  values (p_version_id, p_features, p_output, p_key, p_shadow, v_ordinal)
  returning id into v_id;
  if v_ordinal % 100 = 0 then
    perform forge.check_guard(p_version_id);
  end if;
  return v_id;
end
$$;

comment on function forge.log_prediction(bigint, jsonb, jsonb, text, boolean) is
'Keeps a prediction for later comparison with what came of it; returns its key. Every hundredth of a version looks at
its guard.';
