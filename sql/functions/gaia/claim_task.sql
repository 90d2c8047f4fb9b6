create or replace function gaia.claim_task(p_task_id bigint, p_worker text, p_lease_s integer)
returns table (state text, token bigint, question text, options text, settings jsonb, role_name text)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_task gaia.task;
  v_most constant integer := 3;
begin
  select * into v_task
  from gaia.task as t
  where t.owner_id = ops.current_owner() and t.id = p_task_id
  for update;
  if not found or v_task.status not in ('queued', 'running') then
    state := 'finished';
    return next;
    return;
  end if;
  if v_task.status = 'running' and v_task.lease_until > clock_timestamp() then
    state := 'held';
    return next;
    return;
  end if;
  if v_task.cancel_requested or v_task.attempts >= v_most then
    update gaia.task as t
    set status = case when v_task.cancel_requested then 'cancelled' else 'failed' end, lease_until = null,
      fencing_token = t.fencing_token + 1, finished_at = clock_timestamp(),
      error_sqlstate = case when v_task.cancel_requested then '57014' else '57P02' end,
      error = case when v_task.cancel_requested then 'cancelled'
        else format('its worker went away in each of %s attempts', v_task.attempts) end
    where t.owner_id = v_task.owner_id and t.id = p_task_id;
    perform gaia.tell_progress(p_task_id, case when v_task.cancel_requested then 'cancelled' else 'failed' end);
    state := 'finished';
    return next;
    return;
  end if;
  update gaia.task as t
  set status = 'running', attempts = t.attempts + 1, fencing_token = t.fencing_token + 1, worker = p_worker,
    started_at = clock_timestamp(), lease_until = clock_timestamp() + make_interval(secs => p_lease_s)
  where t.owner_id = v_task.owner_id and t.id = p_task_id
  returning * into v_task;
  perform gaia.tell_progress(p_task_id, 'running');
  return query select
    'claimed', v_task.fencing_token, v_task.question, v_task.options::text, v_task.settings, v_task.role_name;
end
$$;

comment on function gaia.claim_task(bigint, text, integer) is
'Takes a question for a worker and raises its fencing token. state: claimed; held (somebody else''s lease runs);
finished (nothing to do: answered, cancelled, or given up now after three attempts). For datapunk_worker only.';
