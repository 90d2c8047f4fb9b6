create or replace function gaia.enqueue_task(p_question text, p_options jsonb)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_role constant text := ops.lent_role();
  v_owner constant text := ops.current_owner();
  v_task_id bigint;
begin
  insert into gaia.task (question, options, role_name, settings)
  values (p_question, p_options, v_role, jsonb_strip_nulls(jsonb_build_object(
    'datapunk.timezone', nullif(current_setting('datapunk.timezone', true), ''),
    'datapunk.language', nullif(current_setting('datapunk.language', true), ''),
    'datapunk.now', nullif(current_setting('datapunk.now', true), '')
  )))
  returning id into v_task_id;
  update gaia.task as t
  set message_id = stream.send('asking', jsonb_build_object('task_id', v_task_id, 'owner_id', v_owner))
  where t.owner_id = v_owner and t.id = v_task_id;
  perform gaia.tell_progress(v_task_id, 'queued');
  return v_task_id;
end
$$;

comment on function gaia.enqueue_task(text, jsonb) is
'Writes a question down for a worker, with the caller''s role and the settings that answers hang on; returns its id.
The arguments come checked. SQLSTATE 42501 where workers may not act as the caller''s role.';
