create or replace function forge.hold_job(p_job_id bigint, p_token bigint)
returns forge.job
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
  if not found or v_job.fencing_token <> p_token or v_job.status <> 'running' then
    raise exception 'job % is not held with token % any more', p_job_id, p_token
      using errcode = '55000', hint = 'The result of this attempt is refused; a later attempt has taken over.';
  end if;
  return v_job;
end
$$;

comment on function forge.hold_job(bigint, bigint) is
'Locks a job for its holder until the transaction ends and returns it. SQLSTATE 55000 when the token is stale.';
