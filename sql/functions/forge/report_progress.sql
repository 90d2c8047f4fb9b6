create or replace function forge.report_progress(
  p_job_id bigint, p_token bigint, p_progress double precision, p_stage text, p_metric jsonb
)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  update forge.job as j
  set progress = least(greatest(p_progress, 0), 1), stage = p_stage, metric = j.metric || p_metric
  where j.owner_id = ops.current_owner() and j.id = p_job_id and j.fencing_token = p_token and j.status = 'running';
  return found;
end
$$;

comment on function forge.report_progress(bigint, bigint, double precision, text, jsonb) is
'Records how far a training is, 0 to 1, and its figures of the moment; false when the token is stale.';
