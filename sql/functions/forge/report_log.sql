create or replace function forge.report_log(p_job_id bigint, p_token bigint, p_log text)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  update forge.job as j
  set log = p_log
  where j.owner_id = ops.current_owner() and j.id = p_job_id and j.fencing_token = p_token;
  return found;
end
$$;

comment on function forge.report_log(bigint, bigint, text) is
'Records the last lines that a training process wrote; false when the token is stale.';
