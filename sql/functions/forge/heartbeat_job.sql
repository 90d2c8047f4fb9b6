create or replace function forge.heartbeat_job(p_job_id bigint, p_token bigint, p_lease_s integer)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_cancel boolean;
begin
  update forge.job as j
  set lease_until = clock_timestamp() + make_interval(secs => p_lease_s)
  where j.owner_id = ops.current_owner() and j.id = p_job_id and j.fencing_token = p_token and j.status = 'running'
  returning j.cancel_requested into v_cancel;
  return case when v_cancel is null then 'lost' when v_cancel then 'cancel' else 'go' end;
end
$$;

comment on function forge.heartbeat_job(bigint, bigint, integer) is
'Renews the lease of a job''s holder; returns go, cancel (its owner asks for that) or lost (the token is stale).';
