create or replace function forge.cancel_job(p_job_id bigint)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_job forge.job;
begin
  select * into v_job
  from forge.job as j
  where j.owner_id = ops.current_owner() and j.id = p_job_id
  for update;
  if not found then
    perform ops.fail('P0002', format('no job %s', p_job_id), 'The view jobs lists your jobs.');
  end if;
  if v_job.status not in ('queued', 'running') then
    return false;
  end if;
  if v_job.status = 'running' and v_job.lease_until > clock_timestamp() then
    update forge.job as j set cancel_requested = true where j.owner_id = v_job.owner_id and j.id = p_job_id;
    return true;
  end if;
  update forge.run as r
  set outcome = 'lost', error = 'its worker went away', finished_at = clock_timestamp()
  where r.owner_id = v_job.owner_id and r.job_id = p_job_id and r.outcome is null;
  update forge.job as j
  set status = 'cancelled', cancel_requested = true, fencing_token = j.fencing_token + 1, lease_until = null,
    finished_at = clock_timestamp(), error_sqlstate = '57014', error = 'cancelled', stage = ''
  where j.owner_id = v_job.owner_id and j.id = p_job_id;
  return true;
end
$$;

comment on function forge.cancel_job(bigint) is
'Cancels a job: at once when it waits or its worker went away, else by asking the worker, which ends it within two
seconds. False when it had ended already. SQLSTATE P0002.';
