create or replace function forge.enqueue_job(p_model text, p_recipe text, p_dataset text, p_query text, p_options jsonb)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_role constant text := ops.lent_role();
  v_owner text := ops.current_owner();
  v_job_id bigint;
begin
  perform forge.check_quota(p_model);
  insert into forge.job (model, recipe, dataset, query, options, role_name, max_attempts, timeout_s, memory_mb)
  values (
    p_model, p_recipe, p_dataset, p_query, p_options, v_role,
    (p_options ->> 'max_retries')::integer + 1, (p_options ->> 'timeout')::integer, (p_options ->> 'memory_mb')::integer
  )
  returning id into v_job_id;
  update forge.job as j
  set message_id = stream.send('training', jsonb_build_object('job_id', v_job_id, 'owner_id', v_owner))
  where j.owner_id = v_owner and j.id = v_job_id;
  return v_job_id;
end
$$;

comment on function forge.enqueue_job(text, text, text, text, jsonb) is
'Writes a job and its message; returns the job''s id. The options come validated, defaults included, from forge_train.
The dataset will be read with the caller''s rights. SQLSTATE 42501 where workers may not act as the caller''s role, 53400
when a quota is used up.';
