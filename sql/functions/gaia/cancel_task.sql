create or replace function gaia.cancel_task(p_task_id bigint)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_task gaia.task;
begin
  select * into v_task
  from gaia.task as t
  where t.owner_id = ops.current_owner() and t.id = p_task_id
  for update;
  if not found then
    perform ops.fail('P0002', format('no question %s', p_task_id), 'Take job_id from gaia_ask_async.');
  end if;
  if v_task.status not in ('queued', 'running') then
    return false;
  end if;
  if v_task.status = 'running' and v_task.lease_until > clock_timestamp() then
    update gaia.task as t set cancel_requested = true where t.owner_id = v_task.owner_id and t.id = p_task_id;
    return true;
  end if;
  update gaia.task as t
  set status = 'cancelled', cancel_requested = true, fencing_token = t.fencing_token + 1, lease_until = null,
    finished_at = clock_timestamp(), error_sqlstate = '57014', error = 'cancelled'
  where t.owner_id = v_task.owner_id and t.id = p_task_id;
  perform gaia.tell_progress(p_task_id, 'cancelled');
  return true;
end
$$;

comment on function gaia.cancel_task(bigint) is
'Cancels a question in the background: at once when it waits, else by asking its worker, which ends the statement
within a second. False when it had ended already. SQLSTATE P0002.';
