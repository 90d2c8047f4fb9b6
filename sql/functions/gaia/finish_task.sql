create or replace function gaia.finish_task(
  p_task_id bigint, p_token bigint, p_answer_id uuid, p_sqlstate text, p_error text, p_hint text
)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_status constant text := case when p_answer_id is not null then 'succeeded' when p_sqlstate = '57014' then 'cancelled'
    else 'failed' end;
begin
  update gaia.task as t
  set status = v_status, answer_id = p_answer_id, error_sqlstate = p_sqlstate, error = p_error, hint = p_hint,
    lease_until = null, finished_at = clock_timestamp()
  where t.owner_id = ops.current_owner() and t.id = p_task_id and t.fencing_token = p_token and t.status = 'running';
  if found then
    update gaia.usage as u
    set answer_id = p_answer_id
    where u.owner_id = ops.current_owner() and u.task_id = p_task_id and p_answer_id is not null;
    perform gaia.tell_progress(p_task_id, v_status);
    return true;
  end if;
  return false;
end
$$;

comment on function gaia.finish_task(bigint, bigint, uuid, text, text, text) is
'Ends a question in the background with its answer, else with why there is none: called in the transaction that
stores the answer, so that an answer whose token is stale is not kept. False for a stale token. For datapunk_worker
only.';
