create or replace function forge.add_job(
  p_model text, p_recipe text, p_dataset text, p_query text, p_options jsonb, p_role text, p_trigger text
)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_owner constant text := ops.current_owner();
  v_job forge.job;
begin
  insert into forge.job (
    model, recipe, dataset, query, options, role_name, max_attempts, timeout_s, memory_mb, priority, trigger
  )
  values (
    p_model, p_recipe, p_dataset, p_query, p_options, p_role,
    (p_options ->> 'max_retries')::integer + 1, (p_options ->> 'timeout')::integer,
    (p_options ->> 'memory_mb')::integer, coalesce((p_options ->> 'priority')::integer, 0), p_trigger
  )
  returning * into v_job;
  update forge.job as j
  set message_id = forge.send_job(v_job)
  where j.owner_id = v_owner and j.id = v_job.id;
  return v_job.id;
end
$$;

comment on function forge.add_job(text, text, text, text, jsonb, text, text) is
'Writes a job for a role whose rights were checked, and its message; returns the job''s id. For functions that run as
datapunk_owner only.';
