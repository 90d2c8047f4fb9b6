create or replace function forge.report_progress(
  p_job_id bigint, p_token bigint, p_progress double precision, p_stage text, p_metric jsonb
)
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
  set progress = least(greatest(p_progress, 0), 1), stage = p_stage, metric = j.metric || p_metric
  where j.owner_id = ops.current_owner() and j.id = p_job_id and j.fencing_token = p_token and j.status = 'running'
  returning * into v_job;
  if not found then
    return false;
  end if;
  insert into forge.progress (job_id, attempt, progress, stage, figures, cpu_s, memory_mb)
  values (
    p_job_id, v_job.attempts, v_job.progress, p_stage, p_metric - array['cpu_s', 'memory_mb'],
    (p_metric ->> 'cpu_s')::double precision, (p_metric ->> 'memory_mb')::double precision
  );
  return true;
end
$$;

comment on function forge.report_progress(bigint, bigint, double precision, text, jsonb) is
'Records how far a training is, 0 to 1, and its figures of the moment, among them cpu_s and memory_mb, what it has
used until then; false when the token is stale.';
