create or replace function forge.fail_job(
  p_job_id bigint, p_token bigint, p_sqlstate text, p_error text, p_hint text, p_retry_after_s integer, p_usage jsonb
)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_status text;
begin
  update forge.job as j
  set
    status = case
      when j.cancel_requested then 'cancelled'
      when p_retry_after_s is not null and j.attempts < j.max_attempts then 'queued'
      else 'failed'
    end,
    error_sqlstate = p_sqlstate, error = p_error, hint = p_hint, lease_until = null, stage = '',
    retry_at = clock_timestamp() + make_interval(secs => p_retry_after_s),
    finished_at = clock_timestamp()
  where j.owner_id = ops.current_owner() and j.id = p_job_id and j.fencing_token = p_token and j.status = 'running'
  returning j.status into v_status;
  if not found then
    return 'lost';
  end if;
  if v_status = 'queued' then
    update forge.job as j set finished_at = null where j.owner_id = ops.current_owner() and j.id = p_job_id;
  end if;
  update forge.run as r
  set outcome = case v_status when 'cancelled' then 'cancelled' else 'failed' end, error = p_error,
    cpu_s = (p_usage ->> 'cpu_s')::double precision, peak_memory_mb = (p_usage ->> 'peak_memory_mb')::double precision,
    finished_at = clock_timestamp()
  where r.owner_id = ops.current_owner() and r.job_id = p_job_id and r.fencing_token = p_token;
  return v_status;
end
$$;

comment on function forge.fail_job(bigint, bigint, text, text, text, integer, jsonb) is
'Ends an attempt that failed. With p_retry_after_s the job is queued again while it has attempts left.
Returns the job''s status then: queued, failed or cancelled; lost when the token is stale.';
