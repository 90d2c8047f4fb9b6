create or replace function forge.requeue_job(p_job_id bigint)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_job forge.job;
begin
  update forge.job as j
  set status = 'queued', attempts = 0, progress = 0, stage = '', cancel_requested = false, error = null,
    error_sqlstate = null, hint = null, retry_at = null, finished_at = null
  where j.owner_id = ops.current_owner() and j.id = p_job_id and j.status in ('failed', 'cancelled')
  returning * into v_job;
  if not found then
    if not exists (select from forge.job as j where j.owner_id = ops.current_owner() and j.id = p_job_id) then
      perform ops.fail('P0002', format('no job %s', p_job_id), 'The view jobs lists your jobs.');
    end if;
    return false;
  end if;
  update forge.job as j
  set message_id = forge.send_job(v_job)
  where j.owner_id = v_job.owner_id and j.id = p_job_id;
  return true;
end
$$;

comment on function forge.requeue_job(bigint) is
'Gives a job that failed or was cancelled all its attempts again; false when it waits, runs or succeeded.
SQLSTATE P0002.';
