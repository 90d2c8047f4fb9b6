create or replace function forge.claim_job(p_job_id bigint, p_worker text, p_lease_s integer)
returns table (
  state text, token bigint, attempt integer, model text, recipe text, query text, options jsonb, role_name text,
  timeout_s integer, memory_mb integer
)
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
  if not found or v_job.status not in ('queued', 'running') then
    state := 'finished';
    return next;
    return;
  end if;
  if (v_job.status = 'running' and v_job.lease_until > clock_timestamp()) or v_job.retry_at > clock_timestamp() then
    state := 'held';
    return next;
    return;
  end if;
  update forge.run as r
  set outcome = 'lost', error = 'its worker went away', finished_at = clock_timestamp()
  where r.owner_id = v_job.owner_id and r.job_id = p_job_id and r.outcome is null;
  if v_job.cancel_requested or v_job.attempts >= v_job.max_attempts then
    update forge.job as j
    set status = case when v_job.cancel_requested then 'cancelled' else 'failed' end,
      fencing_token = j.fencing_token + 1, lease_until = null, finished_at = clock_timestamp(), stage = '',
      error_sqlstate = case when v_job.cancel_requested then '57014' else 'DP022' end,
      error = case
        when v_job.cancel_requested then 'cancelled'
        else format('its worker went away in each of %s attempts', v_job.attempts)
      end,
      hint = case when not v_job.cancel_requested then 'See the log of the workers; train again with more memory_mb.' end
    where j.owner_id = v_job.owner_id and j.id = p_job_id;
    state := 'exhausted';
    return next;
    return;
  end if;
  update forge.job as j
  set status = 'running', stage = 'starting', progress = 0, metric = '{}', attempts = j.attempts + 1,
    fencing_token = j.fencing_token + 1, worker = p_worker, started_at = clock_timestamp(),
    lease_until = clock_timestamp() + make_interval(secs => p_lease_s),
    retry_at = null, error = null, error_sqlstate = null, hint = null
  where j.owner_id = v_job.owner_id and j.id = p_job_id
  returning * into v_job;
  insert into forge.run (job_id, attempt, fencing_token, worker, started_at)
  values (p_job_id, v_job.attempts, v_job.fencing_token, p_worker, v_job.started_at);
  return query select
    'claimed', v_job.fencing_token, v_job.attempts, v_job.model, v_job.recipe, v_job.query, v_job.options,
    v_job.role_name, v_job.timeout_s, v_job.memory_mb;
end
$$;

comment on function forge.claim_job(bigint, text, integer) is
'Takes a job for a worker: counts the attempt, marks an unfinished earlier one as lost, raises the fencing token.
state: claimed; held (somebody else''s lease runs, or a retry waits); finished (nothing to do); exhausted (given up now).';
