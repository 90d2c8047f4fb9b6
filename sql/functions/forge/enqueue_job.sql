create or replace function forge.enqueue_job(p_model text, p_recipe text, p_dataset text, p_query text, p_options jsonb)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_role constant text := ops.lent_role();
begin
  perform forge.check_quota(p_model);
  if p_options ? 'retrain' then
    perform forge.write_schedule(p_model, p_recipe, p_dataset, p_query, p_options, v_role);
  end if;
  return forge.add_job(p_model, p_recipe, p_dataset, p_query, p_options, v_role, 'call');
end
$$;

comment on function forge.enqueue_job(text, text, text, text, jsonb) is
'Writes a job and its message; returns the job''s id. The options come validated, defaults included, from forge_train.
The dataset will be read with the caller''s rights. With the option retrain it is trained again by itself.
SQLSTATE 42501 where workers may not act as the caller''s role, 53400 when a quota is used up.';
